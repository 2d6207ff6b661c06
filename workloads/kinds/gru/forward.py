"""A GRU in float64: what fixed point and thresholds are measured against."""

import numpy as np

from workloads.kinds.gru.layer import Gru


def forward(gru: Gru, activation: np.ndarray) -> np.ndarray:
    """The states of a sequence, float [steps, inputs], that starts from zero: float64 [steps, cells]."""
    _, cells, _ = gru.weight_input.shape
    weight_input, weight_hidden = gru.weight_input.astype(np.float64), gru.weight_hidden.astype(np.float64)
    bias = np.zeros((3, cells)) if gru.bias is None else gru.bias.astype(np.float64)
    inner = np.zeros(cells) if gru.hidden_bias is None else gru.hidden_bias.astype(np.float64)
    from_input = np.einsum("qci,ti->tqc", weight_input, activation.astype(np.float64), optimize=True) + bias
    state, output = np.zeros(cells), np.empty((len(activation), cells))
    for t, sums in enumerate(from_input):
        reset, update, candidate = weight_hidden @ state
        r, u = sigmoid(sums[0] + reset), sigmoid(sums[1] + update)
        state = (1 - u) * np.tanh(sums[2] + r * (candidate + inner)) + u * state
        output[t] = state
    return output


def sigmoid(values: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow: float64 [any shape] -> float64 of that shape."""
    return 0.5 * (1 + np.tanh(0.5 * values))
