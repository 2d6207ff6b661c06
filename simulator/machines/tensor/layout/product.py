"""A matrix product on the tensor engine: one stage, whose operands come from DRAM and whose outputs go there.

In DRAM, parts of weights, of activations and of outputs follow each other in the order of `layout.streams`.
"""

from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.folding import fold
from simulator.machines.tensor.layout.residency import choose
from simulator.machines.tensor.layout.storage import Precision, activation_part, format_of, output_part, weight_part
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
    form, arch = precision.form, fold(arch, layer.tokens, layer.outputs)
    columns, rows = split(layer.outputs, arch.columns), split(layer.tokens, arch.rows)
    depths = split(layer.inputs, arch.tile_k)
    check_steps(layer.name, len(columns) * len(rows) * len(depths))
    weights = [[weight_part(precision, one, places) for places in depths] for one in columns]
    activations = [[activation_part(form, one, places) for places in depths] for one in rows]
    stay, memory = choose(arch, weights, activations), Memory(arch)
    weight_lines = [memory.place(parts, weights=True) for parts in weights]
    activation_lines = [memory.place(parts) for parts in activations]
    output_lines = [memory.place(output_part(arch, form, row, column) for row in rows) for column in columns]
    memory.check(layer.name)
    tiles = []
    for c, column in enumerate(columns):
        for r, row in enumerate(rows):
            steps = [
                Step(
                    places=places,
                    cycles=step_cycles(arch, precision, places),
                    weights=weights[c][s],
                    activations=activations[r][s],
                    loads=(
                        *((weight_lines[c][s],) if r == 0 or not stay.weights else ()),
                        *((activation_lines[r][s],) if c == 0 or not stay.activations else ()),
                    ),
                )
                for s, places in enumerate(depths)
            ]
            drain = drain_cycles(arch, len(row) * len(column))
            tiles.append(Tile(row, column, tuple(steps), drain, output_lines[c][r], len(row)))
    stage = Stage(Role.OUTPUT, layer.tokens, layer.inputs, layer.outputs, tuple(tiles), layer.bias is not None)
    return (Streams(layer, precision, (stage,), stay),)


def precision_of(arch: Arch, layer: CompressedProduct | CompressedExperts) -> Precision:
    """The layer's own precision, or the machine's. InputError where a layer without its own has another one."""
    wanted = arch.weight_format.name, bool(arch.two_of_four)
    if not layer.own_format and (layer.form, layer.two_of_four) != wanted:
        asked = f"{wanted[0]}{', two of four weights' if wanted[1] else ''}"
        refuse(layer.name, f"its weights are in {layer.form}", f"{asked}, which this machine reads")
    return Precision(format_of(layer.form, arch.weight_format), layer.two_of_four)
