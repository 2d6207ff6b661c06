"""A mixture of experts on the tensor engine: for each expert that was chosen, a stage for each of its matrices.

The inputs of all tokens come with the first stage and stay in the operand SRAM. So do what is between the matrices of
an expert, and the sums of outputs of tokens whose later experts are still to come; the outputs of a token go to DRAM
with its last expert. Weights of an expert are loaded once for all its tokens where two column tiles fit the SRAM, or
where one row tile holds the tokens. In DRAM, weights lie in the order in which they are read, then inputs and outputs.
"""

from typing import NamedTuple

import numpy as np

from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.folding import fold
from simulator.machines.tensor.layout.product import precision_of
from simulator.machines.tensor.layout.residency import Residency
from simulator.machines.tensor.layout.storage import WIDE, Precision, activation_part, output_part, weight_part
from simulator.machines.tensor.layout.streams import (
    Memory,
    Role,
    Stage,
    Step,
    Streams,
    Tile,
    Transfer,
    check_steps,
    drain_cycles,
    split,
    step_cycles,
)
from workloads.kinds.experts.layer import CompressedExperts


class Plan(NamedTuple):
    """What is the same for all stages."""

    arch: Arch
    layer: CompressedExperts
    precision: Precision
    stay: bool  # weights are loaded once for all row tiles
    memory: Memory
    later: np.ndarray  # bool [experts of the layer, tokens]: an expert after this one is added to the token's output
    earlier: np.ndarray  # likewise, before this one


class Size(NamedTuple):
    """A stage to be."""

    role: Role
    inputs: int
    outputs: int


def layout_experts(arch: Arch, layer: CompressedExperts) -> tuple[Streams, ...]:
    """One pass. InputError where the layer is of another format, has too many steps, or is beyond the DRAM."""
    precision, sizes = precision_of(arch, layer), _sizes(layer)
    tokens = [layer.tokens_of(expert) for expert in layer.numbers.tolist()]
    arch = fold(arch, max(map(len, tokens)), max(size.outputs for size in sizes))
    per_row = sum(_tiles(arch, size) for size in sizes)
    check_steps(layer.name, sum(-(-len(mine) // arch.rows) for mine in tokens) * per_row)
    residency, memory = _residency(arch, layer, precision, max(map(len, tokens))), Memory(arch)
    chosen = np.zeros((len(tokens), layer.tokens), np.bool_)
    for e, mine in enumerate(tokens):
        chosen[e, mine] = True
    count = chosen.cumsum(axis=0)
    plan = Plan(arch, layer, precision, residency.weights, memory, count < layer.chosen, count > chosen)
    weights = [[_weights(plan, size) for size in sizes] for _ in tokens]
    given = memory.place(
        activation_part(precision.form, range(layer.tokens), places) for places in split(layer.inputs, arch.tile_k)
    )
    stages = [
        _stage(plan, size, e, mine, weights[e][n], given if e == n == 0 else [])
        for e, mine in enumerate(tokens)
        for n, size in enumerate(sizes)
    ]
    memory.check(layer.name)
    return (Streams(layer, precision, tuple(stages), residency),)


def _sizes(layer: CompressedExperts) -> list[Size]:
    before = (Role.GATE, Role.GATED) if layer.gated else (Role.SQUARED,)
    return [*(Size(role, layer.inputs, layer.width) for role in before), Size(Role.SHARE, layer.width, layer.inputs)]


def _tiles(arch: Arch, size: Size) -> int:
    """Steps of a row tile."""
    return len(split(size.outputs, arch.columns)) * len(split(size.inputs, arch.tile_k))


def _weights(plan: Plan, size: Size) -> list[list[Transfer]]:
    """The parts of each column tile, one for each step."""
    depths = split(size.inputs, plan.arch.tile_k)
    return [
        plan.memory.place((weight_part(plan.precision, column, places) for places in depths), weights=True)
        for column in split(size.outputs, plan.arch.columns)
    ]


def _stage(
    plan: Plan, size: Size, expert: int, tokens: np.ndarray, weights: list[list[Transfer]], given: list[Transfer]
) -> Stage:
    """A stage of tokens, int64 [tokens of the expert]; given: the inputs of all tokens where they come with it."""
    arch, tiles = plan.arch, []
    for column, parts in zip(split(size.outputs, arch.columns), weights, strict=True):
        for row in split(len(tokens), arch.rows):
            first = row.start == 0
            steps = [
                Step(
                    places=places,
                    cycles=step_cycles(arch, plan.precision, places),
                    weights=parts[s].part,
                    activations=activation_part(plan.precision.form, row, places),
                    loads=(
                        *((parts[s],) if first or not plan.stay else ()),
                        *((given[s],) if given and first and column.start == 0 else ()),
                    ),
                )
                for s, places in enumerate(split(size.inputs, arch.tile_k))
            ]
            tiles.append(_tile(plan, size.role, expert, tokens[row.start : row.stop], row, column, tuple(steps)))
    return Stage(size.role, len(tokens), size.inputs, size.outputs, tuple(tiles), expert=expert)


def _tile(
    plan: Plan, role: Role, expert: int, tokens: np.ndarray, row: range, column: range, steps: tuple[Step, ...]
) -> Tile:
    """A tile of tokens, int64 [rows of the tile]: what its drain reads, keeps and writes."""
    arch, form, size = plan.arch, plan.precision.form, len(row) * len(column)
    kept = read = vector = finished = 0
    if role is Role.GATE:
        kept = WIDE * size
    elif role in (Role.SQUARED, Role.GATED):
        kept = activation_part(form, row, column).bytes
        read, vector = (WIDE * size, -(-size // arch.vector_lanes)) if role is Role.GATED else (0, 0)
    else:
        later, earlier = (int(one[expert, tokens].sum()) for one in (plan.later, plan.earlier))
        kept, read, finished = WIDE * later * len(column), WIDE * earlier * len(column), len(row) - later
    (output,) = plan.memory.place([output_part(arch, form, range(finished), column)])
    return Tile(row, column, steps, drain_cycles(arch, size, vector), output, finished, kept, read, vector)


def _residency(arch: Arch, layer: CompressedExperts, precision: Precision, most: int) -> Residency:
    """Whether weights stay while the tokens of an expert change, at most `most`, and what the SRAM then holds.

    It holds inputs, outputs to which something will be added, and what is between the matrices of an expert.
    """
    form = precision.form
    held = sum(activation_part(form, range(layer.tokens), places).bytes for places in split(layer.inputs, arch.tile_k))
    held += WIDE * layer.tokens * layer.inputs if layer.chosen > 1 else 0
    held += sum(activation_part(form, range(most), one).bytes for one in split(layer.width, arch.columns))
    held += WIDE * most * layer.width if layer.gated else 0
    columns = [
        [weight_part(precision, column, places).bytes for places in split(size.inputs, arch.tile_k)]
        for size in _sizes(layer)
        for column in split(size.outputs, arch.columns)
    ]
    whole = held + 2 * max(map(sum, columns))
    passing = held + arch.operand_buffers * max(map(max, columns))
    if most > arch.rows and whole <= arch.operand_capacity:
        return Residency(True, True, whole)
    return Residency(False, True, passing)
