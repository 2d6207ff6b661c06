"""The speed-ups over dense by the share that is kept: Cambricon-S' Fig 21 and Cambricon-X' Fig 19."""

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from simulator.config.load import Config, load_arch
from simulator.core.published import read_published
from simulator.machines.cambricon.engine.run import run_without_output
from simulator.machines.cambricon.layout.streams import layout
from simulator.machines.cambricon.paper.layers import CONNECTED, LARGE, SMALL, Shape, draw
from workloads.document_types import Document
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.study import Progress

S, X = "cambricon_s", "cambricon_x"
DENSE = MappingProxyType({"skip_weights": 0, "skip_activations": 0})
STUDY_DRAWS = 3
OTHERS = (Shape(128, 128, 3, 14), Shape(256, 256, 3, 14), Shape(1024, 1024, 1, 1), Shape(4096, 1024, 1, 1))
"""Layers that the curves are not simulated with."""
OTHER_SHARES = (75, 35, 15, 5)


class Curve(NamedTuple):
    """What a published curve is simulated with."""

    config: str
    shape: Shape
    inputs: bool = False  # zeros are among the inputs; else among the weights
    changes: Mapping[str, int] = MappingProxyType({})  # of the configuration


CURVES: Mapping[str, Curve] = MappingProxyType(
    {
        "S inputs in conv": Curve(S, SMALL, inputs=True),
        "S weights in conv": Curve(S, SMALL),
        "S weights in FC": Curve(S, CONNECTED, changes=MappingProxyType({"weight_bits": 8})),
        "X weights in conv": Curve(X, LARGE),
        "X weights in FC": Curve(X, CONNECTED),
    }
)
"""By the name of the row in published.yaml. S weights in FC: weights of 8 bits, so that 256 GB/s do not bind."""


def speed_up(curve: Curve, kept: float, seed: int) -> float:
    """Of the layer over the same one run dense on the same machine; kept: the share of non-zeros."""
    config = _config(curve.config, tuple(curve.changes.items()))
    weights, inputs = (1.0, kept) if curve.inputs else (kept, 1.0)
    block = config.arch.pes if config.arch.prune_blocks else 1
    return _dense(curve) / _cycles(config, draw(curve.shape, weights, inputs, block, seed))


@lru_cache(maxsize=16)
def _dense_by_name(config: str, changes: tuple[tuple[str, int], ...], shape: Shape) -> int:
    return _cycles(_config(config, (*changes, *DENSE.items())), draw(shape, 1.0, 1.0, 1, 0))


def _dense(curve: Curve) -> int:
    """Cycles of the dense layer, which depend on no value."""
    return _dense_by_name(curve.config, tuple(curve.changes.items()), curve.shape)


def _cycles(config: Config, layer: CompressedConvolution) -> int:
    (streams,) = layout(config.arch, layer)
    return run_without_output(config.arch, streams).cycles


@cache
def _config(name: str, changes: tuple[tuple[str, int], ...]) -> Config:
    return load_arch(name, **dict(changes))


def study(seed: int, progress: Progress) -> Document:
    """All curves, means over draws, next to the published points."""
    points = []
    for table in (one for one in read_published("simulator.machines.cambricon.paper")["tables"] if "over" in one):
        ((_, shares),) = table["over"].items()
        for row, values in table["rows"].items():
            for percent, value in zip(shares, values, strict=True):
                found = [speed_up(CURVES[row], percent / 100, one) for one in range(seed, seed + STUDY_DRAWS)]
                points.append(_point(row, percent, value, found))
            progress(row)
    rows = [
        [one["curve"], f"{one['kept_percent']}", *map(_cell, (one["published"], one["simulated"]))] for one in points
    ]
    title = f"speed-up over dense, means of {STUDY_DRAWS} draws: " + "; ".join(
        f"{name}: {curve.shape}" for name, curve in CURVES.items()
    )
    columns = ["curve", "kept %", "published", "simulated"]
    tables = [{"title": title, "columns": columns, "rows": rows}, _others(seed)]
    return {"study": "Zeros skipped by selectors", "tables": tables, "points": points}


def _others(seed: int) -> Document:
    """Speed-ups by zeros among the weights of the curves' layers, and of others, one draw."""
    rows = []
    for name, config in (("S", S), ("X", X)):
        changes = MappingProxyType({"weight_bits": 8} if config == S else {})
        for shape in (SMALL, LARGE, CONNECTED, *OTHERS):
            curve = Curve(config, shape, changes=changes)
            found = [speed_up(curve, percent / 100, seed) for percent in OTHER_SHARES]
            rows.append([name, str(shape), str(shape.channels * shape.kernel**2), *map(_cell, found)])
    columns = ["", "layer", "inputs of an output", *(f"{percent} %" for percent in OTHER_SHARES)]
    title = "speed-up over dense at shares of kept weights, one draw, S with weights of 8 bits"
    return {"title": title, "columns": columns, "rows": rows}


def _point(row: str, percent: int, published: float | None, found: list[float]) -> Document:
    mean = sum(found) / len(found)
    spread = max(found) - min(found)
    return {"curve": row, "kept_percent": percent, "published": published, "simulated": mean, "spread": spread}


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
