"""LSTMs in float64 against a loop over numbers."""

import math

import numpy as np
import pytest
from support.lstms import drawn

from workloads.kinds.lstm.forward import forward


def float_naive(lstm, sequence):
    """A cell at a time, with the functions of `math`."""

    def sigmoid(x):
        return 1 / (1 + math.exp(-x))

    _, cells, _ = lstm.weight_input.shape
    c, y, said, largest = [0.0] * cells, [0.0] * lstm.weight_hidden.shape[2], [], 0.0
    through = sigmoid if lstm.cell_gate == "sigmoid" else math.tanh
    for x in sequence.tolist():
        m = []
        for j in range(cells):
            sums = [
                math.fsum(float(w) * a for w, a in zip(lstm.weight_input[q, j], x, strict=True))
                + math.fsum(float(w) * a for w, a in zip(lstm.weight_hidden[q, j], y, strict=True))
                + (0 if lstm.bias is None else float(lstm.bias[q, j]))
                for q in range(4)
            ]
            see = [0.0] * 3 if lstm.peephole is None else lstm.peephole[:, j].tolist()
            old = c[j]
            c[j] = sigmoid(sums[2] + see[2] * old) * old + sigmoid(sums[0] + see[0] * old) * through(sums[3])
            m.append(sigmoid(sums[1] + see[1] * c[j]) * math.tanh(c[j]))
            largest = max(largest, abs(c[j]))
        y = (
            m
            if lstm.projection is None
            else [math.fsum(map(float.__mul__, row, m)) for row in lstm.projection.tolist()]
        )
        said.append(y)
    return said, largest


@pytest.mark.parametrize("outputs", [None, 2])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("peephole", [False, True])
@pytest.mark.parametrize("cell_gate", ["tanh", "sigmoid"])
def test_the_lstm_in_float(outputs, bias, peephole, cell_gate):
    lstm = drawn(7, 3, 5, outputs, voices=3, steps=6, cell_gate=cell_gate)
    lstm = lstm._replace(bias=lstm.bias if bias else None, peephole=lstm.peephole if peephole else None)
    x = 3 * lstm.activation
    signals = forward(lstm, x)
    expected = [float_naive(lstm, voice) for voice in x]
    np.testing.assert_allclose(signals.output, [said for said, _ in expected], rtol=1e-12, atol=1e-14)
    assert signals.cell == pytest.approx(max(largest for _, largest in expected), rel=1e-12)
    assert forward(lstm, np.full((1, 2, 5), 1e30)).output.dtype == np.float64  # no overflow, no warning
