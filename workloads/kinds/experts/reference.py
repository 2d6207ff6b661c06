"""The reference kernel of experts, and the same in float64."""

import numpy as np

from kernels_ref.experts import Matrix, Weights, mix
from workloads.kinds.experts.layer import CompressedExperts
from workloads.kinds.matrix_product.operand import INTEGERS, Operand, encode, numbers_of


def reference(layer: CompressedExperts) -> np.ndarray:
    """The output, float32 [tokens x inputs], bit for bit."""
    form = layer.activation.form

    def read(values: np.ndarray) -> Matrix:
        return _matrix(encode(form, values))

    experts = [
        Weights(_matrix(one.up), _matrix(one.down), None if one.gate is None else _matrix(one.gate))
        for one in layer.weights
    ]
    return mix(_matrix(layer.activation), layer.choice, layer.share, experts, read).ravel()


def hidden_density(layer: CompressedExperts) -> float:
    """The share of non-zeros among what the down matrices read, before it is encoded."""
    if layer.gated:
        return 1.0
    tokens, active = layer.activation.values(), 0
    for number, expert in zip(layer.numbers.tolist(), layer.weights, strict=True):
        active += int(np.count_nonzero(tokens[layer.tokens_of(number)] @ expert.up.values().T > 0))
    return active / (layer.tokens * layer.chosen * layer.width)


def exact(layer: CompressedExperts) -> np.ndarray:
    """The same without any rounding, in float64, of the weights and inputs as stored: [tokens x inputs]."""
    tokens, output = layer.activation.values(), np.zeros((layer.tokens, layer.inputs))
    for number, expert in zip(layer.numbers.tolist(), layer.weights, strict=True):
        mine = layer.tokens_of(number)
        up = tokens[mine] @ expert.up.values().T
        if expert.gate is None:
            hidden = np.maximum(up, 0) ** 2
        else:
            gate = tokens[mine] @ expert.gate.values().T
            hidden = gate / (1 + np.exp(-gate.clip(-700, 700))) * up
        output[mine] += layer.shares_of(number).astype(np.float64)[:, None] * (hidden @ expert.down.values().T)
    return output.ravel()


def _matrix(operand: Operand) -> Matrix:
    numbers = numbers_of(operand)
    unit = None if numbers.unit is INTEGERS else numbers.unit
    return Matrix(numbers.element, numbers.scale, operand.tensor_scale, numbers.block, unit)
