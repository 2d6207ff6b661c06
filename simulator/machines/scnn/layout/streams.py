"""From a compressed convolution to what each PE of SCNN reads.

With a stride the layer is done in stride x stride phases: an input meets only those weights with which it makes an
output, so inputs are sorted by (place + padding) mod stride and weights by their place in the kernel mod stride.
"""

from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import check_layer
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.blocks import Blocks, compress, join
from simulator.machines.scnn.layout.planes import Planes, candidates, channels_per_group, non_zeros
from workloads.kinds.convolution.layer import CompressedConvolution


class Round(NamedTuple):
    """What happens between two barriers: a band's inputs times the weights of a group of output channels."""

    band: int
    first_input: int  # channel
    first_output: int  # channel
    outputs: int  # channels, Kc or what is left


class Streams(NamedTuple):
    """A whole layer. A block is what of a channel belongs to one phase and to one group (weights) or PE (inputs)."""

    layer: CompressedConvolution
    planes: Planes
    rounds: tuple[Round, ...]  # bands outside, groups of output channels inside
    phases: tuple[tuple[int, int], ...]  # places in the kernel mod stride; each round goes through all of them
    weights: Blocks  # phase, then group of output channels, then input channel of the convolution's group
    weight_place: np.ndarray  # int64 [blocks]: the stored weights that are broadcast before a block
    activations: Blocks  # phase, then band, then PE, then channel
    load_cycles: np.ndarray  # int64 [bands]: cycles, from the start of the band before, until a band is loaded
    input_bytes: np.ndarray  # int64 [pes]: activations from DRAM, where the layer has several bands

    @property
    def channels(self) -> int:
        """Input channels that an output sees."""
        return self.layer.weight.shape[1]

    @property
    def groups(self) -> int:
        """Groups of output channels: the rounds of one band."""
        return len(self.rounds) // self.planes.tile.shape[0]

    def weight_blocks(self, phase: int, number: int) -> range:
        """The weight blocks of a round's phase, channel by channel; number: the round's among all."""
        first = (phase * self.groups + number % self.groups) * self.channels
        return range(first, first + self.channels)

    def activation_blocks(self, phase: int, number: int, pe: int) -> range:
        """The activation blocks of a PE that meet those."""
        bands, pes, _ = self.planes.tile.shape
        doing = self.rounds[number]
        first = ((phase * bands + doing.band) * pes + pe) * self.layer.inputs + doing.first_input
        return range(first, first + self.channels)


def layout(arch: Arch, layer: CompressedConvolution) -> tuple[Streams, ...]:
    """Spread a layer over the PEs, in one pass."""
    check_layer(layer, "SCNN")
    planes, activations = _fitted(arch, layer)
    rounds = _rounds(arch, layer, planes)
    weights = lay_weights(arch, layer, planes, rounds)
    phases = _phases(layer)
    place = _weight_place(weights, len(phases), layer.weight.shape[1])
    streams = Streams(layer, planes, rounds, phases, weights, place, activations, np.zeros(0), np.zeros(0))
    load, taken = _loads(arch, streams)
    return (streams._replace(load_cycles=load, input_bytes=taken),)


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """What of the layer does not fit the machine, a sentence each. Cycles are counted as if it did."""
    found = []
    for streams in passes:
        held = held_activations(streams)
        band, pe = divmod(int(held.argmax()), arch.pes)
        room = iaram_entries(arch)
        if held[band, pe] > room:
            told = f"PE {pe} needs {held[band, pe]} entries for a tile of one row, {room} fit"
            found.append(f"IARAM: {told} (the rest comes from DRAM: energy is counted, time is not)")
        region = streams.planes.pitch[0] * streams.planes.pitch[1]
        if region > arch.accumulators:
            found.append(f"accumulators: a channel's region has {region} sums, {arch.accumulators} fit")
    return found


def dram_weight_bytes(arch: Arch, streams: Streams) -> int:
    """Every band reads all weights again."""
    return streams.planes.tile.shape[0] * -(-streams.weights.value.size * arch.weight_entry_bits // 8)


def dram_sum_bytes(arch: Arch, streams: Streams) -> int:
    """Unfinished sums of all channels, written at a band's end and read in the next."""
    places = int(streams.planes.unfinished.sum())
    return 2 * places * streams.layer.outputs * arch.sum_bits // 8


def output_bytes(arch: Arch, stored: np.ndarray) -> np.ndarray:
    """Outputs that go to DRAM, int64 [pes]: all, if one OARAM does not hold its own."""
    bits = stored * arch.activation_entry_bits
    return -(-bits // 8) if bits.max() > arch.oaram_bytes * 8 else np.zeros_like(stored)


def iaram_entries(arch: Arch) -> int:
    """Stored activations for which a PE has room."""
    return arch.iaram_bytes * 8 // arch.activation_entry_bits


def held_activations(streams: Streams) -> np.ndarray:
    """Stored activations of each tile, int64 [bands, pes]."""
    return _held(streams.planes, streams.activations, streams.layer.inputs)


def _fitted(arch: Arch, layer: CompressedConvolution) -> tuple[Planes, Blocks]:
    """The fewest bands with which every tile fits the IARAM, and the activations so stored."""
    room = iaram_entries(arch)
    for planes in candidates(arch, layer):
        single = planes.tile[0, 0, 2] - planes.tile[0, 0, 0] == 1
        if not single and non_zeros(planes, layer.activation).max() > room:
            continue
        activations = lay_activations(arch, layer, planes)
        if single or _held(planes, activations, layer.inputs).max() <= room:
            break
    return planes, activations


def _held(planes: Planes, activations: Blocks, channels: int) -> np.ndarray:
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


def lay_weights(arch: Arch, layer: CompressedConvolution, planes: Planes, rounds: tuple[Round, ...]) -> Blocks:
    """Each group's blocks of Kc x kernel, channel by channel.

    A weight's part of the bank counts down from the kernel's last place.
    """
    (down, across), (_, inputs, tall, broad) = layer.stride, layer.weight.shape
    parts = []
    for i, j in _phases(layer):
        kernel = layer.weight[:, :, i::down, j::across]
        rows = (tall - 1) // down - np.arange(kernel.shape[2])
        columns = (broad - 1) // across - np.arange(kernel.shape[3])
        offset = rows[:, None] * planes.pitch[1] + columns
        for doing in rounds:
            if doing.band == 0:
                block = kernel[doing.first_output : doing.first_output + doing.outputs].transpose(1, 0, 2, 3)
                bank = np.arange(doing.outputs)[:, None] * arch.bank_step + offset.ravel()
                dense = np.ascontiguousarray(block).reshape(inputs, bank.size)
                parts.append(compress(dense, _banks(arch, bank), arch.index_bits, arch.skip_weights))
    return join(parts)


def lay_activations(arch: Arch, layer: CompressedConvolution, planes: Planes) -> Blocks:
    """Each tile's blocks, channel by channel; an input's part of the bank counts from the tile's first output."""
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


def _weight_place(weights: Blocks, phases: int, channels: int) -> np.ndarray:
    """Blocks are broadcast round by round, each with all its phases: where each begins."""
    held = np.diff(weights.start).reshape(phases, -1, channels).transpose(1, 0, 2)
    begin = (held.cumsum() - held.ravel()).reshape(held.shape)
    return np.ascontiguousarray(begin.transpose(1, 0, 2)).ravel()


def _banks(arch: Arch, bank: np.ndarray) -> np.ndarray:
    return (bank.ravel() % arch.banks).astype(np.int32)


def _loads(arch: Arch, streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """Cycles to load each band while the one before runs (its weights come through the same DRAM), and bytes by PE.

    The first band is there when the run begins; a layer of one band reads nothing.
    """
    bits = held_activations(streams) * arch.activation_entry_bits
    bands = len(bits)
    if bands == 1:
        return np.zeros(1, np.int64), np.zeros(arch.pes, np.int64)
    taken = -(-bits // 8)
    moved = taken.sum(axis=1) + dram_weight_bytes(arch, streams) // bands
    cycles = -(-1000 * moved // arch.dram_bytes_per_kcycle)
    cycles[0] = 0
    return cycles, taken.sum(axis=0)
