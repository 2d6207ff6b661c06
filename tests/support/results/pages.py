"""Results to make pages of, small and quick."""

import json

import pandas as pd

import zeroskip
from simulator.html import build
from zeroskip import load_arch

EVIL = "<script>alert(1)</script>"
BREAKOUT = "--></script><!--<img src=x onerror=alert(1)>\"'&${title}$title"


def layer(name="nt-we", scale=0.05, **changes):
    """What `run eie NAME --json` prints."""
    return zeroskip.run(load_arch("eie", **changes), name, scale=scale).to_dict()


def comparison():
    """What `compare alexnet --json` prints, of three layers."""
    layers = ("alexnet-conv5", "alexnet-fc7", "alexnet-fc8")
    return zeroskip.compare(("eie", "scnn", "dcnn"), "alexnet", layers=layers, scale=0.1).to_dict()


def network(found):
    """What `run eie alexnet --json` prints, taken out of a comparison."""
    return found["machines"]["eie"]


def study(rows=200):
    """The table of a study: two axes, and results that order differently as text and as numbers."""
    points = [(1 << (n % 7), ("a", "b")[n % 2], 10_000 - 7 * n, 1.5 + n / 8, 3 + (n * 37) % 101) for n in range(rows)]
    frame = pd.DataFrame(points, columns=["pes", "workload", "cycles", "time_us", "energy_uj"])
    frame["seed"] = 0
    return frame


def write(path, content):
    """A page next to the file that it is made of; its text."""
    if isinstance(content, pd.DataFrame):
        content.to_csv(path, index=False)
    else:
        path.write_text(json.dumps(content))
    page = build(path)
    path.with_suffix(".html").write_text(page, "utf-8")
    return page
