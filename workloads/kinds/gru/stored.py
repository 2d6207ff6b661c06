"""GRUs in the files of compressed networks: each layer's matrices in their order, and what else decides it."""

from workloads.compression.stored import Rest, StoredLayer
from workloads.kinds.gru.arrays import GATES, from_gru_arrays
from workloads.kinds.gru.layer import Gru, GruStack
from workloads.kinds.recurrent_storage import LayerParts, NamedValues, StackValues, read_stack


def rest(stack: GruStack) -> Rest:
    """Names of the layers, the direction, and biases that the reset gate multiplies, float32 [cells]."""
    biases = {f"{one.name}.hidden_bias": one.hidden_bias for one in stack.layers if one.hidden_bias is not None}
    return Rest({"reverse": stack.reverse, "layers": [{"name": one.name} for one in stack.layers]}, biases)


def restore(source: object, stored: StoredLayer) -> GruStack:
    """The stack of a stored layer. InputError says what of `source` does not fit."""
    reverse, layers = read_stack(source, stored, StackValues[NamedValues], GATES)
    return GruStack(stored.name, tuple(_layer(one, stored.rest) for one in layers), reverse)


def _layer(parts: LayerParts, rest: Rest) -> Gru:
    name, arrays = parts.values.name, parts.arrays
    if (bias := rest.arrays.get(f"{name}.hidden_bias")) is not None:
        arrays["hidden_bias"] = bias
    return from_gru_arrays(parts.where, name, arrays)
