"""State-space layers of a shape alone: their arrays take no memory, as time and counts need no values."""

import numpy as np
from ml_dtypes import bfloat16

from workloads.errors import refuse
from workloads.kinds.state_space.format import STATE_TYPES
from workloads.kinds.state_space.layer import CompressedStateSpace, token_width


def state_space_of_shape(
    name: str, state_format: str, sequences: int, heads: int, head_width: int, state_width: int, groups: int, taps: int,
    steps: int = 1,
) -> CompressedStateSpace:  # fmt: skip
    """A layer of zeros of this shape, in a format of states. InputError where the sizes are impossible."""
    sizes = {"sequences": sequences, "heads": heads, "head_width": head_width, "state_width": state_width}
    for key, size in {**sizes, "groups": groups, "taps": taps, "steps": steps}.items():
        if size < 1:
            refuse(name, f"{key} is {size}", "at least 1")
    if heads % groups:
        refuse(name, f"it has {heads} heads in {groups} groups", "groups that divide the heads")
    if state_format not in STATE_TYPES:
        refuse(name, f"state_format is {state_format!r:.40}", f"one of {', '.join(STATE_TYPES)}")
    channels = heads * head_width + 2 * groups * state_width
    half = np.dtype(bfloat16)
    return CompressedStateSpace(
        name=name,
        activation=_zeros(half, sequences, steps, token_width(heads, head_width, state_width, groups)),
        state=_zeros(STATE_TYPES[state_format], sequences, heads, head_width, state_width),
        window=_zeros(half, sequences, channels, taps - 1),
        weight=_zeros(half, channels, taps),
        bias=_zeros(np.dtype(np.float32), channels),
        time_bias=_zeros(np.dtype(np.float32), heads),
        decay=_zeros(np.dtype(np.float32), heads),
        skip=_zeros(np.dtype(np.float32), heads),
        state_format=state_format,
    )


def _zeros(dtype: np.dtype, *shape: int) -> np.ndarray:
    """Zeros of this type [shape], all of them one number in memory."""
    return np.broadcast_to(np.zeros((), dtype), shape)
