"""The tutorials are executed in one folder: files written, commands typed, Python run, in the pages' order.

They are the budget of extensions, too: the number of files that a page may write, of lines that it may add to a table.
"""

import json
import subprocess
import sys
from itertools import pairwise

import pytest
from support.code.tutorial import Reader

PAGES = ("add_a_machine.md", "add_a_kind.md", "add_a_number_format.md", "add_a_source.md")
BUDGET = {
    "add_a_machine.md": [
        "pyproject.toml",  # the line
        *(f"dot1/{role}.py" for role in ("arch", "layout", "model")),
        "test_dot1.py",
        "dot1/engine.py",
        "dot1/__init__.py",
        "test_dot1.py (more lines)",
        "dot1/dot1.yaml",
    ],
    "add_a_kind.md": [
        *(f"embedding/{part}.py" for part in ("layer", "recipe", "kernel", "__init__")),
        "pyproject.toml (more lines)",  # the line
        "dot1/layout.py (more lines)",  # a machine that runs it
        "dot1/__init__.py (more lines)",
        "words.yaml",
    ],
    "add_a_number_format.md": ["powers.py", "pyproject.toml (more lines)"],
    "add_a_source.md": ["csv_source.py", "pyproject.toml (more lines)", "weights.csv"],
}
"""Page -> the files that it writes, in this order."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """Someone who has followed all pages."""
    found = Reader(tmp_path_factory.mktemp("tutorial"))
    for page in PAGES:
        found.follow(page)
    return found


def test_every_command_and_snippet_prints_something(reader):
    commands = [block for block in reader.printed if block[1] in ("sh", "python") and not block[2]]
    assert len(commands) >= 9
    assert all(output for *_, output in commands)


def test_what_a_page_says_is_printed_is_printed(reader):
    compared = 0
    for (_, _, _, _, output), (_, language, _, text, _) in pairwise(reader.printed):
        if language == "text" and output:
            compared += 1
            for line in text.splitlines():
                assert line in output
    assert compared >= 3


@pytest.mark.parametrize("page", PAGES)
def test_an_extension_touches_no_more_than_its_budget(reader, page):
    assert reader.written[page] == BUDGET[page]


def test_a_wrong_engine_is_found(reader):
    """The page's twins test is worth something: it fails when a slot is free a cycle too early."""
    engine = reader.folder / "dot1" / "engine.py"
    right = engine.read_text()
    engine.write_text(right.replace("pop[n - depth] + 1", "pop[n - depth]"))
    command = ["sh", "-c", "pytest -q -x -k equal_and_right test_dot1.py"]
    done = subprocess.run(command, cwd=reader.folder, env=reader.environment, capture_output=True, text=True)
    engine.write_text(right)
    assert done.returncode == 1
    assert "test_model_and_engine_are_equal_and_right" in done.stdout


def test_a_new_kind_is_in_every_output(reader):
    result = json.loads((reader.folder / "words.json").read_text())
    assert result["output_matches_reference"] is True
    assert 0 < result["lookup_density"] < 1
    assert "weight_density" not in result
    page = (reader.folder / "words.html").read_text("utf-8")
    assert "words" in page
    compared = reader.run(["sh", "-c", "zeroskip compare words.yaml --machines dot1,eie --json"])
    rows = {name: one["layers"][0] for name, one in json.loads(compared)["machines"].items()}
    assert rows["dot1"]["cycles"] == result["cycles"]
    assert rows["eie"]["reason"] == "eie_64pe runs no embedding sum layers, only fully connected ones"
    swept = reader.run(["sh", "-c", "zeroskip results words.db --json"])
    assert {row["width"] for row in json.loads(swept)} == {8, 32}
    assert all(row["lookup_density"] == result["lookup_density"] for row in json.loads(swept))


def test_a_wrong_kernel_is_found(reader):
    kernel = reader.folder / "embedding" / "kernel.py"
    right = kernel.read_text()
    kernel.write_text(right.replace("total[o] + table[r, o]", "total[o] - table[r, o]"))
    command = ["sh", "-c", "zeroskip check dot1 words.yaml"]
    done = subprocess.run(command, cwd=reader.folder, env=reader.environment, capture_output=True, text=True)
    kernel.write_text(right)
    assert done.returncode == 1
    assert "model and engine agree, but not with the reference kernel" in " ".join(done.stdout.split())


def test_a_broken_extension_is_a_sentence(reader):
    source = reader.folder / "csv_source.py"
    right = source.read_text()
    source.write_text(right.replace("SOURCE = CsvSource()", "SOURCE = 5"))
    command = ["sh", "-c", "zeroskip run eie alexnet-fc8 --scale 0.01"]
    done = subprocess.run(command, cwd=reader.folder, env=reader.environment, capture_output=True, text=True)
    source.write_text(right)
    assert done.returncode == 2
    assert done.stderr == "zeroskip: entry point csv = csv_source:SOURCE: it is 5; expected a Source\n"


def test_the_packages_obey_the_house_rules(reader):
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F", "--line-length", "120", "."]
    reader.run(command)
