"""`python -m tests.mutation --sample 400 --seed 1 --out FILE.json`: a sample of mutants, stratified by file.

It goes on where it ended: mutants that are in the file are not tried again, with `--again` those alone that survived
without a reason; those of sources that have changed since leave the file. The last commit is tried. With `--minutes` it
ends after that time. `--most-seconds 5`, and then `--again` without it, tries slow tests on faults that others miss.
"""

import argparse
import json
import math
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.rooms import ROOMS, Room, sources
from tests.mutation.trial import SURVIVED, Effort, Outcome, copy, run_tests, try_mutant

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = ROOT / "docs" / "validation" / "equivalent_mutants.json"
"""Why survivors change nothing that can be observed, by id."""


def sample(root: Path, count: int, seed: int) -> Iterator[tuple[Room, Mutant]]:
    """Mutants in turn from every room, and within a room in turn from every file, drawn without repetition.

    What is drawn of a file does not depend on other files, so that a change of one keeps the outcomes of the others.
    """
    rooms = [(room, [_drawn(root, path, seed) for path in _shuffled(sources(root, room), seed)]) for room in ROOMS]
    rooms = [(room, [found for found in files if found]) for room, files in rooms]
    given = 0
    while any(files for _, files in rooms) and given < count:
        for room, files in rooms:
            if files and given < count:
                file = files.pop(0)
                yield room, file.pop()
                given += 1
                if file:
                    files.append(file)


def _shuffled(paths: list[str], seed: int) -> list[str]:
    """Paths in an order of their own, which another path does not change."""
    return sorted(paths, key=lambda path: random.Random(f"{seed} {path}").random())


def _drawn(root: Path, path: str, seed: int) -> list[Mutant]:
    """All mutants of a file in a random order."""
    found = mutants(path, (root / path).read_text("utf-8"))
    return random.Random(f"{seed} {path}").sample(found, len(found))


def main() -> None:
    """Try a sample, write each outcome down at once, and print a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    here = ROOT / "docs" / "validation" / "mutants.json"
    parser.add_argument("--out", type=Path, default=here, help="the outcomes (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=None)
    parser.add_argument("--room", nargs="+", choices=[room.name for room in ROOMS], help="all without it")
    parser.add_argument("--again", action="store_true", help="survivors without a reason alone")
    parser.add_argument("--times", type=Path, help="a folder that keeps the times of tests for the next call")
    parser.add_argument("--most-seconds", type=float, default=math.inf, help="leave out tests that take longer")
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.sample} mutants, outcomes in {given.out}")
    drawn = list(sample(ROOT, given.sample, given.seed))
    known = json.loads(given.out.read_text("utf-8")) if given.out.exists() else []
    present = {mutant.id for _, mutant in drawn}
    known = [one for one in known if one["id"] in present]
    tried = {one["id"]: one["outcome"] for one in known}
    reasons = json.loads(EQUIVALENT.read_text("utf-8"))
    wanted = {one for one, outcome in tried.items() if outcome == SURVIVED and one not in reasons}
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        checkout = copy(ROOT, Path(folder) / "checkout")
        effort = Effort(given.times or Path(folder), given.most_seconds)
        effort.folder.mkdir(parents=True, exist_ok=True)
        for room, mutant in drawn:
            if (given.room and room.name not in given.room) or not (
                mutant.id in wanted if given.again else mutant.id not in tried
            ):
                continue
            if given.minutes is not None and time.monotonic() - begin > 60 * given.minutes:
                break
            if effort.usual(room) is None:
                print(f"{room.name}: the tests without a fault", flush=True)
                passed, witness, _ = run_tests(checkout, room, effort)
                if not passed:
                    raise SystemExit(f"{room.name}: without a fault, {witness} fails")
            outcome = try_mutant(checkout, room, mutant, effort)
            _print(outcome)
            before = [one for one in known if one["id"] == mutant.id]
            again = any(one["outcome"] == SURVIVED or one.get("again") for one in before)
            row = {**outcome._asdict(), "again": again}
            known = [*(one for one in known if one["id"] != mutant.id), row]
            given.out.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    if given.room and not any(room.name in given.room for room, _ in drawn):
        raise SystemExit(
            f"--sample {given.sample}: it has no fault of {', '.join(given.room)}; expected a larger sample"
        )
    print(dict(Counter(one["outcome"] for one in known)))


def _print(one: Outcome) -> None:
    witness = one.witness if one.outcome != SURVIVED else "no test saw it"
    print(
        f"{one.outcome:8} {one.seconds:6.1f} s  {one.path}:{one.line}: {one.before!r:.40} -> {one.after!r:.40}",
        witness,
        flush=True,
    )


if __name__ == "__main__":
    main()
