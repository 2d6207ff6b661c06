"""The kernel of experts against float64, and against products taken one by one."""

import numpy as np
import pytest
from support.experts import drawn_experts
from support.products import FORMATS

from kernels_ref.experts import silu
from workloads.kinds import reference_output
from workloads.kinds.experts.compress import compress_experts
from workloads.kinds.experts.reference import exact
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.layer import MatrixProduct
from workloads.number_formats import find_format


def error_of(layer):
    wanted = exact(layer)
    return np.sqrt(((reference_output(layer) - wanted) ** 2).sum() / (wanted**2).sum())


@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize(
    ("name", "most"), [("bf16", 2**-8), ("fp16", 2**-10), ("int8", 0.03), ("fp8", 0.04), ("nvfp4", 0.15)]
)
def test_it_is_as_close_to_float64_as_the_format_of_the_activations(name, most, gated):
    """What is between the matrices is rounded once, to 8 and 11 bits, to 255 steps, to 4 bits, and to E2M1."""
    layer = drawn_experts(1, 8, 6, 3, 96, 160, gated)
    assert error_of(compress_experts(layer, None, ProductFormat(name))) < most


@pytest.mark.parametrize("name", FORMATS)
def test_an_expert_is_two_products_with_squared_relu_between(name):
    layer = drawn_experts(3, 5, 1, 1, 70, 33)._replace(share=np.ones((5, 1), np.float32))
    (expert,) = layer.weights
    wanted = ProductFormat(name)
    up = compress_product(MatrixProduct("up", expert.up, None, layer.activation, relu=True), None, wanted)
    hidden = reference_output(up).reshape(5, 33) ** 2
    down = compress_product(MatrixProduct("down", expert.down, None, hidden, relu=False), None, wanted)
    np.testing.assert_array_equal(reference_output(compress_experts(layer, None, wanted)), reference_output(down))


@pytest.mark.parametrize("gated", [False, True])
def test_outputs_are_added_in_the_order_of_the_experts(gated):
    layer = compress_experts(drawn_experts(4, 6, 5, 3, 40, 12, gated), None, ProductFormat("bf16"))
    total = np.zeros((6, 40), np.float32)
    for e, number in enumerate(layer.numbers):
        mine = layer.tokens_of(number)
        one = layer._replace(
            activation=layer.activation._replace(code=layer.activation.code[mine]),
            choice=np.zeros((len(mine), 1), np.int64),
            share=layer.shares_of(number)[:, None],
            weights=(layer.weights[e],),
        )
        total[mine] += reference_output(one).reshape(len(mine), 40)
    np.testing.assert_array_equal(reference_output(layer), total.ravel())


def test_experts_that_were_not_chosen_or_are_missing_are_refused():
    layer = compress_experts(drawn_experts(4, 6, 5, 3, 40, 12, False), None, ProductFormat("bf16"))
    for wrong in (layer.weights[:-1], (*layer.weights, layer.weights[0])):
        with pytest.raises(ValueError, match="zip"):
            reference_output(layer._replace(weights=wrong))


def test_silu_is_that_of_float64():
    gate = np.concatenate([np.linspace(-80, 80, 4001), [-1e38, 1e38, 0]]).astype(np.float32)
    wide = gate.astype(np.float64)
    wanted = wide / (1 + np.exp(-wide.clip(-700, 700)))
    np.testing.assert_allclose(silu(gate), wanted, rtol=1e-5, atol=1e-36)


def test_blocks_of_a_format_find_their_scales_in_what_is_between_the_matrices():
    """Small and large sums alike: the scale of the tensor follows the values of each expert's tokens."""
    layer = drawn_experts(5, 8, 6, 3, 96, 160)
    small = layer._replace(activation=layer.activation * np.float32(1e-4))
    found = [error_of(compress_experts(one, None, ProductFormat("nvfp4"))) for one in (layer, small)]
    assert found[0] == pytest.approx(found[1], rel=0.1)
    assert find_format("nvfp4").rule.tensor_bits
