"""What the README says can be typed."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from typer.testing import CliRunner

from simulator.cli import app

README = (ROOT / "README.md").read_text()
SHELL = re.findall(r"```sh\n(.*?)```", README, re.S)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.S)
COMMANDS = [line.partition("#")[0].strip() for block in SHELL[1:] for line in block.splitlines() if line.strip()]


@pytest.fixture
def own_layer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez("layer.npz", weight=rng.standard_normal((300, 200)), activation=np.maximum(0, rng.standard_normal(200)))


@pytest.mark.usefixtures("own_layer")
def test_commands_in_their_order():
    assert len(COMMANDS) > 8
    for command in COMMANDS:
        told, _, file = command.partition(" > ")
        program, *arguments = shlex.split(told)
        assert program == "zeroskip"
        if arguments[0] == "validate":
            arguments += ["--draws", "1"]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, f"{command}: {result.output} {result.exception}"
        assert result.stdout.strip()
        if file:
            Path(file.strip()).write_text(result.stdout)


@pytest.mark.parametrize("snippet", PYTHON)
def test_snippet(snippet, capsys):
    exec(compile(snippet, "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_the_first_block_is_what_ci_runs():
    first, second = SHELL[0].splitlines()
    assert first.startswith("python3 -m venv .venv && ")
    assert second.endswith(".venv/bin/pytest")


def test_every_link_leads_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
