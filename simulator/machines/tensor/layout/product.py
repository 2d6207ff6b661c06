"""A matrix product on the tensor engine: one stage, whose operands come from DRAM and whose outputs go there.

In DRAM, parts of weights, of activations and of outputs follow each other in the order of `layout.streams`.
"""

import numpy as np

from simulator.hardware.operand_format import OperandFormat
from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.dual_side import OuterProducts, held_by
from simulator.machines.tensor.layout.folding import fold
from simulator.machines.tensor.layout.gathering import Weights, any_of, nonzero
from simulator.machines.tensor.layout.residency import choose
from simulator.machines.tensor.layout.storage import (
    NOTHING,
    Part,
    Precision,
    activation_part,
    compressed,
    format_of,
    output_part,
)
from simulator.machines.tensor.layout.streams import (
    Memory,
    Role,
    Stage,
    Step,
    Streams,
    Tile,
    check_steps,
    drain_cycles,
    split,
    step_cycles,
)
from workloads.errors import refuse
from workloads.kinds.experts.layer import CompressedExperts
from workloads.kinds.matrix_product.layer import CompressedProduct


def layout_product(arch: Arch, layer: CompressedProduct) -> tuple[Streams, ...]:
    """One pass. InputError where the layer is of another format, has too many steps, or is beyond the DRAM."""
    precision = precision_of(arch, layer)
    form, arch, bitmap = precision.form, fold(arch, layer.tokens, layer.outputs), bool(arch.skip_zero_inputs)
    columns, rows = split(layer.outputs, arch.columns), split(layer.tokens, arch.rows)
    depths = split(layer.inputs, arch.tile_k)
    check_steps(layer.name, len(columns) * len(rows) * len(depths))
    memory, held = Memory(arch), held_by(arch, layer)
    outer = None if held is None else OuterProducts(arch, *held)
    weights = Weights(memory, precision, columns, depths, None if held is None else held[1])
    activations = [[_activations(form, one, places, bitmap, held) for places in depths] for one in rows]
    stay = choose(arch, weights.parts, activations)
    activation_lines = [memory.place(parts) for parts in activations]
    output_lines = [memory.place(output_part(arch, form, row, column) for row in rows) for column in columns]
    memory.check(layer.name)
    deciding = [range(layer.tokens) if stay.weights else row for row in rows]
    used = _used(arch, layer, deciding)
    tiles = []
    for c, column in enumerate(columns):
        for r, row in enumerate(rows):
            steps = []
            for s, places in enumerate(depths):
                given = (activation_lines[r][s],) if c == 0 or not stay.activations else ()
                cycles = step_cycles(arch, precision, places)
                if outer is not None:
                    cycles = outer.cycles(r, c, places, arch.depth_of(form.multiplier))
                step = Step(places, cycles, NOTHING, activations[r][s], given)
                steps.append(weights.fill(step, c, s, deciding[r], r == 0 or not stay.weights, used[r]))
            drain = drain_cycles(arch, len(row) * len(column))
            tiles.append(Tile(row, column, tuple(steps), drain, output_lines[c][r], len(row)))
    stage = Stage(Role.OUTPUT, layer.tokens, layer.inputs, layer.outputs, tuple(tiles), layer.bias is not None)
    return (Streams(layer, precision, (stage,), stay),)


def _activations(
    form: OperandFormat, rows: range, places: range, bitmap: bool, held: tuple[np.ndarray, np.ndarray] | None
) -> Part:
    """held: bool [tokens, inputs], the activations that are not zero, and weights; None: all are stored."""
    if held is None:
        return activation_part(form, rows, places, bitmap)
    mine = held[0][rows.start : rows.stop, places.start : places.stop]
    return compressed(activation_part(form, rows, places), mine, form.activation_bits)


def _used(arch: Arch, layer: CompressedProduct, deciding: list[range]) -> list[np.ndarray | None]:
    """For each range of tokens, inputs that are not zero of all of them: bool [inputs]; None where it is all one."""
    if not arch.skip_zero_inputs:
        return [None] * len(deciding)
    active = nonzero(layer.activation) if layer.active is None else layer.active
    return [any_of(active, tokens) for tokens in deciding]


def precision_of(arch: Arch, layer: CompressedProduct | CompressedExperts) -> Precision:
    """The layer's own precision, or the machine's. InputError where a layer without its own has another one."""
    wanted = arch.weight_format.name, bool(arch.two_of_four)
    if not layer.own_format and (layer.form, layer.two_of_four) != wanted:
        asked = f"{wanted[0]}{', two of four weights' if wanted[1] else ''}"
        refuse(layer.name, f"its weights are in {layer.form}", f"{asked}, which this machine reads")
    return Precision(format_of(layer.form, arch.weight_format), layer.two_of_four)
