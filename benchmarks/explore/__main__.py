"""The command: run the grids, search them, print, and write the figures of the page on searches.

.venv/bin/python -m benchmarks.explore --json docs/validation/explore.json
"""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.explore.cases import CASES, TUNING
from benchmarks.explore.measure import measure, run_grid

SEEDS, TUNING_SEEDS = range(10), range(100, 105)


def main() -> None:
    """All cases, or those that the search was tuned on."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explore", description=__doc__)
    parser.add_argument("--tuning", action="store_true", help="the cases and seeds on which settings were chosen")
    parser.add_argument("--stores", type=Path, help="a folder that keeps the grids")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    cases, seeds = (TUNING, TUNING_SEEDS) if given.tuning else (CASES, SEEDS)
    found = []
    with TemporaryDirectory() as folder:
        for case in cases:
            found.append(measure(run_grid(case, given.stores or Path(folder)), seeds))
            print(describe(found[-1]), flush=True)
    if given.json:
        content = json.loads(given.json.read_text("utf-8")) if given.json.exists() else {}
        content["tuning" if given.tuning else "cases"] = found
        given.json.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def describe(one: dict[str, Any]) -> str:
    """A line about a case."""
    last = str(one["trials"])
    shares = one["shares"]
    ways = (f"{way} {100 * shares[way][last]:.2f} % (least {100 * one['least'][way]:.2f})" for way in shares)
    grid = f"{one['points']:,} points, {one['take_part']:,} take part, {one['front']} on the front"
    what = f"{one['machine']} {one['workload']}: {grid}"
    return f"{what}; {one['trials']} trials: {', '.join(ways)}; 98 % after {one['reached']}"


if __name__ == "__main__":
    main()
