"""LSTMs with random weights, in memory and as files hold them."""

from unittest import mock

import numpy as np
from safetensors.numpy import save_file

from kernels_ref.fixed_point import to_float
from kernels_ref.lstm import ColumnMatrix, Formats
from kernels_ref.lstm import run as run_kernel
from workloads.kinds.lstm import LstmKind
from workloads.kinds.lstm.format import LstmFormat
from workloads.kinds.lstm.forward import forward
from workloads.kinds.lstm.layer import Lstm
from workloads.model import load_workload

FINE = LstmFormat(weight_bits=16, table_points=65536, sigmoid_range=8, tanh_range=4)
RNG = np.random.default_rng(4)


def draw(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def torch_tensors(layers, inputs=3, cells=4, proj=0, biases=("bias_ih", "bias_hh"), ends=("",), gates=4):
    """The state of an nn.LSTM, or of an nn.GRU with three gates, with random weights."""
    outputs, tensors = proj or cells, {}
    for k in range(layers):
        for end in ends:
            width = inputs if k == 0 else outputs
            shapes = {"weight_ih": (gates * cells, width), "weight_hh": (gates * cells, outputs)}
            shapes |= {"weight_hr": (proj, cells)} if proj else {}
            shapes |= dict.fromkeys(biases, (gates * cells,))
            tensors |= {f"{kind}_l{k}{end}": draw(*shape) for kind, shape in shapes.items()}
    return tensors


def save(path, **prefixed):
    """Tensors under prefixes; `_` stands for none."""
    named = {
        key if prefix == "_" else f"{prefix}.{key}": array
        for prefix, all_ in prefixed.items()
        for key, array in all_.items()
    }
    save_file(named, path)
    return path


def read_lstms(source, activation=None, layer=None):
    """The layers of an LSTM as they come to be compressed: in floating point, the lowest first, which has its input."""
    with mock.patch.object(LstmKind, "compress", autospec=True) as compress:
        load_workload(source, activation=activation, layer=layer)
    _, stack, *_ = compress.call_args.args
    return list(stack.layers)


def run(stack):
    signal = stack[0].activation if stack[0].activation.ndim == 3 else stack[0].activation[None]
    for layer in stack:
        signal = forward(layer, signal).output
    return signal


GOOD = {
    "weight_input": draw(4, 5, 3),
    "weight_hidden": draw(4, 5, 2).astype(np.float64),
    "bias": draw(4, 5),
    "peephole": draw(3, 5),
    "projection": draw(2, 5),
    "cell_gate": np.array("sigmoid"),
    "activation": draw(6, 3),
}
PLAIN = {"weight_input": GOOD["weight_input"], "weight_hidden": draw(4, 5, 5)}


def changed(base, **changes):
    return {key: value for key, value in {**base, **changes}.items() if value is not None}


def drawn(seed, cells=6, inputs=5, outputs=None, scale=1.0, voices=2, steps=8, cell_gate="tanh", full=True, name="rnn"):
    """A layer with (full) or without bias and peepholes, and its sequences, from -1 to 1."""
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return (scale * rng.standard_normal(shape)).astype(np.float32)

    return Lstm(
        name=name,
        weight_input=draw(4, cells, inputs),
        weight_hidden=draw(4, cells, outputs or cells),
        bias=draw(4, cells) if full else None,
        activation=rng.uniform(-1, 1, (voices, steps, inputs)).astype(np.float32),
        peephole=draw(3, cells) if full else None,
        projection=draw(outputs, cells) if outputs else None,
        cell_gate=cell_gate,
    )


def compute(compressed):
    """The words of the top layer, int16 [voices, steps, outputs]."""
    words = compressed.activation
    for layer in compressed.layers:
        matrices = {name: ColumnMatrix(*one.columns, one.outputs, one.shift) for name, one in layer.matrices.items()}
        formats = Formats(layer.peephole_shift, 30 - layer.cell_bits, layer.cell_bits - layer.tanh_bits)
        peephole = np.zeros((3, layer.cells), np.int16) if layer.peephole is None else layer.peephole
        gate = layer.sigmoid if layer.cell_gate == "sigmoid" else layer.tanh
        words = run_kernel(matrices, layer.bias, peephole, layer.sigmoid, layer.tanh, gate, formats, words)
    return words


def distance(compressed, words):
    """How far the top layer's words are from float64: |y' - y| / |y| over the whole sequence."""
    apart = to_float(words, compressed.layers[-1].output_bits) - compressed.exact
    return np.linalg.norm(apart) / np.linalg.norm(compressed.exact)
