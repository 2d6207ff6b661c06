"""From a compressed convolution to what each PE of a dense machine does: its zeros come back."""

from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import check_layer, cut, grid
from simulator.machines.dense.arch import Arch
from workloads.compression.run_length import to_run_lengths
from workloads.kinds.convolution.layer import CompressedConvolution


class Streams(NamedTuple):
    """A whole layer. The output plane is cut into tiles, one for each PE, as on SCNN."""

    layer: CompressedConvolution
    tile: np.ndarray  # int64 [pes, 4]: of the outputs
    groups: tuple[range, ...]  # output channels that are worked on together
    steps: int  # dot products for an output
    load_cycles: np.ndarray  # int64 [groups]: for a group's weights
    weight_bytes: int
    input_bytes: int  # from DRAM, 0 where the layer fits the SRAM
    spills: bool  # it does not


def layout(arch: Arch, layer: CompressedConvolution) -> tuple[Streams, ...]:
    """Spread a layer over the PEs, in one pass."""
    check_layer(layer, "DCNN")
    high, wide = layer.output_plane
    tile = grid(cut(0, high, arch.rows), cut(0, wide, arch.columns))
    groups = _groups(arch, layer)
    pairs = layer.weight[0].size
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
    """What of the layer does not fit the machine, a sentence each."""
    room = arch.sram_bytes * 8 // arch.activation_bits
    return [
        f"SRAM: {values} inputs and outputs, {room} fit (all go through DRAM: energy is counted, time is not)"
        for streams in passes
        if streams.spills
        for values in [streams.layer.activation.size + streams.layer.outputs * int(np.prod(streams.layer.output_plane))]
    ]


def traffic_bytes(arch: Arch, values: np.ndarray) -> int:
    """Bytes of activations on their way to or from DRAM; compressed: values with zero counts, channel after channel."""
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
