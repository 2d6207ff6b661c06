"""The layout of a compressed convolution on SCNN: the data that each PE reads.

A layer with a stride is processed in stride x stride phases: an input is multiplied only with those weights with which
it contributes to an output. Inputs are sorted by (position + padding) mod stride, weights by their position in the
kernel mod stride.
"""

from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import check_convolution
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.blocks import Blocks, compress, join
from simulator.machines.scnn.layout.planes import Planes, candidate_planes, channel_step, channels_per_group, non_zeros
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.kinds.kind import CompressedLayer


class Round(NamedTuple):
    """The work between two barriers: a band's inputs times the weights of a group of output channels."""

    band: int
    first_input: int  # channel
    first_output: int  # channel
    outputs: int  # channels: Kc, or fewer in the last round of a group


class Streams(NamedTuple):
    """A whole layer.

    A block is the part of an input channel that belongs to one phase and one group (weights) or PE.
    """

    layer: CompressedConvolution
    planes: Planes
    rounds: tuple[Round, ...]  # ordered by band, then by group of output channels
    phases: tuple[tuple[int, int], ...]  # row and column in the kernel mod stride; each round processes all of them
    weights: Blocks  # ordered by phase, group of output channels, input channel of the convolution's group
    weights_before: np.ndarray  # int64 [blocks]: stored weights of a band that are broadcast before a block
    activations: Blocks  # ordered by phase, band, PE, channel
    load_cycles: np.ndarray  # int64 [bands]: cycles, from the start of the band before, until a band is loaded
    input_bytes: np.ndarray  # int64 [pes]: activations from DRAM, if the layer has several bands

    @property
    def channels(self) -> int:
        """The number of input channels of an output."""
        return self.layer.weight.shape[1]

    @property
    def groups(self) -> int:
        """The number of groups of output channels, which is that of rounds in a band."""
        return len(self.rounds) // self.planes.tile.shape[0]

    def weight_blocks(self, phase: int, number: int) -> range:
        """The indices of the weight blocks of a round's phase, one per channel; number: index of the round."""
        first = (phase * self.groups + number % self.groups) * self.channels
        return range(first, first + self.channels)

    def activation_blocks(self, phase: int, number: int, pe: int) -> range:
        """The indices of a PE's activation blocks that are multiplied with those weight blocks."""
        bands, pes, _ = self.planes.tile.shape
        work = self.rounds[number]
        first = ((phase * bands + work.band) * pes + pe) * self.layer.inputs + work.first_input
        return range(first, first + self.channels)


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """Distribute a layer over the PEs, in one pass. InputError where the machine cannot run it."""
    layer = check_convolution(given, "SCNN")
    planes, activations = _fewest_bands(arch, layer)
    rounds = _rounds(arch, layer, planes)
    weights = compress_weights(arch, layer, planes, rounds)
    phases = _phases(layer)
    before = _weights_before(weights, len(phases), layer.weight.shape[1])
    streams = Streams(layer, planes, rounds, phases, weights, before, activations, np.zeros(0), np.zeros(0))
    load_cycles, input_bytes = _band_loads(arch, streams)
    return (streams._replace(load_cycles=load_cycles, input_bytes=input_bytes),)


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each limit that the layer exceeds; the run's cycles are counted as if it exceeded none."""
    found = []
    for streams in passes:
        stored = stored_activations(streams)
        band, pe = divmod(int(stored.argmax()), arch.pes)
        room = iaram_entries(arch)
        if stored[band, pe] > room:
            what = "a tile of one row" if arch.fit_iaram else "its whole tile"
            excess = f"PE {pe} needs {stored[band, pe]} entries for {what}, {room} fit"
            found.append(f"IARAM: {excess} (the rest comes from DRAM: energy is counted, time is not)")
        region = streams.planes.pitch[0] * streams.planes.pitch[1]
        channels = 1 if arch.fit_accumulators else max(one.outputs for one in streams.rounds)
        if region * channels > arch.accumulators:
            whose = "a channel's region has" if channels == 1 else f"the regions of {channels} channels have"
            found.append(f"accumulators: {whose} {region * channels} sums, {arch.accumulators} fit")
    return found


def dram_weight_bytes(arch: Arch, streams: Streams) -> int:
    """Bytes of weights that a run reads: every band reads all weights again."""
    return streams.planes.tile.shape[0] * -(-streams.weights.value.size * arch.weight_entry_bits // 8)


def dram_sum_bytes(arch: Arch, streams: Streams) -> int:
    """Bytes of unfinished sums of all channels, written at a band's end and read in the next band."""
    sums = int(streams.planes.unfinished.sum())
    return 2 * sums * streams.layer.outputs * arch.sum_bits // 8


def output_bytes(arch: Arch, stored: np.ndarray) -> np.ndarray:
    """Bytes of outputs written to DRAM, int64 [pes]: all outputs, if those of one PE do not fit its OARAM.

    stored int64 [pes]: entries of the compressed outputs.
    """
    bits = stored * arch.activation_entry_bits
    return -(-bits // 8) if bits.max() > arch.oaram_bytes * 8 else np.zeros_like(stored)


def iaram_entries(arch: Arch) -> int:
    """The number of stored activations that an IARAM holds."""
    return arch.iaram_bytes * 8 // arch.activation_entry_bits


def stored_activations(streams: Streams) -> np.ndarray:
    """The number of stored activations of each tile, int64 [bands, pes]."""
    return _stored_by_tile(streams.planes, streams.activations, streams.layer.inputs)


def _fewest_bands(arch: Arch, layer: CompressedConvolution) -> tuple[Planes, Blocks]:
    """The planes with the fewest bands with which every tile fits the IARAM, and their compressed activations.

    A machine that does not cut tiles to its IARAM (`fit_iaram`) takes the first planes.
    """
    room = iaram_entries(arch)
    for planes in candidate_planes(arch, layer):
        last = not arch.fit_iaram or planes.tile[0, 0, 2] - planes.tile[0, 0, 0] == 1
        if not last and non_zeros(planes, layer.activation).max() > room:
            continue
        activations = compress_activations(arch, layer, planes)
        if last or _stored_by_tile(planes, activations, layer.inputs).max() <= room:
            break
    return planes, activations


def _stored_by_tile(planes: Planes, activations: Blocks, channels: int) -> np.ndarray:
    bands, pes, _ = planes.tile.shape
    return np.diff(activations.start).reshape(-1, bands, pes, channels).sum(axis=(0, 3))


def _phases(layer: CompressedConvolution) -> tuple[tuple[int, int], ...]:
    down, across = layer.stride
    return tuple((i, j) for i in range(down) for j in range(across))


def _rounds(arch: Arch, layer: CompressedConvolution, planes: Planes) -> tuple[Round, ...]:
    outputs, inputs = layer.outputs // layer.groups, layer.weight.shape[1]
    size = channels_per_group(arch, planes, outputs)
    return tuple(
        Round(band, group * inputs, group * outputs + first, min(size, outputs - first))
        for band in range(planes.tile.shape[0])
        for group in range(layer.groups)
        for first in range(0, outputs, size)
    )


def compress_weights(arch: Arch, layer: CompressedConvolution, planes: Planes, rounds: tuple[Round, ...]) -> Blocks:
    """Compress each group's blocks of Kc x kernel, channel by channel.

    A weight's summand of the bank is counted down from the last element of the kernel.
    """
    (down, across), (_, inputs, tall, broad) = layer.stride, layer.weight.shape
    parts = []
    for i, j in _phases(layer):
        kernel = layer.weight[:, :, i::down, j::across]
        rows = (tall - 1) // down - np.arange(kernel.shape[2])
        columns = (broad - 1) // across - np.arange(kernel.shape[3])
        offset = rows[:, None] * planes.pitch[1] + columns
        for work in rounds:
            if work.band == 0:
                block = kernel[work.first_output : work.first_output + work.outputs].transpose(1, 0, 2, 3)
                bank = np.arange(work.outputs)[:, None] * channel_step(arch, planes) + offset.ravel()
                dense = np.ascontiguousarray(block).reshape(inputs, bank.size)
                parts.append(compress(dense, _banks(arch, bank), arch.index_bits, arch.skip_weights))
    return join(parts)


def compress_activations(arch: Arch, layer: CompressedConvolution, planes: Planes) -> Blocks:
    """Compress each tile's blocks, channel by channel; an input's summand of the bank counts from the first output."""
    (down, across), (top, left) = layer.stride, layer.padding[:2]
    parts = []
    for i, j in _phases(layer):
        for y, x, bottom, right in planes.tile.reshape(-1, 4).tolist():
            first_y, first_x = y + (i - top - y) % down, x + (j - left - x) % across
            tile = np.ascontiguousarray(layer.activation[:, first_y:bottom:down, first_x:right:across])
            rows = (np.arange(first_y, bottom, down) + top) // down - (y + top) // down
            columns = (np.arange(first_x, right, across) + left) // across - (x + left) // across
            bank = rows[:, None] * planes.pitch[1] + columns
            dense = tile.reshape(layer.inputs, bank.size)
            parts.append(compress(dense, _banks(arch, bank), arch.index_bits, arch.skip_activations))
    return join(parts)


def _weights_before(weights: Blocks, phases: int, channels: int) -> np.ndarray:
    """The number of weights broadcast before each block: round by round, with all phases of a round."""
    count = np.diff(weights.start).reshape(phases, -1, channels).transpose(1, 0, 2)
    begin = (count.cumsum() - count.ravel()).reshape(count.shape)
    return np.ascontiguousarray(begin.transpose(1, 0, 2)).ravel()


def _banks(arch: Arch, bank: np.ndarray) -> np.ndarray:
    return (bank.ravel() % arch.banks).astype(np.int32)


def _band_loads(arch: Arch, streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """Cycles to load each band while the band before runs, int64 [bands], and bytes loaded by each PE, int64 [pes].

    The weights of the running band use the same DRAM. The first band is loaded before the run. A layer of one band
    loads nothing, unless a tile exceeds its IARAM: then all inputs come from DRAM, without taking time.
    """
    bits = stored_activations(streams) * arch.activation_entry_bits
    bands, loaded = len(bits), -(-bits // 8)
    if bands == 1:
        fits = bits.max() <= arch.iaram_bytes * 8
        return np.zeros(1, np.int64), np.zeros(arch.pes, np.int64) if fits else loaded[0]
    moved = loaded.sum(axis=1) + dram_weight_bytes(arch, streams) // bands
    cycles = -(-1000 * moved // arch.dram_bytes_per_kcycle)
    cycles[0] = 0
    return cycles, loaded.sum(axis=0)
