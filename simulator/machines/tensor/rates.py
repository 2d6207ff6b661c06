"""The most that the units of the tensor engine could have done in a run, by the kinds of its products."""

from fractions import Fraction

from simulator.hardware.operand_format import WIDTHS
from simulator.machines.tensor.arch import PRODUCTS, Arch, Counts


def products_of(counts: Counts) -> int:
    """Products of a run: of the array, and of the vector unit on states."""
    return sum(int(getattr(counts, name).sum()) for name in (*PRODUCTS.values(), "state_multiplies"))


def ideal_cycles(arch: Arch, counts: Counts) -> Fraction:
    """Cycles of a run in which each unit multiplies all the time, each product at the rate of its multipliers."""
    depths = ((int(getattr(counts, event).sum()), arch.depth_of(kind)) for kind, event in PRODUCTS.items())
    array = sum((Fraction(products, depth) for products, depth in depths), Fraction(0)) / (arch.rows * arch.columns)
    return array + Fraction(int(counts.state_multiplies.sum()), arch.vector_multiplies)


def peak_products(arch: Arch, counts: Counts) -> float:
    """Products in a cycle at most, on average where there are several kinds of them."""
    ideal = ideal_cycles(arch, counts)
    mean = products_of(counts) / ideal if ideal else Fraction(arch.rows * arch.columns * arch.depth)
    return mean.numerator if mean.denominator == 1 else float(mean)


def operand_bytes(arch: Arch, counts: Counts) -> float:
    """Bytes of operands that the unit of a run reads in a cycle at most: of the vector unit a state's number each."""
    if counts.state_multiplies.any():
        return arch.vector_multiplies * arch.state_format.bits / 8
    bits = sum(WIDTHS[kind] * int(getattr(counts, event).sum()) for kind, event in PRODUCTS.items())
    ideal = ideal_cycles(arch, counts) * arch.rows * arch.columns
    each = float(bits / ideal) if ideal else float(arch.depth * arch.weight_format.width)
    return (arch.rows + arch.columns) * each / 8
