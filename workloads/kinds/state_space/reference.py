"""The reference kernel of a state-space layer, sequence after sequence."""

import numpy as np

from kernels_ref.state_space import LARGEST, Parameters, advance
from workloads.kinds.state_space.layer import CompressedStateSpace


def reference(layer: CompressedStateSpace) -> np.ndarray:
    """The output, float32 [y, states and windows], bit for bit."""
    given = Parameters(
        *(one.astype(np.float32) for one in (layer.weight, layer.bias, layer.time_bias, layer.decay, layer.skip))
    )
    found = [
        advance(*one, layer.groups, given, layer.state_format)
        for one in zip(layer.activation, layer.state, layer.window, strict=True)
    ]
    return layer.output_of(*(np.stack(parts) for parts in zip(*found, strict=True)))


@np.errstate(over="ignore", invalid="ignore")
def exact(layer: CompressedStateSpace) -> tuple[np.ndarray, np.ndarray]:
    """The same in float64, with the functions of numpy, within the largest of FP32.

    float64 [sequences, steps, heads, width], and the new states, [sequences, heads, width, state width], not rounded.
    """
    weight, bias, time_bias, decay, skip = (
        one.astype(np.float64) for one in (layer.weight, layer.bias, layer.time_bias, layer.decay, layer.skip)
    )
    many, heads, width, wide = layer.state.shape
    state, outputs = layer.state.astype(np.float64), []
    z, channels, time = np.split(layer.activation.astype(np.float64), [heads * width, -heads], axis=2)
    signal = np.concatenate([layer.window.astype(np.float64), channels.transpose(0, 2, 1)], axis=2)
    for step in range(layer.steps):
        mixed = _silu((signal[:, :, step : step + layer.taps] * weight).sum(axis=2) + bias)
        x = mixed[:, : heads * width].reshape(many, heads, width)
        b, c = (
            one.reshape(many, layer.groups, wide).repeat(heads // layer.groups, axis=1)
            for one in np.split(mixed[:, heads * width :], 2, axis=1)
        )
        dt = np.logaddexp(0, time[:, step] + time_bias)
        state = np.exp(-dt * decay)[:, :, None, None] * state + (dt[:, :, None] * x)[..., None] * b[:, :, None]
        y = np.einsum("shpn,shn->shp", state, c) + skip[:, None] * x
        outputs.append(y * _silu(z[:, step]).reshape(many, heads, width))
    most = float(LARGEST)
    return np.nan_to_num(np.stack(outputs, axis=1)).clip(-most, most), np.nan_to_num(state).clip(-most, most)


def _silu(v: np.ndarray) -> np.ndarray:
    """SiLU, v / (1 + e**-v), float64 [any shape]."""
    return v * np.exp(-np.logaddexp(0, -v))
