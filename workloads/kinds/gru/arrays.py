"""Named arrays -> a GRU layer."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import shaped
from workloads.errors import refuse
from workloads.kinds.gru.layer import Gru
from workloads.kinds.recurrent import sequences

NEEDED = ("weight_input", "weight_hidden")
KEYS = (*NEEDED, "bias", "hidden_bias", "activation")
GATES = 3


def has_three_gates(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether arrays, numbers [any shape] by name, are those of a GRU: both weights, each of three gates."""
    return all(key in arrays and arrays[key].ndim == 3 and len(arrays[key]) == GATES for key in NEEDED)


def from_gru_arrays(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Gru:
    """Check arrays and make a layer of them. InputError says of `source` what is missing or wrong.

    `weight_input` float [3, cells, inputs] and `weight_hidden` float [3, cells, cells], gates in the order reset,
    update, candidate. Optional: `bias` [3, cells], `hidden_bias` [cells], which the reset gate multiplies, and
    `activation`, numbers [steps, inputs].
    """
    for key in arrays:
        if key not in KEYS:
            refuse(source, f"it has an unknown key {key}", f"only {', '.join(KEYS)}")
    weight_input = shaped(
        source, "weight_input", arrays["weight_input"], {"gates": GATES, "cells": None, "inputs": None}
    )
    _, cells, inputs = weight_input.shape
    rows = {"cells of weight_input": cells}
    hidden = shaped(source, "weight_hidden", arrays["weight_hidden"], {"gates": GATES, **rows, "states": cells})
    optional = {"bias": {"gates": GATES, **rows}, "hidden_bias": rows}
    found = {key: shaped(source, key, arrays[key], sizes) for key, sizes in optional.items() if key in arrays}
    given = arrays.get("activation")
    activation = None if given is None else sequences(source, "activation", given, inputs, voices=False)
    return Gru(name, weight_input, hidden, found.get("bias"), activation, found.get("hidden_bias"))
