"""BEV pooling: rays with weights by depth and a context, and the cells that their points are in."""

from typing import NamedTuple

import numpy as np

from kernels_ref.fixed_point import to_float


class BevPooling(NamedTuple):
    """Camera features on their way into a bird's-eye view, in floating point."""

    name: str
    cell: np.ndarray  # int32 [rays, depths]: of the view, below 0 where a point is in none
    cells: int  # of the view
    depth: np.ndarray  # float32 [rays, depths]: how likely a ray's feature is at each depth
    activation: np.ndarray | None  # float32 [rays, channels]: the context of each ray


class CompressedBevPooling(NamedTuple):
    """The same in words of 16 bits: all that decides its output to the last bit; see `kernels_ref.bev_pooling`."""

    name: str
    cell: np.ndarray  # int32 [rays, depths]
    cells: int
    depth: np.ndarray  # int16 [rays, depths]
    activation: np.ndarray  # int16 [rays, channels]
    depth_fraction_bits: int
    activation_fraction_bits: int
    cloud_shift: int  # from a product to a word of the cloud
    shift: int  # from a sum of such words to an output
    notes: tuple[str, ...] = ()

    @property
    def inputs(self) -> int:
        """Points, in a cell or not."""
        return self.cell.size

    @property
    def outputs(self) -> int:
        """Channels of a cell."""
        return self.activation.shape[1]

    @property
    def kept(self) -> int:
        """Points in a cell."""
        return int(np.count_nonzero(self.cell >= 0))

    @property
    def output_fraction_bits(self) -> int:
        """Fraction bits of the output's words."""
        return self.depth_fraction_bits + self.activation_fraction_bits - self.cloud_shift - self.shift

    @property
    def dense_operations(self) -> int:
        """A multiply and an add for each point and channel."""
        return 2 * self.inputs * self.outputs

    def output_value(self, output: np.ndarray) -> np.ndarray:
        """Output words, int16 [any shape] -> numbers, float64 of that shape."""
        return to_float(output, self.output_fraction_bits)

    def intervals(self) -> "Intervals":
        """Its points sorted by cell."""
        return intervals_of(self.cell)


class Intervals(NamedTuple):
    """Points sorted by cell: those of hit cell i are point[first[i] : first[i + 1]], in the order of the rays."""

    cell: np.ndarray  # int32 [hit]: cells with a point, in ascending order
    first: np.ndarray  # int64 [hit + 1]
    point: np.ndarray  # int32 [kept]: ray x depths + depth

    @property
    def lengths(self) -> np.ndarray:
        """Points of each hit cell, int64 [hit]."""
        return np.diff(self.first)


def intervals_of(cell: np.ndarray) -> Intervals:
    """Sort points by cell, int32 [rays, depths]; what precomputed ranks hold."""
    flat = cell.ravel()
    kept = np.flatnonzero(flat >= 0)
    point = kept[np.argsort(flat[kept], kind="stable")].astype(np.int32)
    hit, counts = np.unique(flat[kept], return_counts=True)
    return Intervals(hit.astype(np.int32), np.append(0, np.cumsum(counts)).astype(np.int64), point)
