"""The kernel of state-space layers against float64, and against sums written out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.state_spaces import parts_of, state_space

from kernels_ref.powers import falling, log_of_one_and
from kernels_ref.state_space import Parameters, advance, rounded, silu, softplus
from workloads.kinds import reference_output
from workloads.kinds.state_space.compress import compress_state_space
from workloads.kinds.state_space.format import StateSpaceFormat
from workloads.kinds.state_space.reference import exact

LARGE = np.finfo(np.float32).max


def in_float64(token, window, state, weight, bias, time_bias, decay, skip, groups):
    """One token of one sequence by its equations, a number after the other; y, the state, and what sums are made of."""
    heads, width, wide = state.shape
    u = np.concatenate([window, token[heads * width : -heads, None]], axis=1)
    mixed = (u * weight).sum(axis=1) + bias
    mixed = mixed / (1 + np.exp(-mixed))
    y, after, size = np.zeros((heads, width)), np.zeros(state.shape), np.zeros((heads, width))
    for h in range(heads):
        group = h * groups // heads
        b, c = (mixed[heads * width + (half * groups + group) * wide :][:wide] for half in (0, 1))
        dt = np.log1p(np.exp(token[h - heads] + time_bias[h]))
        for p in range(width):
            x, z = mixed[h * width + p], token[h * width + p]
            after[h, p] = np.exp(-dt * decay[h]) * state[h, p] + dt * x * b
            gate = z / (1 + np.exp(-z))
            y[h, p] = (after[h, p] @ c + skip[h] * x) * gate
            size[h, p] = (np.abs(c) @ (np.abs(state[h, p]) + np.abs(dt * x * b)) + abs(skip[h] * x)) * abs(gate)
    return y, after, size


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 1 << 30), st.integers(1, 2), st.integers(1, 3), st.integers(1, 5), st.integers(1, 12),
    st.integers(1, 5), st.sampled_from([0.01, 1.0, 3.0]),
)  # fmt: skip
def test_near_the_equations_in_float64(seed, groups, each, width, wide, taps, spread):
    """Within 2**-19 of what sums are made of: 24 bits, and about twenty operations one after the other."""
    layer = compress_state_space(
        state_space(seed, 2, 1, groups * each, groups, width, wide, taps, spread), None, StateSpaceFormat()
    )
    y, state, window = parts_of(layer, reference_output(layer))
    given_ = [one.astype(float) for one in (layer.weight, layer.bias, layer.time_bias, layer.decay, layer.skip)]
    for n in range(2):
        token, before = layer.activation[n, 0].astype(float), layer.window[n].astype(float)
        expected, after, size = in_float64(token, before, layer.state[n].astype(float), *given_, groups)
        assert (np.abs(y[n, 0] - expected) <= size * 2.0**-19 + 1e-30).all()
        most = np.abs(layer.state[n]).max() + np.abs(after).max()
        np.testing.assert_allclose(state[n], after, atol=most * 2.0**-19)
        heads = layer.heads
        u = np.concatenate([before, token[heads * width : -heads, None]], axis=1)
        np.testing.assert_array_equal(window[n], u[:, 1:])


@pytest.mark.parametrize(("name", "lost"), [("fp32", 1e-6), ("fp16", 2.0**-11), ("bf16", 2.0**-8)])
def test_a_state_is_rounded_once_to_its_format(name, lost):
    """Four steps at once: y as with FP32 from the same states, and each state within half a unit of its format."""
    layer = compress_state_space(state_space(5, 2, 4, 4, 2, 8, 16), None, StateSpaceFormat(name))
    y, state, _ = parts_of(layer, reference_output(layer))
    wanted, after = exact(layer)
    np.testing.assert_allclose(y, wanted, atol=4e-6 * np.abs(wanted).max())
    assert (np.abs(state - after) <= lost * np.abs(after) + 2e-6 * np.abs(after).max()).all()
    np.testing.assert_array_equal(rounded(state, name).astype(np.float32), state)


def test_nano_s_shape_is_within_a_few_units_of_float64(capsys):
    layer = compress_state_space(state_space(0, 1, 2, 64, 8, 64, 128), None, StateSpaceFormat())
    y, state, _ = parts_of(layer, reference_output(layer))
    wanted, after = exact(layer)
    errors = [
        float(np.linalg.norm(one.ravel() - other.ravel()) / np.linalg.norm(other.ravel()))
        for one, other in ((y, wanted), (state, after))
    ]
    with capsys.disabled():
        print(f"\nerror of y and of the state against float64: {errors[0]:.2e}, {errors[1]:.2e}")
    assert max(errors) < 2.0**-20


@np.errstate(over="ignore")
def test_functions():
    x = np.concatenate([np.linspace(0, 80, 100_001), np.geomspace(1e-30, 1, 1000)]).astype(np.float32)
    wide = x.astype(float)
    assert (np.abs(falling(x) / np.exp(-wide) - 1) <= 3e-7 + 1e-7 * wide).all()
    e = falling(x)
    assert np.abs(log_of_one_and(e) / np.log1p(e.astype(float)) - 1).max() < 4e-7
    for sign in (1, -1):
        v = sign * x
        np.testing.assert_allclose(silu(v), v / (1 + np.exp(-v.astype(float))), rtol=1e-5)
        np.testing.assert_allclose(softplus(v), np.logaddexp(0, v.astype(float)), rtol=1e-5)
    assert silu(np.array([LARGE, -LARGE, 0], np.float32)).tolist() == [LARGE, 0, 0]
    assert softplus(np.array([LARGE, -LARGE], np.float32)).tolist() == [LARGE, 0]


def test_numbers_beyond_fp32_are_its_largest_and_never_nan():
    layer = compress_state_space(state_space(2, spread=1e38), None, StateSpaceFormat())
    output = reference_output(layer)
    assert np.isfinite(output).all()
    assert np.abs(output).max() == LARGE


@pytest.mark.parametrize(("tokens", "groups"), [(12, 1), (17, 2)])
def test_shapes_that_do_not_fit(tokens, groups):
    ones = Parameters(np.ones((7, 4)), np.ones(7), np.ones(1), np.ones(1), np.ones(1))
    with pytest.raises(ValueError, match="shapes are"):
        advance(np.ones((1, tokens)), np.ones((1, 3, 2)), np.ones((7, 3)), groups, ones, "fp32")
