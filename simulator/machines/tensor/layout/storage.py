"""How many bytes a part of an operand or of the output takes; each of codes, scales and places begins a byte.

A scale belongs to the part that holds the first element of its block. Zeros that would fill a last block are not
stored.
"""

from typing import NamedTuple

import numpy as np

from simulator.hardware.operand_format import OPERAND_FORMAT, OperandFormat
from simulator.machines.tensor.arch import Arch
from workloads.kinds.matrix_product.two_of_four import PLACE_BITS, kept_of

QUANTISER = 16
"""Outputs among which the quantiser finds the greatest at once."""
WIDE = 4
"""Bytes of FP32."""


class Precision(NamedTuple):
    """How the operands of a layer are stored and multiplied."""

    form: OperandFormat
    two_of_four: bool

    def stored(self, depth: int) -> int:
        """How many of `depth` weights along K are stored and multiplied."""
        return kept_of(depth) if self.two_of_four else depth


class Part(NamedTuple):
    """Bytes of a part of an operand or of the output."""

    codes: int
    scales: int
    places: int  # of two of four; of activations, the bits that say which are zero

    @property
    def bytes(self) -> int:
        """All of them."""
        return sum(self)


NOTHING = Part(0, 0, 0)


def format_of(name: str, given: OperandFormat) -> OperandFormat:
    """The format called `name` as the array sees it; given: one that is loaded."""
    if given.name == name:
        return given
    loaded = OPERAND_FORMAT.load(name, 0)
    assert isinstance(loaded, OperandFormat)
    return loaded


def weight_part(precision: Precision, columns: range, places: range) -> Part:
    """Weights of outputs `columns` at `places` of K, each a range of step 1."""
    form, stored = precision.form, len(columns) * precision.stored(len(places))
    scales = begun(places, form.block) * touched(columns, form.block_rows)
    bits = PLACE_BITS if precision.two_of_four else 0
    return Part(to_bytes(stored * form.bits), to_bytes(scales * form.scale_bits), to_bytes(stored * bits))


def activation_part(form: OperandFormat, rows: range, places: range, bitmap: bool = False) -> Part:
    """Activations of tokens `rows` at `places` of K; bitmap: with a bit each that says whether it is zero."""
    scales = begun(places, form.activation_block) * len(rows)
    count = len(rows) * len(places)
    bits = to_bytes(count) if bitmap else 0
    return Part(to_bytes(count * form.activation_bits), to_bytes(scales * form.activation_scale_bits), bits)


def compressed(part: Part, held: np.ndarray, bits: int) -> Part:
    """A part as a bitmap and codes of `bits` bits each; held: bool [rows, places], the elements that are not zero."""
    return part._replace(codes=to_bytes(int(np.count_nonzero(held)) * bits), places=to_bytes(held.size))


def output_part(arch: Arch, form: OperandFormat, rows: range, columns: range) -> Part:
    """Outputs as they are written: in FP32, or in the format of the activations with blocks along the outputs."""
    if not arch.quantise_output:
        return Part(WIDE * len(rows) * len(columns), 0, 0)
    return activation_part(form, rows, columns)


def quantiser_events(form: OperandFormat, rows: int, columns: range) -> tuple[int, int, int]:
    """Maxima, reciprocals and multiplies of the quantiser for outputs of `rows` tokens in the format of activations.

    Formats with a scale for the whole tensor alone know it before; formats of 16 bits are rounded and not scaled.
    """
    if form.activation_bits > 8:
        return 0, 0, 0
    outputs = rows * len(columns)
    if not form.activation_block:
        return 0, 0, outputs
    return rows * -(-len(columns) // QUANTISER), rows * begun(columns, form.activation_block), outputs


def peak_bytes(arch: Arch) -> float:
    """Bytes that all channels of its DRAM move in a cycle at most."""
    assert arch.dram is not None
    lines = arch.dram.core_ps / (arch.dram.tck_ps * max(arch.dram.bl, arch.dram.ccd_s))
    return arch.memory_channels * arch.dram.line_bytes * lines


def to_bytes(bits: int) -> int:
    """Whole bytes."""
    return -(-bits // 8)


def begun(places: range, block: int) -> int:
    """Blocks whose first element is among places."""
    return -(-places.stop // block) - -(-places.start // block) if block else 0


def touched(rows: range, block: int) -> int:
    """Blocks of rows that have any of these rows."""
    return -(-rows.stop // block) - rows.start // block
