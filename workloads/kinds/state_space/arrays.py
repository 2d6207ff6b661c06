"""A state-space layer of arrays by name, checked."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import shaped
from workloads.errors import refuse
from workloads.kinds.state_space.layer import StateSpace, groups_of, token_width

KEYS = ("activation", "state", "window", "conv_weight", "conv_bias", "dt_bias", "decay", "skip")
OPTIONAL = ("window",)


def layer_of(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> StateSpace:
    """A layer of arrays, numbers [shapes of `StateSpace`] by the names of `KEYS`; without a window, it is zero.

    InputError says of `source` what is missing or wrong.
    """
    for key in arrays:
        if key not in KEYS:
            refuse(source, f"it has an unknown key {key}", f"only {', '.join(KEYS)}")
    for key in KEYS:
        if key not in arrays and key not in OPTIONAL:
            refuse(source, f"it has no {key}", f"the keys {', '.join(KEYS)}")
    free = dict.fromkeys(("sequences", "heads", "head width", "state width"))
    state = shaped(source, "state", arrays["state"], free)
    many, heads, width, wide = state.shape
    weight = shaped(source, "conv_weight", arrays["conv_weight"], {"channels": None, "taps": None})
    channels, taps = weight.shape
    groups = groups_of(channels, state.shape)
    if not groups:
        expected = f"{heads * width} and twice {wide} for each group, in groups that divide {heads} heads"
        refuse(source, f"conv_weight has {channels} channels", expected)
    token = {"sequences": many, "steps": None, "numbers of a token": token_width(heads, width, wide, groups)}
    layer = StateSpace(
        name=name,
        activation=shaped(source, "activation", arrays["activation"], token),
        state=state,
        window=_window(source, arrays.get("window"), many, channels, taps - 1),
        weight=weight,
        bias=shaped(source, "conv_bias", arrays["conv_bias"], {"channels": channels}),
        time_bias=shaped(source, "dt_bias", arrays["dt_bias"], {"heads": heads}),
        decay=shaped(source, "decay", arrays["decay"], {"heads": heads}),
        skip=shaped(source, "skip", arrays["skip"], {"heads": heads}),
    )
    if (layer.decay < 0).any():
        head = int(np.argmax(layer.decay < 0))
        refuse(source, f"decay[{head}] is {layer.decay[head]:g}", "at least 0: the state falls with e**-(dt x decay)")
    return layer


def _window(source: object, given: np.ndarray | None, many: int, channels: int, kept: int) -> np.ndarray:
    """The window, float32 [sequences, channels, taps - 1]; zeros where none is given."""
    if given is None:
        return np.zeros((many, channels, kept), np.float32)
    if not kept and given.dtype.kind == "f" and given.shape == (many, channels, 0):
        return np.zeros(given.shape, np.float32)
    return shaped(source, "window", given, {"sequences": many, "channels": channels, "taps - 1": kept})
