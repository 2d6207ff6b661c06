"""Random state-space layers: of words that use all their bits, and through the front end."""

import numpy as np

from differential.draws import coin, floats, up_to
from zeroskip import load_workload


def of_words(kind, formats, rng):
    """Tokens, windows, taps and states of any pattern that is a number."""
    layer = of_floats(kind, formats, rng)
    parts = {name: _any_bits(getattr(layer, name), rng) for name in ("activation", "window", "weight", "state")}
    return layer._replace(**parts)


def _any_bits(values, rng):
    """Numbers of the type and shape of `values`, of random bits; those that are not finite become 1."""
    size = values.dtype.itemsize
    words = rng.integers(0, 1 << (8 * size), values.shape).astype(f"u{size}").view(values.dtype)
    return np.where(np.isfinite(words.astype(np.float32)), words, np.ones((), values.dtype))


def of_floats(kind, formats, rng):  # noqa: ARG001
    groups, taps, steps = int(rng.integers(1, 3)), int(rng.integers(1, 5)), int(rng.integers(1, 4))
    heads, width, wide, many = groups * int(rng.integers(1, 3)), up_to(rng, 5), up_to(rng, 8), int(rng.integers(1, 4))
    channels = heads * width + 2 * groups * wide
    arrays = {
        "activation": floats(rng, many, steps, heads * width + channels + heads),
        "state": floats(rng, many, heads, width, wide),
        "conv_weight": floats(rng, channels, taps),
        "conv_bias": floats(rng, channels),
        "dt_bias": floats(rng, heads),
        "decay": np.abs(floats(rng, heads)),
        "skip": floats(rng, heads),
    }
    if coin(rng):
        arrays["window"] = floats(rng, many, channels, taps - 1)
    return load_workload(arrays, formats=formats).layer
