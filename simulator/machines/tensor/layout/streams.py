"""The program of a layer of matrix products on the tensor engine: stages, tiles and steps, and their lines.

A stage is a product. Its tiles of `columns` outputs follow each other; within each, tiles of `rows` tokens; within
each, steps of `tile_k` places of K. Stages follow each other without a gap: while the last tiles of one are computed,
the operands of the next are on their way. Parts of operands and outputs lie one after the other in DRAM, each from the
beginning of a line, with codes, scales and places together. Lines are spread evenly over all channels; the channel
that is simulated moves the largest share of each part.

Where inputs that are zero are skipped, all channels are simulated, as rows that are read are spread unevenly: lines are
numbered over all of them, and line i is in channel i mod channels.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from simulator.hardware.dram.spec import lines_per_channel
from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.residency import Residency
from simulator.machines.tensor.layout.rows import Gather, Table, tables_of
from simulator.machines.tensor.layout.storage import Part, Precision
from workloads.errors import refuse
from workloads.kinds.experts.layer import CompressedExperts
from workloads.kinds.matrix_product.layer import CompressedProduct

MOST_STEPS = 1 << 21
"""Of all tiles: some seconds and 0.5 GB."""


class Transfer(NamedTuple):
    """Lines of the simulated channel, or of all of them: a part of an operand, or the outputs of a tile."""

    first_line: int
    lines: int
    part: Part  # on all channels
    weights: bool = False


class Step(NamedTuple):
    """Places of K that a tile computes at once."""

    places: range
    cycles: int
    weights: Part
    activations: Part
    loads: tuple[Transfer, ...]  # weights and activations that are not there already
    gather: Gather | None = None  # weights to come; which of their rows are read is not known yet


class Tile(NamedTuple):
    """Outputs that are computed together."""

    rows: range  # tokens of the stage
    columns: range  # outputs
    steps: tuple[Step, ...]
    drain_cycles: int
    output: Transfer  # what goes to DRAM, perhaps nothing
    finished: int  # tokens whose outputs these are
    kept_bytes: int = 0  # that stay in the operand SRAM in place of outputs
    read_bytes: int = 0  # of earlier stages, that the drain reads from the operand SRAM
    vector_cycles: int = 0  # the last ones of the drain, in which the vector unit computes exponentials


class Role(Enum):
    """What becomes of the sums of a stage."""

    OUTPUT = "output"  # with a bias and ReLU they go to DRAM
    GATE = "gate"  # they stay in FP32
    SQUARED = "squared"  # squared ReLU of them stays in the format of the activations
    GATED = "gated"  # SiLU of the gate times them stays in that format
    SHARE = "share"  # times the shares of their tokens, they are added to the tokens' outputs


class Stage(NamedTuple):
    """A product."""

    role: Role
    tokens: int
    inputs: int
    outputs: int
    tiles: tuple[Tile, ...]
    bias: bool = False
    expert: int = 0  # its place among the experts of the layer
    waits: bool = False  # its operands are asked for when the stage before has drained: the outputs decide on rows


class Streams(NamedTuple):
    """A whole layer."""

    layer: CompressedProduct | CompressedExperts
    precision: Precision
    stages: tuple[Stage, ...]
    residency: Residency

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """Of all stages, in the order in which they are computed."""
        return tuple(tile for stage in self.stages for tile in stage.tiles)

    @property
    def bytes(self) -> int:
        """Of SRAM that its operands take."""
        return self.residency.bytes


class HasBytes(Protocol):
    """What a pass of any kind says of the SRAM."""

    @property
    def bytes(self) -> int:
        """That its operands take."""


class Memory:
    """Lines of the simulated channel, or of all of them, which are given to one part after the other."""

    def __init__(self, arch: Arch):
        self.arch, self.lines = arch, 0

    def place(self, parts: Iterable[Part], weights: bool = False) -> list[Transfer]:
        """Where parts lie that follow each other."""
        found = []
        for part in parts:
            share = all_lines(self.arch, part) if self.arch.skip_zero_inputs else channel_lines(self.arch, part)
            found.append(Transfer(self.lines, share, part, weights))
            self.lines += share
        return found

    def place_rows(self, precision: Precision, columns: range, inputs: int) -> tuple[Table, ...]:
        """Where the weights of a column tile lie input after input."""
        found = tables_of(precision, columns, inputs, self.lines, self.arch.line_bytes)
        self.lines = found[-1].end
        return found

    def check(self, name: str) -> None:
        """InputError where more is placed than the DRAM has."""
        dram = self.arch.dram
        lines = -(-self.lines // self.arch.memory_channels) if self.arch.skip_zero_inputs else self.lines
        if dram is not None and lines > lines_per_channel(dram):
            refuse(name, f"it takes {lines:,} lines of each channel", f"at most {lines_per_channel(dram):,}")


def violations(arch: Arch, passes: Sequence[HasBytes]) -> list[str]:
    """A sentence where not even the operands of the steps under way fit the SRAM."""
    room = arch.operand_capacity
    return [
        f"operand SRAM: {arch.operand_buffers} steps take {streams.bytes:,} bytes, of {room:,}"
        for streams in passes
        if streams.bytes > room
    ]


def step_cycles(arch: Arch, precision: Precision, places: range) -> int:
    """In which the array multiplies at these places of K."""
    return -(-precision.stored(len(places)) // arch.depth_of(precision.form.multiplier))


def drain_cycles(arch: Arch, outputs: int, vector_cycles: int = 0) -> int:
    """From the last operands of a tile to the last of its outputs."""
    return arch.pipeline_stages + max(-(-outputs // arch.drain_width), vector_cycles)


def check_steps(name: str, count: int) -> None:
    """InputError where a layer has too many steps."""
    if count > MOST_STEPS:
        refuse(name, f"it takes {count:,} steps of tile_k places", f"at most {MOST_STEPS:,}, with larger tiles")


def split(size: int, step: int) -> list[range]:
    """Ranges of `step` numbers from 0 on, the last one perhaps shorter."""
    return [range(first, min(first + step, size)) for first in range(0, size, step)]


def all_lines(arch: Arch, part: Part) -> int:
    """Lines of a part on all channels."""
    return -(-part.bytes // arch.line_bytes)


def channel_lines(arch: Arch, part: Part) -> int:
    """The largest share of a part's lines that a channel has."""
    return -(-all_lines(arch, part) // arch.memory_channels)


def moved_lines(arch: Arch, transfer: Transfer) -> int:
    """Lines of a transfer on all channels; rows that are gathered begin a line each."""
    return transfer.lines if arch.skip_zero_inputs else all_lines(arch, transfer.part)
