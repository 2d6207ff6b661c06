"""Two GRU layers with drawn words: the layers whose cycles the authors' hardware description was measured on."""

from typing import NamedTuple

import numpy as np

from simulator.core.run import Run
from simulator.machines.edgedrnn import MACHINE
from simulator.machines.edgedrnn.arch import Arch
from workloads.kinds.gru.compress import MOST_WEIGHT, assemble
from workloads.kinds.gru.forward import forward
from workloads.kinds.gru.layer import WORD_FRACTION, CompressedGru, CompressedGruLayer, Gru

SEED, WEIGHT_WIDTH, STEP_WIDTH, LIMIT, FRACTION_BITS, LAYERS = 0, 20, 20, 2000, 7, 2


class Size(NamedTuple):
    """The sizes of a stack of two layers."""

    inputs: int
    cells: int
    steps: int


def draw(size: Size) -> tuple[list[np.ndarray], np.ndarray]:
    """Words of the columns, float64 [1 + inputs + cells, 3, cells] for each layer, and inputs, float64 [steps, inputs].

    Weights are rounded Gaussian words of deviation 20, column after column, layer after layer; the inputs are a random
    walk with steps of deviation 20, within 2,000. A column has the rows of the gates r, u and c one after the other.
    """
    rng, columns, below = np.random.default_rng(SEED), list[np.ndarray](), size.inputs
    for _ in range(LAYERS):
        words = np.rint(rng.normal(0, WEIGHT_WIDTH, (1 + below + size.cells, 3, size.cells)))
        columns.append(np.clip(words, -MOST_WEIGHT, MOST_WEIGHT))
        below = size.cells
    walk = np.cumsum(rng.normal(0, STEP_WIDTH, (size.steps, size.inputs)), axis=0)
    return columns, np.rint(np.clip(walk, -LIMIT, LIMIT))


def own_layers(arch: Arch, size: Size, biases: bool = True) -> CompressedGru:
    """The compressed stack as `arch` wants it. biases: whether the first column counts; else it is zero."""
    columns, inputs = draw(size)
    layers, signal = list[CompressedGruLayer](), np.ldexp(inputs, -WORD_FRACTION)
    for number, words in enumerate(columns):
        words[0] *= biases
        below, name = words.shape[0] - 1 - size.cells, f"l{number}"
        first = np.zeros(size.cells, np.int32)
        layers.append(CompressedGruLayer(name, below, words.astype(np.int8), first, FRACTION_BITS))
        values = np.ldexp(words, -FRACTION_BITS).astype(np.float32)
        matrix = values[1:].transpose(1, 2, 0)
        signal = forward(Gru(name, matrix[..., :below], matrix[..., below:], values[0], None), signal)
    form = MACHINE.formats(arch)["GRU"]
    return assemble("own-layers", layers, inputs.astype(np.int16), signal, form)


def run_own(arch: Arch, size: Size, threshold: int, biases: bool = True) -> Run:
    """The stack at a threshold for inputs and states, in 1/256."""
    chosen = arch._replace(input_threshold=threshold, state_threshold=threshold)
    (streams,) = MACHINE.layout(chosen, own_layers(chosen, size, biases))
    return MACHINE.run_engine(chosen, streams, output=False)
