"""LSTMs in the files of compressed networks: each layer's matrices in their order, and what else decides it."""

import numpy as np

from workloads.compression.stored import Rest, StoredLayer
from workloads.kinds.lstm.arrays import from_lstm_arrays
from workloads.kinds.lstm.layer import Lstm, LstmStack
from workloads.kinds.recurrent_storage import LayerParts, NamedValues, StackValues, read_stack

GATES = 4


class _LayerValues(NamedValues):
    """What is said of a layer of a stack."""

    cell_gate: str
    projection: bool


def rest(stack: LstmStack) -> Rest:
    """Names, cell gates and projections of the layers, the direction, and peepholes, float32 [3, cells]."""
    layers = [
        {"name": one.name, "cell_gate": one.cell_gate, "projection": one.projection is not None} for one in stack.layers
    ]
    peepholes = {f"{one.name}.peephole": one.peephole for one in stack.layers if one.peephole is not None}
    return Rest({"reverse": stack.reverse, "layers": layers}, peepholes)


def restore(source: object, stored: StoredLayer) -> LstmStack:
    """The stack of a stored layer. InputError says what of `source` does not fit."""
    reverse, layers = read_stack(source, stored, StackValues[_LayerValues], GATES)
    return LstmStack(stored.name, tuple(_layer(one, stored.rest) for one in layers), reverse)


def _layer(parts: LayerParts, rest: Rest) -> Lstm:
    name, arrays = parts.values.name, parts.arrays
    if (peephole := rest.arrays.get(f"{name}.peephole")) is not None:
        arrays["peephole"] = peephole
    arrays["cell_gate"] = np.array(parts.values.cell_gate)
    return from_lstm_arrays(parts.where, name, arrays)
