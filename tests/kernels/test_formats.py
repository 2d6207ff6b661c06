"""The dot product of a unit with block scales equals rational arithmetic that aligns and cuts as the unit does."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.dot_units import by_hand

from kernels_ref.formats import (
    HALF_UNIT,
    MXFP8_UNIT,
    NVFP4_UNIT,
    Parts,
    as_fixed,
    e2m1,
    e8m0,
    integers,
    multiply,
    multiply_plain,
    small_float,
)

E2M1, E4M3, E8M0, ONE = e2m1(), small_float(4, 3), e8m0(), Parts(np.ones(1, np.int32), np.zeros(1, np.int32), 0)
ML = {
    "e2m1": (E2M1, ml_dtypes.float4_e2m1fn, np.uint8),
    "e4m3": (E4M3, ml_dtypes.float8_e4m3fn, np.uint8),
    "e5m2": (small_float(5, 2), ml_dtypes.float8_e5m2, np.uint8),
    "e8m0": (E8M0, ml_dtypes.float8_e8m0fnu, np.uint8),
    "bf16": (small_float(8, 7), ml_dtypes.bfloat16, np.uint16),
    "fp16": (small_float(5, 10), np.float16, np.uint16),
}


@pytest.mark.parametrize("name", ML)
def test_every_code_is_worth_what_ml_dtypes_says(name):
    parts, dtype, word = ML[name]
    with np.errstate(invalid="ignore"):  # codes of what is no number
        theirs = np.arange(parts.significand.size).astype(word).view(dtype).astype(np.float64)
    finite = np.isfinite(theirs)
    assert np.count_nonzero(~finite) <= {"e2m1": 0, "e4m3": 2, "e8m0": 1}.get(name, theirs.size // 4)
    assert np.array_equal(parts.value()[finite], theirs[finite])


def test_integers_are_twos_complement():
    assert integers(4).value().tolist() == [0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1]


def test_a_table_with_one_exponent_has_the_same_numbers():
    for parts in (E2M1, E4M3, integers(8)):
        fixed = as_fixed(parts)
        assert np.array_equal(fixed.value(), parts.value())
        assert not fixed.exponent.any()
    assert int(np.abs(as_fixed(E4M3).significand).max()) == 480 * 512  # 480 is the pattern of what is no number
    with pytest.raises(ValueError, match="a number takes more than 24 bits"):
        as_fixed(small_float(8, 7))


def draw(rng: np.random.Generator, table: Parts, codes: tuple[int, int], size: int, signed: bool) -> Parts:
    """A row of codes; signed: half of them with the sign bit of a table of 256."""
    code = rng.integers(*codes, (1, size))
    return table.of(code + 128 * rng.integers(0, 2, code.shape) if signed else code)


@given(st.integers(0, 2**32), st.integers(1, 4096) | st.integers(1, 200), st.sampled_from(["nvfp4", "mxfp4", "mxfp8"]))
def test_the_unit_equals_rational_arithmetic_on_any_operands(seed, depth, name):
    rng = np.random.default_rng(seed)
    block, unit = {"nvfp4": (16, NVFP4_UNIT), "mxfp4": (32, NVFP4_UNIT), "mxfp8": (32, MXFP8_UNIT)}[name]
    blocks, low = -(-depth // block), int(rng.integers(0, 120))
    four = name != "mxfp8"
    elements = [draw(rng, E2M1 if four else E4M3, (0, 16) if four else (0, 127), depth, not four) for _ in range(2)]
    table, codes = (E4M3, (low, 127)) if name == "nvfp4" else (E8M0, (127 - low // 3, 130))
    scales = [draw(rng, table, codes, blocks, False) for _ in range(2)]
    operands = elements[0], scales[0], elements[1], scales[1]
    assert float(multiply(*operands, block, unit)[0, 0]) == by_hand(operands, block, unit)


@pytest.mark.parametrize("depth", [16, 64, 333, 4096])
def test_gaussian_operands_lose_nothing(depth):
    """FP32 holds 24 bits: products of E2M1 with scales of one magnitude take fewer."""
    from workloads.number_formats import find_format

    rng, form = np.random.default_rng(depth), find_format("nvfp4")
    encoded = [form.encode(rng.standard_normal((4, depth)).astype(np.float32)) for _ in range(2)]
    parts = [(E2M1.of(one.code), form.scale_parts(one)) for one in encoded]
    found = multiply(*parts[0], *parts[1], 16, NVFP4_UNIT)
    plain = [form.decode(one) / one.shared["tensor_scale"][0] for one in encoded]
    sums = plain[0] @ plain[1].T  # in float64, which holds each of them
    assert np.array_equal(found, sums.astype(np.float32))
    assert np.array_equal(found.astype(np.float64), sums) or depth > 1000


def test_scales_far_apart_differ_from_the_exact_sum():
    """A block of 2**-9 x 2**-9 next to one of 448 x 448 lies behind the last fraction bit."""
    ones = E2M1.of(np.full((1, 32), 1))  # 0.5 each
    scale = E4M3.of(np.array([[126, 1]]))  # 448 and 2**-9
    found = float(multiply(ones, scale, ones, scale, 16, NVFP4_UNIT)[0, 0])
    exact_sum = 4 * (448.0**2 + 2.0**-18)
    assert found == 4 * 448.0**2 != exact_sum


def test_terms_cancel_to_zero_and_go_on():
    half = E2M1.of(np.array([[1] * 16 + [9] * 16 + [0] * 32 + [3] * 16]))
    ones = E2M1.of(np.full((1, 80), 2))
    scale = E4M3.of(np.full((1, 5), 56))  # 1.0
    assert multiply(half, scale, ones, scale, 16, NVFP4_UNIT)[0, 0] == 16 * 1.5


def test_products_of_halves_are_aligned_one_by_one():
    """1 + 2**-24 in one step: with 25 fraction bits the sum keeps it, FP32 cuts it."""
    table = small_float(8, 7)
    one, tiny = 127 << 7, (127 - 24) << 7
    left = table.of(np.array([[one, tiny] + [0] * 14]))
    right = table.of(np.array([[one, one] + [0] * 14]))
    scale = ONE.of(np.zeros((1, 1), int))
    assert multiply(left, scale, right, scale, 16, HALF_UNIT)[0, 0] == 1
    two = table.of(np.array([[one, tiny, tiny] + [0] * 13]))
    more = table.of(np.array([[one, one, one] + [0] * 13]))
    assert multiply(two, scale, more, scale, 16, HALF_UNIT)[0, 0] == np.float32(1 + 2.0**-23)


def test_shapes_must_fit():
    row, scale = E2M1.of(np.zeros((1, 32), int)), E4M3.of(np.zeros((1, 2), int))
    with pytest.raises(ValueError, match="shapes are"):
        multiply(row, scale, row, E4M3.of(np.zeros((1, 3), int)), 16, NVFP4_UNIT)
    with pytest.raises(ValueError, match="in groups of 16"):
        multiply(row, E4M3.of(np.zeros((1, 4), int)), row, E4M3.of(np.zeros((1, 4), int)), 8, NVFP4_UNIT)


def test_plain_fp32_rounds_each_sum_to_nearest():
    left, right = np.array([[1, 2.0**-24, 2.0**-24]], np.float32), np.ones((1, 3), np.float32)
    assert multiply_plain(left, right)[0, 0] == 1
    assert multiply_plain(left[:, ::-1].copy(), right)[0, 0] == np.float32(1 + 2.0**-23)
