"""A matrix product on the tensor engine: its tiles and steps, and where their lines are.

Tiles of `columns` outputs follow each other; within each, tiles of `rows` tokens; within each, steps of `tile_k` places
of K. In DRAM, parts of weights, of activations and of outputs follow each other in this order, each from the beginning
of a line, with codes, scales and places together. Lines are spread evenly over all channels; the channel that is
simulated moves the largest share of each part.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from simulator.hardware.dram.spec import lines_per_channel
from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.residency import Residency, choose
from simulator.machines.tensor.layout.storage import Part, activation_part, output_part, stored_depth, weight_part
from workloads.errors import refuse
from workloads.kinds import expect
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.matrix_product.layer import CompressedProduct

MOST_STEPS = 1 << 21
"""Of all tiles: some seconds and 0.5 GB."""


class Transfer(NamedTuple):
    """Lines of the simulated channel: a part of an operand, or the outputs of a tile."""

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


class Tile(NamedTuple):
    """Outputs that are computed together."""

    rows: range  # tokens
    columns: range  # outputs
    steps: tuple[Step, ...]
    drain_cycles: int
    output: Transfer


class Streams(NamedTuple):
    """A whole matrix product."""

    layer: CompressedProduct
    tiles: tuple[Tile, ...]
    residency: Residency

    @property
    def bytes(self) -> int:
        """Of SRAM that its operands take."""
        return self.residency.bytes


class HasBytes(Protocol):
    """What a pass of any kind says of the SRAM."""

    @property
    def bytes(self) -> int:
        """That its operands take."""


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """One pass. InputError where the layer is of another kind or format, has too many steps, or is beyond the DRAM."""
    layer = expect(given, CompressedProduct, "the tensor engine")
    wanted = arch.weight_format.name, bool(arch.two_of_four)
    if (layer.form, layer.two_of_four) != wanted:
        asked = f"{wanted[0]}{', two of four weights' if wanted[1] else ''}"
        refuse(layer.name, f"its weights are in {layer.form}", f"{asked}, which this machine reads")
    columns, rows = split(layer.outputs, arch.columns), split(layer.tokens, arch.rows)
    depths = split(layer.inputs, arch.tile_k)
    if (count := len(columns) * len(rows) * len(depths)) > MOST_STEPS:
        refuse(layer.name, f"it takes {count:,} steps of tile_k places", f"at most {MOST_STEPS:,}, with larger tiles")
    weights = [[weight_part(arch, one, places) for places in depths] for one in columns]
    activations = [[activation_part(arch, one, places) for places in depths] for one in rows]
    outputs = [[output_part(arch, row, column) for row in rows] for column in columns]
    stay, line = choose(arch, weights, activations), 0
    weight_lines, line = _place(arch, weights, line, weights=True)
    activation_lines, line = _place(arch, activations, line)
    output_lines, line = _place(arch, outputs, line)
    if arch.dram is not None and line > lines_per_channel(arch.dram):
        refuse(layer.name, f"it takes {line:,} lines of each channel", f"at most {lines_per_channel(arch.dram):,}")
    tiles = []
    for c, column in enumerate(columns):
        for r, row in enumerate(rows):
            steps = [
                Step(
                    places=places,
                    cycles=-(-stored_depth(arch, len(places)) // arch.depth),
                    weights=weights[c][s],
                    activations=activations[r][s],
                    loads=(
                        *((weight_lines[c][s],) if r == 0 or not stay.weights else ()),
                        *((activation_lines[r][s],) if c == 0 or not stay.activations else ()),
                    ),
                )
                for s, places in enumerate(depths)
            ]
            drain = arch.pipeline_stages + -(-len(row) * len(column) // arch.drain_width)
            tiles.append(Tile(row, column, tuple(steps), drain, output_lines[c][r]))
    return (Streams(layer, tuple(tiles), stay),)


def violations(arch: Arch, passes: Sequence[HasBytes]) -> list[str]:
    """A sentence where not even the operands of the steps under way fit the SRAM."""
    room = arch.operand_capacity
    return [
        f"operand SRAM: {arch.operand_buffers} steps take {streams.bytes:,} bytes, of {room:,}"
        for streams in passes
        if streams.bytes > room
    ]


def dot_operands(streams: Streams) -> tuple[np.ndarray, ...]:
    """What dot units read: elements and scales of activations, then of weights, as significands and exponents.

    int32 [tokens, K], [tokens, blocks] and [outputs, K], [outputs, blocks], two of each; see `numbers_of`.
    """
    from workloads.kinds.matrix_product.operand import numbers_of

    found = [numbers_of(one) for one in (streams.layer.activation, streams.layer.weight)]
    return tuple(
        array for one in found for parts in (one.element, one.scale) for array in (parts.significand, parts.exponent)
    )


def split(size: int, step: int) -> list[range]:
    """Ranges of `step` numbers from 0 on, the last one perhaps shorter."""
    return [range(first, min(first + step, size)) for first in range(0, size, step)]


def _place(arch: Arch, parts: list[list[Part]], line: int, weights: bool = False) -> tuple[list[list[Transfer]], int]:
    """Where parts lie that follow each other from a line of the channel on, and the line after them."""
    found = []
    for row in parts:
        placed = []
        for part in row:
            share = channel_lines(arch, part)
            placed.append(Transfer(line, share, part, weights))
            line += share
        found.append(placed)
    return found, line


def all_lines(arch: Arch, part: Part) -> int:
    """Lines of a part on all channels."""
    return -(-part.bytes // arch.line_bytes)


def channel_lines(arch: Arch, part: Part) -> int:
    """The largest share of a part's lines that a channel has."""
    return -(-all_lines(arch, part) // arch.memory_channels)
