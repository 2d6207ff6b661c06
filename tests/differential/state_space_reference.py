"""State-space layers in float64, with the functions of numpy."""

import numpy as np

from differential.compare import differs
from workloads.kinds.state_space.reference import exact as exact_state_space

FLOAT_MAX = float(np.finfo(np.float32).max)


@np.errstate(over="ignore")
def state_space_in_float64(layer, output):
    """The equations in float64, and the windows exactly.

    Tolerance: of y 2**-13 of the largest that a sum can have, as rounding before the state counts in each later step;
    of a state likewise, and what its format loses.
    """
    y, states = exact_state_space(layer)
    parts = np.split(output, [y.size, y.size + states.size])
    signal = np.concatenate([layer.window, layer.activation[:, :, layer.heads * layer.head_width : -layer.heads]
                             .transpose(0, 2, 1)], axis=2).astype(np.float32)  # fmt: skip
    kept = signal[:, :, layer.steps :].ravel()
    found = differs(kept, parts[2])
    tokens, taps = (np.abs(one.astype(float)).max() for one in (signal, layer.weight))
    channel = layer.taps * tokens * taps + np.abs(layer.bias).max()
    step = np.abs(layer.time_bias).max() + np.abs(layer.activation.astype(float)).max() + 1
    state = np.abs(layer.state.astype(float)).max() + layer.steps * step * channel**2
    gate = np.abs(layer.activation.astype(float)).max()
    most = channel * (layer.state_width * state + np.abs(layer.skip).max()) * gate
    if found is not None or max(most, state, channel, step * layer.decay.max()) > FLOAT_MAX / 2:
        return found
    lost, largest = {"fp32": (0, FLOAT_MAX), "fp16": (2.0**-11, 65504.0), "bf16": (2.0**-8, FLOAT_MAX)}[
        layer.state_format
    ]
    apart = np.abs(states) * lost + state * 2.0**-13 + 2.0**-24
    return differs(y.ravel(), parts[0], most * 2.0**-13 + 1e-30) or differs(
        states.clip(-largest, largest).ravel(), parts[1], apart.ravel()
    )
