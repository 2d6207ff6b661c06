"""Random sparse products: words of all bits, numbers through the front end, and the zoo's graphs as small ones."""

import numpy as np
from support.gamma_machines import matrix

from differential.draws import coin, floats, seed, share, up_to
from workloads.kinds import kind_of_recipe
from workloads.kinds.sparse_product.compress import compress_sparse
from workloads.kinds.sparse_product.layer import SparseProduct
from workloads.sources.zoo.recipes import zoo
from zeroskip import load_workload

MOST_ENTRIES = 300
"""Of a graph of the zoo: its products are several times as many."""


def of_words(kind, formats, rng):  # noqa: ARG001
    """Whole numbers of 16 bits, so that every sum is exact; rows and columns without an entry, matrices without one."""
    rows, inner, columns = up_to(rng, 9), up_to(rng, 12), up_to(rng, 9)
    sides = matrix(rng, rows, inner, share(rng)), matrix(rng, inner, columns, share(rng))
    left, right = (
        one._replace(values=rng.integers(-(1 << 15), 1 << 15, one.values.size).astype(np.float64)) for one in sides
    )
    return compress_sparse(SparseProduct("words", left, right), None)


def of_floats(kind, formats, rng):  # noqa: ARG001
    """Of arrays, through the front end: two matrices, or one times itself."""
    side, other = up_to(rng, 12), up_to(rng, 9)
    arrays = _arrays("a", floats(rng, side, side))
    if coin(rng):
        arrays |= {**_arrays("b", floats(rng, side, other)), "width": np.array(other)}
    return load_workload(arrays, seed=seed(rng), formats=formats).layer


def from_zoo(kind, formats, rng):
    """A graph of the zoo: its rows and entries grow with the scale."""
    found = [name for name, recipe in zoo().items() if kind_of_recipe(recipe).name == kind]
    name = found[int(rng.integers(0, len(found)))]
    scale = MOST_ENTRIES / zoo()[name].entries.value * float(rng.uniform(0.3, 1))
    return load_workload(name, scale=scale, seed=seed(rng), formats=formats).layer


def _arrays(side, dense):
    """A matrix by rows, by the names of a layer's arrays; zeros are no entries."""
    row, column = np.nonzero(dense)
    starts = np.concatenate([[0], np.bincount(row, minlength=len(dense)).cumsum()])
    return {f"{side}_starts": starts, f"{side}_columns": column, f"{side}_values": dense[row, column]}
