"""What the page on searches says: how much of an exhaustive front a search finds, and that random points find less."""

import json
import math
import re
import shlex
from itertools import pairwise

import numpy as np
import pytest
from support.paths import ROOT
from typer.testing import CliRunner

from benchmarks.explore.__main__ import SEEDS, TUNING_SEEDS
from benchmarks.explore.cases import CASES, TUNING, Case
from benchmarks.explore.measure import GOAL, SHARE, draw, measure, run_grid, search
from simulator.cli import app

PAGE = (ROOT / "docs" / "explore.md").read_text()
KEPT = json.loads((ROOT / "docs" / "validation" / "explore.json").read_text())
SMALL = Case(
    "eie_cacti", "alexnet-fc7", {"pes": [8, 16, 32, 48, 64, 96], "queue_depth": [1, 2, 4], "spmat_bytes": [2048, 8192]}
)


def points(case):
    return math.prod(map(len, case.keys.values()))


def reaches_the_goal(one):
    """Whether the median of the search is what was promised, and more than that of random points."""
    last = str(one["trials"])
    found, drawn = (one["shares"][way][last] for way in ("search", "random"))
    return found >= GOAL and found > drawn and one["trials"] <= SHARE * one["points"]


@pytest.mark.parametrize("place", range(len(CASES)))
def test_the_page_has_the_figures_of_these_cases_and_they_reach_the_goal(place):
    one, case = KEPT["cases"][place], CASES[place]
    assert (one["machine"], one["workload"], one["points"]) == (case.machine, case.workload, points(case))
    assert one["keys"] == {name: len(values) for name, values in case.keys.items()}
    assert one["objectives"] == list(case.minimise)
    assert one["seeds"] == list(SEEDS)
    assert len(SEEDS) == 10
    assert points(case) >= 2000
    assert reaches_the_goal(one)


def test_nothing_was_tuned_on_cases_or_seeds_of_the_page():
    measured, tuned = ({(case.machine, case.workload) for case in cases} for cases in (CASES, TUNING))
    assert not measured & tuned
    assert not set(SEEDS) & set(TUNING_SEEDS)
    assert {(one["machine"], one["workload"]) for one in KEPT["tuning"]} == tuned


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_search_finds_what_the_page_says(case, tmp_path):
    assert reaches_the_goal(measure(run_grid(case, tmp_path), SEEDS))


def test_shares_grow_to_the_whole_front_at_most(tmp_path):
    grid = run_grid(SMALL, tmp_path)
    assert grid.costs.shape == (points(SMALL), 3)
    assert grid.trials == math.floor(SHARE * points(SMALL))
    for curve in (search(grid, 0), draw(grid, 0)):
        assert len(curve) == grid.trials
        assert all(a <= b for a, b in pairwise(curve))
        assert curve[-1] <= 1 + 1e-9
    assert grid.shares(grid.costs)[-1] == pytest.approx(1)
    assert np.isinf(grid.costs).any(), "some points of the grid do not fit"


def test_commands_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (lines,) = (block.splitlines() for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) if "explore eie" in block)
    for line in lines:
        program, *arguments = shlex.split(line)
        if program == "pip":
            continue
        *arguments, output = (*arguments, None) if ">" not in arguments else (*arguments[:-2], arguments[-1])
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        if output:
            (tmp_path / output).write_text(done.stdout)
            assert json.loads(done.stdout)["run"] == 0
    assert (tmp_path / "search.png").exists()
    assert (tmp_path / "search.html").exists()


def test_snippet_of_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    exec(compile(snippet, "explore.md", "exec"), {})
    assert "60 trials of 960 points" in capsys.readouterr().out
