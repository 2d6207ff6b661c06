"""Weight sharing: a codebook by one-dimensional k-means, and the codes of weights (Deep Compression, section 3)."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from workloads.errors import InputError
from workloads.number_formats.number_format import Encoded, NumberFormat, levels_problem

MOST_ROUNDS = 10_000
"""A bound against defects only: Lloyd's rounds always end, and millions of weights take some hundred of them."""

Start = Literal["linear", "density", "random"]
"""Where k-means starts: at values evenly spaced, at ranks evenly spaced, or at values drawn from the data."""


def share(
    values: np.ndarray, bits: int, start: Start = "linear", rng: np.random.Generator | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return a codebook, float32 [2**bits], and the code of each value, uint8, 1 .. 2**bits - 1.

    values: float32 [n], finite. Level 0 is kept for zero, as EIE does; the other levels are the centroids of k-means. A
    linear start is Deep Compression's best; a random one draws from `rng`. With fewer distinct values than centroids,
    some centroids stay unused. InputError where a random start has no `rng`.
    """
    codebook = np.zeros(1 << bits, np.float32)
    if values.size == 0:
        return codebook, np.zeros(0, np.uint8)
    ordered = np.sort(values).astype(np.float64)
    centroids = kmeans(ordered, starting_points(ordered, codebook.size - 1, start, rng))
    codebook[1:] = centroids
    return codebook, (np.searchsorted(_borders(centroids), values) + 1).astype(np.uint8)


def nearest(codebook: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the code of the level nearest to each value, uint8 [n]; of two equally near levels, the lower code.

    codebook: float32 [levels], where level 0 (zero) may be chosen too; values: float32 [n].
    """
    with np.errstate(over="ignore"):  # a level so far away is not the nearest: level 0 is nearer
        return np.abs(values[:, None] - codebook[None, :]).argmin(axis=1).astype(np.uint8)


def starting_points(
    ordered: np.ndarray, count: int, start: Start = "linear", rng: np.random.Generator | None = None
) -> np.ndarray:
    """Return ascending starting points, float64 [count], for k-means on `ordered`, float64 [n], ascending.

    InputError where a random start has no `rng`.
    """
    if start == "linear":
        return np.linspace(ordered[0], ordered[-1], count)
    if start == "density":
        return ordered[((np.arange(count) + 0.5) * ordered.size / count).astype(np.int64)]
    if rng is None:
        raise InputError("a random start needs a generator; expected rng")
    return np.sort(rng.choice(ordered, count, replace=ordered.size < count))


def kmeans(ordered: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return the centroids, float64 [k], of `ordered`, float64 [n], ascending, from ascending points, float64 [k].

    Lloyd's algorithm: the clusters of sorted numbers are intervals, so a round costs one binary search for each
    centroid, on prefix sums. A centroid that ends without members (pruned weights leave a gap around zero) moves into
    the cluster of the greatest squared error, and the rounds continue; with fewer distinct values than centroids, some
    stay unused, and so it is where the values differ by less than the sums round, and the same centroids come again.
    """
    centroids = start.copy()
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    squares = np.concatenate([[0.0], np.cumsum(ordered * ordered)])
    seen = set[bytes]()
    while True:
        cut = _converge(ordered, sums, centroids)
        if (found := centroids.tobytes()) in seen:
            return centroids
        seen.add(found)
        members = np.diff(cut)
        filled = members > 0
        error = np.zeros(centroids.size)
        error[filled] = np.diff(squares[cut])[filled] - np.diff(sums[cut])[filled] ** 2 / members[filled]
        worst = int(error.argmax())
        if filled.all() or np.unique(ordered[cut[worst] : cut[worst + 1]]).size < 2:
            return centroids
        spread = np.sqrt(error[worst] / members[worst])
        empty = int(np.flatnonzero(~filled)[0])
        centroids[empty], centroids[worst] = centroids[worst] + spread, centroids[worst] - spread
        centroids.sort()


def _converge(ordered: np.ndarray, sums: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """Move the centroids in place until no value changes its cluster; return the clusters' bounds, int64 [k + 1]."""
    cut = _cut(ordered, centroids)
    for _ in range(MOST_ROUNDS):
        members = np.diff(cut)
        filled = members > 0
        centroids[filled] = np.diff(sums[cut])[filled] / members[filled]
        previous, cut = cut, _cut(ordered, centroids)
        if np.array_equal(previous, cut):
            break
    return cut


def _borders(centroids: np.ndarray) -> np.ndarray:
    """The values halfway between neighbouring centroids."""
    return (centroids[1:] + centroids[:-1]) / 2


def _cut(ordered: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """The clusters' bounds, int64 [k + 1]; a value on a border belongs to the lower centroid."""
    cut = np.zeros(centroids.size + 1, np.int64)
    cut[1:-1] = np.searchsorted(ordered, _borders(centroids), side="right")
    cut[-1] = ordered.size
    return cut


class CodebookFormat(NumberFormat):
    """Shared weights: codes into a codebook of 32-bit levels, one codebook a layer (Deep Compression)."""

    def __init__(self, bits: int):
        self.bits, self.name = bits, f"codebook{bits}"
        self.about = f"{bits}-bit codes into a codebook of {1 << bits} levels, k-means"

    def encode(self, values: np.ndarray) -> Encoded:
        """Codes, uint8, shape of the float32 values; 0 for zero. The levels, float32 [2**bits], are shared."""
        code = np.zeros(values.shape, np.uint8)
        levels, code[values != 0] = share(values[values != 0], self.bits)
        return Encoded(code, {"levels": levels})

    def decode(self, encoded: Encoded) -> np.ndarray:
        """The levels of the codes: float64 [shape of the codes]."""
        return encoded.shared["levels"][encoded.code].astype(np.float64)

    def storage_bits(self, encoded: Encoded) -> int:
        """Codes, and levels of 32 bits."""
        return encoded.code.size * self.bits + 32 * encoded.shared["levels"].size

    def problem(self, shared: Mapping[str, np.ndarray], shape: tuple[int, int]) -> str | None:  # noqa: ARG002
        """Why arrays cannot be the levels, float32 [levels]."""
        return levels_problem(shared, 1 << self.bits)
