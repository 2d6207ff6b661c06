"""What the README and the tour of the commands say can be typed."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from support.paths import ROOT
from typer.testing import CliRunner

from docs.generate.validation import MACHINES, read
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
OFF = {
    "EIE Table IV, actual time (2 layers)": ("Table IV", "actual_us"),
    "EIE Fig 8, load balance by queue depth (23 points)": ("Fig 8", "load_balance_percent"),
    "EIE Fig 12, real over total work by PEs (17 points)": ("Fig 12", "real_over_total_work_percent"),
    "EIE Fig 13, load balance by PEs (28 points)": ("Fig 13", "load_balance_percent"),
    "ESE speed-up by balanced pruning (5 points)": ("DAC 2018, Fig 4", "speedup_over_dense"),
    "SCNN VGG-16, speed-up by layer (8 layers)": ("Fig 9, layers", "speed_up_over_dcnn"),
    "SCNN VGG-16, share of idle cycles by layer (9 layers)": ("Fig 10, layers", "idle_percent"),
}
SCNN = "SCNN (ISCA 2017)"
SIDE_BY_SIDE = {
    "ESE Table 8, time of a step, us (calibrated)": ("ESE (FPGA 2017)", "real_us", "total"),
    "SCNN VGG-16, speed-up over DCNN (`scnn_paper`, calibrated)": (SCNN, "speed_up_over_dcnn", "vgg16"),
    "SCNN AlexNet, speed-up over DCNN (`scnn_paper`)": (SCNN, "speed_up_over_dcnn", "alexnet"),
    "SCNN mean of three networks, speed-up over DCNN (calibrated)": (SCNN, "speed_up_over_dcnn", "mean"),
    "SCNN energy gain over DCNN, mean of three networks (calibrated)": (SCNN, "energy_gain_over_dcnn", "mean"),
    "SCNN the same of DCNN-opt (calibrated)": (SCNN, "energy_gain_of_dcnn_opt_over_dcnn", "mean"),
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
def test_snippet(snippet, capsys):
    exec(compile(snippet, "snippet", "exec"), {})
    assert capsys.readouterr().out


def test_the_first_block_is_what_ci_runs():
    first, second = SHELL["README.md"][0].splitlines()
    assert first.startswith("python3 -m venv .venv && ")
    assert second.endswith(".venv/bin/pytest -n auto --dist loadfile")


def test_figures_are_those_of_the_validation_tables():
    rows = [row for machine in MACHINES for row in read(ROOT / "docs" / "validation" / f"{machine}.csv")]
    off = {(one.table, one.quantity): one for one in summarise(rows) if one.figure_class == "predicted"}
    figures = {(row.paper, row.quantity, row.row): row for row in rows if row.published is not None}
    lines = re.findall(r"^\|(.*)\|$", (ROOT / "README.md").read_text(), re.M)
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    shown = {f"{paper} {figure}": (published, simulated) for paper, figure, published, simulated in cells}
    for key, summary in OFF.items():
        one = off[summary]
        lost = "" if one.lost_percent is None else f", lost cycles {one.lost_percent:.0f} %"
        assert shown[key] == ("", f"{one.mean_absolute_error_percent:.1f} % off{lost}"), key
        assert re.search(rf"\({one.figures} (points|layers)\)", key), key
    for key, place in SIDE_BY_SIDE.items():
        published, simulated = shown[key]
        assert float(published) == figures[place].published
        assert float(simulated) == round(figures[place].simulated, len(simulated.partition(".")[2])), key


def test_every_link_leads_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
