"""LSTMs as files hold them, with random weights."""

import numpy as np
from safetensors.numpy import save_file

from workloads.lstm_forward import forward

RNG = np.random.default_rng(4)


def draw(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def torch_tensors(layers, inputs=3, cells=4, proj=0, biases=("bias_ih", "bias_hh"), ends=("",)):
    """The state of an nn.LSTM with random weights."""
    outputs, tensors = proj or cells, {}
    for k in range(layers):
        for end in ends:
            width = inputs if k == 0 else outputs
            shapes = {"weight_ih": (4 * cells, width), "weight_hh": (4 * cells, outputs)}
            shapes |= {"weight_hr": (proj, cells)} if proj else {}
            shapes |= dict.fromkeys(biases, (4 * cells,))
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
