"""The command: fuzz readers, print what came of it, and write it as JSON.

.venv/bin/python -m tests.fuzz npz mtx --seconds 600 --seed 1 --json docs/validation/fuzz.json
"""

import argparse
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # tests/support

from .driver import READERS, SAVED, Summary, fuzz


def main() -> int:
    """Exit code 1 where an input failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"of {', '.join(READERS)}; all without one")
    parser.add_argument("--seconds", type=float, default=60, help="of processor time, for each reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=["own", "atheris"], default="own")
    parser.add_argument("--saved", type=Path, default=SAVED, help="a folder for failing inputs")
    parser.add_argument("--json", type=Path, help="a list of what came of each reader; entries of others stay")
    given = parser.parse_args()
    unknown = set(given.readers) - set(READERS)
    if unknown:
        parser.error(
            f"no reader is called {', '.join(sorted(unknown))}; expected names of READERS in tests/fuzz/driver.py"
        )
    if given.json and not given.json.parent.is_dir():
        parser.error(f"--json {given.json}: there is no folder {given.json.parent}")
    if given.engine == "atheris" and importlib.util.find_spec("atheris") is None:
        parser.error("--engine atheris: it is not installed; expected `pip install atheris`, or --engine own")
    found = []
    for name in given.readers or READERS:
        found.append(fuzz(name, given.seconds, given.seed, given.engine, given.saved))
        print(describe(found[-1]), flush=True)
        if given.json:
            write_summaries(given.json, found)
    return int(any(one.failures for one in found))


def describe(one: Summary) -> str:
    """A line about a run."""
    counts = f"{one.inputs:,} inputs, {one.accepted:,} accepted, {one.refused:,} refused, {one.failures:,} failed"
    cost = f"{one.cpu_s:.1f} s of CPU, {one.peak_mb:.0f} MB, slowest {one.slowest_s:.2f} s"
    few = "; none was refused: --seconds may have ended with the valid examples" if one.inputs == one.accepted else ""
    return f"{one.reader} ({one.engine}, seed {one.seed}): {counts}; {cost}{few}"


def write_summaries(path: Path, found: Sequence[Summary]) -> None:
    """Put runs into a list; a run of the same reader, engine and seed gives way."""
    old = json.loads(path.read_text()) if path.exists() else []
    keyed = {(one["reader"], one["engine"], one["seed"]): one for one in [*old, *(one._asdict() for one in found)]}
    path.write_text(json.dumps([keyed[key] for key in sorted(keyed)], indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
