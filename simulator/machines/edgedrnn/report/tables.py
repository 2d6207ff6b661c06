"""EdgeDRNN's layers as a table: what changed in each, of inputs and of states, and what bounds its time."""

import numpy as np

from simulator.core.machine import Table
from simulator.machines.edgedrnn.arch import Arch, activation_cycles
from simulator.machines.edgedrnn.engine.run import Values, compute, layer_steps
from simulator.machines.edgedrnn.layout.streams import Streams

COLUMNS = (
    *("layer", "inputs", "cells", "inputs sent %", "states sent %"),
    *("cycles", "of them beats", "scanning alone", "activation", "steps bound by beats %"),
)


def tables(arch: Arch, passes: tuple[Streams, ...]) -> list[Table]:
    """A row for each layer, over all time steps."""
    return [
        Table("layers over all time steps", COLUMNS, tuple(_rows(arch, streams, compute(streams))))
        for streams in passes
    ]


def _rows(arch: Arch, streams: Streams, values: Values) -> list[tuple[int | float | str, ...]]:
    steps, count = len(streams.activation), len(streams.layers)
    cycles, beats, bound = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    for one in layer_steps(arch, streams, values):
        streamed = int(one.layer.beats[one.timing.entry[one.timing.is_change]].sum()) * arch.beat_cycles
        cycles[one.number] += one.timing.cycles
        beats[one.number] += streamed
        bound[one.number] += streamed > len(one.layer.beats)
    rows = list[tuple[int | float | str, ...]]()
    for number, layer in enumerate(streams.layers):
        sent = values.changed[number]
        rows.append(
            (
                f"l{number}",
                layer.inputs,
                layer.cells,
                round(100 * float(sent[:, 1 : 1 + layer.inputs].mean()), 1),
                round(100 * float(sent[:, 1 + layer.inputs :].mean()), 1),
                int(cycles[number]),
                int(beats[number]),
                steps * len(layer.beats),
                steps * activation_cycles(arch, layer.cells),
                round(100 * int(bound[number]) / steps, 1),
            )
        )
    return rows
