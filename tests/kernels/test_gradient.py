"""The kernel of sparse gradients against the trainer's own exchange, and against plain fractions."""

import struct
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.gradients import drawn, layers

from kernels_ref.gradient import LOWERED, Sample, accumulate, choose, encode, send
from workloads.compression.gradients import messages, selection
from workloads.training.gradient_compression.residual import Residual


@given(st.integers(0, 1 << 30), st.integers(1, 400), st.sampled_from([0.002, 0.02, 0.3, 1.0]), st.booleans())
def test_a_step_is_that_of_the_trainer(seed, size, density, whole):
    """Residual, selection with the same random start, and encoding: other code, the same bits."""
    layer = drawn(seed, size, density, "whole" if whole else "normal")
    residual = Residual(layer.gradient, layer.momentum)
    residual.v[:], residual.velocity.u[:] = layer.residual, layer.velocity
    residual.add(layer.gradient)

    class Starts:
        def integers(self, stride):
            assert stride == layer.stride
            return layer.start

    places = selection.select(residual.v, density, Starts()).places
    pairs = messages.encode(places, residual.take(places))
    found = send(
        layer.gradient, layer.velocity, layer.residual, layer.momentum, layer.wanted,
        Sample(layer.start, layer.stride, layer.samples, layer.top),
    )  # fmt: skip
    assert found.words.tobytes() == pairs.tobytes()
    assert found.residual.tobytes() == residual.v.tobytes()
    assert found.velocity.tobytes() == residual.velocity.u.tobytes()


@given(layers)
def test_what_is_chosen_by_a_sort_of_everything(layer):
    u, v = layer.velocity.copy(), layer.residual.copy()
    accumulate(layer.gradient, u, v, np.float32(layer.momentum))
    size = [float(abs(one)) for one in v]
    places = choose(np.abs(v), layer.wanted, Sample(layer.start, layer.stride, layer.samples, layer.top)).tolist()
    if layer.wanted == layer.elements:
        assert places == [k for k, one in enumerate(size) if one]
        return
    sample = sorted((size[layer.start + k * layer.stride] for k in range(layer.samples)), reverse=True)
    threshold, turns = sample[layer.top - 1], 0
    passing = [k for k, one in enumerate(size) if one >= threshold and one]
    while len(passing) < Fraction(8, 10) * layer.wanted and threshold and turns < 10:
        threshold, turns = float(np.float32(threshold) * LOWERED), turns + 1
        passing = [k for k, one in enumerate(size) if one >= threshold]
    if len(passing) > Fraction(13, 10) * layer.wanted:
        passing = sorted(sorted(passing, key=lambda k: (-size[k], k))[: layer.wanted])
    assert places == passing[: layer.wanted]


def test_sums_are_rounded_after_each_operation():
    """m u is rounded before g is added: 1 + 2**-12 times itself loses its last bit."""
    one = np.float32(1 + 2**-12)
    u, v = np.array([one]), np.array([np.float32(2**24)])
    accumulate(np.array([-1], np.float32), u, v, one)
    assert u.tolist() == [2**-11]
    assert v.tolist() == [2**24]


@pytest.mark.parametrize(("place", "pairs"), [
    (0, [(0, 1)]), (65_535, [(65_535, 1)]), (65_536, [(65_535, 0), (0, 1)]),
    (131_072, [(65_535, 0), (65_535, 0), (0, 1)]),
])  # fmt: skip
def test_a_long_run_is_cut(place, pairs):
    words = encode(np.array([place]), np.array([1.0], np.float32))
    assert words.tobytes() == b"".join(struct.pack("<fH", float(value), zeros) for zeros, value in pairs)


@given(layers)
def test_nothing_is_lost(layer):
    """What is sent and what is left are what was accumulated; what is sent leaves zeros."""
    u, v = layer.velocity.copy(), layer.residual.copy()
    accumulate(layer.gradient, u, v, np.float32(layer.momentum))
    found = send(layer.gradient, layer.velocity, layer.residual, layer.momentum, layer.wanted,
                 Sample(layer.start, layer.stride, layer.samples, layer.top))  # fmt: skip
    sent = messages.decode(found.words.view(messages.PAIR), layer.elements)
    np.testing.assert_array_equal(sent + found.residual, v)
    assert not found.velocity[found.places].any()
    kept = np.setdiff1d(np.arange(layer.elements), found.places)
    np.testing.assert_array_equal(found.velocity[kept], u[kept])
    assert found.places.size <= layer.wanted
