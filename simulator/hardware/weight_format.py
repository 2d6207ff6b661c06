"""The number format of weights as a part of an architecture: what a decoder looks up, and which scales it reads."""

from typing import NamedTuple

from simulator.hardware.component import Component
from simulator.hardware.operand_format import fewer_bits

CODEBOOK = "codebook"
"""Shared weights whose codes have the bits that the architecture states apart."""
MOST_BITS = 8
"""Of a code that a table decodes."""


class WeightFormat(NamedTuple):
    """A number format as a decoder sees it."""

    name: str
    bits: int  # of a code; 0: see CODEBOOK
    block: int = 0  # codes along a line that share a scale; 0: there are no scales of blocks
    scale_bits: int = 0  # of a stored scale
    tensor_scale: bool = False  # sums are multiplied on the way out


def _names() -> list[str]:
    from workloads.number_formats import number_formats

    return [CODEBOOK, *(name for name, form in number_formats().items() if form.bits <= MOST_BITS)]


def _knows(name: str) -> bool:
    from workloads.errors import InputError
    from workloads.number_formats import find_format

    try:
        return find_format(name).bits <= MOST_BITS
    except InputError:
        return False


def _load(name: str, cycle_ps: int) -> WeightFormat:  # noqa: ARG001
    from workloads.number_formats import find_format
    from workloads.number_formats.block import BlockFormat

    if name == CODEBOOK:
        return WeightFormat(CODEBOOK, 0)
    form = find_format(name)
    if not isinstance(form, BlockFormat) or not form.scaled:
        return WeightFormat(name, form.bits)
    return WeightFormat(name, form.bits, form.block.columns, form.rule.bits, form.rule.tensor_bits > 0)


def _rank(name: str) -> float | None:
    """See `fewer_bits`; None of a codebook, whose bits another number says."""
    return None if name == CODEBOOK else fewer_bits(name)


WEIGHT_FORMAT = Component("numbers", _names, _load, optional=False, knows=_knows, rank=_rank)
"""A number format of at most 8 bits a code, by name: `codebook`, or one that `zeroskip list` shows."""
