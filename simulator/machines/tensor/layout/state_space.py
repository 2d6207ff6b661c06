"""A state-space layer on the tensor engine: its tiles, and where their lines are.

A tile is one group of heads of one sequence; groups of a sequence follow each other, then the next sequence's. In DRAM
lie the parameters of each group, then of each tile its tokens, its states, its window and its outputs, each from the
beginning of a line. Parameters are loaded with the first sequence and stay. Lines take turns over the channels, from
one part to the next; the channel that is simulated is the first, and has at least a line of each part.
"""

from typing import NamedTuple

from simulator.hardware.dram.spec import lines_per_channel
from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.attention import WORD, place
from simulator.machines.tensor.layout.storage import Part
from simulator.machines.tensor.layout.streams import MOST_STEPS, Transfer, all_lines
from workloads.errors import refuse
from workloads.kinds.state_space.layer import CompressedStateSpace, exponentials, multiplies, token_width

FULL_WORD = 4
"""Bytes of FP32: a bias, a decay, an output that is not quantised."""


class Tile(NamedTuple):
    """A group of heads of a sequence."""

    sequence: int
    group: int
    parameters: Transfer | None  # None: they are there
    tokens: Transfer
    state: Transfer
    window: Transfer
    output: Transfer

    @property
    def loads(self) -> tuple[Transfer, ...]:
        """What is read before it is computed."""
        return (*(() if self.parameters is None else (self.parameters,)), self.tokens, self.state, self.window)

    @property
    def writes(self) -> tuple[Transfer, ...]:
        """What is written after it."""
        return self.state, self.window, self.output


class Work(NamedTuple):
    """What the vector unit does for a tile; all tiles are alike."""

    multiplies: int
    exponentials: int
    divisions: int  # of sigmoids and logarithms
    cycles: int


class StateStreams(NamedTuple):
    """A whole layer."""

    layer: CompressedStateSpace
    tiles: tuple[Tile, ...]
    work: Work
    parameters: Part  # of a group
    bytes: int  # of SRAM that it takes


def layout_state_space(arch: Arch, layer: CompressedStateSpace) -> tuple[StateStreams, ...]:
    """One pass. InputError where its states are in another machine's format, for too many tiles, or beyond the DRAM."""
    if layer.state_format != arch.state_format.name and not layer.own_format:
        refuse(
            layer.name, f"its states are in {layer.state_format}", f"{arch.state_format.name}, as this machine has it"
        )
    if (count := layer.sequences * layer.groups) > MOST_STEPS:
        refuse(layer.name, f"it has {count:,} groups of heads in all sequences", f"at most {MOST_STEPS:,}")
    heads, width, wide = layer.heads // layer.groups, layer.head_width, layer.state_width
    channels = heads * width + 2 * wide
    word = WORD if arch.quantise_output else FULL_WORD
    parameters = _part(channels * (WORD * layer.taps + FULL_WORD) + 3 * heads * FULL_WORD)
    parts = [
        _part(WORD * layer.steps * token_width(heads, width, wide, 1)),
        _part(heads * width * wide * layer.state.dtype.itemsize),
        _part(WORD * channels * (layer.taps - 1)),
        _part(word * layer.steps * heads * width),
    ]
    kept, line = place(arch, [parameters] * layer.groups, 0)
    moved, line = place(arch, parts * count, line)
    if arch.dram is not None and line > lines_per_channel(arch.dram):
        refuse(layer.name, f"it takes {line:,} lines of each channel", f"at most {lines_per_channel(arch.dram):,}")
    tiles = tuple(
        Tile(
            *divmod(number, layer.groups),
            kept[number] if number < layer.groups else None,
            *moved[4 * number : 4 * number + 4],
        )
        for number in range(count)
    )
    room = arch.operand_buffers * sum(part.bytes for part in parts[:3]) + layer.groups * parameters.bytes
    return (StateStreams(layer, tiles, _work(arch, layer), parameters, room),)


def _work(arch: Arch, layer: CompressedStateSpace) -> Work:
    """Of a tile: multiply-adds, then exponentials."""
    heads, width, wide = layer.heads // layer.groups, layer.head_width, layer.state_width
    products = layer.steps * multiplies(heads, width, wide, layer.taps)
    powers = layer.steps * exponentials(heads, width, wide)
    cycles = -(-products // arch.vector_multiplies) + -(-powers // arch.vector_lanes)
    return Work(products, powers, layer.steps * (2 * heads * width + 2 * wide + heads), cycles)


def _part(size: int) -> Part:
    return Part(size, 0, 0)


def lines_of(arch: Arch, transfers: tuple[Transfer, ...]) -> int:
    """Lines of transfers on all channels."""
    return sum(all_lines(arch, one.part) for one in transfers)
