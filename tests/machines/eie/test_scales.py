"""EIE with formats whose blocks have scales: twins, the kernel, exact numbers, rows of scales, memories, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.layers import PLAIN, SCALED, drawn_layers, machines, with_scales
from support.paths import EXAMPLES

from simulator.core.run import chain, first_difference
from simulator.hardware.weight_format import WEIGHT_FORMAT
from simulator.machines.eie import MACHINE, engine, model
from simulator.machines.eie.layout.streams import layout, violations
from simulator.pricing.energy import by_component
from workloads.errors import InputError
from workloads.kinds.fully_connected.compress import compress
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.fully_connected.reference import reference
from workloads.number_formats import find_format
from zeroskip import load_arch, load_workload, run, simulate

FORMS = sorted(SCALED)
MORE = [*FORMS, "nvfp4-four-over-six", "nvfp4-division", "mxfp4-ceil", "int4-g128", "fp8", "int8", "ternary", "linear8"]


def on(arch, form: str, **changes):
    """A machine with this number format."""
    return arch._replace(weight_format=WEIGHT_FORMAT.load(form, 1250), **changes)


def possible(arch) -> bool:
    return MACHINE.problem(arch) is None


@settings(max_examples=3 * EXAMPLES)
@given(machines, drawn_layers, st.sampled_from(FORMS), st.integers(0, 1 << 30))
def test_model_engine_and_kernel_are_equal_on_any_scales(arch, plain, form, seed):
    arch = on(arch, form)
    if not possible(arch):
        return
    layer = with_scales(plain, seed, form, arch.pes if arch.scale_across else 0)
    passes = layout(arch, layer)
    slow = chain([model.run(arch, one, 10**6) for one in passes])
    fast = chain([engine.run(arch, one, 10**6) for one in passes])
    assert first_difference(slow, fast) is None
    np.testing.assert_array_equal(slow.output, reference(layer))
    lean = chain([engine.run_without_output(arch, one, 10**6) for one in passes])
    assert first_difference(lean._replace(output=fast.output), fast) is None


@given(machines, drawn_layers, st.sampled_from(FORMS), st.integers(0, 1 << 30))
def test_rows_of_scales_are_those_of_a_walk_over_the_matrix(arch, plain, form, seed):
    """Each PE reads a row where the scale of its next weight is not in the row that it read last."""
    arch = on(arch, form, batching=0, spmat_bytes=1 << 20, pointer_bytes=1 << 20, scale_bytes=1 << 20)
    if not possible(arch):
        return
    layer = with_scales(plain, seed, form, arch.pes if arch.scale_across else 0)
    (streams,) = layout(arch, layer)
    counts = engine.run(arch, streams).counts
    block, bits = find_format(form).block, find_format(form).rule.bits
    down, along = block if not arch.scale_across else block[::-1]
    local = -(-layer.outputs // arch.pes)
    each = down if arch.scale_across else 1  # a scale with each output, or one for each block of outputs
    stride = -(-local // each)
    in_row = 1
    while 2 * in_row * bits <= arch.scale_width_bits:
        in_row *= 2
    reads, weights, kept = [0] * arch.pes, [0] * arch.pes, [None] * arch.pes
    for column in np.flatnonzero(layer.activation).tolist():
        bias = column >= layer.inputs
        group = -(-layer.inputs // along) if bias else column // along
        for entry in range(int(layer.columns.start[column]), int(layer.columns.start[column + 1])):
            place, pe = divmod(int(layer.columns.row[entry]), arch.pes)
            row = (group * stride + place // each) // in_row
            reads[pe] += row != kept[pe]
            weights[pe] += 1
            kept[pe] = row
    assert counts.scale_row_reads.tolist() == reads
    assert counts.scale_multiplies.tolist() == counts.multiplies.tolist() == weights
    out = [len(range(k, layer.outputs, arch.pes)) for k in range(arch.pes)]
    assert counts.output_multiplies.tolist() == (out if find_format(form).rule.tensor_bits else [0] * arch.pes)


def drawn_floats(seed: int, outputs: int, inputs: int, bias: bool) -> FullyConnected:
    """A layer whose rows differ in size, so that scales do."""
    rng = np.random.default_rng(seed)
    weight = rng.standard_normal((outputs, inputs)) * 10 ** rng.uniform(-2, 1, (outputs, 1))
    activation = np.maximum(rng.standard_normal(inputs), 0)
    biases = rng.standard_normal(outputs).astype(np.float32) if bias else None
    return FullyConnected("x", weight.astype(np.float32), biases, activation.astype(np.float32), False)


def arranged(weight: np.ndarray, form: str, across: int) -> np.ndarray:
    """What a format makes of weights, its blocks along the outputs of each PE: one PE after the other."""
    found = find_format(form)
    if not across:
        return found.decode(found.encode(weight))
    top = np.abs(weight).max()
    worth = np.zeros(weight.shape)
    for pe in range(min(across, len(weight))):
        mine = np.concatenate([weight[pe::across].T, np.zeros((weight.shape[1], 1), np.float32)], axis=1)
        if found.rule.tensor_bits:
            mine = np.where(mine == 0, 0, mine)
            encoded = found.encode(np.ascontiguousarray(mine), tensor=found.tensor_scale(np.array([top])))
        else:
            encoded = found.encode(np.ascontiguousarray(mine))
        worth[pe::across] = found.decode(encoded)[:, :-1].T
    return worth


@given(
    st.integers(0, 1 << 30), st.integers(1, 70), st.integers(1, 50), st.sampled_from(FORMS), st.sampled_from([0, 1, 4])
)
def test_a_compressed_layer_has_the_weights_that_the_format_gives(seed, outputs, inputs, form, across):
    layer = drawn_floats(seed, outputs, inputs, bias=False)
    done = compress(layer, weight_format=form, across=across)
    expected = arranged(layer.weight, form, across)
    exact = done.weights() * (find_format(form).tensor_scale(layer.weight) or 1.0)
    exact /= 2.0**done.scales.exponent * (done.scales.multiplier / (1 << 15) if done.scales.multiplier else 1.0)
    assert np.allclose(exact, expected, rtol=1e-12, atol=0)
    assert np.allclose(done.weights(), expected, rtol=2.0**-15, atol=0)  # the tensor's scale has 15 bits


@settings(max_examples=EXAMPLES)
@given(
    st.integers(0, 1 << 30),
    st.integers(1, 70),
    st.integers(1, 50),
    st.sampled_from(MORE),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, 3]),
)
def test_the_output_is_the_product_of_what_is_stored(seed, outputs, inputs, form, bias, preload, across):
    layer = drawn_floats(seed, outputs, inputs, bias)
    scaled = find_format(form).scaled
    done = compress(layer, 0.7, preload_bias=preload, weight_format=form, across=across if scaled else 0)
    numbers = done.activation[:inputs] * 2.0**-done.activation_fraction_bits
    biases = done.biases()
    exact = done.weights()[:, :inputs] @ numbers + (0 if biases is None else biases)
    unit = 2.0**-done.output_fraction_bits
    terms = np.bincount(done.columns.row, minlength=outputs)
    apart = np.abs(done.output_value(reference(done)) - exact)
    assert np.all(apart <= (terms / 2 + 1.5) * unit * (2 if scaled else 1))


def test_blocks_across_are_no_longer_than_the_outputs_of_a_pe():
    layer = drawn_floats(0, 30, 20, bias=True)
    long, short = (compress(layer, weight_format=form, across=3) for form in ("int4-g65536", "int4-g10"))
    assert np.array_equal(long.weights(), short.weights())
    assert np.array_equal(reference(long), reference(short))
    arch = on(PLAIN, "int4-g65536", pes=3, scale_across=1)
    (streams,) = layout(arch, long)
    assert np.array_equal(engine.run(arch, streams).output, reference(long))
    assert first_difference(model.run(arch, streams), engine.run(arch, streams)) is None


def test_biases_are_a_column_with_blocks_of_its_own():
    """Biases far smaller than the weights of the same rows keep their digits, as no block holds both."""
    weight = np.full((4, 20), 6.0, np.float32)
    bias = np.array([0.75, -0.5, 0.25, 0], np.float32)
    layer = FullyConnected("x", weight, bias, np.ones(20, np.float32), False)
    for across in (0, 2):
        done = compress(layer, weight_format="mxfp4", across=across)
        assert done.biases().tolist() == bias.tolist()
        assert done.scales.group[-1] == done.scales.group[-2] + 1 or across


def test_a_bias_above_every_weight_is_noted():
    layer = drawn_floats(0, 8, 30, bias=True)
    big = layer._replace(bias=np.full(8, 1e6, np.float32))
    assert any("the format nvfp4's levels" in note for note in compress(big, weight_format="nvfp4").notes)


def test_weights_that_a_format_makes_zero_are_not_stored():
    weight = np.full((1, 16), 0.01, np.float32)
    weight[0, 0] = 6
    done = compress(FullyConnected("x", weight, None, np.ones(16, np.float32), False), weight_format="nvfp4")
    assert done.columns.row.size == 1
    assert done.notes == ("15 of 16 kept weights are zero in nvfp4, and are not stored",)


def test_a_scale_memory_that_is_too_small_is_filled_from_dram():
    layer = compress(drawn_floats(0, 40, 64, bias=False), weight_format="nvfp4")
    arch = on(PLAIN, "nvfp4", pes=2, scale_bytes=40)
    (streams,) = layout(arch, layer)
    assert violations(arch, (streams,)) == [
        "scale SRAM: each PE needs 80 scales, 40 fit (with dram=none it is filled in no time, and what it fetches is "
        "priced all the same)"
    ]
    assert streams.batch_start.tolist() == [0, 32, 64]  # two groups of 16 columns x 20 outputs a PE
    assert streams.dram_words.tolist() == [2 * 10] * 2
    (whole,) = layout(on(PLAIN, "nvfp4", pes=2, scale_bytes=80), layer)
    assert (whole.dram_words.sum(), violations(on(PLAIN, "nvfp4", scale_bytes=80), (whole,))) == (0, [])
    three = on(PLAIN, "nvfp4", pes=2, scale_bytes=20 * 3 - 1)
    assert layout(three, layer)[0].batch_start.tolist() == [0, 32, 64]


def test_a_layer_in_another_format_is_refused():
    plain = compress(drawn_floats(0, 4, 20, bias=False))
    with pytest.raises(InputError, match="x: its weights are stored in codebook; expected nvfp4, which this machine"):
        layout(on(PLAIN, "nvfp4"), plain)
    layer = compress(drawn_floats(0, 4, 20, bias=False), weight_format="nvfp4")
    with pytest.raises(InputError, match="x: its weights are stored in nvfp4; expected codebook, which this machine"):
        layout(PLAIN, layer)
    with pytest.raises(InputError, match="lie along the inputs; expected along the outputs of 2 PEs"):
        layout(on(PLAIN, "nvfp4", scale_across=1), layer)


@pytest.mark.parametrize("form", MORE)
def test_every_format_runs_by_its_name(form):
    config = load_arch("eie", weight_format=form, pes=4)
    result = run(config, "alexnet-fc8", scale=0.02, density=0.5).single
    assert result.output_matches_reference
    scaled = find_format(form).scaled
    assert ("scale_read" in by_component(result.energy)) == scaled
    assert bool(result.counts["scale_row_reads"]) == scaled


def test_scales_along_the_outputs_are_read_less_often():
    layer = {"scale": 0.2, "density": 1.0}
    reads = {}
    for across in (0, 1):
        config = load_arch("eie", weight_format="nvfp4", scale_across=across)
        found = simulate(config, load_workload("alexnet-fc7", formats=MACHINE.formats(config.arch), **layer))
        reads[across] = found.counts["scale_row_reads"], found.run.cycles
    assert abs(reads[0][1] - reads[1][1]) < 0.01 * reads[0][1]  # other weights become zero
    assert reads[1][0] < reads[0][0]


def test_what_a_format_does_not_use_is_noted():
    notes = load_arch("eie", weight_format="nvfp4", weight_bits=5).notes
    assert "weight_bits is set and does nothing: the configuration has weight_format nvfp4" in notes
    notes = load_arch("eie", scale_bytes=64).notes
    assert "scale_bytes is set and does nothing: the configuration has weight_format codebook" in notes


def test_names_of_formats():
    assert load_arch("eie", weight_format="int4-g64").arch.weight_format.block == 64
    with pytest.raises(InputError, match="weight_format is bf16 .set by the user.; expected one of codebook, "):
        load_arch("eie", weight_format="bf16")
    with pytest.raises(InputError, match="spmat_width_bits is 8; expected at least weight_bits . index_bits = 12"):
        load_arch("eie", weight_format="fp8", spmat_width_bits=8)
