"""The reference kernel of a state-space layer: steps of Mamba-2 for one sequence, in FP32 without fused operations.

A token is projected to [z, x, B, C, dt]: z and x of each head, B and C of each group of heads, dt of each head. For
each token, in this order, every operation rounded to nearest even:

1. Channels of x, B and C go through a causal convolution of their own: the bias, then products with the kept numbers,
   the oldest first, and with the new one; then SiLU.
2. dt = softplus(dt + its bias), softplus(u) = max(u, 0) + log(1 + e**-|u|); the decay is a = e**-(dt * A).
3. state = a * state + (dt * x) * B for each number of a head and each of the state.
4. y = the sum of C * state along the state, the first product first, plus D * x; the output is y * SiLU(z).

SiLU(v) = v * q for v >= 0 and v * (e * q) else, with e = e**-|v| and q = 1 / (1 + e). Products and sums beyond FP32 are
its largest number; within a sum only at its end. Exponentials and the logarithm are those of `kernels_ref.powers`. The
state is rounded to its format once, after the last token, to nearest even, within the format's largest number.
"""

from typing import NamedTuple

import numpy as np
from ml_dtypes import bfloat16

from kernels_ref.powers import falling, log_of_one_and

LARGEST = np.finfo(np.float32).max
FORMATS = {
    "fp32": (np.dtype(np.float32), float(LARGEST)),
    "fp16": (np.dtype(np.float16), 65504.0),
    "bf16": (np.dtype(bfloat16), 3.3895313892515355e38),
}
"""Of a state: the type of its numbers, and the largest one."""


class Parameters(NamedTuple):
    """Of a layer, for all sequences: float32."""

    weight: np.ndarray  # [channels, taps], the oldest tap first
    bias: np.ndarray  # [channels]
    time_bias: np.ndarray  # [heads]
    decay: np.ndarray  # [heads]: A, at least 0
    skip: np.ndarray  # [heads]: D


class Advanced(NamedTuple):
    """What the tokens of a sequence give."""

    output: np.ndarray  # float32 [tokens, heads, width]
    state: np.ndarray  # [heads, width, state width], in its format
    window: np.ndarray  # float32 [channels, taps - 1]


@np.errstate(over="ignore")
def advance(
    projected: np.ndarray, state: np.ndarray, window: np.ndarray, groups: int, given: Parameters, state_format: str
) -> Advanced:  # fmt: skip
    """The tokens of a sequence, float32 [tokens, 2 x heads x width + 2 x groups x state width + heads].

    state: [heads, width, state width], numbers of its format; window: float32 [channels, taps - 1], the oldest first.
    ValueError where shapes do not fit.
    """
    heads, width, wide = state.shape
    channels = heads * width + 2 * groups * wide
    expected = (channels, given.weight.shape[1] - 1), heads * width + channels + heads
    if (window.shape, projected.shape[1]) != expected or heads % groups:
        raise ValueError(f"shapes are {projected.shape}, {state.shape} and {window.shape}, in {groups} groups")
    held, kept, outputs = state.astype(np.float32), window.astype(np.float32), []
    for token in projected.astype(np.float32):
        z, new, time = np.split(token, [heads * width, heads * width + channels])
        taps = np.concatenate([kept, new[:, None]], axis=1)
        kept = taps[:, 1:]
        terms = np.concatenate([given.bias[:, None], finite(given.weight * taps)], axis=1)
        mixed = silu(finite(np.cumsum(terms, axis=1, dtype=np.float32)[:, -1]))
        x = mixed[: heads * width].reshape(heads, width)
        b, c = (
            np.repeat(one.reshape(groups, wide), heads // groups, axis=0)[:, None]
            for one in np.split(mixed[heads * width :], 2)
        )
        step = softplus(finite(time + given.time_bias))
        share = falling(step * given.decay)[:, None, None]
        held = finite(share * held + finite(finite(step[:, None] * x)[:, :, None] * b))
        y = finite(np.cumsum(finite(c * held), axis=2, dtype=np.float32)[:, :, -1])
        y = finite(y + finite(given.skip[:, None] * x))
        outputs.append(finite(y * silu(z.reshape(heads, width))))
    return Advanced(np.stack(outputs), rounded(held, state_format), kept)


def rounded(values: np.ndarray, state_format: str) -> np.ndarray:
    """Numbers, float32 [any shape], in the format of a state."""
    dtype, largest = FORMATS[state_format]
    return np.clip(values, -np.float32(largest), np.float32(largest)).astype(dtype)


def finite(values: np.ndarray) -> np.ndarray:
    """Numbers, float32 [any shape], within the largest of FP32."""
    return np.clip(values, -LARGEST, LARGEST)


def silu(v: np.ndarray) -> np.ndarray:
    """SiLU, v / (1 + e**-v), float32 [any shape]."""
    e = falling(np.abs(v))
    q = np.float32(1) / (np.float32(1) + e)
    return v * np.where(v >= 0, q, e * q)


def softplus(u: np.ndarray) -> np.ndarray:
    """Softplus, log(1 + e**u), float32 [any shape]."""
    return np.maximum(u, np.float32(0)) + log_of_one_and(falling(np.abs(u)))
