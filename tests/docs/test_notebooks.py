"""The notebooks: scripts and notebooks are the same, and a fresh run gives the numbers that are stored."""

import re

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient
from support.paths import ROOT

FOLDER = ROOT / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
EVERY_NOTEBOOK = pytest.mark.parametrize("name", NAMES)
LONG = "35789"
"""Numbers of the notebooks that take longer than ten seconds: run by hand."""
SECONDS = 120
"""For one cell, on a busy machine; all notebooks together take half a minute on an idle one."""
WIDEST = 100
"""Characters of a line on a page of 1280 pixels."""
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.]*\w)")


def stored(name):
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def numbers(notebook):
    """All numbers that the cells print, cell by cell, and how many pictures they show."""
    found = []
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        texts = [one.get("text") or one.get("data", {}).get("text/plain", "") for one in outputs]
        texts = [text for text in texts if "<" not in text]  # an object with its address in memory
        pictures = sum("image/png" in one.get("data", {}) for one in outputs)
        found.append(([float(one) for text in texts for one in NUMBER.findall(text)], pictures))
    return found


def test_every_script_has_a_notebook_and_a_line_on_the_page():
    assert len(NAMES) == 9
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(NAMES)
    page = (ROOT / "docs" / "notebooks.md").read_text("utf-8")
    assert re.findall(r"notebooks/(\w+)\.ipynb", page) == NAMES


@EVERY_NOTEBOOK
def test_each_asks_a_question_answers_it_and_has_an_exercise(name):
    texts = [cell.source for cell in stored(name).cells if cell.cell_type == "markdown"]
    assert re.match(r"# \d\. .*\?$", texts[0].splitlines()[0])
    assert sum(text.startswith("**Answer.**") for text in texts) == 1
    assert any(text.startswith("## Exercise") for text in texts)
    assert texts[-1].startswith("**Solution.**")


@EVERY_NOTEBOOK
def test_the_numbers_of_answers_are_printed_by_the_cells(name):
    notebook = stored(name)
    printed = {float(one) for found, _ in numbers(notebook) for one in found}
    printed |= {float(one) for cell in notebook.cells for one in NUMBER.findall(cell.source.split("**")[0])}
    for cell in notebook.cells:
        if cell.source.startswith(("**Answer.**", "**Solution.**")):
            text = re.sub(r"`[^`]*`|\d+-bit", "", cell.source)
            for shown in re.findall(r"\d+(?:\.\d+)?", text):
                assert float(shown) in printed, f"{shown} in: {cell.source}"


@EVERY_NOTEBOOK
def test_only_the_public_interface_is_used_and_no_line_is_wider_than_the_page(name):
    notebook = stored(name)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not re.search(r"^\s*(?:from|import) (?:simulator|workloads|kernels_ref)", cell.source, re.M)
            assert max(map(len, cell.source.splitlines())) <= WIDEST, cell.source
            for output in cell.outputs:
                assert max(map(len, output.get("text", "").splitlines()), default=0) <= WIDEST, cell.source


@EVERY_NOTEBOOK
def test_script_and_notebook_hold_the_same_cells(name):
    script = jupytext.read(FOLDER / f"{name}.py")
    assert [(cell.cell_type, cell.source) for cell in script.cells] == [
        (cell.cell_type, cell.source) for cell in stored(name).cells
    ]


@EVERY_NOTEBOOK
def test_outputs_are_stored_in_order_and_none_is_an_error(name):
    cells = [cell for cell in stored(name).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    kinds = [output.output_type for cell in cells for output in cell.outputs]
    assert "error" not in kinds
    assert len(kinds) >= 3


@pytest.mark.parametrize("name", [pytest.param(one, marks=pytest.mark.slow if one[0] in LONG else ()) for one in NAMES])
def test_a_fresh_run_gives_the_stored_numbers(name, tmp_path):
    fresh = stored(name)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    NotebookClient(fresh, timeout=SECONDS, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for place, (now, before) in enumerate(zip(numbers(fresh), numbers(stored(name)), strict=True)):
        assert now[1] == before[1], f"cell {place}"
        assert now[0] == pytest.approx(before[0], rel=1e-6), f"cell {place}"
