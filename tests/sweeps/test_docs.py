"""The commands and snippets of docs/sweeps.md work, and the named sweeps give their figures."""

import re
import shlex

import pytest
from support.paths import ROOT
from support.results.sweeping import SMALL
from typer.testing import CliRunner

from simulator.cli import app
from simulator.core.registry import find_paper
from simulator.machines.eie.paper.validation import LayerCache
from simulator.sweeps.figures import figures, read_published
from simulator.sweeps.sweep_file import load_sweep, named_sweeps, parse_sweep
from zeroskip import load_workload, open_store, run_sweep

PAGE = (ROOT / "docs" / "sweeps.md").read_text()
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.S)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.S)
YAML = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)


def test_commands_in_their_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for line in SHELL[0].splitlines():
        program, *arguments = shlex.split(line)
        assert program == "zeroskip"
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
        assert result.stdout.strip()
    assert len(open_store("fc8.db").frame()) == 16


@pytest.mark.parametrize("snippet", PYTHON)
def test_snippet(snippet, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(snippet, "sweeps.md", "exec"), {})
    assert "24 points run, 0 were there, 0 failed" in capsys.readouterr().out


def test_the_sweep_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yaml").write_text((ROOT / "arch_configs" / "eie_64pe.yaml").read_text())
    assert parse_sweep("sweep.yaml", YAML[0]).space.size == 2 * 2 * 2 * 2 * 5 * 3


def test_every_sweep_is_named_on_the_page():
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE, re.M)) >= set(named_sweeps())


@pytest.mark.parametrize("name", named_sweeps())
def test_a_sweep_makes_its_figures(name, tmp_path):
    """At a small scale: every cell of every figure is there."""
    sweep = load_sweep(name)
    small = sweep._replace(space=sweep.space._replace(fixed=tuple(SMALL.items())))
    if len(sweep.space.workloads) > 2:
        small = small._replace(space=small.space._replace(workloads=("alexnet-fc7", "nt-we")))
    done = run_sweep(small, store=tmp_path / "s.db", jobs=2)
    assert (done.failed, done.left) == (0, 0), done.errors
    found = figures(small, tmp_path / "s.db")
    assert len(found) == len(sweep.figures) > 0
    for figure in found:
        assert all(value is not None for row in figure.simulated.values() for value in row), figure.title
    for figure in sweep.figures:
        if figure.published is not None:
            assert read_published(figure.published)


@pytest.mark.parametrize(
    ("name", "key", "values"), [("eie-fig8", "queue_depth", [1, 8]), ("eie-fig11-13", "pes", [1, 64])]
)
def test_a_figure_is_what_validation_computes(name, key, values, tmp_path):
    sweep = load_sweep(name)
    axes = ((sweep.space.axes[0][0]._replace(values=tuple(values)),),)
    sweep = sweep._replace(space=sweep.space._replace(workloads=("nt-lstm",), axes=axes))
    run_sweep(sweep, store=tmp_path / "s.db", jobs=1)
    layers, (*_, figure) = LayerCache(range(1)), figures(sweep, tmp_path / "s.db")
    tables = find_paper("eie").published()["tables"]
    table = next(one for one in tables if one["table"] in figure.title and key in one.get("over", {}))
    for place, value in enumerate(values):
        computed = layers.mean("nt-lstm", lambda result: 100 * result.figures["load_balance"], **{key: value})
        assert figure.simulated["nt-lstm"][place] == computed
        assert figure.published["nt-lstm"][place] == table["rows"]["nt-lstm"][table["over"][key].index(value)]
    assert load_workload("nt-lstm").layer.inputs > 0
