"""Sparse products by scipy."""

import numpy as np
from scipy import sparse

from differential.compare import differs


def sparse_by_scipy(layer, output):
    """Every value of the product, exactly; entries that are zero apart, which scipy leaves out."""
    left, right = (
        sparse.csr_matrix((one.values, one.columns, one.starts), shape=(one.rows, one.width))
        for one in (layer.left, layer.right)
    )
    rows = layer.left.rows + 1
    columns, values = np.split(output[rows:], 2)
    ours = sparse.csr_matrix((values, columns.astype(int), output[:rows].astype(int)), shape=(rows - 1, right.shape[1]))
    found = (left @ right - ours).tocoo()
    return differs(np.zeros(found.data.size), found.data)
