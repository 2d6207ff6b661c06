"""What the README and the five-minute start say can be typed."""

import re
import shlex

import numpy as np
import pytest
from conftest import ROOT
from typer.testing import CliRunner

from simulator.cli import app

PAGES = ("README.md", "docs/start.md")
SHELL = {page: re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.S) for page in PAGES}
PYTHON = [one for page in PAGES for one in re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.S)]
COMMANDS = {
    page: [line.partition("#")[0].strip() for block in blocks[1:] for line in block.splitlines() if line.strip()]
    for page, blocks in SHELL.items()
}
"""The first block installs."""


@pytest.fixture
def own_layer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez("layer.npz", weight=rng.standard_normal((300, 200)), activation=np.maximum(0, rng.standard_normal(200)))


@pytest.mark.usefixtures("own_layer")
@pytest.mark.parametrize("page", PAGES)
def test_commands_in_their_order(page):
    for command in COMMANDS[page]:
        program, *arguments = shlex.split(command)
        assert program == "zeroskip"
        if arguments[0] == "validate":
            arguments += ["--draws", "1"]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, f"{command}: {result.output} {result.exception}"
        assert result.stdout.strip()


@pytest.mark.parametrize("snippet", PYTHON)
def test_snippet(snippet, capsys):
    exec(compile(snippet, "snippet", "exec"), {})
    assert capsys.readouterr().out


def test_the_first_block_is_what_ci_runs():
    first, second = SHELL["README.md"][0].splitlines()
    assert first.startswith("python3 -m venv .venv && ")
    assert second.endswith(".venv/bin/pytest")


def test_every_link_leads_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
