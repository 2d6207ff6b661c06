"""Model, engine and kernel agree on state-space layers, on random tensor engines."""

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.products import PLAIN, machines, memory, state_format_of
from support.shuffled import Shuffled
from support.state_spaces import parts_of, state_space, state_space_for
from support.tensor_twins import MANY, check

from simulator.core.run import first_difference
from simulator.machines.tensor.engine.state_space import run_state_space
from simulator.machines.tensor.layout.state_space import layout_state_space
from simulator.machines.tensor.model.state_space import run_in
from workloads.kinds import reference_output
from workloads.kinds.state_space.shapes import state_space_of_shape


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(
    machines,
    st.integers(0, 1 << 30),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(1, 6),
    st.integers(1, 5),
    st.sampled_from([1e-3, 1.0, 40.0, 1e30]),
)
def test_twins_agree_with_the_kernel(arch, seed, sequences, steps, groups, each, width, wide, taps, spread):
    layer = state_space(seed, sequences, steps, groups * each, groups, width, wide, taps, spread)
    check(arch, state_space_for(arch, layer))


@pytest.mark.parametrize("name", ["fp32", "fp16", "bf16"])
@pytest.mark.parametrize("quantise", [0, 1])
def test_every_format_of_the_state(name, quantise):
    arch = PLAIN._replace(
        state_format=state_format_of(name), dram=memory("lpddr5", 1000, 4, 8), quantise_output=quantise
    )
    check(arch, state_space_for(arch, state_space(1, 3, 2, 4, 2, 7, 9)))


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(machines, st.integers(0, 1 << 30))
def test_the_order_of_processes_in_a_cycle_does_not_matter(arch, seed):
    layer = state_space_for(arch, state_space(seed, 4, 1, 4, 2, 3, 5))
    (streams,) = layout_state_space(arch, layer)
    expected = run_in(simpy.Environment(), arch, streams, MANY)
    assert first_difference(run_in(Shuffled(seed), arch, streams, MANY), expected) is None


@pytest.mark.parametrize("part", ["state", "window"])
@pytest.mark.parametrize("runner", ["kernel", "engine"])
def test_a_wrong_state_or_window_is_seen(part, runner):
    """One number of what is kept decides the output that twins and kernel are compared by."""
    layer = state_space_for(PLAIN, state_space(2))
    changed = getattr(layer, part).copy()
    changed[-1, -1, ..., -1] += 1
    outputs = []
    for one in (layer, layer._replace(**{part: changed})):
        (streams,) = layout_state_space(PLAIN, one)
        outputs.append(reference_output(one) if runner == "kernel" else run_state_space(PLAIN, streams).output)
    before, after = (parts_of(layer, output) for output in outputs)
    different = [bool((one != other).any()) for one, other in zip(before, after, strict=True)]
    assert different == [True, part == "state", part == "window"]


def test_steps_of_a_chunk_are_steps_of_their_own_where_the_state_is_not_rounded():
    """Three tokens at once, and one after the other with what the one before wrote."""
    arch = PLAIN._replace(state_format=state_format_of("fp32"))
    layer = state_space_for(arch, state_space(3, 2, 3))
    whole = parts_of(layer, reference_output(layer))
    for step in range(3):
        one = layer._replace(activation=layer.activation[:, step : step + 1])
        y, state, window = parts_of(one, reference_output(one))
        np.testing.assert_array_equal(y[:, 0], whole[0][:, step])
        layer = layer._replace(state=state, window=window.astype(layer.window.dtype))
    np.testing.assert_array_equal(state, whole[1])
    np.testing.assert_array_equal(window, whole[2])


def test_time_and_counts_need_no_values():
    """A shape has the time and the counts of a layer of values; without output, no number is read."""
    arch = PLAIN._replace(state_format=state_format_of("fp16"), dram=memory("lpddr5", 1000, 4, 8))
    valued = state_space_for(arch, state_space(1, 3, 2, 4, 2, 3, 5, 4))
    shape = state_space_of_shape("shape", "fp16", 3, 4, 3, 5, 2, 4, steps=2)
    runs = [
        run_state_space(arch, *layout_state_space(arch, one), MANY, False)
        for one in (valued, shape, shape._replace(state=shape.state[:, ::-1]))
    ]
    assert first_difference(runs[0], runs[1]) is None
    assert first_difference(runs[1], runs[2]) is None
    assert runs[0].output.size == 0
