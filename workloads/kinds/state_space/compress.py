"""From a state-space layer in floating point to the numbers that a machine reads."""

import numpy as np

from workloads.errors import refuse
from workloads.kinds.state_space.format import STATE_TYPES, StateSpaceFormat
from workloads.kinds.state_space.layer import CompressedStateSpace, StateSpace

LARGEST = {"fp32": 3.4028234663852886e38, "fp16": 65504.0, "bf16": 3.3895313892515355e38}
"""Numbers of formats."""


def compress_state_space(layer: StateSpace, density: float | None, wanted: StateSpaceFormat) -> CompressedStateSpace:
    """Inputs, window and taps in BF16, the state in its format, the rest in FP32.

    InputError where a density is asked for, and where the format is unknown.
    """
    if density is not None:
        refuse(layer.name, f"density is {density:g}", "none, as a state space has no weights that are pruned")
    if wanted.state_format not in STATE_TYPES:
        refuse(layer.name, f"state_format is {wanted.state_format!r:.40}", f"one of {', '.join(STATE_TYPES)}")
    state = _cast(layer.state, wanted.state_format)
    whole = float((layer.state.astype(np.float64) ** 2).sum())
    lost = float(((state.astype(np.float64) - layer.state) ** 2).sum())
    return CompressedStateSpace(
        name=layer.name,
        activation=_cast(layer.activation, "bf16"),
        state=state,
        window=_cast(layer.window, "bf16"),
        weight=_cast(layer.weight, "bf16"),
        bias=_cast(layer.bias, "fp32"),
        time_bias=_cast(layer.time_bias, "fp32"),
        decay=_cast(layer.decay, "fp32"),
        skip=_cast(layer.skip, "fp32"),
        state_format=wanted.state_format,
        state_error=(lost / whole) ** 0.5 if whole else 0.0,
    )


def _cast(values: np.ndarray, form: str) -> np.ndarray:
    """Numbers, float32 [any shape], rounded to nearest even within the largest: the format's type, of that shape."""
    most = np.float32(LARGEST[form])
    return values.astype(np.float32).clip(-most, most).astype(STATE_TYPES[form])
