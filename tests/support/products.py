"""Matrix products and small tensor engines for tests: written down, and drawn at random."""

import numpy as np
from hypothesis import strategies as st

from simulator.config.load import load_arch
from simulator.hardware.dram.presets import load_dram
from simulator.hardware.operand_format import OPERAND_FORMAT
from simulator.hardware.state_format import STATE_FORMAT
from simulator.machines.tensor.arch import Arch
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.layer import MatrixProduct

FORMATS = (
    "nvfp4", "nvfp4-16x16", "nvfp4-four-over-six", "mxfp4", "mxfp8", "fp8", "int8", "int4-g16", "int4-g128", "bf16",
    "fp16", "codebook4", "ternary", "linear12",
)  # fmt: skip
"""One of each family."""


def form_of(name):
    """A number format as the array sees it."""
    return OPERAND_FORMAT.load(name, 1000)


def state_format_of(name):
    """A format of states as the machine sees it."""
    return STATE_FORMAT.load(name, 1000)


PLAIN = load_arch("tensor").arch._replace(
    rows=2,
    columns=2,
    depth_4bit=16,
    depth_8bit=8,
    depth_16bit=4,
    tile_k=64,
    operand_capacity=1 << 20,
    operand_buffers=2,
    output_buffers=1,
    pipeline_stages=1,
    drain_width=2,
    memory_channels=1,
    vector_lanes=4,
    vector_multiplies=8,
    tile_queries=4,
    block_keys=4,
    dram=None,
    cache_format=form_of("bf16"),
)
"""Steps of 4 cycles in NVFP4, 8 in FP8, 16 in BF16; drains of 3; no memory."""


def memory(name, core_ps, queue, lines):
    """A small memory, seen from a machine with that cycle."""
    dram = load_dram(name, core_ps)
    return dram._replace(queue=queue, row_lines=min(lines, dram.row_lines))


memories = st.none() | st.builds(
    memory,
    st.sampled_from(["lpddr5", "hbm3", "hbm3e", "gddr6x", "ddr4_2400"]),
    st.sampled_from([300, 1000, 2500]),
    st.integers(1, 6),
    st.sampled_from([1, 3, 8, 64]),
)

machines = st.builds(
    Arch,
    rows=st.integers(1, 4),
    columns=st.integers(1, 4),
    folds=st.sampled_from([1, 1, 2, 4]),
    depth_4bit=st.integers(1, 40),
    depth_8bit=st.integers(1, 20),
    depth_16bit=st.integers(1, 10),
    tile_k=st.sampled_from([64, 128, 192]),
    operand_capacity=st.sampled_from([64, 600, 2000, 1 << 20]),
    operand_buffers=st.integers(2, 4),
    pipeline_stages=st.integers(0, 3),
    drain_width=st.integers(1, 9),
    output_buffers=st.integers(1, 3),
    quantise_output=st.integers(0, 1),
    two_of_four=st.integers(0, 1),
    skip_zero_inputs=st.just(0),
    dual_side=st.just(0),
    memory_channels=st.integers(1, 3),
    dram_fj_per_bit=st.just(3900),
    vector_lanes=st.sampled_from([1, 3, 8, 64]),
    vector_multiplies=st.sampled_from([1, 7, 100, 10_000]),
    tile_queries=st.integers(1, 5),
    block_keys=st.integers(1, 6),
    scores_ahead=st.sampled_from([1, 2, 3, 9]),
    separate_arrays=st.integers(0, 1),
    value_on_demand=st.integers(0, 1),
    skip_thousandths=st.sampled_from([0, 0, 1, 300, 900]),
    dram=memories,
    cache_format=st.sampled_from(["bf16", "fp8", "nvfp4", "int4-g16", "nvfp4-16x16"]).map(form_of),
    state_format=st.sampled_from(["fp32", "fp16", "bf16"]).map(state_format_of),
    weight_format=st.sampled_from(FORMATS).map(form_of),
)


skipping = st.builds(Arch._replace, machines, skip_zero_inputs=st.just(1))
"""The same, which do not read the weights of inputs that are zero."""


def given_product(seed, tokens, inputs, outputs, bias=True, relu=False, spread=1.0):
    """A product in floating point; spread: of the magnitudes of its columns, in powers of two."""
    rng = np.random.default_rng(seed)
    scale = np.exp2(spread * rng.standard_normal(inputs)).astype(np.float32)
    weight = rng.standard_normal((outputs, inputs), dtype=np.float32) * scale
    activation = rng.standard_normal((tokens, inputs), dtype=np.float32) * scale[::-1]
    activation[rng.random(activation.shape) < 0.3] = 0
    added = rng.standard_normal(outputs, dtype=np.float32) if bias else None
    return MatrixProduct("drawn", weight, added, activation, relu)


def product_for(arch, *sizes, seed=0, **more):
    """A product of these tokens, inputs and outputs in the machine's format."""
    wanted = ProductFormat(arch.weight_format.name, bool(arch.two_of_four))
    return compress_product(given_product(seed, *sizes, **more), None, wanted)


def folded(arch, tokens, outputs):
    """The array that few tokens see: folded as often as leaves a row for each, and as outputs are there for."""
    times = max(
        fold
        for fold in (1, 2, 4, 8)
        if fold == 1 or (fold <= arch.folds and arch.rows // fold >= tokens and arch.columns * fold < 2 * outputs)
    )
    depth = max(64, arch.tile_k // times // 64 * 64)
    return arch._replace(rows=arch.rows // times, columns=arch.columns * times, tile_k=depth)


def product_with_zeros(arch, *sizes, density=0.5, seed=0, **more):
    """The same, of whose activations a share is not zero, more or less."""
    layer = given_product(seed, *sizes, **more)
    kept = np.random.default_rng(seed).random(layer.activation.shape) < density
    layer = layer._replace(activation=np.where(kept, layer.activation, 0).astype(np.float32))
    return compress_product(layer, None, ProductFormat(arch.weight_format.name, bool(arch.two_of_four)))
