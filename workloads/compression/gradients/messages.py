"""What a node sends of a tensor, bit for bit: a value of 32 bits and a run of zeros of 16, six bytes an element.

Tensors of one dimension, biases and the numbers of batch normalisation, are sent whole, as 32-bit values.
"""

import numpy as np

from workloads.errors import refuse

LONGEST = (1 << 16) - 1
"""Zeros before an element that 16 bits count."""
PAIR = np.dtype([("value", "<f4"), ("zeros", "<u2")])
"""The value and the number of zeros before it, little-endian; the paper gives the widths, the order is chosen here."""
VALUE_BYTES = 4


def encode(places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Pairs [pairs] of dtype PAIR from positions, int64 [sent], strictly ascending, and values, float32 [sent].

    A run of more than 65,535 zeros is cut by a stored zero, which takes a pair. InputError where positions do not
    ascend from 0 on, or are another number than the values.
    """
    if places.shape != values.shape or places.ndim != 1:
        refuse(
            "message", f"{list(places.shape)} positions and {list(values.shape)} values", "as many, in one dimension"
        )
    gaps = np.diff(places.astype(np.int64), prepend=-1) - 1
    if np.any(gaps < 0):
        refuse("message", "positions do not ascend from 0 on", "each greater than the one before")
    cuts = gaps // (LONGEST + 1)
    last = np.cumsum(cuts + 1) - 1
    pairs = np.zeros(int(cuts.sum()) + places.size, PAIR)
    pairs["zeros"] = LONGEST
    pairs["zeros"][last] = gaps - cuts * (LONGEST + 1)
    pairs["value"][last] = values
    return pairs


def unpack(pairs: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions, int64 [pairs], and values, float32 [pairs], of pairs [pairs] of dtype PAIR; a cut's value is zero.

    InputError where they reach beyond a tensor of `size` elements.
    """
    places = np.cumsum(pairs["zeros"].astype(np.int64) + 1) - 1
    if places.size and places[-1] >= size:
        refuse("message", f"its runs reach element {places[-1]}", f"at most {size - 1}")
    return places, pairs["value"]


def decode(pairs: np.ndarray, size: int) -> np.ndarray:
    """The tensor, float32 [size], that pairs [pairs] of dtype PAIR hold. InputError where they reach beyond `size`."""
    places, values = unpack(pairs, size)
    found = np.zeros(size, np.float32)
    found[places] = values
    return found


def to_bytes(tensors: list[np.ndarray]) -> bytes:
    """A node's message: pairs [pairs] of dtype PAIR, or whole 1-D tensors, float32 [size], one after another."""
    return b"".join(np.asarray(one, one.dtype if one.dtype == PAIR else "<f4").tobytes() for one in tensors)


def message_bytes(sent: int, whole: int) -> int:
    """Bytes of a message with `sent` pairs and `whole` elements of 1-D tensors."""
    return sent * PAIR.itemsize + whole * VALUE_BYTES
