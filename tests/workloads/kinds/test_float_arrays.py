"""The numbers that a compressed layer computes with: its kernel's output, but for the rounding of sums."""

import numpy as np
import pytest

from workloads.kinds import find_kind, kind_of, reference_output
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.compress import compress_lstm
from workloads.kinds.lstm.format import LstmFormat
from workloads.kinds.lstm.layer import Lstm
from workloads.options import WorkloadOptions

RNG = np.random.default_rng(5)


def draw(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("as_convolution", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_fully_connected(as_convolution, bias):
    layer = FullyConnected("fc", draw(20, 30), draw(20) / 8 if bias else None, np.abs(draw(30)), relu=False)
    formats = {"fully connected": FullyConnectedFormat(4, as_convolution)}
    compressed = find_kind("fully connected").compress(layer, 0.4, WorkloadOptions(formats=formats))
    arrays = kind_of(compressed).float_arrays(compressed)
    weight = arrays["weight"].reshape(20, 30)
    assert np.count_nonzero(weight) == 240
    assert np.unique(weight).size <= 16
    output = compressed.output_value(reference_output(compressed))
    np.testing.assert_allclose(output, weight @ layer.activation + arrays.get("bias", 0), atol=0.01)
    assert ("bias" in arrays) == bias


def test_convolution():
    layer = Convolution("c", draw(4, 3, 1, 1), draw(4), draw(3, 5, 6), False, (1, 1), (0, 0, 0, 0), 1)
    kind = find_kind("convolution")
    compressed = kind.compress(layer, 0.5, WorkloadOptions())
    arrays = kind.float_arrays(compressed)
    assert np.count_nonzero(arrays["weight"]) == 6
    np.testing.assert_allclose(arrays["bias"], layer.bias, atol=1e-3)
    expected = np.einsum("oi,ihw->ohw", arrays["weight"][:, :, 0, 0], layer.activation) + arrays["bias"][:, None, None]
    np.testing.assert_allclose(kind.output_values(compressed, reference_output(compressed)), expected, atol=0.01)


def test_lstm():
    lstm = Lstm("rnn", draw(4, 5, 3), draw(4, 5, 2), draw(4, 5), draw(6, 3), draw(3, 5), draw(2, 5))
    compressed = compress_lstm([lstm], None, LstmFormat(weight_bits=12))
    arrays = find_kind("LSTM").float_arrays(compressed)
    for name, array in arrays.items():
        exact = getattr(lstm, name)
        assert array.shape == exact.shape
        np.testing.assert_allclose(array, exact, atol=np.abs(exact).max() / 500)
    assert set(arrays) == {"weight_input", "weight_hidden", "bias", "peephole", "projection"}
    stack = compress_lstm([lstm, lstm._replace(weight_input=draw(4, 5, 2), activation=None)], None, LstmFormat())
    assert {"l0.bias", "l1.projection"} < set(find_kind("LSTM").float_arrays(stack))
