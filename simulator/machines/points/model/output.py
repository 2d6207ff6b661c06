"""The outputs of a layer, pair by pair, in whole numbers of any size."""

import numpy as np

from workloads.kinds.sparse_convolution.layer import CompressedSparseConvolution


class Sums:
    """Sums of products of each output."""

    def __init__(self, layer: CompressedSparseConvolution):
        self._layer = layer
        self._sums = np.zeros((layer.sites, layer.outputs), object)

    def add(self, offset: int, pairs: slice) -> None:
        """Add the products of some pairs of an offset."""
        layer = self._layer
        kernel = layer.weight.reshape(layer.outputs, layer.inputs, -1)[:, :, offset].astype(object)
        for source, target in zip(layer.book.source[pairs], layer.book.target[pairs], strict=True):
            self._sums[target] += kernel @ layer.activation[source].astype(object)

    def words(self) -> np.ndarray:
        """Bias, rounding, saturation, ReLU: int16 [sites x outputs]."""
        layer = self._layer
        lowest, highest = 0 if layer.relu else -(1 << 15), (1 << 15) - 1
        found = np.zeros(self._sums.shape, np.int16)
        for (site, output), total in np.ndenumerate(self._sums):
            whole = int(total) + (0 if layer.bias is None else int(layer.bias[output]))
            found[site, output] = min(max((whole + ((1 << layer.shift) >> 1)) >> layer.shift, lowest), highest)
        return found.ravel()
