"""The numbers of a state-space layer on the compiled engine: outputs, new states and new windows."""

import math

import numpy as np
from numba import njit

from simulator.machines.tensor.engine.attention_numbers import finite, power
from workloads.kinds.state_space.layer import CompressedStateSpace

LOG2E = np.float32(np.log2(np.e))
ZERO, ONE, TWO = np.float32(0), np.float32(1), np.float32(2)
L0, L1, L2, L3, L4 = (
    np.float32(one) for one in (2.0, 0.6666631698608398, 0.40024909377098083, 0.27960604429244995, 0.28178325295448303)
)
"""Of 2 * atanh(s) / s in s * s, see `kernels_ref.powers`."""
ROUNDING = {"fp32": (0, 0, 0.0), "fp16": (10, -14, 65504.0), "bf16": (7, -126, 3.3895313892515355e38)}
"""Of a format of states: bits of the fraction, least exponent, largest number; 0 bits: nothing is rounded."""


def output_of(layer: CompressedStateSpace) -> np.ndarray:
    """The output of a run, float32 [y, states and windows]."""
    shape = layer.sequences, layer.steps, layer.heads, layer.head_width
    output = np.zeros(shape, np.float32)
    state, window, tokens = (np.array(one, np.float32) for one in (layer.state, layer.window, layer.activation))
    given = tuple(
        np.array(one, np.float32) for one in (layer.weight, layer.bias, layer.time_bias, layer.decay, layer.skip)
    )
    for sequence in range(layer.sequences):
        _advance(tokens[sequence], state[sequence], window[sequence], *given, layer.groups, output[sequence])  # type: ignore[call-arg]
    bits, least, largest = ROUNDING[layer.state_format]
    if bits:
        _round_all(state.reshape(-1), bits, least, largest)
    return layer.output_of(output, state, window)


@njit(cache=True)
def _advance(tokens, state, window, weight, bias, time_bias, decay, skip, groups, output):  # type: ignore[no-untyped-def]
    """The tokens of a sequence; sets `output`, float32 [tokens, heads, width], and changes state and window in place.

    All float32: tokens [tokens, numbers], state [heads, width, state width], window [channels, taps - 1], weight
    [channels, taps], bias [channels], and time_bias, decay and skip [heads].
    """
    heads, width, wide = state.shape
    numbers, channels = heads * width, bias.size
    mixed = np.empty(channels, np.float32)
    for t in range(tokens.shape[0]):
        token = tokens[t]
        for channel in range(channels):
            mixed[channel] = _silu(_mix(window[channel], token[numbers + channel], weight[channel], bias[channel]))
        for head in range(heads):
            group = head // (heads // groups)
            b, c = numbers + group * wide, numbers + (groups + group) * wide
            step = _softplus(finite(token[numbers + channels + head] + time_bias[head]))
            share = power(-(step * decay[head]) * LOG2E)
            for i in range(width):
                x = mixed[head * width + i]
                y = _update(state[head, i], share, finite(step * x), mixed[b : b + wide], mixed[c : c + wide])
                y = finite(y + finite(skip[head] * x))
                output[t, head, i] = finite(y * _silu(token[head * width + i]))


@njit(cache=True, inline="always")
def _mix(window, new, weight, bias):  # type: ignore[no-untyped-def]
    """A channel's convolution, float32; `window`, float32 [taps - 1], moves by one. weight: float32 [taps]."""
    total, kept = bias, window.size
    for tap in range(kept):
        total = total + finite(weight[tap] * window[tap])
        window[tap] = window[tap + 1] if tap + 1 < kept else new
    return finite(total + finite(weight[kept] * new))


@njit(cache=True, inline="always")
def _update(state, share, added, b, c):  # type: ignore[no-untyped-def]
    """The sum of `c` times the new state, float32; state, b, c: float32 [state width], the first changed in place."""
    total = ZERO
    for n in range(state.size):
        state[n] = finite(share * state[n] + finite(added * b[n]))
        product = finite(c[n] * state[n])
        total = total + product if n else product
    return finite(total)


@njit(cache=True)
def _silu(v):  # type: ignore[no-untyped-def]
    """SiLU, v / (1 + e**-v) of a float32 scalar."""
    e = power(-abs(v) * LOG2E)
    q = ONE / (ONE + e)
    return v * (q if v >= ZERO else e * q)


@njit(cache=True)
def _softplus(u):  # type: ignore[no-untyped-def]
    """Softplus, log(1 + e**u) of a float32 scalar."""
    e = power(-abs(u) * LOG2E)
    s = e / (TWO + e)
    square = s * s
    value = L4 * square + L3
    value = value * square + L2
    value = value * square + L1
    value = value * square + L0
    return max(u, ZERO) + s * value


@njit(cache=True)
def _round_all(values, bits, least, largest):  # type: ignore[no-untyped-def]
    """Round float32 [numbers] in place to a format: to nearest even, within its largest number."""
    for place in range(values.size):
        value = min(max(float(values[place]), -largest), largest)
        if value != 0:
            exponent = max(math.frexp(value)[1] - 1, least)
            unit = math.ldexp(1.0, exponent - bits)
            values[place] = np.float32(math.copysign(np.rint(value / unit) * unit, value))
