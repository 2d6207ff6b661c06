"""What the README and the tour of the commands say can be typed."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from support.paths import ROOT
from typer.testing import CliRunner

from docs.generate.validation import read
from docs.measure.readme import PREDICTED
from simulator.cli import app
from simulator.core.published import summarise

PAGES = ("README.md", "docs/tour.md")
INSTALLS = {"README.md": 1, "docs/tour.md": 0}
"""Blocks at the beginning that install."""
SHELL = {page: re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.S) for page in PAGES}
PYTHON = [one for page in PAGES for one in re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.S)]
COMMANDS = {
    page: [line for block in blocks[INSTALLS[page] :] for line in block.splitlines() if not line.startswith("#")]
    for page, blocks in SHELL.items()
}


@pytest.fixture
def own_layer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez("layer.npz", weight=rng.standard_normal((300, 200)), activation=np.maximum(0, rng.standard_normal(200)))


@pytest.mark.usefixtures("own_layer")
@pytest.mark.parametrize("page", PAGES)
def test_commands_in_their_order(page):
    for command in COMMANDS[page]:
        typed, _, file = command.partition(" > ")
        program, *arguments = shlex.split(typed)
        assert program == "zeroskip"
        if arguments[0] == "validate":
            arguments += ["--draws", "1"]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, f"{command}: {result.output} {result.exception}"
        assert result.stdout.strip()
        if file:
            Path(file.strip()).write_text(result.stdout)


@pytest.mark.parametrize("snippet", PYTHON)
def test_snippet(snippet, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(snippet, "snippet", "exec"), {})
    assert capsys.readouterr().out


def test_the_first_block_is_what_ci_runs():
    first, second = SHELL["README.md"][0].splitlines()
    assert first.startswith("python3 -m venv .venv && ")
    assert second.endswith(".venv/bin/pytest -n auto --dist loadfile")


def test_mean_errors_are_those_that_validate_prints():
    """The table is made from the rows; here each line is compared with the summary of `validate`."""
    for machine, name, what, table, quantity in PREDICTED:
        rows = read(ROOT / "docs" / "validation" / f"{name}.csv")
        (one,) = [
            found for found in summarise(rows)
            if (found.table, found.quantity, found.figure_class) == (table, quantity, "predicted")
        ]  # fmt: skip
        line = f"| {machine} | {what} | {one.figures} | {one.mean_absolute_error_percent:.1f} % |"
        assert line in (ROOT / "README.md").read_text(), line


def test_every_link_leads_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = page.read_text()
        for target in (*re.findall(r"\]\(([^)#]+)\)", text), *re.findall(r'<img src="([^"]+)"', text)):
            assert (page.parent / target).exists() or target.startswith("https://"), f"{page.name}: {target}"
