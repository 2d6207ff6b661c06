"""Where the time of a matrix product goes: products, or bytes; against formulas."""

from math import ceil

import pytest

from simulator.machines.tensor.layout.storage import peak_bytes
from simulator.run.simulate import simulate
from workloads.kinds.matrix_product.shapes import product_of_shape
from workloads.workload import Workload
from zeroskip import load_arch


def run(config, form, tokens, inputs, outputs, **changes):
    """A product of zeros on a configuration, timed by the engine."""
    loaded = load_arch(config, weight_format=form, **changes)
    layer = product_of_shape("given", form, tokens, inputs, outputs, bool(loaded.arch.two_of_four))
    return simulate(loaded, Workload("zeros", "given", None, layer, "matrix product"), output=False)


def test_nvfp4_over_fp8_when_products_decide():
    """4,096 x 4,096 x 4,096: the class's 2, less what both formats wait and drain alike."""
    fp8, nvfp4 = (run("tensor_b200", form, 4096, 4096, 4096) for form in ("fp8", "nvfp4"))
    assert 1.5 < fp8.run.cycles / nvfp4.run.cycles < 2.2
    for one in (fp8, nvfp4):
        assert one.reasons["PE"]["compute"] > 0.7 * one.run.cycles
        compute = 28 * 16 * ceil(4096 / one.config.arch.depth)  # tiles of 148 and 256
        assert one.reasons["PE"]["compute"] == compute


@pytest.mark.parametrize("config", ["tensor", "tensor_b200"])
def test_nvfp4_over_fp8_when_bytes_of_weights_decide(config):
    """One token: at most 8 / 4.5, as every weight is read once."""
    fp8, nvfp4, mxfp8 = (run(config, form, 1, 4096, 4096) for form in ("fp8", "nvfp4", "mxfp8"))
    ratio = fp8.run.cycles / nvfp4.run.cycles
    assert 1.6 < ratio < 8 / 4.5 * 1.01
    assert mxfp8.run.cycles / nvfp4.run.cycles < 8.25 / 4.5 * 1.05
    bits = 8 * (fp8.dram_bytes - 4 * 4096 - 4096) / 4096**2
    assert bits == 8
    assert 8 * (nvfp4.dram_bytes - 4 * 4096 - 4096 * 4.5 / 8) / 4096**2 == 4.5


@pytest.mark.parametrize("form", ["nvfp4", "fp8", "bf16"])
@pytest.mark.parametrize("config", ["tensor", "tensor_b200"])
def test_no_run_is_faster_than_its_roof_and_few_are_much_slower(config, form):
    """The time is that of the products or that of the bytes, whichever is longer, and what neither hides."""
    for tokens in (1, 16, 64, 256, 1024):
        result = run(config, form, tokens, 2048, 2048)
        arch, counts = result.config.arch, result.run
        tiles = ceil(tokens / arch.rows) * ceil(2048 / arch.columns)
        products = tiles * ceil(2048 / arch.depth)
        moved = result.dram_bytes / peak_bytes(arch)
        assert counts.cycles >= max(products, moved)
        assert counts.cycles < 1.25 * (products + moved) + 600


def test_the_regime_changes_where_bytes_take_as_long_as_products():
    """Two formulas cross at a number of tokens; far below it the memory decides, far above it the array does.

    Products: tiles of 64 tokens, ceil(K / 8) cycles each; bytes: weights once, 4.5 bits; activations; outputs in NVFP4.
    """
    inputs = outputs = 2048
    large = {"quantise_output": 1, "operand_capacity": 1 << 23}  # so that each operand is read once
    arch = load_arch("tensor", **large).arch
    byte = 4.5 / 8

    def predicted(tokens):
        products = ceil(tokens / arch.rows) * (outputs // arch.columns) * (inputs // arch.depth)
        moved = (inputs * outputs + tokens * (inputs + outputs)) * byte / peak_bytes(arch)
        return products, moved

    crossing = next(tokens for tokens in range(1, 4096) if predicted(tokens)[0] > predicted(tokens)[1])
    assert 64 < crossing < 1024
    few, many = (run("tensor", "nvfp4", tokens, inputs, outputs, **large) for tokens in (8, 4 * crossing))
    assert few.reasons["PE"]["operand_wait"] > few.reasons["PE"]["compute"]
    assert many.reasons["PE"]["compute"] > 2 * many.reasons["PE"]["operand_wait"]
    for result, tokens in ((few, 8), (many, 4 * crossing)):  # what is read for the first tiles is not hidden
        assert max(predicted(tokens)) < result.run.cycles < 1.1 * sum(predicted(tokens))


@pytest.mark.parametrize("tokens", [1, 63, 64, 65, 128])
@pytest.mark.parametrize("outputs", [1, 64, 100])
def test_utilisation_by_the_shape_of_tiles(tokens, outputs):
    """Without a memory: products over what all units could do in the tiles' cycles and drains."""
    result = run("tensor", "nvfp4", tokens, 1024, outputs, dram="none")
    arch = result.config.arch
    rows = [min(arch.rows, tokens - first) for first in range(0, tokens, arch.rows)]
    columns = [min(arch.columns, outputs - first) for first in range(0, outputs, arch.columns)]
    drains = sum(arch.pipeline_stages + ceil(r * c / arch.drain_width) for r in rows for c in columns)
    cycles = len(rows) * len(columns) * 1024 // arch.depth + drains
    units = arch.rows * arch.columns
    assert result.figures["utilisation"] == pytest.approx(tokens * outputs * 1024 / (units * arch.depth * cycles))


def test_two_of_four_doubles_the_products_of_dense_weights():
    """At most 2, and less, as activations are read whole."""
    dense, sparse = (run("tensor_b200", "nvfp4", 4096, 4096, 4096, two_of_four=on) for on in (0, 1))
    assert 1.3 < dense.run.cycles / sparse.run.cycles < 2
    assert sparse.figures["multiplies"] * 2 == dense.figures["multiplies"]


@pytest.mark.parametrize(
    ("config", "tflops", "terabytes"),
    [("tensor_b200", {"nvfp4": 10_000, "fp8": 5_000}, 8), ("tensor_h200", {"fp8": 1_979, "bf16": 989}, 4.8)],
)
def test_configurations_have_the_rates_that_they_state(config, tflops, terabytes):
    for form, wanted in tflops.items():
        loaded = load_arch(config, weight_format=form)
        arch, hertz = loaded.arch, loaded.technology.clock_mhz * 1e6
        assert 2 * arch.rows * arch.columns * arch.depth * hertz / 1e12 == pytest.approx(wanted, rel=2e-3)
        assert peak_bytes(arch) * hertz / 1e12 == pytest.approx(terabytes, rel=3e-3)


@pytest.mark.parametrize("femtojoules", [3000, 3900, 7000])
def test_a_byte_of_dram_costs_eight_bits(femtojoules):
    prices = {one.event: one.pj for one in load_arch("tensor", dram_fj_per_bit=femtojoules).technology.energy_pj}
    assert prices["dram_weight_bytes"] == pytest.approx(8 * femtojoules / 1000)
