"""The reference kernel of sparse products."""

import numpy as np

from kernels_ref.sparse_product import Rows, product
from workloads.kinds.sparse_product.layer import CompressedSparseProduct


def reference(layer: CompressedSparseProduct) -> np.ndarray:
    """The product by rows, float64 [rows + 1 + 2 x entries]: starts, columns, values."""
    return np.concatenate(product(Rows(*layer.left[:3]), Rows(*layer.right[:3]), layer.right.width))
