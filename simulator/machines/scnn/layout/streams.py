"""The layout of a compressed convolution on SCNN: the data that each PE reads.

A layer with a stride is processed in phases (see `phases`), one after the other within a round.
"""

from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import check_convolution
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.blocks import Blocks, compress_parts, join
from simulator.machines.scnn.layout.phases import Phases, phase_of, stored_phases
from simulator.machines.scnn.layout.planes import Planes, candidate_planes, channel_step, channels_per_group, non_zeros
from workloads.errors import InputError
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.kinds.kind import CompressedLayer

MOST_BLOCKS = 1 << 26
"""Of activations: more would take over 1.5 GiB of places where they begin."""


class Round(NamedTuple):
    """The work between two barriers: a band's inputs times the weights of a group of output channels."""

    band: int
    first_input: int  # channel
    first_output: int  # channel
    outputs: int  # channels: Kc, or fewer in the last round of a group


class Streams(NamedTuple):
    """A whole layer.

    A block is the part of an input channel that belongs to one phase and one group (weights) or PE. After the blocks of
    each group follows an empty block; after those of each tile, one of the inputs of all other phases.
    """

    layer: CompressedConvolution
    planes: Planes
    rounds: tuple[Round, ...]  # ordered by band, then by group of output channels
    phases: Phases  # those with stored weights, row by row; each round processes all of them
    weights: Blocks  # in the order of their broadcast: group of output channels, phase, input channel
    activations: Blocks  # ordered by band, PE (the tile), phase, channel
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
        first = number % self.groups * (len(self.phases) * self.channels + 1) + phase * self.channels
        return range(first, first + self.channels)

    def activation_blocks(self, phase: int, number: int, pe: int) -> range:
        """The indices of a PE's activation blocks that are multiplied with those weight blocks."""
        work, inputs = self.rounds[number], self.layer.inputs
        tile = (work.band * self.planes.tile.shape[1] + pe) * (len(self.phases) * inputs + 1)
        first = tile + phase * inputs + work.first_input
        return range(first, first + self.channels)

    def first_weight_blocks(self, number: int) -> np.ndarray:
        """The first weight block of each phase of a round, int64 [phases]."""
        return self.weight_blocks(0, number).start + np.arange(len(self.phases)) * self.channels

    def first_activation_blocks(self, number: int) -> np.ndarray:
        """The first activation block of each phase of a round and each PE, int64 [phases, pes]."""
        firsts = [self.activation_blocks(0, number, pe).start for pe in range(self.planes.tile.shape[1])]
        return np.arange(len(self.phases))[:, None] * self.layer.inputs + np.array(firsts)

    def weights_before(self, number: int) -> int:
        """The number of stored weights that a band broadcasts before a round."""
        return int(self.weights.start[self.weight_blocks(0, number).start])


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """Distribute a layer over the PEs, in one pass. InputError where the machine cannot run it."""
    layer = check_convolution(given, "SCNN")
    phases = stored_phases(arch, layer)
    planes, activations = _fewest_bands(arch, layer, phases)
    rounds = _rounds(arch, layer, planes)
    weights = compress_weights(arch, layer, planes, rounds, phases)
    streams = Streams(layer, planes, rounds, phases, weights, activations, np.zeros(0), np.zeros(0))
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
    return _stored_by_tile(streams.planes, streams.activations)


def _fewest_bands(arch: Arch, layer: CompressedConvolution, phases: Phases) -> tuple[Planes, Blocks]:
    """The planes with the fewest bands with which every tile fits the IARAM, and their compressed activations.

    A machine that does not cut tiles to its IARAM (`fit_iaram`) takes the first planes.
    """
    room = iaram_entries(arch)
    for planes in candidate_planes(arch, layer):
        last = not arch.fit_iaram or planes.tile[0, 0, 2] - planes.tile[0, 0, 0] == 1
        if not last and non_zeros(planes, layer.activation).max() > room:
            continue
        activations = compress_activations(arch, layer, planes, phases)
        if last or _stored_by_tile(planes, activations).max() <= room:
            break
    return planes, activations


def _stored_by_tile(planes: Planes, activations: Blocks) -> np.ndarray:
    bands, pes, _ = planes.tile.shape
    blocks = (activations.start.size - 1) // (bands * pes)
    return np.diff(activations.start[::blocks]).reshape(bands, pes)


def _rounds(arch: Arch, layer: CompressedConvolution, planes: Planes) -> tuple[Round, ...]:
    outputs, inputs = layer.outputs // layer.groups, layer.weight.shape[1]
    size = channels_per_group(arch, planes, outputs)
    return tuple(
        Round(band, group * inputs, group * outputs + first, min(size, outputs - first))
        for band in range(planes.tile.shape[0])
        for group in range(layer.groups)
        for first in range(0, outputs, size)
    )


def compress_weights(
    arch: Arch, layer: CompressedConvolution, planes: Planes, rounds: tuple[Round, ...], phases: Phases
) -> Blocks:
    """Compress each group's blocks of Kc x kernel, phase by phase, channel by channel.

    A weight's summand of the bank is counted down from the last element of the kernel.
    """
    (down, across), (_, inputs, tall, broad) = layer.stride, layer.weight.shape
    rows, columns = np.arange(tall), np.arange(broad)
    phase = phase_of(layer, phases, rows, columns).ravel()
    offset = ((tall - 1) // down - rows // down)[:, None] * planes.pitch[1] + (broad - 1) // across - columns // across
    parts = []
    for work in rounds:
        if work.band == 0:
            block = layer.weight[work.first_output : work.first_output + work.outputs].transpose(1, 0, 2, 3)
            bank = np.arange(work.outputs)[:, None] * channel_step(arch, planes) + offset.ravel()
            dense = np.ascontiguousarray(block).reshape(inputs, bank.size)
            given = np.tile(phase, work.outputs), len(phases), _banks(arch, bank)
            parts.append(compress_parts(dense, *given, arch.index_bits, arch.skip_weights))
    return join(parts)


def compress_activations(arch: Arch, layer: CompressedConvolution, planes: Planes, phases: Phases) -> Blocks:
    """Compress each tile's blocks, phase by phase, channel by channel; the last one has the inputs of other phases.

    An input's summand of the bank counts from the first output. InputError where there are too many blocks.
    """
    tiles = planes.tile.shape[0] * planes.tile.shape[1]
    if tiles * len(phases) * layer.inputs > MOST_BLOCKS:
        what = f"it has {layer.inputs:,} inputs in {len(phases)} phases on {tiles:,} tiles"
        raise InputError(f"{layer.name}: {what}; expected at most 2**26 blocks")
    (down, across), (top, left) = layer.stride, layer.padding[:2]
    rows, columns = np.arange(layer.activation.shape[1]) + top, np.arange(layer.activation.shape[2]) + left
    phase = phase_of(layer, phases, rows, columns)
    last_row, last_column = rows // down, columns // across  # the last output that an input reaches
    parts = []
    for y, x, bottom, right in planes.tile.reshape(-1, 4).tolist():
        tile = np.ascontiguousarray(layer.activation[:, y:bottom, x:right])
        row, column = last_row[y:bottom] - (y + top) // down, last_column[x:right] - (x + left) // across
        bank = row[:, None] * planes.pitch[1] + column
        given = phase[y:bottom, x:right].ravel(), len(phases), _banks(arch, bank)
        dense = tile.reshape(layer.inputs, bank.size)
        parts.append(compress_parts(dense, *given, arch.index_bits, arch.skip_activations))
    return join(parts)


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
