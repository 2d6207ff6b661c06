"""Compressed LSTMs: formats, pruning, stacks, and what is refused."""

import numpy as np
import pytest
from support.lstms import FINE, compute, distance, drawn

from kernels_ref.fixed_point import to_fixed, to_float
from workloads.errors import InputError
from workloads.kinds.lstm.compress import columns_of, compress_lstm, keep, parts
from workloads.kinds.lstm.format import LstmFormat
from workloads.kinds.lstm.forward import forward


def dense(matrix):
    """A sparse matrix as float64 [outputs, inputs]."""
    found = np.zeros((matrix.outputs, matrix.inputs))
    for j in range(matrix.inputs):
        column = slice(matrix.columns.start[j], matrix.columns.start[j + 1])
        found[matrix.columns.row[column], j] = to_float(matrix.columns.code[column], matrix.fraction_bits)
    return found


@pytest.mark.parametrize("weight_bits", [4, 12, 16])
@pytest.mark.parametrize("outputs", [None, 3])
@pytest.mark.parametrize("cell_gate", ["tanh", "sigmoid"])
def test_formats(weight_bits, outputs, cell_gate):
    lstm = drawn(1, outputs=outputs, cell_gate=cell_gate)
    form = LstmFormat(weight_bits, table_points=512, sigmoid_range=16, tanh_range=8)
    compressed = compress_lstm([lstm], None, form)
    (layer,) = compressed.layers
    assert (layer.inputs, layer.cells, layer.outputs, layer.name) == (5, 6, outputs or 6, "rnn")
    assert (layer.sigmoid_bits, layer.tanh_bits, layer.input_bits) == (11, 12, 15)
    gate_bits = dict(zip("iofc", [11, 11, 11, 11 if cell_gate == "sigmoid" else 12], strict=True))
    assert set(layer.matrices) == set(parts(lstm))
    for name, weight in parts(lstm).items():
        one = layer.matrices[name]
        assert (one.name, (one.outputs, one.inputs)) == (name, weight.shape)
        assert one.columns.code.dtype == np.int16
        assert one.columns.code.all()
        assert np.abs(one.columns.code.astype(int)).max() < 1 << (weight_bits - 1)
        assert np.abs(one.columns.code.astype(int)).max() >= (1 << (weight_bits - 2)) - 1  # no bit is wasted
        np.testing.assert_allclose(dense(one), weight, rtol=0, atol=2.0 ** -(one.fraction_bits + 1))
        before, after = {
            "x": (layer.input_bits, gate_bits.get(name[1])),
            "r": (layer.output_bits, gate_bits.get(name[1])),
            "m": (15, layer.output_bits),
        }[name[2]]
        assert one.shift == one.fraction_bits + before - after
    for q, gate in enumerate("iofc"):
        np.testing.assert_array_equal(layer.bias[q], to_fixed(lstm.bias[q], gate_bits[gate]))
    seen = to_float(layer.peephole, layer.peephole_shift - layer.cell_bits + layer.sigmoid_bits)
    np.testing.assert_allclose(seen, lstm.peephole, rtol=0, atol=np.abs(lstm.peephole).max() * 2.0**-15)
    points = np.arange(512) / 256 - 1
    np.testing.assert_allclose(layer.sigmoid / 2**15, 1 / (1 + np.exp(-16 * points)), atol=2.0**-15)
    np.testing.assert_allclose(layer.tanh / 2**15, np.tanh(8 * points), atol=2.0**-15)


def test_cells_and_outputs_may_grow_to_twice_what_was_seen():
    for seed in range(20):
        lstm = drawn(seed, outputs=4, steps=5)
        (layer,) = compress_lstm([lstm], None, FINE).layers
        signals = forward(lstm, lstm.activation)
        for largest, bits in ((signals.cell, layer.cell_bits), (np.abs(signals.output).max(), layer.output_bits)):
            assert largest * 2 * 2**bits < 32767.5 <= largest * 2 * 2 ** (bits + 1)
    assert compress_lstm([drawn(0)], None, FINE).layers[0].output_bits == 15  # without a projection, m is the output


def test_without_bias_and_peepholes():
    lstm = drawn(3, full=False)
    (layer,) = compress_lstm([lstm], None, LstmFormat()).layers
    assert layer.peephole is None
    assert layer.bias.shape == (4, 6)
    assert not layer.bias.any()
    assert "Wym" not in layer.matrices
    single = compress_lstm([lstm._replace(activation=lstm.activation[0])], None, LstmFormat())
    np.testing.assert_array_equal(single.activation, to_fixed(lstm.activation[:1], single.layers[0].input_bits))


@pytest.mark.parametrize("pes", [1, 4, 8])
@pytest.mark.parametrize("density", [0.0, 0.1, 0.55, 1.0])
def test_balanced_pruning_gives_every_pe_as_many_weights(pes, density):
    lstm = drawn(4, cells=24, inputs=10, outputs=16)
    compressed = compress_lstm([lstm], density, LstmFormat(16, pes=pes))
    for name, one in compressed.layers[0].matrices.items():
        rows = np.bincount(one.columns.row.astype(int) % pes, minlength=pes)
        assert set(rows) == {round(density * one.outputs * one.inputs / pes)}
        kept = keep(parts(lstm)[name], density, LstmFormat(16, pes=pes))
        np.testing.assert_array_equal(dense(one) != 0, kept)
        for pe in range(pes):
            weight, mask = np.abs(parts(lstm)[name][pe::pes]), kept[pe::pes]
            assert weight[~mask].max(initial=0) <= weight[mask].min(initial=np.inf)


def test_plain_pruning_keeps_the_largest_of_all():
    lstm, form = drawn(4, cells=24, inputs=10), LstmFormat(16, pes=8, balanced=False)
    compressed = compress_lstm([lstm], 0.25, form)
    for name, weight in parts(lstm).items():
        one = compressed.layers[0].matrices[name]
        assert one.columns.row.size == round(0.25 * weight.size)
        gone = np.abs(weight[dense(one) == 0]).max()
        assert gone <= np.abs(weight[dense(one) != 0]).min()
        assert len(set(np.bincount(one.columns.row.astype(int) % 8, minlength=8))) > 1  # what balance is for
    assert compressed.weight_density == pytest.approx(0.25, abs=0.001)


def test_a_density_for_each_matrix_or_every_weight_that_is_not_zero():
    lstm = drawn(5, cells=8, inputs=8, outputs=4)
    share = {name: 0.125 * (1 + n % 4) for n, name in enumerate(parts(lstm))}
    layer = compress_lstm([lstm], share, LstmFormat(16, pes=4)).layers[0]
    assert {name: one.columns.row.size for name, one in layer.matrices.items()} == {
        name: share[name] * weight.size for name, weight in parts(lstm).items()
    }
    holes = lstm.weight_input * (np.abs(lstm.weight_input) > 0.7)
    layer = compress_lstm([lstm._replace(weight_input=holes)], None, LstmFormat(16)).layers[0]
    kept = [layer.matrices[f"W{gate}x"].columns.row.size for gate in "iofc"]
    assert kept == np.count_nonzero(holes, axis=(1, 2)).tolist()


def test_weights_that_fixed_point_takes_away_are_told_of():
    lstm = drawn(6)
    fine = {"sigmoid_range": 8, "tanh_range": 4}
    assert compress_lstm([lstm], None, LstmFormat(16, **fine)).notes == ()
    small = lstm.weight_input.copy()
    small[0, 0] = 1e-6
    (note,) = compress_lstm([lstm._replace(weight_input=small)], None, LstmFormat(12, **fine)).notes
    assert note == "rnn: 5 kept weights are rounded to zero in 12 bits"
    coarse = compress_lstm([lstm], None, LstmFormat(16, table_points=1024, sigmoid_range=16, tanh_range=128)).notes
    assert [one.partition(",")[0] for one in coarse] == ["the points of tanh's table are 0.25 apart"]


def test_columns():
    words = np.array([[0, 3, 0], [-1, 0, 0], [2, 5, 0]], np.int16)
    columns = columns_of(words)
    assert [one.tolist() for one in columns] == [[0, 2, 4, 4], [1, 2, 0, 2], [-1, 2, 3, 5]]
    assert [one.dtype for one in columns] == [np.int64, np.uint32, np.int16]


def test_layers_one_above_the_other():
    """Each reads what the one below says, in its format; the float64 twin of each is the pruned layer's."""
    low, high, top = (
        drawn(1, outputs=4),
        drawn(2, cells=7, inputs=4, name="high"),
        drawn(3, inputs=7, outputs=3, name="top"),
    )
    stack = [low, high._replace(activation=None), top._replace(activation=None)]
    compressed = compress_lstm(stack, 0.5, FINE._replace(pes=2))
    below, middle, above = compressed.layers
    assert (middle.input_bits, above.input_bits) == (below.output_bits, middle.output_bits) == (below.output_bits, 15)
    assert (compressed.inputs, compressed.outputs, compressed.name) == (5, 3, "top")
    words, signal = compressed.activation, low.activation
    for layer, lstm in zip(compressed.layers, stack, strict=True):
        weights = {name: w * keep(w, 0.5, FINE._replace(pes=2)) for name, w in parts(lstm).items()}
        pruned = lstm._replace(
            weight_input=np.stack([weights[f"W{gate}x"] for gate in "iofc"]),
            weight_hidden=np.stack([weights[f"W{gate}r"] for gate in "iofc"]),
            projection=weights.get("Wym"),
        )
        signal = forward(pruned, signal).output
        words = compute(compressed._replace(layers=(layer,), activation=words))
    np.testing.assert_array_equal(signal, compressed.exact)
    np.testing.assert_array_equal(words, compute(compressed))
    assert distance(compressed, words) < 0.01
    every = np.concatenate([compute(compressed._replace(layers=compressed.layers[:1])).ravel(), words.ravel()])
    np.testing.assert_array_equal(compressed.output_value(every), to_float(words, above.output_bits))
    sizes = [one.size for lstm in stack for one in parts(lstm).values()]
    assert compressed.weights == sum(sizes)
    assert compressed.dense_operations == 2 * sum(sizes) * 2 * 8
    stored = sum(one.columns.row.size for layer in compressed.layers for one in layer.matrices.values())
    assert compressed.weight_density == stored / sum(sizes)
    assert compressed.activation_density == np.count_nonzero(words_of(low)) / low.activation.size


def words_of(lstm):
    return to_fixed(lstm.activation, 15)


def test_what_cannot_be_compressed():
    lstm, form = drawn(1), LstmFormat()
    with pytest.raises(InputError, match=r"rnn: it has no input; expected an activation \[steps, inputs\]"):
        compress_lstm([lstm._replace(activation=None)], None, form)
    with pytest.raises(InputError, match="high: it has an input of 5; expected 6, what comes from below"):
        compress_lstm([lstm, drawn(2, name="high")], None, form)
    for density in (-0.1, 1.5, float("nan")):
        with pytest.raises(InputError, match=f"density is {density}; expected a number from 0 to 1"):
            compress_lstm([lstm], density, form)
    with pytest.raises(InputError, match="bits is 17; expected an integer from 2 to 16"):
        compress_lstm([lstm], None, form._replace(weight_bits=17))


@pytest.mark.parametrize(("scale", "shift"), [(1e-30, 62), (1e30, -16)])
def test_shifts_stay_where_the_kernel_can_follow(scale, shift):
    lstm = drawn(1)
    compressed = compress_lstm([lstm._replace(weight_input=np.float32(scale) * lstm.weight_input)], None, FINE)
    assert {compressed.layers[0].matrices[f"W{gate}x"].shift for gate in "iofc"} == {shift}
    assert distance(compressed, compute(compressed)) < 0.05
