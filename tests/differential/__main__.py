"""Differential tests for as long as one likes."""

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

from differential import driver  # noqa: E402
from simulator.core.registry import machines  # noqa: E402


def main():
    """Run cases; print the first difference with a command that runs its case alone. Exit code 1 where there is one."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="CPU time in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--machine", choices=list(machines()), action="append", help="only this one; may be repeated")
    parser.add_argument("--case", type=int, help="only the case with this number")
    parser.add_argument("--json", type=Path, help="write a summary to this file")
    parser.add_argument("--reasons", action="store_true", help="print why cases were left out")
    given = parser.parse_args()
    if given.json and not given.json.parent.is_dir():
        parser.error(f"--json {given.json}: there is no folder {given.json.parent}")
    names = given.machine or list(machines())
    if given.case is not None:
        outcomes = [driver.run_case(driver.Case(name, given.case, given.seed)) for name in names]
        print(*(one.about for one in outcomes), sep="\n")
    else:
        outcomes = []
        for one in driver.cases(names, given.seed, given.seconds):
            if one.difference is not None and not any(other.difference for other in outcomes):
                print(f"first difference: {one.difference}\n{one.case.command}", flush=True)
            outcomes.append(one._replace(about=""))
    return report(given, outcomes)


def report(given, outcomes):
    """Print a line for each machine and kind, and all differences."""
    rows = driver.summarise(outcomes)
    for one in outcomes:
        if one.difference is not None:
            print(f"{one.case.machine} {one.kind}, seed {one.case.seed}, case {one.case.number}: {one.difference}")
    for row in rows:
        print(f"{row.machine:8} {row.kind:16} {row.cases:7} cases {row.differences:3} differences "
              f"{row.left_out:6} left out {row.cpu_s:8.1f} s")  # fmt: skip
    if given.reasons or given.case is not None:
        for reason, times in Counter(one.left_out[:150] for one in outcomes if one.left_out).most_common(20):
            print(f"{times:6} left out: {reason}")
    if given.json:
        driver.write_json(given.json, rows)
    return int(any(row.differences for row in rows))


sys.exit(main())
