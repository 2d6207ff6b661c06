"""The selection unit as SimPy processes: the definition of the machine.

In the first pass, beats of gradient, velocity and residual come from the memory; the stream adds them up in all lanes
at once, and hands every stride-th magnitude to the queue, one a cycle, which keeps the greatest. Its last entry is the
threshold. In the next pass the residual comes again, and what passes goes into the candidates, one a cycle; too few:
once more with 0.8 times the threshold. Too many: the encoder finds the least magnitude that is sent digit by digit,
with a histogram over the candidates. Then it sends the candidates one after another, with the zeros between them.
"""

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.hardware.clock import Process, run_to_end
from simulator.machines.selection.arch import (
    ADAPTATIONS,
    LETTERS,
    LOWERED,
    Arch,
    Counts,
    Reasons,
    too_few,
    too_many,
)
from simulator.machines.selection.layout import Streams
from simulator.machines.selection.model.encoder import send
from simulator.machines.selection.model.passes import accumulate, compare
from simulator.machines.selection.model.state import State


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Send a gradient; the trace holds the first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    state = State(env, arch, streams)
    run_to_end(env, [_control(state)], state.queues)
    state.all_idle()
    cycles, timeline = int(env.now), state.timeline
    rows = [timeline.count(letter, range(row, row + 1)) for row, letters in enumerate(LETTERS) for letter in letters]
    counts = Counts(*(np.array([state.events[name]], np.int64) for name in Counts._fields))
    residual, velocity = (np.array(one, np.float32) for one in (state.residual, state.velocity))
    output = streams.layer.to_words(np.array(state.words, np.uint16), residual, velocity)
    return Run(cycles, output, counts, Reasons(*rows), timeline.letters(min(cycles, trace_cycles)))


def _control(state: State) -> Process:
    """One phase after the other: accumulate, compare until enough pass, send."""
    count = state.layer.wanted
    yield from accumulate(state)
    threshold, lowered = state.greatest[0] if state.layer.sampled else np.float32(0), 0
    yield from compare(state, threshold)
    while threshold > 0 and too_few(len(state.candidates), count) and lowered < ADAPTATIONS:
        threshold, lowered = np.float32(threshold * LOWERED), lowered + 1
        yield from compare(state, threshold)
    yield from send(state, too_many(len(state.candidates), count))
