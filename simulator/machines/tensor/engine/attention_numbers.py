"""The numbers of attention on the compiled engine: outputs, and which blocks are skipped."""

import math

import numpy as np
from numba import njit

from simulator.hardware.dot_units.compiled import normal, shifted
from simulator.machines.tensor.layout.attention import AttentionStreams, attention_words
from workloads.number_formats.elements import BF16

C0, C1, C2, C3, C4, C5 = (
    np.float32(one) for one in
    (1.0, 0.6931512951850891, 0.24016444385051727, 0.05579992011189461, 0.00901702418923378, 0.0018671323778107762)
)  # fmt: skip
"""Of 2**f, see `kernels_ref.attention`."""
LARGEST = np.finfo(np.float32).max
STEP, KEPT, BELOW = 16, 25, 14
"""Of the dot unit for 16 bits: products that are added at once, and fraction bits of their sum and of a product."""


def skipped_blocks(streams: AttentionStreams) -> tuple[np.ndarray, np.ndarray]:
    """Which blocks are skipped, bool [blocks of all tiles], and the output, float32 [heads x queries x width]."""
    layer = streams.layer
    queries, keys, values = attention_words(streams)
    rows = np.zeros((layer.key_heads, queries.shape[1], layer.width), np.float32)
    skipped, seen = [], layer.seen
    for tile in streams.tiles:
        place, head = slice(tile.rows.start, tile.rows.stop), tile.head
        found = np.zeros(len(tile.blocks), np.bool_)
        words = queries[head, place], keys[head], np.ascontiguousarray(values[head].T)
        operands = [array for one in words for array in _integers(one)]
        rows[head, place] = _attend(*operands, seen[place], layer.scale, layer.block_keys, layer.least, found)  # type: ignore[call-arg]
        skipped.append(found)
    return np.concatenate(skipped), layer.by_head(rows)


def _integers(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Words of BF16, uint16 [rows, K], as significands and exponents: int32 of the same shape."""
    parts = BF16.parts.of(words)
    return parts.significand, parts.exponent


@njit(cache=True)
def _attend(a, ae, k, ke, v, ve, seen, scale, block, least, skipped):  # type: ignore[no-untyped-def]
    """A tile's output, float32 [rows, width]; sets `skipped`, bool [blocks].

    Significands and exponents, int32: of queries [rows, width], of keys [keys, width], of values [width, keys]. seen:
    int64 [rows], keys that each row reads; the others are scalars, see `kernels_ref.attention.attend`.
    """
    rows, width = a.shape
    last = seen.max()
    largest, greatest = np.full(rows, np.float32(-np.inf)), np.empty(rows, np.float32)
    total, sums = np.zeros(rows, np.float32), np.zeros((rows, width), np.float32)
    score = np.empty((rows, block), np.float32)
    p, pe = np.zeros(block, np.int32), np.zeros(block, np.int32)
    for b in range(skipped.size):
        first = b * block
        size = min(block, last - first)
        low = b > 0
        for i in range(rows):
            greatest[i] = -np.inf
            for j in range(size):
                score[i, j] = -np.inf
                if first + j < seen[i]:
                    score[i, j] = finite(_dot(a[i], ae[i], k[first + j], ke[first + j], 0, width) * scale)
                greatest[i] = max(greatest[i], score[i, j])
            low = low and greatest[i] - max(largest[i], greatest[i]) < least
        skipped[b] = low
        if low:
            continue
        for i in range(rows):
            raised = max(largest[i], greatest[i])
            factor, added = power(largest[i] - raised), np.float32(0)
            for j in range(size):
                weight = power(score[i, j] - raised)
                added += weight
                p[j], pe[j] = _to_half(weight)
            total[i] = total[i] * factor + added
            largest[i] = raised
            for w in range(width):
                sums[i, w] = finite(sums[i, w] * factor + _dot(p, pe, v[w], ve[w], first, size))
    for i in range(rows):
        for w in range(width):
            sums[i, w] = sums[i, w] / total[i]
    return sums


@njit(cache=True, inline="always")
def finite(value):  # type: ignore[no-untyped-def]
    """A float32 scalar within the largest of FP32."""
    return min(max(value, -LARGEST), LARGEST)


@njit(cache=True)
def _dot(a, ae, b, be, first, size):  # type: ignore[no-untyped-def]
    """The dot product, float32, of `size` numbers of BF16 as the unit of 16-bit numbers adds them.

    a, ae: significands and exponents, int32 [size]; b, be: int32 [first + size], from `first` on.
    """
    held, top = np.int64(0), np.int64(0)
    for begin in range(0, size, STEP):
        greatest, some = top, held != 0
        end = min(begin + STEP, size)
        for n in range(begin, end):
            exponent = ae[n] + be[first + n]
            if a[n] != 0 and b[first + n] != 0 and (not some or exponent > greatest):
                greatest, some = np.int64(exponent), True
        if not some:
            continue
        sum_ = shifted(held, top - 23 - greatest + KEPT)
        for n in range(begin, end):
            value = np.int64(a[n]) * b[first + n]
            sum_ += shifted(value, ae[n] + be[first + n] - BELOW - greatest + KEPT)
        held, top = normal(sum_, greatest - KEPT)
    return np.float32(math.ldexp(float(held), int(top) - 23))


@njit(cache=True, inline="always")
def power(x):  # type: ignore[no-untyped-def]
    """2**x, float32, of a float32 scalar of at most 0."""
    if x < np.float32(-126):
        return np.float32(0)
    whole = np.float32(math.floor(x))
    f = np.float32(x - whole)
    value = C5 * f + C4
    value = value * f + C3
    value = value * f + C2
    value = value * f + C1
    value = value * f + C0
    return np.float32(math.ldexp(float(value), int(whole)))


@njit(cache=True, inline="always")
def _to_half(value):  # type: ignore[no-untyped-def]
    """Significand and exponent of the BF16 nearest to a float32 scalar, ties to even: 0, or at least 2**-126."""
    if value == 0:
        return 0, -126
    fraction, exponent = math.frexp(float(value))
    exact = fraction * 256.0
    nearest = math.floor(exact)
    rest = exact - nearest
    if rest > 0.5 or (rest == 0.5 and nearest % 2):
        nearest += 1
    return (int(nearest), exponent - 1) if nearest < 256 else (128, exponent)
