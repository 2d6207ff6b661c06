"""Spans of lines over interleaved channels: the engine against the model, and both against single requests."""

import numpy as np
import simpy
from hypothesis import given
from hypothesis import strategies as st
from support.dram.specs import memories, small

from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.engine.spans import SpanTransfers
from simulator.hardware.dram.model.interleaved import InterleavedChannels
from simulator.hardware.dram.spec import Span, to_cycle

spans = st.builds(Span, st.integers(0, 40), st.integers(0, 12), st.booleans())
waits = st.integers(0, 30)


def by_model(dram, channels, sets):
    """The cycle in which each set of spans has been moved, the next one asked for some cycles later."""
    env, ends = simpy.Environment(), []
    memory = InterleavedChannels(env, dram, channels)

    def process():
        for wait, parts in sets:
            yield env.timeout(wait)
            yield memory.move(parts)
            ends.append(env.now)

    env.process(process())
    env.run()
    return ends


@given(
    dram=memories(),
    channels=st.integers(1, 4),
    sets=st.lists(st.tuples(waits, st.lists(spans, min_size=1, max_size=3)), min_size=1, max_size=4),
)
def test_engine_equals_model(dram, channels, sets):
    memory, cycle, ends = SpanTransfers(dram, channels), 0, []
    for wait, parts in sets:
        cycle = memory.move(parts, cycle + wait)
        ends.append(cycle)
    assert by_model(dram, channels, sets) == ends


@given(first=st.integers(0, 40), lines=st.integers(1, 20), channels=st.integers(1, 4), write=st.booleans())
def test_a_span_takes_as_long_as_its_lines(first, lines, channels, write):
    """Line i is in channel i mod channels, so that each channel serves every line of its own at once."""
    dram, line = small(), np.arange(first, first + lines)
    none = np.zeros(lines, np.int64)
    done = serve(dram._replace(channels=channels), line, none + write, none).done.max()
    expected = [to_cycle(dram, int(done))]
    assert by_model(dram, channels, [(0, [Span(first, lines, write)])]) == expected
    assert [SpanTransfers(dram, channels).move([Span(first, lines, write)], 0)] == expected
