"""The number format of both operands of a matrix product as a part of an architecture."""

from typing import NamedTuple

from simulator.hardware.component import Component

FP4, FP8, INT8, HALF = "fp4", "fp8", "int8", "half"
"""Kinds of multipliers: E2M1; E4M3 and E5M2; INT8; BF16 and FP16."""
WIDTHS = {FP4: 4, FP8: 8, INT8: 8, HALF: 16}
"""Bits of an operand of each."""


class OperandFormat(NamedTuple):
    """A number format as an array of dot units sees it; blocks of 0: there are no scales of blocks."""

    name: str
    bits: int  # of a weight's code
    block: int  # weights along K that share a scale
    block_rows: int  # rows of weights that share a scale
    scale_bits: int
    activation_bits: int
    activation_block: int  # activations along K that share a scale
    activation_scale_bits: int
    multiplier: str  # see FP4
    step: int  # products that are added to an accumulator at once
    decoded: bool  # weights become BF16 on their way into the array
    tensor_scale: bool  # sums are multiplied on their way out

    @property
    def width(self) -> int:
        """Bits of a multiplier's operand."""
        return WIDTHS[self.multiplier]


def _names() -> list[str]:
    from workloads.number_formats import number_formats

    return list(number_formats())


def _knows(name: str) -> bool:
    from workloads.errors import InputError
    from workloads.number_formats import find_format

    try:
        find_format(name)
    except InputError:
        return False
    return True


def _load(name: str, cycle_ps: int) -> OperandFormat:  # noqa: ARG001
    from workloads.kinds.matrix_product.operand import activation_format, multiplier_of, unit_of
    from workloads.number_formats import find_format
    from workloads.number_formats.block import BlockFormat
    from workloads.number_formats.number_format import NumberFormat

    def scales(form: NumberFormat) -> tuple[int, int, int]:
        """Elements along K and rows that share a scale, and its bits."""
        if not isinstance(form, BlockFormat) or not form.scaled:
            return 0, 1, 0
        return form.block.columns, max(1, form.block.rows), form.rule.bits

    weight = find_format(name)
    activation = activation_format(weight)
    unit = unit_of(activation)
    assert unit is not None
    block, rows, bits = scales(weight)
    across, _, activation_bits = scales(activation)
    return OperandFormat(
        name=name,
        bits=weight.bits,
        block=block,
        block_rows=rows,
        scale_bits=bits,
        activation_bits=activation.bits,
        activation_block=across,
        activation_scale_bits=activation_bits,
        multiplier=multiplier_of(activation),
        step=unit.step,
        decoded=unit_of(weight) is None,
        tensor_scale=isinstance(activation, BlockFormat) and activation.rule.tensor_bits > 0,
    )


def fewer_bits(name: str) -> float | None:
    """The rank of a number format among others: minus the bits of a code; None of what is none."""
    from workloads.errors import InputError
    from workloads.number_formats import find_format

    try:
        return -float(find_format(name).bits)
    except InputError:
        return None


OPERAND_FORMAT = Component("numbers", _names, _load, optional=False, knows=_knows, rank=fewer_bits)
"""A number format by name: any that `zeroskip list` shows, or of a family such as `int4-g64`."""
