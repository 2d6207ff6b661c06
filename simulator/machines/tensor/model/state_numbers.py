"""The numbers of a state-space layer in the model: a group of heads of a sequence at once, a head after the other."""

import numpy as np

from simulator.machines.tensor.model.attention_numbers import finite, power
from workloads.kinds.state_space.layer import CompressedStateSpace

LOG2E, MOST = np.float32(np.log2(np.e)), np.finfo(np.float32).max
LOGARITHM = (2.0, 0.6666631698608398, 0.40024909377098083, 0.27960604429244995, 0.28178325295448303)
"""Of 2 * atanh(s) / s in s * s, lowest first: see `kernels_ref.powers`."""


class Numbers:
    """Tokens, states and windows of all sequences, as they are in DRAM before a run and after it."""

    def __init__(self, layer: CompressedStateSpace):
        self.layer = layer
        self.tokens, self.state, self.window, self.weight = (
            np.array(one, np.float32) for one in (layer.activation, layer.state, layer.window, layer.weight)
        )
        self.y = np.zeros((layer.sequences, layer.steps, layer.heads, layer.head_width), np.float32)

    def output(self) -> np.ndarray:
        """The output of a run, float32 [y, states and windows]."""
        return self.layer.output_of(self.y, self.state, self.window)

    @np.errstate(over="ignore", under="ignore")
    def update(self, sequence: int, group: int) -> None:
        """All tokens of a group of heads, then its states are rounded."""
        layer = self.layer
        each, wide, numbers = layer.heads // layer.groups, layer.state_width, layer.heads * layer.head_width
        heads, shared = range(group * each, (group + 1) * each), numbers + group * wide
        for step in range(layer.steps):
            new = self.tokens[sequence, step, numbers : -layer.heads]
            b = self._mix(sequence, range(shared, shared + wide), new)
            c = self._mix(sequence, range(shared + layer.groups * wide, shared + layer.groups * wide + wide), new)
            for head in heads:
                own = range(head * layer.head_width, (head + 1) * layer.head_width)
                self.y[sequence, step, head] = self._head(sequence, step, head, self._mix(sequence, own, new), b, c)
        part = self.state[sequence, heads.start : heads.stop]
        part[:] = as_stored(part, layer.state_format)

    def _mix(self, sequence: int, channels: range, new: np.ndarray) -> np.ndarray:
        """Channels after convolution and SiLU, float32 [channels]; the window moves. new: float32 [all channels]."""
        place = slice(channels.start, channels.stop)
        total, window = self.layer.bias[place], self.window[sequence, place]
        columns = [*window.T.copy(), new[place]]
        for weight, column in zip(self.weight[place].T, columns, strict=True):
            total = total + bounded(weight * column)
        window[:] = np.stack(columns, axis=1)[:, 1:]
        return np.array([silu(one) for one in bounded(total)], np.float32)

    def _head(self, sequence: int, step: int, head: int, x: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        """The outputs of a head, float32 [width], of its x, [width], and of B and C, [state width]; moves its state."""
        layer, token, state = self.layer, self.tokens[sequence, step], self.state[sequence, head]
        time = softplus(finite(token[head - layer.heads] + layer.time_bias[head]))
        share, added = power(-(time * layer.decay[head]) * LOG2E), bounded(time * x)
        total = np.zeros_like(x)
        for n in range(len(b)):
            state[:, n] = bounded(share * state[:, n] + bounded(added * b[n]))
            product = bounded(c[n] * state[:, n])
            total = product if n == 0 else total + product
        total = bounded(bounded(total) + bounded(layer.skip[head] * x))
        z = token[head * layer.head_width : (head + 1) * layer.head_width]
        return bounded(total * np.array([silu(one) for one in z], np.float32))


def silu(v: np.float32) -> np.float32:
    """SiLU, v / (1 + e**-v)."""
    e = power(-abs(v) * LOG2E)
    q = np.float32(1) / (np.float32(1) + e)
    return v * (q if v >= 0 else e * q)


def softplus(u: np.float32) -> np.float32:
    """Softplus, log(1 + e**u)."""
    e = power(-abs(u) * LOG2E)
    s = e / (np.float32(2) + e)
    value = np.float32(0)
    for factor in reversed(LOGARITHM):
        value = value * (s * s) + np.float32(factor)
    return max(u, np.float32(0)) + s * value


def bounded(values: np.ndarray) -> np.ndarray:
    """Numbers, float32 [any shape], within the largest of FP32."""
    return np.minimum(np.maximum(values, -MOST), MOST)


def as_stored(values: np.ndarray, state_format: str) -> np.ndarray:
    """Numbers, float32 [any shape], after they were written in a format and read again."""
    if state_format == "fp16":
        return np.clip(values, -65504, 65504).astype(np.float16).astype(np.float32)
    if state_format == "bf16":
        bits = values.view(np.uint32).astype(np.uint64)
        words = np.minimum((bits & 0x7FFFFFFF) + 0x7FFF + (bits >> 16 & 1), 0x7F7FFFFF) >> 16 << 16
        return (words | bits & 0x80000000).astype(np.uint32).view(np.float32)
    return values
