"""Small layers for tests: drawn at random, or written down as a picture."""

import math

import numpy as np
from hypothesis import strategies as st

from kernels_ref.formats import as_fixed
from simulator.hardware.weight_format import WEIGHT_FORMAT
from simulator.machines.eie import MACHINE
from simulator.machines.eie.arch import Arch
from support.dram.memories import memories
from workloads.compression.columns import Columns
from workloads.kinds.fully_connected.compress import compress
from workloads.kinds.fully_connected.layer import CodedFullyConnected, CompressedFullyConnected, WordScales
from workloads.number_formats import find_format
from workloads.number_formats.block import BlockFormat

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
    scale_across=0,
    scale_width_bits=64,
    scale_bytes=32768,
    dram=None,
    weight_format=WEIGHT_FORMAT.load("codebook", 1250),
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


SCALED = "nvfp4", "mxfp4", "mxfp8", "int4-g16", "int4-g5", "nvfp4-16x16"
"""Formats with block scales."""


def with_scales(layer: CompressedFullyConnected, seed: int, form: str, across: int) -> CompressedFullyConnected:
    """The layer in a format with scales, all of them drawn: any significand, shifts that round and that saturate."""
    rng, found = np.random.default_rng(seed), find_format(form)
    assert isinstance(found, BlockFormat)
    down, along = found.block
    rows, columns = (along, down) if across else (down, along)
    pes, width = across or 1, layer.activation.size
    group = np.arange(layer.inputs) // columns
    group = np.append(group, group[-1] + 1)[:width]
    shape = int(group[-1]) + 1, pes, math.ceil(math.ceil(layer.outputs / pes) / rows)
    most = 2 << found.rule.parts.fraction
    codes = rng.integers(1, 1 << found.bits, layer.columns.row.size).astype(np.uint8)
    scales = WordScales(
        significand=rng.integers(0, most, shape).astype(np.int32),
        shift=rng.integers(-14, 63 if rng.random() < 0.3 else 20, shape).astype(np.int16),
        group=group.astype(np.int32),
        rows=rows,
        across=across,
        bits=found.rule.bits,
        sum_fraction_bits=9,
        multiplier=int(rng.integers(1 << 14, 1 << 15)) if found.rule.tensor_bits else 0,
        exponent=0,
    )
    codebook = as_fixed(found.element.parts).significand
    return layer._replace(
        columns=layer.columns._replace(code=codes), codebook=codebook, scales=scales, form=form, shift=0
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
    scale_across=st.integers(0, 1),
    scale_width_bits=st.sampled_from([16, 24, 64]),
    scale_bytes=st.sampled_from([4, 64, 32768]),
    dram=memories(),
    weight_format=st.just(PLAIN.weight_format),
).filter(lambda arch: MACHINE.problem(arch) is None)
