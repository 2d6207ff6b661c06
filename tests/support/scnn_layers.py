"""Small convolutions for tests, drawn at random or written down, and what they come to, computed naively."""

import numpy as np
from hypothesis import strategies as st

from simulator.core.run import first_difference
from simulator.machines.scnn import MACHINE
from simulator.machines.scnn.arch import Arch
from support.dram.memories import memories
from workloads.kinds.convolution.layer import CompressedConvolution

PLAIN = Arch(
    rows=1,
    columns=2,
    weights_per_vector=2,
    activations_per_vector=2,
    banks=8,
    bank_entries=32,
    linear_banks=0,
    bank_step=3,
    fit_accumulators=1,
    fit_iaram=1,
    queue_depth=4,
    fifo_vectors=8,
    iaram_bytes=1024,
    oaram_bytes=1024,
    weight_bits=16,
    activation_bits=16,
    sum_bits=24,
    index_bits=4,
    group_channels=0,
    ppu_width=4,
    dram_bytes_per_kcycle=50000,
    dram_channels=2,
    band_channels=1,
    weight_buffer_lines=16,
    skip_weights=1,
    skip_activations=1,
    dram=None,
)


def convolution(weight, activation, **changes):
    """A layer from nested lists: stride 1, no padding, no bias, no shift, unless `changes` say otherwise."""
    layer = CompressedConvolution(
        name="written",
        weight=np.array(weight, np.int16),
        bias=None,
        activation=np.array(activation, np.int16),
        relu=False,
        stride=(1, 1),
        padding=(0, 0, 0, 0),
        groups=1,
        weight_fraction_bits=8,
        activation_fraction_bits=8,
        shift=0,
    )
    return layer._replace(**changes)


def drawn(seed, groups, channels, outputs, kernel, plane, density, active, stride, padding, bias, relu):
    """A layer whose words use all 16 bits, so that sums wrap around and products need rounding."""
    rng = np.random.default_rng(seed)

    def words(shape, share):
        values = rng.integers(-(1 << 15), 1 << 15, shape)
        return np.where(rng.random(shape) < share, values, 0).astype(np.int16)

    (tall, broad), (high, wide) = kernel, plane
    return CompressedConvolution(
        name="drawn",
        weight=words((groups * outputs, channels, tall, broad), density),
        bias=rng.integers(-(1 << 31), 1 << 31, groups * outputs).astype(np.int32) if bias else None,
        activation=words((groups * channels, max(high, tall), max(wide, broad)), active),
        relu=relu,
        stride=stride,
        padding=padding,
        groups=groups,
        weight_fraction_bits=8,
        activation_fraction_bits=8,
        shift=int(rng.integers(0, 21)),
    )


def naive(layer):
    """The output as the definition has it, int16 [outputs * rows * columns]."""
    (down, across), (top, left, bottom, right), (high, wide) = layer.stride, layer.padding, layer.output_plane
    padded = np.pad(layer.activation.astype(object), ((0, 0), (top, bottom), (left, right)))
    sums = np.zeros((layer.outputs, high, wide), object)
    inputs, outputs = layer.weight.shape[1], layer.outputs // layer.groups
    for k, c, i, j in np.argwhere(layer.weight).tolist():
        seen = padded[k // outputs * inputs + c, i : i + high * down : down, j : j + wide * across : across]
        product = int(layer.weight[k, c, i, j]) * seen[:high, :wide]
        sums[k] += (product + ((1 << layer.shift) >> 1)) >> layer.shift
    if layer.bias is not None:
        sums += layer.bias.astype(object)[:, None, None]
    wrapped = (sums + (1 << 23)) % (1 << 24) - (1 << 23)
    return np.clip(wrapped, 0 if layer.relu else -(1 << 15), (1 << 15) - 1).astype(np.int16).ravel()


def useful_pairs(layer):
    """Pairs of a non-zero weight and a non-zero input that its stride lets meet, in the output plane or beyond it."""
    (down, across), (top, left) = layer.stride, layer.padding[:2]
    inputs, pairs = layer.weight.shape[1], 0
    per_group = layer.outputs // layer.groups
    for channel in range(layer.inputs):
        group, c = divmod(channel, inputs)
        weights = layer.weight[group * per_group : (group + 1) * per_group, c] != 0
        active = layer.activation[channel] != 0
        for i in range(down):
            for j in range(across):
                seen = active[(i - top) % down :: down, (j - left) % across :: across]
                pairs += int(weights[:, i::down, j::across].sum()) * int(seen.sum())
    return pairs


densities = st.sampled_from([0.0, 0.1, 0.4, 0.4, 0.6, 0.8, 0.8, 1.0])


def layers_up_to(channels, kernel, plane, stride, padding):
    """Drawn layers; each number is the greatest of its kind, of both dimensions."""
    return st.builds(
        drawn,
        seed=st.integers(0, 1 << 30),
        groups=st.integers(1, 2),
        channels=st.integers(1, channels),
        outputs=st.integers(1, 3),
        kernel=st.tuples(st.integers(1, kernel), st.integers(1, kernel)),
        plane=st.tuples(st.integers(1, plane), st.integers(1, plane)),
        density=densities,
        active=densities,
        stride=st.tuples(st.integers(1, stride), st.integers(1, stride)),
        padding=st.tuples(*[st.integers(0, padding)] * 4),
        bias=st.booleans(),
        relu=st.booleans(),
    )


drawn_layers = layers_up_to(channels=3, kernel=4, plane=9, stride=3, padding=2)


def run_twins(layout, model, engine, arch, layer):
    """Both results, found equal to each other in all, and to the convolution in their output."""
    (streams,) = layout(arch, layer)
    found, fast = model.run(arch, streams, 10**6), engine.run(arch, streams, 10**6)
    assert first_difference(found, fast) is None
    np.testing.assert_array_equal(found.output, naive(layer))
    return found, fast


machines = st.builds(
    Arch,
    rows=st.integers(1, 3),
    columns=st.integers(1, 2),
    weights_per_vector=st.integers(1, 5),
    activations_per_vector=st.integers(1, 6),
    banks=st.sampled_from([1, 2, 5, 8, 40]),
    bank_entries=st.integers(2, 40),
    linear_banks=st.integers(0, 1),
    bank_step=st.integers(0, 7),
    fit_accumulators=st.integers(0, 1),
    fit_iaram=st.integers(0, 1),
    queue_depth=st.integers(1, 4),
    fifo_vectors=st.integers(1, 4),
    iaram_bytes=st.integers(5, 60),
    oaram_bytes=st.integers(5, 60),
    weight_bits=st.just(16),
    activation_bits=st.just(16),
    sum_bits=st.just(24),
    index_bits=st.integers(1, 4),
    group_channels=st.integers(0, 3),
    ppu_width=st.integers(1, 4),
    dram_bytes_per_kcycle=st.sampled_from([300, 2000, 9000, 30000]),
    dram_channels=st.integers(2, 5),
    band_channels=st.integers(1, 3),
    weight_buffer_lines=st.integers(1, 12),
    skip_weights=st.integers(0, 1),
    skip_activations=st.integers(0, 1),
    dram=st.sampled_from([None, 1, 2, 4, 8, 24]).flatmap(memories),
).filter(lambda arch: MACHINE.problem(arch) is None)
