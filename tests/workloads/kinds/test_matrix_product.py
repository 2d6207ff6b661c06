"""Matrix products: their kernel, their formats, two of four, where they come from, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.products import FORMATS, given_product

from kernels_ref.matrix_product import finish, integer_product, tensor_factor
from workloads.errors import InputError
from workloads.kinds import kind_of, reference_output
from workloads.kinds.convolution.format import ConvolutionFormat
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.operand import activation_format, numbers_of, unit_of
from workloads.kinds.matrix_product.two_of_four import keep_two, kept_of
from workloads.number_formats import find_format
from zeroskip import load_arch, load_workload

AS_PRODUCT = {
    "fully connected": FullyConnectedFormat(as_product=True),
    "convolution": ConvolutionFormat(as_product=True),
}


def formats(name, two_of_four=False):
    return {**AS_PRODUCT, "matrix product": ProductFormat(name, two_of_four)}


def arrays(*sizes, **more):
    layer = given_product(0, *sizes, **more)
    found = {"weight": layer.weight, "activation": layer.activation, "relu": np.array(layer.relu)}
    return found if layer.bias is None else {**found, "bias": layer.bias}


@pytest.mark.parametrize("two_of_four", [False, True])
@pytest.mark.parametrize("name", FORMATS)
def test_an_output_is_the_product_of_what_codes_mean(name, two_of_four):
    workload = load_workload(arrays(5, 100, 7), formats=formats(name, two_of_four))
    layer = workload.layer
    assert (workload.kind, layer.tokens, layer.inputs, layer.outputs) == ("matrix product", 5, 100, 7)
    exact = layer.activation.values() @ layer.weight.values().T + layer.bias
    output = reference_output(layer)
    assert output.dtype == np.float32
    lost = 2.0**-8 if unit_of(layer.weight.form) is None else 2.0**-20
    most = np.abs(layer.activation.values()) @ np.abs(layer.weight.values()).T + 1
    assert (np.abs(output.reshape(5, 7) - exact) <= lost * most).all()


def test_relu_and_bias():
    whole = load_workload(arrays(4, 64, 6), formats=formats("fp8")).layer
    without = whole._replace(bias=None)
    plain = reference_output(without).reshape(4, 6)
    np.testing.assert_array_equal(reference_output(whole), (plain + whole.bias).ravel())
    np.testing.assert_array_equal(
        reference_output(whole._replace(relu=True)), np.maximum(plain + whole.bias, 0).ravel()
    )


def test_the_scales_of_both_tensors_multiply_sums_in_fp32():
    assert tensor_factor(3.0, 0.5) == np.float32(1.5)
    assert tensor_factor(1e30, 1e30) == np.finfo(np.float32).max
    sums = np.array([[0, 2, -2]], np.float32)
    assert finish(sums, tensor_factor(1e30, 1e30), None, False).tolist() == [[0, np.inf, -np.inf]]
    assert finish(sums, np.float32(0.5), np.array([1, 1, 1], np.float32), True).tolist() == [[1, 2, 0]]


def test_integers_are_added_exactly_and_rounded_once():
    large = np.full((1, 133_144), 127)
    assert integer_product(large, large).tolist() == [[np.float32(133_144 * 127**2)]]
    with pytest.raises(ValueError, match="a sum may reach 2147495705; expected at most 2147483647"):
        integer_product(np.full((1, 133_145), 127), np.full((1, 133_145), 127))


@pytest.mark.parametrize(
    ("name", "unit", "activation"),
    [
        ("nvfp4", (64, 16, 35), "nvfp4"),
        ("mxfp4", (64, 16, 35), "mxfp4"),
        ("mxfp8", (32, 1, 25), "mxfp8"),
        ("fp8", (32, 1, 25), "fp8"),
        ("bf16", (16, 1, 25), "bf16"),
        ("fp16", (16, 1, 25), "fp16"),
        ("int4-g16", None, "bf16"),
        ("codebook4", None, "bf16"),
        ("linear16", None, "bf16"),
    ],
)
def test_formats_have_units_or_are_decoded_to_bf16(name, unit, activation):
    form = find_format(name)
    assert unit_of(form) == unit
    assert activation_format(form).name == activation


def test_activations_share_no_scales_between_tokens():
    form = activation_format(find_format("nvfp4-16x16"))
    assert (form.block.rows, form.block.columns) == (1, 16)
    layer = compress_product(given_product(0, 20, 48, 20), None, ProductFormat("nvfp4-16x16"))
    assert layer.weight.shared["scale"].shape == (2, 3)
    assert numbers_of(layer.weight).scale.significand.shape == (20, 3)
    assert layer.activation.shared["scale"].shape == (20, 3)


def test_decoded_weights_are_rounded_to_bf16_ties_to_even():
    weight = np.array([[1.0, 7.0]], np.float32)  # int4 with a scale of 1
    layer = compress_product(given_product(0, 2, 2, 1)._replace(weight=weight), None, ProductFormat("int4-g16"))
    numbers = numbers_of(layer.weight).element
    assert numbers.value().tolist() == [[1.0, 7.0]]
    scaled = layer.weight._replace(shared={"scale": np.array([[0x3C03]], np.uint16)})  # FP16 1 + 3 / 1024
    assert scaled.values().tolist() == [[1 + 3 / 1024, 7 + 21 / 1024]]
    assert numbers_of(scaled).element.value().tolist() == [[1.0, 7.03125]]  # of 1/128 and 1/32


@given(st.lists(st.lists(st.integers(-3, 3), min_size=1, max_size=11), min_size=1, max_size=1))
def test_two_of_four_keeps_the_two_of_largest_magnitude_and_of_equal_ones_the_first(rows):
    weight = np.array(rows, np.float32)
    expected = []
    for first in range(0, weight.shape[1], 4):
        group = weight[0, first : first + 4].tolist()
        order = sorted(range(len(group)), key=lambda place: (-abs(group[place]), place))[:2]
        expected += [value if place in order else 0 for place, value in enumerate(group)]
    assert keep_two(weight)[0].tolist() == expected
    assert kept_of(weight.shape[1]) == sum(min(2, weight.shape[1] - first) for first in range(0, weight.shape[1], 4))


@pytest.mark.parametrize(
    ("name", "bits", "sparse"),
    [("nvfp4", 4.5, 3.5), ("fp8", 8, 5), ("int8", 8, 5), ("bf16", 16, 9), ("mxfp8", 8.25, 5.25), ("mxfp4", 4.25, 3.25)],
)
def test_bits_per_weight(name, bits, sparse):
    """Two of four: half the codes, two bits of place with each, and all scales."""
    for two_of_four, wanted in ((False, bits), (True, sparse)):
        layer = load_workload(arrays(2, 64, 16), formats=formats(name, two_of_four)).layer
        tensor = 32 if name in ("nvfp4", "fp8", "int8") else 0
        assert layer.stored_bits == wanted * 64 * 16 + tensor
        measures = kind_of(layer).measures(layer, np.zeros(1, np.float32))
        assert measures == {"bits_per_weight": layer.stored_bits / 1024, "weight_error": layer.weight_error}


def test_density_is_taken_before_two_of_four():
    layer = load_workload(arrays(2, 64, 16), density=0.25, formats=formats("bf16", True)).layer
    assert layer.weight_density <= 0.25
    assert (np.count_nonzero(layer.weight.values().reshape(16, -1, 4), axis=2) <= 2).all()
    whole = load_workload(arrays(2, 64, 16), density=0.25, formats=formats("bf16")).layer
    assert whole.weight_density == 0.25


def test_a_convolution_becomes_windows_times_kernels():
    rng = np.random.default_rng(0)
    weight, image = (
        rng.standard_normal((6, 4, 3, 2)).astype(np.float32),
        rng.standard_normal((4, 9, 8)).astype(np.float32),
    )
    given = {"weight": weight, "activation": image, "stride": np.array([2, 1]), "padding": np.array([1, 0, 1, 1])}
    layer = load_workload(given, formats=formats("fp16")).layer
    padded = np.pad(image, ((0, 0), (1, 1), (0, 1)))
    high, wide = (9 + 2 - 3) // 2 + 1, 8 + 1 - 2 + 1
    assert (layer.tokens, layer.inputs, layer.outputs) == (high * wide, 24, 6)
    windows = [padded[:, 2 * y : 2 * y + 3, x : x + 2].ravel() for y in range(high) for x in range(wide)]
    expected = np.array(windows) @ weight.reshape(6, -1).T
    np.testing.assert_allclose(reference_output(layer).reshape(high * wide, 6), expected, rtol=0.02, atol=0.02)


def test_convolutions_of_several_groups_are_refused():
    given = {
        "weight": np.ones((4, 1, 2, 2), np.float32),
        "activation": np.ones((2, 4, 4), np.float32),
        "groups": np.array(2),
    }
    with pytest.raises(InputError, match="it has 2 groups; expected 1, as a convolution runs as one matrix product"):
        load_workload(given, formats=formats("fp8"))


def test_a_dilated_convolution_reads_its_inputs_apart():
    weight = np.arange(1, 5, dtype=np.float32).reshape(1, 1, 2, 2)
    image = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    layer = load_workload(
        {"weight": weight, "activation": image, "dilation": np.array(2)}, formats=formats("bf16")
    ).layer
    assert layer.tokens == 4
    assert reference_output(layer).tolist() == [0 + 2 * 2 + 3 * 8 + 4 * 10 + 10 * k for k in (0, 1, 4, 5)]


def test_a_fully_connected_layer_is_one_token():
    one = arrays(1, 30, 4)
    workload = load_workload({**one, "activation": one["activation"][0]}, formats=formats("fp8"))
    assert (workload.kind, kind_of(workload.layer).name, workload.layer.tokens) == (
        "fully connected",
        "matrix product",
        1,
    )


@pytest.mark.parametrize("source", ["alexnet-fc8", "arrays"])
def test_tokens_draw_many_inputs(source):
    one = arrays(1, 30, 4)
    given = "alexnet-fc8" if source == "alexnet-fc8" else {**one, "activation": one["activation"][0]}
    workload = load_workload(given, tokens=3, formats=formats("fp8"), **({} if source == "arrays" else {"scale": 0.02}))
    assert (workload.kind, workload.layer.tokens) == ("matrix product", 3)
    again = load_workload(given, tokens=3, formats=formats("fp8"), **({} if source == "arrays" else {"scale": 0.02}))
    np.testing.assert_array_equal(workload.layer.activation.code, again.layer.activation.code)


def test_what_is_drawn_has_the_density_that_is_asked_for():
    one = arrays(1, 40, 4)
    del one["activation"]
    layer = load_workload(one, tokens=5, activation_density=0.5, formats=formats("bf16")).layer
    assert layer.activation_density == 0.5
    assert load_workload(one, input_shape="6,40", tokens=6, formats=formats("bf16")).layer.tokens == 6


@pytest.mark.parametrize(
    ("changes", "options", "printed"),
    [
        ({"bias": np.ones(3, np.float32)}, {}, r"bias has shape \[3\]; expected \[4\], a number for each output"),
        (
            {"activation": np.ones((2, 9), np.float32)},
            {},
            r"activation has shape \[2, 9\]; expected \[tokens, 30 inputs\]",
        ),
        ({"other": np.ones(3)}, {}, "it has an unknown key other; expected only weight, bias, activation, relu"),
        ({"activation": np.full((2, 30), np.inf, np.float32)}, {}, "expected finite numbers"),
        ({"relu": np.array(3)}, {}, "relu has dtype"),
        ({}, {"tokens": 3}, "tokens is 3; expected none, as its input is given"),
        ({}, {"tokens": 0}, "tokens is 0; expected a whole number, 1 or more"),
        ({}, {"steps": 3}, "steps is 3; expected none, as it is a matrix product"),
        ({}, {"density": 2}, "density is 2; expected a number from 0 to 1"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(changes, options, printed):
    with pytest.raises(InputError, match=printed):
        load_workload({**arrays(2, 30, 4), **changes}, formats=formats("fp8"), **options)


def test_too_many_int8_products_for_32_bits_are_refused():
    given = given_product(0, 2, 133_145, 1)
    with pytest.raises(
        InputError, match="it has 133,145 inputs; expected at most 133,144, as sums of int8 have 32 bits"
    ):
        compress_product(given, None, ProductFormat("int8"))
    compress_product(given_product(0, 2, 133_144, 1), None, ProductFormat("int8"))


def test_an_input_is_needed():
    with pytest.raises(InputError, match=r"it has no input; expected an activation \[tokens, inputs\]"):
        compress_product(given_product(0, 2, 8, 1)._replace(activation=None))


def test_a_part_of_a_product():
    layer = load_workload(arrays(4, 60, 10), scale=0.5, formats=formats("fp8")).layer
    assert (layer.tokens, layer.inputs, layer.outputs) == (4, 30, 5)


def test_numbers_that_become_zero_are_noted():
    layer = load_workload(arrays(4, 64, 10), formats=formats("nvfp4")).layer
    assert any("non-zero weights are rounded to zero in nvfp4" in note for note in layer.notes)


def test_a_compressed_layer_becomes_a_product_of_the_numbers_that_it_computes_with():
    one = arrays(1, 30, 4)
    stored = load_workload({**one, "activation": one["activation"][0]})
    again = load_workload(stored, load_arch("tensor", weight_format="fp16")).layer
    np.testing.assert_allclose(again.weight.values(), stored.layer.weights()[:, :30], rtol=1e-3)
