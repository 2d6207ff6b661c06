"""A fully connected layer whose inputs are split over chips."""

import numpy as np

from workloads.kinds.fully_connected.layer import CompressedFullyConnected
from workloads.kinds.split import Split


class FullyConnectedSplit(Split[CompressedFullyConnected]):
    """Words of 16 bits: sums in whole numbers, as long as none saturates."""

    def part(self, layer: CompressedFullyConnected, inputs: slice) -> CompressedFullyConnected:
        """Some inputs, without the multiplier of a tensor's scale, bias and ReLU."""
        start, row, code = layer.columns
        first, last = int(start[inputs.start]), int(start[inputs.stop])
        columns = type(layer.columns)(start[inputs.start : inputs.stop + 1] - first, row[first:last], code[first:last])
        scales = layer.scales
        if scales is not None:
            scales = scales._replace(group=scales.group[inputs], multiplier=0)
        return layer._replace(
            inputs=inputs.stop - inputs.start,
            columns=columns,
            activation=layer.activation[inputs],
            has_bias=False,
            relu=False,
            initial=None,
            scales=scales,
        )

    def adds_exactly(self, layer: CompressedFullyConnected) -> bool:  # noqa: ARG002
        """Always."""
        return True

    def finish(self, layer: CompressedFullyConnected, total: np.ndarray) -> np.ndarray:
        """Sums, int64 [outputs], saturated, times the tensor's scale, with ReLU: int16 [outputs]."""
        from kernels_ref.fixed_point import HIGHEST, LOWEST, round_shift

        sums = np.clip(total, LOWEST, HIGHEST)
        if layer.scales is not None and layer.scales.multiplier:
            sums = round_shift(sums * layer.scales.multiplier, 15)
        return np.maximum(sums, 0).astype(np.int16) if layer.relu else sums.astype(np.int16)
