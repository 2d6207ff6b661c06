"""Small layers for tests: drawn at random, or written down as a picture."""

import numpy as np
from hypothesis import strategies as st

from simulator.machines.eie import MACHINE
from simulator.machines.eie.arch import Arch
from support.dram.memories import memories
from workloads.compression.columns import Columns
from workloads.kinds.fully_connected.compress import compress
from workloads.kinds.fully_connected.layer import CodedFullyConnected, CompressedFullyConnected

PLAIN = Arch(
    pes=2,
    queue_depth=8,
    scan_fill=2,
    pipeline_stages=4,
    weight_bits=4,
    index_bits=4,
    spmat_width_bits=64,
    spmat_bytes=131072,
    pointer_bits=16,
    pointer_bytes=32768,
    activation_bits=16,
    activation_registers=64,
    activation_sram_width_bits=16,
    activation_sram_bytes=2048,
    batching=0,
    preload_bias=0,
    dram=None,
)


def pictured(rows: str, activation: list[float], bias: str | None = None) -> CompressedFullyConnected:
    """A layer from a picture: a line per output, a character per input: a code (hex), or `.` for none."""
    codes = np.array([[0 if c == "." else int(c, 16) for c in line] for line in rows.split()], np.uint8)
    column = None if bias is None else np.array([0 if c == "." else int(c, 16) for c in bias], np.uint8)
    book = np.array([0, *range(1, 16)], np.float32)
    return compress(CodedFullyConnected("pictured", codes, column, book, np.array(activation, np.float32), False))


def drawn(
    seed: int, inputs: int, outputs: int, density: float, active: float, bias: bool, relu: bool, levels: int = 16
) -> CompressedFullyConnected:
    """A layer whose words use all 16 bits, so that sums saturate and products need rounding."""
    rng = np.random.default_rng(seed)
    width = inputs + bias
    stored = rng.random((width, outputs)) < density
    start = np.concatenate([[0], np.cumsum(stored.sum(axis=1))]).astype(np.int64)
    row = np.nonzero(stored)[1].astype(np.uint32)
    activation = np.where(rng.random(width) < active, rng.integers(-(1 << 15), 1 << 15, width), 0).astype(np.int16)
    if bias:
        activation[-1] = 1 << 10
    return CompressedFullyConnected(
        name="drawn",
        inputs=inputs,
        outputs=outputs,
        columns=Columns(start, row, rng.integers(1, levels, row.size).astype(np.uint8)),
        codebook=np.concatenate([[0], rng.integers(-(1 << 15), 1 << 15, levels - 1)]).astype(np.int16),
        activation=activation,
        has_bias=bias,
        relu=relu,
        weight_fraction_bits=12,
        activation_fraction_bits=10,
        shift=int(rng.integers(0, 20)),
    )


densities = st.sampled_from([0.0, 0.05, 0.3, 0.7, 1.0])

drawn_layers = st.builds(
    drawn,
    seed=st.integers(0, 1 << 30),
    inputs=st.integers(1, 40),
    outputs=st.integers(1, 70),
    density=densities,
    active=densities,
    bias=st.booleans(),
    relu=st.booleans(),
)

machines = st.builds(
    Arch,
    pes=st.integers(1, 9),
    queue_depth=st.integers(1, 9),
    scan_fill=st.integers(0, 3),
    pipeline_stages=st.integers(1, 5),
    weight_bits=st.integers(4, 8),
    index_bits=st.integers(1, 8),
    spmat_width_bits=st.sampled_from([16, 24, 32, 64, 128]),
    spmat_bytes=st.sampled_from([4, 64, 131072]),
    pointer_bits=st.sampled_from([4, 16]),
    pointer_bytes=st.sampled_from([8, 32768]),
    activation_bits=st.just(16),
    activation_registers=st.integers(1, 6),
    activation_sram_width_bits=st.sampled_from([8, 16, 48]),
    activation_sram_bytes=st.sampled_from([4, 2048]),
    batching=st.integers(0, 1),
    preload_bias=st.just(0),
    dram=memories(),
).filter(lambda arch: MACHINE.problem(arch) is None)
