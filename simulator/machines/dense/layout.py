"""The layout of a convolution on a dense machine: the zeros of the compressed layer are processed like other values."""

from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import check_convolution, rectangles, split_range
from simulator.machines.dense.arch import Arch
from workloads.compression.run_length import to_run_lengths
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.kinds.kind import CompressedLayer


class Streams(NamedTuple):
    """A whole layer. The output plane is cut into tiles, one for each PE, as on SCNN."""

    layer: CompressedConvolution
    tile: np.ndarray  # int64 [pes, 4]: the rectangle of each PE's outputs (see `simulator.hardware.tiling`)
    groups: tuple[range, ...]  # output channels that are processed together
    steps: int  # dot products for an output: see `vector_lanes`
    load_cycles: np.ndarray  # int64 [groups]: cycles to load a group's weights, their zeros expanded on the way
    weight_bytes: int  # from DRAM
    input_bytes: int  # from DRAM, 0 where the layer fits the SRAM
    spills: bool  # whether inputs and outputs do not fit the SRAM together


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """Distribute a layer over the PEs, in one pass. InputError where the machine cannot run it."""
    layer = check_convolution(given, "DCNN")
    high, wide = layer.output_plane
    tile = rectangles(split_range(0, high, arch.rows), split_range(0, wide, arch.columns))
    groups = _groups(arch, layer)
    weights = [layer.kernel[group[0] : group[-1] + 1] for group in groups]
    sizes = np.array([part.size * arch.weight_bits // 8 for part in weights], np.int64)
    values = layer.activation.size + layer.outputs * high * wide
    spills = values * arch.activation_bits > arch.sram_bytes * 8
    return (
        Streams(
            layer=layer,
            tile=tile,
            groups=groups,
            steps=len(vector_lanes(arch, layer)),
            load_cycles=-(-1000 * sizes // arch.dram_bytes_per_kcycle),
            weight_bytes=sum(stored_bytes(arch, part, arch.weight_bits) for part in weights),
            input_bytes=stored_bytes(arch, layer.activation, arch.activation_bits) if spills else 0,
            spills=spills,
        ),
    )


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each limit that the layer exceeds."""
    room = arch.sram_bytes * 8 // arch.activation_bits
    return [
        f"SRAM: {values} inputs and outputs, {room} fit (all go through DRAM: energy is counted, time is not)"
        for streams in passes
        if streams.spills
        for values in [streams.layer.activation.size + streams.layer.outputs * int(np.prod(streams.layer.output_plane))]
    ]


def vector_lanes(arch: Arch, layer: CompressedConvolution) -> list[list[tuple[int, int, int]]]:
    """The pairs of each dot product of an output: input channel of the group, row and column of the kernel.

    A dot product runs along the input channels at one place of the kernel. With a stride, the stride x stride phases of
    the input that an output reads together are further channels, as SCNN's phases are.
    """
    (_, channels, tall, broad), (down, across) = layer.kernel.shape, layer.stride
    found = []
    for top, left in np.ndindex(-(-tall // down), -(-broad // across)):
        rows = range(top * down, min((top + 1) * down, tall))
        columns = range(left * across, min((left + 1) * across, broad))
        lanes = [(c, i, j) for i in rows for j in columns for c in range(channels)]
        found += [lanes[first : first + arch.multipliers] for first in range(0, len(lanes), arch.multipliers)]
    return found


def stored_bytes(arch: Arch, values: np.ndarray, bits: int) -> int:
    """Bytes that values of `bits` bits, int16 [any shape], take in DRAM.

    Compressed: values with zero counts, or all values without any where that is less (`compress_traffic`).
    """
    whole = values.size * bits // 8
    if not arch.compress_traffic:
        return whole
    entries = to_run_lengths(values.ravel(), arch.index_bits)[0].size
    return min(whole, -(-entries * (bits + arch.index_bits) // 8))


def _groups(arch: Arch, layer: CompressedConvolution) -> tuple[range, ...]:
    outputs = layer.outputs // layer.groups
    return tuple(
        range(group * outputs + first, group * outputs + min(first + arch.group_channels, outputs))
        for group in range(layer.groups)
        for first in range(0, outputs, arch.group_channels)
    )
