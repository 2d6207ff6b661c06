"""Results to make pages of, small and quick."""

import json

import pandas as pd
from simulator.run.parts import drawn_parts

from simulator.html import build
from simulator.results.model_result import run_parts
from simulator.run.compare import compare
from simulator.run.verify import check_output
from zeroskip import load_arch, load_workload, simulate

EVIL = "<script>alert(1)</script>"
BREAKOUT = "--></script><!--<img src=x onerror=alert(1)>\"'&${title}$title"


def layer(name="nt-we", scale=0.05, **changes):
    """What `run eie NAME --json` prints."""
    return check_output(simulate(load_arch("eie", **changes), load_workload(name, scale=scale))).to_dict()


def comparison():
    """What `compare alexnet --json` prints, of three layers."""
    configs = {name: load_arch(name) for name in ("eie", "scnn", "dcnn")}
    parts = drawn_parts("alexnet", ("alexnet-conv5", "alexnet-fc7", "alexnet-fc8"), scale=0.1)
    return compare("alexnet", "dcnn", list(configs), run_parts("alexnet", list(configs.values()), parts)).to_dict()


def network(told):
    """What `run eie alexnet --json` prints, taken out of a comparison."""
    return told["machines"]["eie"]


def study(rows=200):
    """The table of a study: two axes, and results that order differently as text and as numbers."""
    points = [(1 << (n % 7), ("a", "b")[n % 2], 10_000 - 7 * n, 1.5 + n / 8, 3 + (n * 37) % 101) for n in range(rows)]
    frame = pd.DataFrame(points, columns=["pes", "workload", "cycles", "time_us", "energy_uj"])
    frame["seed"] = 0
    return frame


def write(path, content):
    """A page beside the file that it is made of; its text."""
    if isinstance(content, pd.DataFrame):
        content.to_csv(path, index=False)
    else:
        path.write_text(json.dumps(content))
    page = build(path)
    path.with_suffix(".html").write_text(page, "utf-8")
    return page
