"""Small state-space layers for tests."""

import numpy as np

from simulator.core.registry import find
from workloads.kinds.state_space.compress import compress_state_space
from workloads.kinds.state_space.layer import StateSpace, token_width


def state_space(seed, sequences=2, steps=1, heads=2, groups=1, width=3, wide=4, taps=4, spread=1.0):
    """Gaussian tokens, states and parameters; spread: of tokens and states."""
    rng = np.random.default_rng(seed)
    channels, token = heads * width + 2 * groups * wide, token_width(heads, width, wide, groups)

    def drawn(*shape, times=1.0):
        return (times * rng.standard_normal(shape)).astype(np.float32)

    return StateSpace(
        name="drawn",
        activation=drawn(sequences, steps, token, times=spread),
        state=drawn(sequences, heads, width, wide, times=spread),
        window=drawn(sequences, channels, taps - 1, times=spread),
        weight=drawn(channels, taps, times=0.5),
        bias=drawn(channels, times=0.1),
        time_bias=drawn(heads, times=2.0),
        decay=np.abs(drawn(heads, times=4.0)),
        skip=drawn(heads),
    )


def state_space_for(arch, layer):
    """A layer as a tensor engine reads it."""
    return compress_state_space(layer, None, find("tensor").formats(arch)["state space"])


def parts_of(layer, output):
    """The parts of an output: y [sequences, steps, heads, width], states, and windows, as in the layer."""
    rest = output[layer.outputs :]
    y = output[: layer.outputs].reshape(layer.sequences, layer.steps, layer.heads, layer.head_width)
    return y, rest[: layer.state.size].reshape(layer.state.shape), rest[layer.state.size :].reshape(layer.window.shape)
