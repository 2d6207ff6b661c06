"""EdgeDRNN's compiled run: values first, then the cycles of each layer of each time step."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.core.run import Run
from simulator.machines.edgedrnn.arch import Arch
from simulator.machines.edgedrnn.engine.counts import Tally
from simulator.machines.edgedrnn.engine.timing import LayerTiming, time_layer
from simulator.machines.edgedrnn.engine.trace import draw_layer, empty_trace
from simulator.machines.edgedrnn.engine.values import run_layer
from simulator.machines.edgedrnn.layout.streams import LayerStream, Streams


class Values(NamedTuple):
    """What all layers did."""

    states: tuple[np.ndarray, ...]  # of each layer, int16 [steps, cells]
    changed: tuple[np.ndarray, ...]  # of each layer, bool [steps, 1 + inputs + cells]


class LayerStep(NamedTuple):
    """A layer in a time step, with its first cycle in the run."""

    step: int
    number: int
    layer: LayerStream
    timing: LayerTiming
    start: int


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run all time steps; the trace holds the first `trace_cycles` cycles."""
    values = compute(streams)
    tally, cycles = Tally(arch), 0
    for one in layer_steps(arch, streams, values):
        tally.add(one.layer, one.timing)
        cycles = one.start + one.timing.cycles
    cycles += arch.run_overhead
    tally.add_idle(arch.run_overhead)
    tally.add_vectors(streams.activation.size, values.states[-1].size)
    output = np.concatenate([states.ravel() for states in values.states])
    trace = empty_trace(min(cycles, trace_cycles))
    if trace_cycles:
        _draw(arch, streams, values, trace)
    return Run(cycles, output, tally.counts(), tally.reasons(), trace)


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0; it is still computed, as changes of states decide the cycles."""
    return run(arch, streams, trace_cycles)._replace(output=np.zeros(0, np.int16))


def _draw(arch: Arch, streams: Streams, values: Values, trace: np.ndarray) -> None:
    """Draw the time steps that the trace, uint8 [3, cycles], shows."""
    for one in layer_steps(arch, streams, values):
        if one.start >= trace.shape[1]:
            return
        draw_layer(arch, one.layer, one.timing, trace[:, one.start :])


def compute(streams: Streams) -> Values:
    """The states of all layers, and what was sent."""
    signal, states, changed = streams.activation, list[np.ndarray](), list[np.ndarray]()
    for layer in streams.layers:
        thresholds = streams.input_threshold, streams.state_threshold
        signal, sent = run_layer(layer, signal, streams.sigmoid, streams.tanh, thresholds)
        states.append(signal)
        changed.append(sent)
    return Values(tuple(states), tuple(changed))


def layer_steps(arch: Arch, streams: Streams, values: Values) -> Iterator[LayerStep]:
    """The layers of all time steps in running order."""
    now = 0
    for t in range(len(streams.activation)):
        for number, layer in enumerate(streams.layers):
            timing = time_layer(arch, layer, values.changed[number][t])
            yield LayerStep(t, number, layer, timing, now)
            now += timing.cycles
