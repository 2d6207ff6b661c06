"""A plugin of pytest: the fastest tests run first, so that most faults are seen soon.

The file that `TIMES` names keeps the seconds of each test of a run that passed; a run without it writes it. Tests that
took longer than `MOST` seconds are left out.
"""

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

TIMES, MOST = "MUTATION_TEST_TIMES", "MUTATION_TEST_MOST_SECONDS"
_measured: defaultdict[str, float] = defaultdict(float)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort tests by their time, where it is known, and leave out slow ones."""
    path = Path(os.environ[TIMES])
    if path.exists():
        times = json.loads(path.read_text("utf-8"))
        items.sort(key=lambda item: times.get(item.nodeid, 0.0))
        items[:] = [item for item in items if times.get(item.nodeid, 0.0) <= float(os.environ.get(MOST, "inf"))]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what a test and its fixtures take."""
    _measured[report.nodeid] += report.duration


def pytest_sessionfinish(exitstatus: int) -> None:
    """Write the times of a run that passed."""
    path = Path(os.environ[TIMES])
    if exitstatus == 0 and not path.exists():
        path.write_text(json.dumps(_measured), "utf-8")
