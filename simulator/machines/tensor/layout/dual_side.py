"""Zeros of both operands skipped: outer products of what is not zero, at each place of K.

The outputs of a tile are cut into blocks of BLOCK x BLOCK, each with the dot units of its outputs. At a place of K the
`a` activations and `w` weights of a block that are not zero are packed together, and their outer product takes
ceil(a / GROUP_ROWS) x ceil(w / GROUP_COLUMNS) steps of GROUP_ROWS x GROUP_COLUMNS products. Operands are stored as a
bitmap and the codes that are not zero.
"""

import numpy as np

from simulator.hardware.operand_format import OperandFormat
from simulator.machines.tensor.arch import BLOCK, GROUP_COLUMNS, GROUP_ROWS, Arch
from simulator.machines.tensor.layout.gathering import nonzero
from simulator.machines.tensor.layout.storage import format_of
from simulator.machines.tensor.layout.streams import split
from workloads.errors import refuse
from workloads.kinds.matrix_product.layer import CompressedProduct

GROUP = GROUP_ROWS * GROUP_COLUMNS


def held_by(arch: Arch, layer: CompressedProduct) -> tuple[np.ndarray, np.ndarray] | None:
    """Which activations, bool [tokens, inputs], and weights, bool [outputs, inputs], are not zero.

    None where the machine does not skip zeros of both sides. InputError for a format with scales within K.
    """
    if not arch.dual_side:
        return None
    form = format_of(layer.form, arch.weight_format)
    if (asked := wanted_format(form)) is not None:
        refuse(layer.name, f"its weights are in {layer.form}", asked)
    active = nonzero(layer.activation) if layer.active is None else layer.active
    return active, nonzero(layer.weight)


def wanted_format(form: OperandFormat) -> str | None:
    """What an outer product of single numbers expects in place of a format; None: it can have this one."""
    return (
        "fp16, bf16, fp8 or int8, as a product has no block, with dual_side 1" if form.block or form.decoded else None
    )


class OuterProducts:
    """The cycles of each step of a layer. active: bool [tokens, inputs]; weights: bool [outputs, inputs]."""

    def __init__(self, arch: Arch, active: np.ndarray, weights: np.ndarray):
        self.arch = arch
        self._rows = _groups(active, arch.rows, GROUP_ROWS)
        self._columns = _groups(weights, arch.columns, GROUP_COLUMNS)
        self._row_units, self._column_units = _units(arch.rows), _units(arch.columns)

    def cycles(self, row: int, column: int, places: range, depth: int) -> int:
        """Of a tile at these places of K: those of its slowest block.

        row, column: which row and column tile it is; depth: products of a dot unit in a cycle.
        """
        at = slice(places.start, places.stop)
        steps = self._rows[row][:, at] @ self._columns[column][:, at].T
        units = np.outer(self._row_units[: steps.shape[0]], self._column_units[: steps.shape[1]]) * depth
        return max(1, int((-(-GROUP * steps // units)).max()))


def _groups(held: np.ndarray, tile: int, group: int) -> list[np.ndarray]:
    """Of each tile of rows, how many groups the elements of each block that are not zero fill: int64 [blocks, inputs].

    held: bool [rows, inputs].
    """
    found = []
    for rows in split(held.shape[0], tile):
        blocks = [held[rows.start + one.start : rows.start + one.stop] for one in split(len(rows), BLOCK)]
        found.append(np.stack([-(-np.count_nonzero(one, axis=0) // group) for one in blocks]))
    return found


def _units(size: int) -> np.ndarray:
    """Dot units along one side of each block of an array: int64 [blocks]."""
    return np.array([len(one) for one in split(size, BLOCK)], np.int64)
