"""How long machines take for the layers of a model, and which machine of several does which layers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.config.load import Config
from simulator.run.executor import Execution, run
from simulator.system.camera.camera import PS_PER_US
from workloads.errors import refuse
from workloads.model import Origin, describe
from workloads.options import WorkloadOptions
from workloads.words import counted

CANNOT = 1 << 61
"""Picoseconds of a layer that a machine does not run: more than any sum of those that it does."""


class LayerTimes(NamedTuple):
    """Times of a model's layers on machines."""

    workload: str
    layers: tuple[str, ...]
    ps: np.ndarray  # int64 [machines, layers]; CANNOT where a machine does not run one
    notes: tuple[str, ...]


class Part(NamedTuple):
    """The layers that one machine does."""

    first: int
    end: int  # one more than the last
    ps: int


def layer_times(configs: Sequence[Config], source: Origin, options: WorkloadOptions) -> LayerTimes:
    """Run a model on each machine. InputError where `run` raises it."""
    results = run(configs, source, options, Execution(output=False))
    rows = [[_ps(row.time_us) for row in result.rows] for result in results]
    notes = dict.fromkeys(note for result in results for note in result.notes() if "did not run: " not in note)
    return LayerTimes(
        describe(source), tuple(row.layer for row in results[0].rows), np.array(rows, np.int64), tuple(notes)
    )


def split(times: LayerTimes, names: Sequence[str]) -> list[Part]:
    """Divide the layers among the machines in their order, one layer or more each, so that the longest part is short.

    Of divisions with the same longest part, the one with the earliest ends. InputError where there is none, as with a
    layer that no machine runs at its place.
    """
    machines, layers = times.ps.shape
    if machines > layers:
        refuse(
            times.workload,
            f"it has {counted(layers, 'layer')} for {counted(machines, 'machine')}",
            "as many layers as machines, or more",
        )
    ends = [[0] * (layers + 1) for _ in range(machines)]
    best = [_add(times.ps[0, :end]) for end in range(layers + 1)]
    best[0] = CANNOT
    for machine in range(1, machines):
        above, best = best, [CANNOT] * (layers + 1)
        for end in range(machine + 1, layers + 1):
            last = 0
            for cut in range(end - 1, machine - 1, -1):
                last = min(CANNOT, last + int(times.ps[machine, cut]))
                longest = max(above[cut], last)
                if longest <= best[end]:
                    best[end], ends[machine][end] = longest, cut
                if last > best[end]:
                    break
    if best[layers] >= CANNOT:
        lacking = [layer for layer, one in zip(times.layers, times.ps.T, strict=True) if one.min() >= CANNOT]
        what = f"no machine runs {', '.join(lacking[:5])}" if lacking else "no machine runs each layer at its place"
        refuse(times.workload, f"{what} ({', then '.join(names)})", "a machine for each layer, in their order")
    cuts = [layers]
    for machine in range(machines - 1, 0, -1):
        cuts.insert(0, ends[machine][cuts[0]])
    firsts = [0, *cuts[:-1]]
    return [
        Part(first, end, int(times.ps[machine, first:end].sum()))
        for machine, (first, end) in enumerate(zip(firsts, cuts, strict=True))
    ]


def _add(times: np.ndarray) -> int:
    """The sum of int64 [layers], CANNOT at most."""
    return min(CANNOT, sum(times.tolist()))


def _ps(time_us: float | None) -> int:
    return CANNOT if time_us is None else round(time_us * PS_PER_US)
