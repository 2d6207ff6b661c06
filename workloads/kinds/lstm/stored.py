"""LSTMs in the files of compressed networks: each layer's matrices in their order, and what else decides it."""

from typing import Annotated

import numpy as np
from pydantic import Field, ValidationError

from workloads.compression.stored import Rest, StoredLayer
from workloads.errors import InputError, refuse
from workloads.kinds.lstm.arrays import from_lstm_arrays
from workloads.kinds.lstm.layer import Lstm, LstmStack
from workloads.yaml_files import Strict, Text, validation_sentence

PARTS = {"input": "weight_input", "hidden": "weight_hidden", "projection": "projection"}
"""The array that a matrix is, by the last part of its name."""


class _LayerValues(Strict):
    """What is said of a layer of a stack."""

    name: Text
    cell_gate: str
    projection: bool


class _Values(Strict):
    """What is said of a stack."""

    reverse: bool
    layers: Annotated[list[_LayerValues], Field(min_length=1)]


def rest(stack: LstmStack) -> Rest:
    """Names, cell gates and projections of the layers, the direction, and peepholes, float32 [3, cells]."""
    layers = [
        {"name": one.name, "cell_gate": one.cell_gate, "projection": one.projection is not None} for one in stack.layers
    ]
    peepholes = {f"{one.name}.peephole": one.peephole for one in stack.layers if one.peephole is not None}
    return Rest({"reverse": stack.reverse, "layers": layers}, peepholes)


def restore(source: object, stored: StoredLayer) -> LstmStack:
    """The stack of a stored layer. InputError says what of `source` does not fit."""
    where = f"{source}: {stored.name}"
    try:
        values = _Values.model_validate(stored.rest.values)
    except ValidationError as error:
        raise InputError(validation_sentence(where, _Values, error)) from None
    needed = sum(2 + one.projection for one in values.layers)
    if len(stored.matrices) != needed:
        refuse(where, f"it has {len(stored.matrices)} matrices", f"{needed}, as its layers say")
    layers, place = list[Lstm](), 0
    for one in values.layers:
        parts = list(PARTS)[: 2 + one.projection]
        layers.append(_layer(where, one, stored, parts, place))
        place += len(parts)
    return LstmStack(stored.name, tuple(layers), values.reverse)


def _layer(where: str, values: _LayerValues, stored: StoredLayer, parts: list[str], place: int) -> Lstm:
    """The layer of the matrices from `place` on, which are the `parts`."""
    arrays = {PARTS[part]: stored.weights(place + i) for i, part in enumerate(parts)}
    bias, peephole = stored.matrices[place].bias, stored.rest.arrays.get(f"{values.name}.peephole")
    if bias is not None:
        arrays["bias"] = bias.reshape(4, -1) if bias.size % 4 == 0 else bias
    if peephole is not None:
        arrays["peephole"] = peephole
    arrays["cell_gate"] = np.array(values.cell_gate)
    return from_lstm_arrays(f"{where}: {values.name}", values.name, arrays)
