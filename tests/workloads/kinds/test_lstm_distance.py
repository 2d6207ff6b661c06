"""How near an LSTM in fixed point comes to float64."""

import itertools

import numpy as np
import pytest
from support.lstms import FINE, compute, distance, drawn

from workloads.kinds.lstm.compress import compress_lstm, parts
from workloads.kinds.lstm.forward import forward, sigmoid


def largest_sum(lstm):
    """What no gate's sum, nor a part of one, exceeds for inputs up to 1; with the cells and outputs as they are."""
    signals = forward(lstm, lstm.activation)
    sums = np.abs(lstm.weight_input).sum(2) + np.abs(signals.output).max() * np.abs(lstm.weight_hidden).sum(2)
    sums += 0 if lstm.bias is None else np.abs(lstm.bias)
    return float(sums.max()) + (0 if lstm.peephole is None else float(np.abs(lstm.peephole).max()) * signals.cell)


def bounds(lstm, layer, points):
    """How far a step's outputs may be from float64, [steps]: the worst case of every rounding, step after step.

    True while no sum leaves the tables' ranges, 8 and 4. A table errs by its slope times half the distance of its
    points, and by a word; a matrix's sum by its input's error, its weights' half words, and its own rounding.
    """
    signals, top = forward(lstm, lstm.activation), sigmoid(largest_sum(lstm))
    c, y = signals.cell, float(np.abs(signals.output).max())
    half = {name: 2.0 ** -(one.fraction_bits + 1) for name, one in layer.matrices.items()}
    size = {name: np.abs(weight).sum(1).max() for name, weight in parts(lstm).items()}
    tables = {"sigmoid": 8 / points / 4 + 2.0**-15, "tanh": 4 / points + 2.0**-15}
    slope, g = (0.25, top) if lstm.cell_gate == "sigmoid" else (1.0, np.tanh(largest_sum(lstm)))
    sum_word, cell_word = 2.0 ** -(layer.sigmoid_bits + 1), 2.0 ** -(layer.cell_bits + 1)
    seen, seen_half = 0.0, 0.0
    if lstm.peephole is not None:
        seen_half = 2.0 ** -(layer.peephole_shift - layer.cell_bits + layer.sigmoid_bits + 1)
        seen = float(np.abs(lstm.peephole).max()) + seen_half
    x_error, y_error, c_error, found = 2.0 ** -(layer.input_bits + 1), 0.0, 0.0, []
    for _ in range(lstm.activation.shape[1]):
        sums = 4 * sum_word + max(
            (size[f"W{q}x"] + layer.inputs * half[f"W{q}x"]) * x_error
            + layer.inputs * half[f"W{q}x"]
            + (size[f"W{q}r"] + layer.outputs * half[f"W{q}r"]) * y_error
            + layer.outputs * half[f"W{q}r"] * y
            for q in "iofc"
        )
        gate = 0.25 * (sums + seen * c_error + seen_half * c) + tables["sigmoid"]
        g_error = slope * sums + tables[lstm.cell_gate]
        c_error = top * c_error + (c + c_error) * gate + (g + g_error) * gate + top * g_error + 2 * cell_word
        gate = 0.25 * (sums + seen * c_error + seen_half * c) + tables["sigmoid"]
        t_error = c_error + 2.0 ** -(layer.tanh_bits + 1) + tables["tanh"]
        y_error = top * t_error + (c + t_error) * gate + 2.0**-16
        if lstm.projection is not None:
            y_error = (
                size["Wym"] * y_error + layer.cells * half["Wym"] * (1 + y_error) + 2.0 ** -(layer.output_bits + 1)
            )
        found.append(y_error)
    return np.array(found)


@pytest.mark.parametrize("outputs", [None, 4])
@pytest.mark.parametrize("cell_gate", ["tanh", "sigmoid"])
@pytest.mark.parametrize("full", [False, True])
def test_fixed_point_approaches_float_as_the_tables_get_finer(outputs, cell_gate, full):
    lstm = drawn(8, 16, 8, outputs, scale=0.08, voices=4, steps=6, cell_gate=cell_gate, full=full)
    assert largest_sum(lstm) < 3.5
    errors, most = [], []
    for points in (64, 256, 1024, 4096, 16384, 65536):
        compressed = compress_lstm([lstm], None, FINE._replace(table_points=points))
        output = compute(compressed)
        error = np.abs(compressed.output_value(output) - compressed.exact).max(axis=(0, 2))
        errors.append(distance(compressed, output))
        most.append(bounds(lstm, compressed.layers[0], points))
        assert (error <= most[-1]).all()
    assert all(finer < coarser / 2 for coarser, finer in itertools.pairwise(errors[:4]))
    assert errors[-1] < 0.001
