"""Small LSTMs and small ESE machines for tests: drawn at random, or written down as pictures."""

import numpy as np
from hypothesis import strategies as st

from simulator.machines.ese import MACHINE
from simulator.machines.ese.arch import Arch
from support.dram.memories import memories
from workloads.kinds.lstm.compress import GATES, columns_of
from workloads.kinds.lstm.layer import CompressedLstm, CompressedLstmLayer, SparseMatrix

TINY = Arch(
    channels=1,
    pes=2,
    queue_depth=8,
    pipeline_cycles=0,
    weight_bits=12,
    index_bits=4,
    unit_bits=16,  # an entry is a unit, and a line
    line_bits=16,
    line_cycles=1,
    fifo_lines=4,
    input_path_bits=16,
    weight_buffer_entries=1024,
    pointer_bits=1,  # so that pointers are few lines
    activation_bits=16,
    element_lanes=4,
    element_pipeline=0,
    table_points=16,
    sigmoid_range=8,
    tanh_range=4,
    dram=None,
)


def shapes(inputs: int, cells: int, outputs: int, projection: bool) -> dict[str, tuple[int, int]]:
    """Rows and columns of each matrix by name."""
    found = {f"W{gate}x": (cells, inputs) for gate in GATES} | {f"W{gate}r": (cells, outputs) for gate in GATES}
    return found | ({"Wym": (outputs, cells)} if projection else {})


def layer(words, peephole, rng, points, cell_gate, name="drawn") -> CompressedLstmLayer:
    """A layer of the given matrices, int16 [rows, columns] by name; all else uses the whole range of its words.

    Most shifts take sums to about 16 bits, so that a wrong bit is seen; others saturate all of them, or leave nothing.
    """
    cells, inputs = words["Wix"].shape
    return CompressedLstmLayer(
        name=name,
        inputs=inputs,
        cells=cells,
        outputs=words["Wir"].shape[1],
        matrices={key: sparse(key, matrix, a_shift(rng, np.abs(matrix).max())) for key, matrix in words.items()},
        bias=anything(rng, 4, cells),
        peephole=anything(rng, 3, cells) if peephole else None,
        peephole_shift=a_shift(rng, 1 << 15),
        sigmoid=rng.integers(0, 1 << 15, points).astype(np.int16),
        tanh=anything(rng, points),
        sigmoid_bits=9,
        tanh_bits=int(rng.integers(0, 16)),
        cell_bits=int(rng.choice([0, 8, 13, 14, 15])),
        input_bits=10,
        output_bits=10,
        cell_gate=cell_gate,
    )


def a_shift(rng, largest) -> int:
    """Of products of words up to `largest` and of 16 bits."""
    bits = int(largest).bit_length()
    return int(rng.choice([-2, bits + 10, *range(bits - 3, bits + 4)]))


def sparse(name, words, shift) -> SparseMatrix:
    """A matrix from its words, int16 [rows, columns]."""
    return SparseMatrix(name, *words.shape, columns_of(words), 8, shift)


def anything(rng, *shape) -> np.ndarray:
    """16-bit words."""
    return rng.integers(-(1 << 15), 1 << 15, shape).astype(np.int16)


def above(layers, activation) -> CompressedLstm:
    """Layers one above the other, with the lowest one's input."""
    voices, steps, _ = activation.shape
    return CompressedLstm("drawn", tuple(layers), activation, np.zeros((voices, steps, layers[-1].outputs)))


def drawn(
    seed: int,
    arch: Arch,
    voices: int,
    steps: int,
    layers: int = 1,
    projection: bool = True,
    peephole: bool = True,
    cell_gate: str = "tanh",
    most: int = 9,
) -> CompressedLstm:
    """An LSTM whose words use all their bits, so that sums saturate and products need rounding.

    Some matrices are full, some empty, most between; no side is longer than `most`.
    """
    rng = np.random.default_rng(seed)
    inputs = bottom = int(rng.integers(1, most + 1))
    found = []
    for place in range(layers):
        cells = int(rng.integers(1, most + 1))
        outputs = int(rng.integers(1, most + 1)) if projection else cells
        words = {}
        for name, shape in shapes(inputs, cells, outputs, projection).items():
            stored = rng.random(shape) < rng.choice([0.0, 0.1, 0.3, 0.7, 1.0])
            words[name] = np.where(stored, random_weights(rng, arch.weight_bits, shape), 0).astype(np.int16)
        found.append(layer(words, peephole, rng, arch.table_points, cell_gate, f"layer {place}"))
        inputs = outputs
    return above(found, anything(rng, voices, steps, bottom))


def random_weights(rng, bits, shape) -> np.ndarray:
    """Words of this number of bits, none of them zero."""
    words = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), shape)
    return np.where(words == 0, 1, words)


def pictured(
    inputs: int, cells: int, outputs: int, projection: bool = True, peephole: bool = True, **pictures: str
) -> CompressedLstm:
    """One voice, one step, and matrices from pictures: a line per row, a character per column: a digit, or `.`.

    Matrices without a picture are empty.
    """
    words = {name: np.zeros(shape, np.int16) for name, shape in shapes(inputs, cells, outputs, projection).items()}
    for name, picture in pictures.items():
        rows = [[0 if c == "." else int(c) for c in line] for line in picture.split()]
        assert words[name].shape == np.shape(rows), f"{name} is no picture of {words[name].shape}"
        words[name] = np.array(rows, np.int16)
    rng = np.random.default_rng(0)
    one = layer(words, peephole, rng, TINY.table_points, "tanh", "pictured")
    return above([one], anything(rng, 1, 1, inputs))


@st.composite
def machines(draw):
    """Machines with every bottleneck: shallow queues, slow lines, narrow paths, small buffers."""
    weight_bits, index_bits = draw(st.sampled_from([2, 7, 12, 16])), draw(st.sampled_from([1, 2, 4]))
    unit_bits = (weight_bits + index_bits) * draw(st.integers(1, 4))
    line_bits = unit_bits * draw(st.integers(1, 4))
    arch = Arch(
        channels=draw(st.integers(1, 3)),
        pes=draw(st.integers(1, 5)),
        queue_depth=draw(st.integers(1, 4)),
        pipeline_cycles=draw(st.integers(0, 4)),
        weight_bits=weight_bits,
        index_bits=index_bits,
        unit_bits=unit_bits,
        line_bits=line_bits,
        line_cycles=draw(st.integers(1, 3)),
        fifo_lines=draw(st.integers(2, 4)),
        input_path_bits=max(1, line_bits // draw(st.sampled_from([1, 2, 3, 7]))),
        weight_buffer_entries=draw(st.sampled_from([1, 2, 5, 1024])),
        pointer_bits=draw(st.sampled_from([1, 4, 16])),
        activation_bits=16,
        element_lanes=draw(st.integers(1, 5)),
        element_pipeline=draw(st.integers(0, 3)),
        table_points=draw(st.sampled_from([2, 64, 4096])),
        sigmoid_range=8,
        tanh_range=4,
        dram=draw(memories(line_bits // 8 // (2 if line_bits % 16 == 0 and draw(st.booleans()) else 1)))
        if line_bits % 8 == 0
        else None,
    )
    return arch if line_bits % arch.input_path_bits == 0 else arch._replace(input_path_bits=line_bits)


@st.composite
def cases(draw, layers=(1, 1)):
    """A machine, and an LSTM of the least to the most layers, with a voice for some of its channels."""
    arch = draw(machines().filter(lambda arch: MACHINE.problem(arch) is None))
    lstm = drawn(
        seed=draw(st.integers(0, 1 << 30)),
        arch=arch,
        voices=draw(st.integers(1, arch.channels)),
        steps=draw(st.integers(1, 3)),
        layers=draw(st.integers(*layers)),
        projection=draw(st.booleans()),
        peephole=draw(st.booleans()),
        cell_gate=draw(st.sampled_from(["tanh", "sigmoid"])),
    )
    return arch, lstm
