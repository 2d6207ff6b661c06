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
    steps: int  # dot products for an output
    load_cycles: np.ndarray  # int64 [groups]: cycles to load a group's weights
    weight_bytes: int
    input_bytes: int  # from DRAM, 0 where the layer fits the SRAM
    spills: bool  # whether inputs and outputs do not fit the SRAM together


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """Distribute a layer over the PEs, in one pass. InputError where the machine cannot run it."""
    layer = check_convolution(given, "DCNN")
    high, wide = layer.output_plane
    tile = rectangles(split_range(0, high, arch.rows), split_range(0, wide, arch.columns))
    groups = _groups(arch, layer)
    pairs = layer.kernel[0].size
    sizes = np.array([len(group) * pairs * arch.weight_bits // 8 for group in groups], np.int64)
    values = layer.activation.size + layer.outputs * high * wide
    spills = values * arch.activation_bits > arch.sram_bytes * 8
    return (
        Streams(
            layer=layer,
            tile=tile,
            groups=groups,
            steps=-(-pairs // arch.multipliers),
            load_cycles=-(-1000 * sizes // arch.dram_bytes_per_kcycle),
            weight_bytes=int(sizes.sum()),
            input_bytes=traffic_bytes(arch, layer.activation) if spills else 0,
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


def traffic_bytes(arch: Arch, values: np.ndarray) -> int:
    """Bytes that activations, int16 [any shape], take in DRAM; compressed: stored values with zero counts."""
    if not arch.compress_traffic:
        return values.size * arch.activation_bits // 8
    entries = to_run_lengths(values.ravel(), arch.index_bits)[0].size
    return -(-entries * (arch.activation_bits + arch.index_bits) // 8)


def _groups(arch: Arch, layer: CompressedConvolution) -> tuple[range, ...]:
    outputs = layer.outputs // layer.groups
    return tuple(
        range(group * outputs + first, group * outputs + min(first + arch.group_channels, outputs))
        for group in range(layer.groups)
        for first in range(0, outputs, arch.group_channels)
    )
