"""Random gradients, and what a node must send of them: in Python's lists and struct, without a kernel."""

import struct
from fractions import Fraction

import numpy as np
from support.gradients import KINDS_OF_NUMBERS, drawn, with_threshold

from differential.compare import differs
from differential.draws import coin, floats, seed, up_to
from zeroskip import load_workload

DENSITIES = 0.004, 0.05, 0.3, 0.8, 1.0


def of_words(kind, formats, rng):  # noqa: ARG001
    """Numbers of many exponents or of equal magnitudes, and samples that the rule would not draw."""
    one = drawn(
        seed(rng), up_to(rng, 300), float(rng.choice(DENSITIES)), str(rng.choice(KINDS_OF_NUMBERS)),
        float(rng.choice([0.0, 0.5, 0.9])),
    )  # fmt: skip
    return with_threshold(one, rng.random(3)) if coin(rng) else one


def of_floats(kind, formats, rng):  # noqa: ARG001
    """Of arrays, through the front end."""
    shape = up_to(rng, 12), up_to(rng, 12)
    arrays = {"gradient": floats(rng, *shape)}
    for key in ("velocity", "residual"):
        if coin(rng):
            arrays[key] = floats(rng, *shape)
    density = None if coin(rng) else float(rng.choice(DENSITIES))
    return load_workload(arrays, density=density, seed=seed(rng), formats=formats).layer


def gradient_in_python(layer, words):
    """Lists of numbers of FP32, a sort of the whole sample, runs of zeros counted one by one (none is overlong)."""
    u = [
        np.float32(np.float32(np.float32(layer.momentum) * a) + g)
        for a, g in zip(layer.velocity, layer.gradient, strict=True)
    ]
    v = [np.float32(a + b) for a, b in zip(layer.residual, u, strict=True)]
    size = [abs(float(one)) for one in v]
    sent = _sent(layer, size)
    message, zeros = b"", 0
    for place, value in enumerate(v):
        if place in sent:
            message += struct.pack("<fH", value, zeros)
        zeros = 0 if place in sent else zeros + 1
    left = [[np.float32(0) if place in sent else one for place, one in enumerate(part)] for part in (v, u)]
    expected = message + np.array(left, np.float32).tobytes()
    return differs(np.frombuffer(expected, np.int16).astype(np.int64), words)


def _sent(layer, size):
    """The places that are sent."""
    if layer.wanted == layer.elements:
        return {place for place, one in enumerate(size) if one}
    sample = sorted(size[layer.start + k * layer.stride] for k in range(layer.samples))
    threshold, passing = sample[-layer.top], None
    for turn in range(11):
        threshold = float(np.float32(threshold) * np.float32(0.8)) if turn else threshold
        passing = [place for place, one in enumerate(size) if one and one >= threshold]
        if not threshold or len(passing) >= Fraction(8 * layer.wanted, 10):
            break
    if len(passing) > Fraction(13 * layer.wanted, 10):
        passing = sorted(sorted(passing, key=lambda place: -size[place])[: layer.wanted])
    return set(passing[: layer.wanted])
