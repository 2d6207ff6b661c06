"""A sparse convolution as one of 1 x 1 over its outputs, for machines that know no other (im2col over active sites).

Each output becomes a place of a plane, each offset of the kernel with each input feature a channel; a neighbour that
holds nothing leaves zeros there. A dense machine multiplies them, a sparse one skips them.
"""

import math

import numpy as np

from workloads.errors import refuse
from workloads.kinds.convolution.compress import compress_convolution
from workloads.kinds.convolution.layer import CompressedConvolution, Convolution
from workloads.kinds.sparse_convolution.layer import SparseConvolution
from workloads.kinds.sparse_convolution.rulebook import make_rulebook

MOST_UNFOLDED = 1 << 26
"""Elements of the plane: those of the last stage of a detector's encoder are 36 millions."""
NOTE = "as a convolution of 1 x 1 over its outputs (im2col): each offset of the kernel is a group of channels"


def as_convolution(layer: SparseConvolution, density: float | None = None) -> CompressedConvolution:
    """The convolution, in the words and sums of that kind; the plane is as square as it can be.

    Output (row, column) is that of site row x width + column; places after the last site have zeros. InputError where
    there is no input, or where the plane is too large.
    """
    if layer.activation is None:
        refuse(layer.name, "it has no features", f"an input [voxels, {layer.weight.shape[1]}]")
    book = make_rulebook(layer.places, layer.geometry) if layer.book is None else layer.book
    sites, inputs, offsets = len(book.places), layer.weight.shape[1], layer.geometry.offsets
    high = max(1, math.isqrt(sites))
    wide = max(1, -(-sites // high))
    if high * wide * offsets * inputs > MOST_UNFOLDED:
        found = f"as a convolution of 1 x 1 it has {sites:,} places of {offsets * inputs:,} channels"
        refuse(layer.name, found, f"places x channels of at most {MOST_UNFOLDED:,}")
    plane = np.zeros((offsets, inputs, high * wide), np.float32)
    for offset in range(offsets):
        mine = slice(int(book.first[offset]), int(book.first[offset + 1]))
        plane[offset][:, book.target[mine]] = layer.activation[book.source[mine]].T
    outputs = len(layer.weight)
    weight = layer.weight.reshape(outputs, inputs, offsets).transpose(0, 2, 1).reshape(outputs, -1, 1, 1)
    image = plane.reshape(offsets * inputs, high, wide)
    given = Convolution(
        layer.name, np.ascontiguousarray(weight), layer.bias, image, layer.relu, (1, 1), (0, 0, 0, 0), 1
    )
    made = compress_convolution(given, density)
    return made._replace(notes=(*made.notes, NOTE))
