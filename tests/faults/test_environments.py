"""Every environment gives the same bytes; see `faults.environments`."""

import pytest

from faults import environments


@pytest.mark.slow
def test_the_same_answer_everywhere():
    rows = environments.compare(environments.ENVIRONMENTS)
    assert [row["environment"] for row in rows if not row["passed"]] == []
    assert len({row["bytes"] for row in rows}) == 1
    assert all(row["runs"] >= 8 for row in rows)
