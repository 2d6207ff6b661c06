"""An LSTM in float64: what fixed point is measured against, and where its formats come from."""

from typing import NamedTuple

import numpy as np

from workloads.kinds.lstm.layer import Lstm


class Signals(NamedTuple):
    """What a sequence did to the layer, all float64."""

    output: np.ndarray  # [voices, steps, outputs]
    cell: float  # the largest magnitude of any cell


def forward(lstm: Lstm, activation: np.ndarray) -> Signals:
    """Run sequences, float [voices, steps, inputs], from a state of zero."""
    voices, steps, _ = activation.shape
    _, cells, _ = lstm.weight_input.shape
    outputs = lstm.weight_hidden.shape[2]
    weight_input, weight_hidden = (w.astype(np.float64) for w in (lstm.weight_input, lstm.weight_hidden))
    bias = np.zeros((4, cells)) if lstm.bias is None else lstm.bias.astype(np.float64)
    peephole = np.zeros((3, cells)) if lstm.peephole is None else lstm.peephole.astype(np.float64)
    through = sigmoid if lstm.cell_gate == "sigmoid" else np.tanh
    c, y, largest = np.zeros((voices, cells)), np.zeros((voices, outputs)), 0.0
    output = np.empty((voices, steps, outputs))
    from_input = np.einsum("qci,vti->qtvc", weight_input, activation.astype(np.float64), optimize=True)
    for t in range(steps):
        sums = from_input[:, t] + y @ weight_hidden.transpose(0, 2, 1) + bias[:, None, :]
        gate_i, gate_f = sigmoid(sums[0] + peephole[0] * c), sigmoid(sums[2] + peephole[2] * c)
        c = gate_f * c + gate_i * through(sums[3])
        m = sigmoid(sums[1] + peephole[1] * c) * np.tanh(c)
        y = m if lstm.projection is None else m @ lstm.projection.T.astype(np.float64)
        output[:, t], largest = y, max(largest, float(np.abs(c).max()))
    return Signals(output, largest)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow: float64 [any shape] -> float64 of that shape."""
    return 0.5 * (1 + np.tanh(0.5 * values))
