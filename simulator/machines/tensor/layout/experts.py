"""A mixture of experts on the tensor engine: for each expert that was chosen, a stage for each of its matrices.

The inputs of all tokens come with the first stage and stay in the operand SRAM. So do what is between the matrices of
an expert, and the sums of outputs of tokens whose later experts are still to come; the outputs of a token go to DRAM
with its last expert. Weights of an expert are loaded once for all its tokens where two column tiles fit the SRAM, or
where one row tile holds the tokens. In DRAM, weights lie in the order in which they are read, then inputs and outputs.

Where inputs that are zero are skipped, what is between the matrices decides which rows of the last one are read, where
it is a squared ReLU: these are asked for when the matrix before has drained. SiLU gives few zeros, and all rows of a
gated expert's last matrix are read, without waiting.
"""

from typing import NamedTuple

import numpy as np

from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.folding import fold
from simulator.machines.tensor.layout.gathering import Weights, any_of, nonzero
from simulator.machines.tensor.layout.product import precision_of
from simulator.machines.tensor.layout.residency import Residency
from simulator.machines.tensor.layout.storage import NOTHING, WIDE, Part, Precision, activation_part, output_part
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
from workloads.errors import refuse
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
    active: np.ndarray  # bool [tokens, inputs]: inputs that are not zero

    @property
    def bitmap(self) -> bool:
        """Whether inputs come with a bit each that says whether they are zero."""
        return bool(self.arch.skip_zero_inputs)

    @property
    def hidden_bitmap(self) -> bool:
        """The same of what is between the matrices."""
        return self.bitmap and not self.layer.gated


class Size(NamedTuple):
    """A stage to be."""

    role: Role
    inputs: int
    outputs: int


def layout_experts(arch: Arch, layer: CompressedExperts) -> tuple[Streams, ...]:
    """One pass. InputError where the layer is of another format, has too many steps, or is beyond the DRAM."""
    if arch.dual_side:
        refuse(layer.name, "it is of experts, whose values between matrices are not known", "dual_side 0")
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
    later, earlier = count < layer.chosen, count > chosen
    plan = Plan(arch, layer, precision, residency.weights, memory, later, earlier, _active(arch, layer))
    weights = [[_weights(plan, size) for size in sizes] for _ in tokens]
    given = memory.place(_inputs(arch, layer, precision))
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


def _active(arch: Arch, layer: CompressedExperts) -> np.ndarray:
    """Inputs that are not zero, bool [tokens, inputs]; of layers without values and machines that read all, each."""
    if not arch.skip_zero_inputs or layer.drawn is not None:
        return np.broadcast_to(np.True_, (layer.tokens, layer.inputs))
    return nonzero(layer.activation)


def _inputs(arch: Arch, layer: CompressedExperts, precision: Precision) -> list[Part]:
    """The inputs of all tokens, in parts as steps read them."""
    every, bitmap = range(layer.tokens), bool(arch.skip_zero_inputs)
    return [activation_part(precision.form, every, places, bitmap) for places in split(layer.inputs, arch.tile_k)]


def _weights(plan: Plan, size: Size) -> Weights:
    """Where a matrix lies."""
    arch = plan.arch
    return Weights(plan.memory, plan.precision, split(size.outputs, arch.columns), split(size.inputs, arch.tile_k))


def _used(plan: Plan, role: Role, expert: int, tokens: np.ndarray) -> np.ndarray | None:
    """Inputs of a stage that any of some tokens, int64 [tokens], uses: bool [inputs]. None: its values decide."""
    if role is not Role.SHARE:
        return any_of(plan.active[tokens], range(len(tokens)))
    if plan.layer.gated:
        return np.ones(plan.layer.width, np.bool_)
    return None if plan.layer.drawn is None else plan.layer.drawn.used(expert, len(tokens))


def _stage(plan: Plan, size: Size, expert: int, tokens: np.ndarray, weights: Weights, given: list[Transfer]) -> Stage:
    """A stage of tokens, int64 [tokens of the expert]; given: the inputs of all tokens where they come with it."""
    arch, tiles, rows = plan.arch, [], split(len(tokens), plan.arch.rows)
    bitmap = plan.hidden_bitmap if size.role is Role.SHARE else plan.bitmap
    deciding = [range(len(tokens)) if plan.stay else row for row in rows]
    used = [_used(plan, size.role, expert, tokens[one.start : one.stop]) for one in deciding]
    for c, column in enumerate(split(size.outputs, arch.columns)):
        for r, row in enumerate(rows):
            steps = []
            for s, places in enumerate(split(size.inputs, arch.tile_k)):
                part = activation_part(plan.precision.form, row, places, bitmap)
                loads = (given[s],) if given and r == c == 0 else ()
                step = Step(places, step_cycles(arch, plan.precision, places), NOTHING, part, loads)
                steps.append(weights.fill(step, c, s, deciding[r], r == 0 or not plan.stay, used[r]))
            tiles.append(_tile(plan, size.role, expert, tokens[row.start : row.stop], row, column, tuple(steps)))
    waits = size.role is Role.SHARE and plan.hidden_bitmap
    return Stage(size.role, len(tokens), size.inputs, size.outputs, tuple(tiles), expert=expert, waits=waits)


def _tile(
    plan: Plan, role: Role, expert: int, tokens: np.ndarray, row: range, column: range, steps: tuple[Step, ...]
) -> Tile:
    """A tile of tokens, int64 [rows of the tile]: what its drain reads, keeps and writes."""
    arch, form, size = plan.arch, plan.precision.form, len(row) * len(column)
    kept = read = vector = finished = 0
    if role is Role.GATE:
        kept = WIDE * size
    elif role in (Role.SQUARED, Role.GATED):
        kept = activation_part(form, row, column, plan.hidden_bitmap).bytes
        read, vector = (WIDE * size, -(-size // arch.vector_lanes)) if role is Role.GATED else (0, 0)
    else:
        later, earlier = (int(one[expert, tokens].sum()) for one in (plan.later, plan.earlier))
        kept, read, finished = WIDE * later * len(column), WIDE * earlier * len(column), len(row) - later
    (output,) = plan.memory.place([output_part(arch, form, range(finished), column)])
    return Tile(row, column, steps, drain_cycles(arch, size, vector), output, finished, kept, read, vector)


def _parts(arch: Arch, precision: Precision, size: Size) -> list[list[Part]]:
    """The weights of each column tile at each step."""
    columns, depths = split(size.outputs, arch.columns), split(size.inputs, arch.tile_k)
    return Weights(Memory(arch), precision, columns, depths).parts


def _residency(arch: Arch, layer: CompressedExperts, precision: Precision, most: int) -> Residency:
    """Whether weights stay while the tokens of an expert change, at most `most`, and what the SRAM then holds.

    It holds inputs, outputs to which something will be added, and what is between the matrices of an expert.
    """
    form, bitmap = precision.form, bool(arch.skip_zero_inputs)
    held = sum(part.bytes for part in _inputs(arch, layer, precision))
    held += WIDE * layer.tokens * layer.inputs if layer.chosen > 1 else 0
    hidden = (
        activation_part(form, range(most), one, bitmap and not layer.gated) for one in split(layer.width, arch.columns)
    )
    held += sum(part.bytes for part in hidden)
    held += WIDE * most * layer.width if layer.gated else 0
    columns = [[part.bytes for part in parts] for size in _sizes(layer) for parts in _parts(arch, precision, size)]
    whole = held + 2 * max(map(sum, columns))
    passing = held + arch.operand_buffers * max(map(max, columns))
    if most > arch.rows and whole <= arch.operand_capacity:
        return Residency(True, True, whole)
    return Residency(False, True, passing)
