"""The tutorials are executed, each course of pages in an empty folder: files written, commands typed, Python run.

They are the budget of extensions, too: the number of files that a page may write, of lines that it may add to a table.
"""

import json
import subprocess
import sys
from itertools import pairwise

import pytest
from support.code.tutorial import Reader
from support.paths import ROOT

COURSES = {
    "dot1": ("add_a_machine.md", "add_a_kind.md"),
    "powers": ("add_a_number_format.md",),
    "csv": ("add_a_source.md",),
}
"""Folder -> the pages that are followed in it, in this order; what they need is on them."""
PAGES = tuple(page for pages in COURSES.values() for page in pages)
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
    "add_a_number_format.md": ["powers.py", "pyproject.toml"],  # the line, in a package that holds nothing else
    "add_a_source.md": ["csv_source.py", "pyproject.toml", "weights.csv"],
}
"""Page -> the files that it writes, in this order."""


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    """Someone in each folder who has followed its pages."""
    found = {folder: Reader(tmp_path_factory.mktemp(folder)) for folder in COURSES}
    for folder, pages in COURSES.items():
        for page in pages:
            found[folder].follow(page)
    return found


@pytest.fixture
def reader(readers):
    """Whoever has followed the pages of dot1."""
    return readers["dot1"]


@pytest.fixture
def csv_reader(readers):
    """Whoever has followed the page of sources."""
    return readers["csv"]


def test_every_command_and_snippet_prints_something(readers):
    printed = [block for reader in readers.values() for block in reader.printed]
    commands = [block for block in printed if block[1] in ("sh", "python") and not block[2]]
    assert len(commands) >= 9
    assert all(output for *_, output in commands)


def test_what_a_page_says_is_printed_is_printed(readers):
    compared = 0
    for reader in readers.values():
        for (_, _, _, _, output), (_, language, _, text, _) in pairwise(reader.printed):
            if language == "text" and output:
                compared += 1
                for line in text.splitlines():
                    assert line in output
    assert compared >= 4


def test_every_tutorial_is_followed():
    assert {page.name for page in (ROOT / "docs").glob("add_a_*.md")} == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_an_extension_touches_no_more_than_its_budget(readers, page):
    (written,) = (reader.written[page] for reader in readers.values() if page in reader.written)
    assert written == BUDGET[page]


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


NO_LAYER = "weights.csv: layer is 'nonsense'; expected weights.csv:LAYER with one of weights"
REFUSED = {
    "run eie weights.csv --layer nonsense": NO_LAYER,
    "run eie weights.csv:nonsense": NO_LAYER,
    "run eie weights.csv --stride 2": "weights: stride is 2; expected none, as it is fully connected",
    "run eie weights.csv --input x.npz --activation-density 0.5": (
        "weights: activation_density is 0.5; expected none, as its input is given"
    ),
    "run eie missing.csv": (
        "missing.csv: it is no matrix (missing.csv not found.); expected numbers with commas between them"
    ),
    "run eie empty.csv": (
        'empty.csv: it is no matrix (loadtxt: input contained no data: "empty.csv"); '
        "expected numbers with commas between them"
    ),
}
"""What is typed -> the sentence that the page's source answers with, as shipped sources do."""


@pytest.mark.parametrize("typed", REFUSED)
def test_the_tutorials_source_refuses_what_the_shipped_ones_refuse(csv_reader, typed):
    (csv_reader.folder / "empty.csv").touch()
    assert fail(csv_reader, f"zeroskip {typed}") == f"zeroskip: {REFUSED[typed]}\n"


def test_the_tutorials_source_chooses_a_layer_and_draws_its_input(csv_reader):
    whole, chosen, seeded = (
        json.loads(csv_reader.run(["sh", "-c", f"zeroskip run eie {typed} --json"]))
        for typed in ("weights.csv", "weights.csv:weights", "weights.csv --seed 1 --activation-density 0.5")
    )
    assert whole["notes"] == chosen["notes"] == ["its input [4] is drawn, all of it non-zero (--activation-density)"]
    assert (whole["cycles"], whole["energy_lines"]) == (chosen["cycles"], chosen["energy_lines"])
    assert seeded["notes"] == ["its input [4] is drawn, 50 % of it non-zero (--activation-density)"]
    assert all(one["output_matches_reference"] for one in (whole, chosen, seeded))


def test_a_broken_extension_is_a_sentence(csv_reader):
    source = csv_reader.folder / "csv_source.py"
    right = source.read_text()
    source.write_text(right.replace("SOURCE = CsvSource()", "SOURCE = 5"))
    printed = fail(csv_reader, "zeroskip run eie alexnet-fc8 --scale 0.01")
    source.write_text(right)
    assert printed == "zeroskip: entry point csv = csv_source:SOURCE: it is 5; expected a Source\n"


@pytest.mark.parametrize("folder", COURSES)
def test_the_packages_obey_the_rules_of_the_code(readers, folder):
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F", "--line-length", "120", "."]
    readers[folder].run(command)


def fail(reader, typed):
    """What a command that is refused (exit code 2) prints on standard error."""
    done = subprocess.run(
        ["sh", "-c", typed], cwd=reader.folder, env=reader.environment, capture_output=True, text=True
    )
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stderr
