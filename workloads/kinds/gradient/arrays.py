"""A gradient out of arrays by name, checked."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import float32
from workloads.compression.gradients.warm_up import DENSITY
from workloads.errors import refuse
from workloads.kinds.gradient.layer import Gradient

MOMENTUM = 0.9
"""Where an archive has none: the usual one, and that of the paper's experiments (recalled)."""
KEYS = "gradient", "velocity", "residual", "momentum", "sent_density"
LARGEST = float(2**100)
"""Of a magnitude: sums and products of such numbers are finite in FP32."""
MOST_ELEMENTS = 1 << 28


def gradient_of(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Gradient:
    """Of arrays, float [any shape, the same], by the names of `KEYS`; without velocity or residual, these are zero.

    InputError says of `source` what is missing or wrong.
    """
    for key in arrays:
        if key not in KEYS:
            refuse(source, f"it has an unknown key {key}", f"only {', '.join(KEYS)}")
    if "gradient" not in arrays:
        refuse(source, "it has no gradient", f"the keys {', '.join(KEYS)}, the first one at least")
    gradient = _tensor(source, "gradient", arrays["gradient"])
    if gradient.size > MOST_ELEMENTS:
        refuse(source, f"gradient has {gradient.size:,} elements", f"at most {MOST_ELEMENTS:,}")
    others = list[np.ndarray]()
    for key in ("velocity", "residual"):
        given = arrays.get(key)
        if given is not None and given.shape != arrays["gradient"].shape:
            refuse(
                source, f"{key} has shape {list(given.shape)}", f"that of gradient, {list(arrays['gradient'].shape)}"
            )
        others.append(np.zeros_like(gradient) if given is None else _tensor(source, key, given))
    momentum = _number(source, "momentum", arrays, MOMENTUM)
    density = _number(source, "sent_density", arrays, DENSITY)
    check_momentum(source, momentum)
    check_density(source, density)
    velocity, residual = others
    return Gradient(name, gradient, velocity, residual, momentum, density)


def check_momentum(source: object, momentum: float) -> None:
    """InputError where a momentum is not in [0, 1) as a number of FP32."""
    if not 0 <= np.float32(momentum) < 1:
        refuse(source, f"momentum is {momentum}", "at least 0 and less than 1, in FP32")


def check_density(source: object, density: float) -> None:
    """InputError where a share of elements is not in (0, 1]."""
    if not 0 < density <= 1:
        refuse(source, f"the density of what is sent is {density}", "more than 0 and at most 1")


def check_magnitude(source: object, key: str, values: np.ndarray) -> np.ndarray:
    """Values, float32 [any shape], as they are. InputError where one is so large that a sum could overflow."""
    greatest = float(np.abs(values).max(initial=0))
    if greatest > LARGEST:
        refuse(source, f"{key} reaches {greatest:g}", f"at most {LARGEST:g}")
    return values


def _tensor(source: object, key: str, array: np.ndarray) -> np.ndarray:
    return check_magnitude(source, key, float32(source, key, array).ravel())


def _number(source: object, key: str, arrays: Mapping[str, np.ndarray], default: float) -> float:
    array = arrays.get(key)
    if array is None:
        return default
    if array.size != 1 or array.dtype.kind not in "fui" or not np.isfinite(array).all():
        refuse(source, f"{key} has dtype {array.dtype} and shape {list(array.shape)}", "one finite number")
    return float(array.reshape(-1)[0])
