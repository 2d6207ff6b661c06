"""The page on reliability, of files that are there in part."""

import json

from docs.generate.reliability import SAMPLE, pages
from simulator.core.registry import machines


def outcome(name, result, room="eie"):
    return {
        "id": name,
        "room": room,
        "path": "a.py",
        "line": 3,
        "before": "a |\n b",
        "after": "pass",
        "outcome": result,
    }


def made(folder, **files):
    (folder / "validation").mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / "validation" / f"{name}.json").write_text(json.dumps(content))
    return pages(folder)["reliability.md"]


def test_without_files_nothing_was_run(tmp_path):
    assert made(tmp_path).count("Not run yet.") == 5


def test_a_part_of_a_sample_says_so_and_lists_survivors_with_their_reasons(tmp_path):
    tried = [outcome("a", "killed"), outcome("b", "late"), outcome("c", "survived"), outcome("d", "survived", "dram")]
    text = made(tmp_path, mutants=tried, equivalent_mutants={"c": "a bound that is never reached"})
    assert f"4 faults of the sample of {SAMPLE} were tried so far: **the sample is not complete.**" in text
    assert "| eie | 3 | 1 | 1 | 0 | 1 | 0 | 100.0 % | 100.0 % |" in text
    assert "| dram | 1 | 0 | 0 | 0 | 0 | 1 | 0.0 % | 0.0 % |" in text
    assert "| all | 4 | 1 | 1 | 0 | 1 | 1 | 66.7 % | 66.7 % |" in text
    assert "| a.py:3 | `a \\| b` | `pass` | a bound that is never reached |" in text
    assert "| a.py:3 | `a \\| b` | `pass` | not seen by a test |" in text


def test_what_a_second_try_killed_is_counted_apart(tmp_path):
    tried = [
        outcome("a", "killed"),
        {**outcome("b", "killed"), "again": True},
        {**outcome("c", "survived"), "again": True},
    ]
    text = made(tmp_path, mutants=tried)
    assert "| all | 3 | 2 | 0 | 1 | 0 | 1 | 33.3 % | 66.7 % |" in text


def test_a_whole_sample_says_so(tmp_path):
    text = made(tmp_path, mutants=[outcome(str(number), "killed") for number in range(SAMPLE)])
    assert f"All {SAMPLE} faults of the sample were tried." in text
    assert "not complete" not in text


def test_commands_are_those_of_the_rows(tmp_path):
    row = {"kind": "fully connected", "cases": 5, "differences": 0, "left_out": 1, "seed": 7}
    rows = [{"machine": name, **row, "cpu_s": 101.0} for name in ("eie", "scnn")]
    text = made(tmp_path, differential=rows)
    assert "tests.differential --machine eie --machine scnn --seconds 200 --seed 7 --json" in text
    others = ", ".join(f"`{name}`" for name in machines() if name not in ("eie", "scnn"))
    assert f"Not in this run: {others}." in text
