"""From experts in floating point to operands in a number format, an expert after the other."""

import numpy as np

from workloads.kinds.experts.layer import CompressedExpert, CompressedExperts, Expert, Experts
from workloads.kinds.matrix_product.compress import check_sums, lost, prune
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.operand import Operand, activation_format, encode
from workloads.kinds.matrix_product.two_of_four import keep_two
from workloads.number_formats import find_format
from workloads.number_formats.number_format import NumberFormat


def compress_experts(layer: Experts, density: float | None, wanted: ProductFormat) -> CompressedExperts:
    """Prune each matrix, then tokens and matrices in a number format, each matrix as a tensor of its own.

    density: the share of weights to keep of each matrix, by magnitude; None keeps every non-zero. InputError where the
    density is out of range, the format is unknown, or where sums of INT8 products could take more than 32 bits.
    """
    form = find_format(wanted.weight_format)
    activation, tally = encode(activation_format(form), layer.activation), Tally()
    experts = tuple(_compress(layer.name, one, density, wanted, form, tally) for one in layer.weights)
    read = activation.values()
    return CompressedExperts(
        name=layer.name,
        activation=activation,
        choice=layer.choice,
        share=layer.share,
        experts=layer.experts,
        weights=experts,
        two_of_four=wanted.two_of_four,
        notes=(*tally.notes(form.name), *lost("activations", layer.activation, read, activation)),
        weight_error=(tally.error / tally.whole) ** 0.5 if tally.whole else 0.0,
        weight_density=tally.left / max(1, tally.size),
        activation_density=np.count_nonzero(read) / max(1, read.size),
    )


class Tally:
    """Sums over the weights of all matrices: of squares, of squared errors, of non-zeros."""

    def __init__(self) -> None:
        self.whole = self.error = 0.0
        self.size = self.active = self.left = 0

    def add(self, kept: np.ndarray, values: np.ndarray) -> None:
        """A matrix after pruning, float32 [rows, K], and as it is stored, float64 of that shape."""
        self.whole += float((kept.astype(np.float64) ** 2).sum())
        self.error += float(((values - kept) ** 2).sum())
        self.size += kept.size
        self.active += int(np.count_nonzero(kept))
        self.left += int(np.count_nonzero(values))

    def notes(self, form: str) -> tuple[str, ...]:
        """A sentence where weights that were not zero are zero in the format."""
        if self.left == self.active:
            return ()
        return (f"{self.active - self.left} of {self.active} non-zero weights are rounded to zero in {form}",)


def _compress(
    name: str, expert: Expert, density: float | None, wanted: ProductFormat, form: NumberFormat, tally: Tally
) -> CompressedExpert:
    """An expert in a format."""

    def matrix(weight: np.ndarray) -> Operand:
        kept = prune(weight, density)
        kept = keep_two(kept) if wanted.two_of_four else kept
        found = encode(form, kept)
        check_sums(name, found)
        tally.add(kept, found.values())
        return found

    return CompressedExpert(
        matrix(expert.up), matrix(expert.down), None if expert.gate is None else matrix(expert.gate)
    )
