"""Named arrays -> an LSTM layer."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import shaped
from workloads.errors import refuse
from workloads.kinds.lstm.layer import Lstm
from workloads.kinds.recurrent import sequences
from workloads.yaml_files import LONGEST_SHOWN, shorten

NEEDED = ("weight_input", "weight_hidden")


KEYS = (*NEEDED, "bias", "peephole", "projection", "cell_gate", "activation")


CELL_GATES = ("tanh", "sigmoid")


def from_lstm_arrays(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Lstm:
    """Check arrays and make a layer of them. InputError says of `source` what is missing or wrong.

    `weight_input` float [4, cells, inputs] and `weight_hidden` float [4, cells, outputs], gates in the order input,
    output, forget, cell. Optional: `bias` [4, cells], `peephole` [3, cells] of the input, the output and the forget
    gate, `projection` [outputs, cells] (without one, every cell is an output), `cell_gate`, the string tanh (if absent)
    or sigmoid, and `activation`, numbers [steps, inputs] or [voices, steps, inputs].
    """
    _check_keys(source, arrays)
    weight_input = shaped(source, "weight_input", arrays["weight_input"], {"gates": 4, "cells": None, "inputs": None})
    _, cells, inputs = weight_input.shape
    rows, outputs, projection = {"cells of weight_input": cells}, {"outputs, as many as cells": cells}, None
    if "projection" in arrays:
        projection = shaped(source, "projection", arrays["projection"], {"outputs": None, **rows})
        outputs = {"outputs of projection": len(projection)}
    optional = {"bias": {"gates": 4, **rows}, "peephole": {"gates": 3, **rows}}
    found = {key: shaped(source, key, arrays[key], sizes) for key, sizes in optional.items() if key in arrays}
    given = arrays.get("activation")
    return Lstm(
        name=name,
        weight_input=weight_input,
        weight_hidden=shaped(source, "weight_hidden", arrays["weight_hidden"], {"gates": 4, **rows, **outputs}),
        bias=found.get("bias"),
        activation=None if given is None else sequences(source, "activation", given, inputs, voices=True),
        peephole=found.get("peephole"),
        projection=projection,
        cell_gate=_cell_gate(source, arrays["cell_gate"]) if "cell_gate" in arrays else "tanh",
    )


def _check_keys(source: object, arrays: Mapping[str, np.ndarray]) -> None:
    for key in NEEDED:
        if key not in arrays:
            held = shorten(", ".join(arrays) or "nothing", 4 * LONGEST_SHOWN)
            refuse(source, f"it has no {key} (it has {held})", f"the keys {', '.join(KEYS)}")
    for key in arrays:
        if key not in KEYS:
            refuse(source, f"it has an unknown key {key}", f"only {', '.join(KEYS)}")


def _cell_gate(source: object, array: np.ndarray) -> str:
    """The one string of the array; damaged text may be no Unicode, which numpy does not check."""
    if array.dtype.kind != "U" or array.size != 1:
        refuse(source, f"cell_gate has dtype {array.dtype} and shape {list(array.shape)}", "one string")
    text = array.astype(array.dtype.newbyteorder("<")).tobytes().decode("utf-32-le", "replace").rstrip("\0")
    if text not in CELL_GATES:
        refuse(source, f"cell_gate is {shorten(repr(text), LONGEST_SHOWN)}", " or ".join(CELL_GATES))
    return text
