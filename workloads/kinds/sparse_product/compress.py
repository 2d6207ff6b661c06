"""Values of sparse matrices in 16 bits of fixed point, so that sums of their products are exact in FP64."""

import math

import numpy as np

from workloads.errors import refuse
from workloads.kinds.sparse_product.layer import CompressedSparseProduct, SparseMatrix, SparseProduct, check_product

BITS = 16
LARGEST = (1 << (BITS - 1)) - 1
MOST_FRACTION = 40
"""Fraction bits: with more, a product would be less than 2**-80."""
LEAST_FRACTION = -400
"""With fewer, sums of products come near the largest number of FP64, about 2**1024."""


def compress_sparse(layer: SparseProduct, density: float | None) -> CompressedSparseProduct:
    """Both matrices; whole numbers that fit 16 bits stay as they are.

    Each value becomes the nearest multiple of 2**-f, with the most f that fits the largest, below 0 where that exceeds
    16 bits; an entry that becomes zero stays an entry. InputError where a density is asked for, sizes do not fit, or
    values are above 2**415.
    """
    if density is not None:
        refuse(layer.name, f"density is {density}", "none, as the entries of a sparse product are given")
    check_product(layer.name, layer.left, layer.right)
    matrices, bits, notes = [], [], list(layer.notes)
    for name, matrix in (("A", layer.left), ("B", layer.right)):
        rounded, fraction, note = _round(layer.name, name, matrix)
        matrices.append(rounded)
        bits.append(fraction)
        notes += note
    return CompressedSparseProduct(layer.name, matrices[0], matrices[1], (bits[0], bits[1]), tuple(notes))


def _round(place: str, name: str, matrix: SparseMatrix) -> tuple[SparseMatrix, int, list[str]]:
    """The matrix with rounded values, its fraction bits, and what is lost, a sentence or none."""
    values = matrix.values
    largest = float(np.abs(values).max(initial=0.0))
    if largest > (most := math.ldexp(LARGEST, -LEAST_FRACTION)):
        refuse(place, f"the largest magnitude of {name} is {largest:g}", f"at most {most:g}, so that sums are finite")
    if largest <= LARGEST and (values == np.rint(values)).all():
        return matrix, 0, []
    fraction = min(MOST_FRACTION, BITS - 1 - math.frexp(largest)[1])
    if round(math.ldexp(largest, fraction)) > LARGEST:
        fraction -= 1
    scaled = np.rint(np.ldexp(values, fraction))
    lost = int(np.count_nonzero((scaled == 0) & (values != 0)))
    note = [f"{lost:,} of {values.size:,} entries of {name} are rounded to zero in 16 bits"] if lost else []
    return matrix._replace(values=np.ldexp(scaled, -fraction)), fraction, note
