"""Block formats: codes equal to ml_dtypes and to the steps of the quantiser, storage to the bit, published SQNR."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.errors import InputError
from workloads.number_formats import find_format, number_formats
from workloads.number_formats.block import as_matrix
from workloads.number_formats.elements import (
    BF16,
    E2M1,
    E4M3,
    E5M2,
    HADAMARD_SIGNS,
    INT4,
    INT8,
    hadamard,
    stochastic,
)

BLOCKS = [name for name, form in number_formats().items() if form.scaled]
SQNR = {"nvfp4": 20.44, "nvfp4-16x16": 19.08, "mxfp4": 18.79, "int4-g16": 21.39, "int4-g128": 18.60}
"""dB, of N(0, 1), 1024 x 1024, seed 0 (measured apart from this code)."""


def sqnr(name: str, values: np.ndarray) -> float:
    """Signal over quantisation noise in dB."""
    form = find_format(name)
    error = form.decode(form.encode(values)) - values
    return float(10 * np.log10((values.astype(np.float64) ** 2).sum() / (error**2).sum()))


@pytest.fixture(scope="module")
def gaussian() -> np.ndarray:
    """1024 x 1024 numbers."""
    return np.random.default_rng(0).standard_normal((1024, 1024)).astype(np.float32)


@pytest.mark.parametrize("name", SQNR)
def test_noise_is_the_published_one(name, gaussian):
    assert sqnr(name, gaussian) == pytest.approx(SQNR[name], abs=0.02)


def test_shares_of_zeros_are_the_published_ones(gaussian):
    zeros = {name: np.mean(find_format(name).encode(gaussian).code % 8 == 0) for name in ("nvfp4", "mxfp4")}
    assert zeros["nvfp4"] == pytest.approx(0.068, abs=0.001)
    assert zeros["mxfp4"] == pytest.approx(0.088, abs=0.001)


THRESHOLDS = [(0.25, 0), (0.75, 0.5), (1.25, 1), (1.75, 1.5), (2.5, 2), (3.5, 3), (5, 4)]
"""Up to this magnitude a value becomes that number; even ones include their border, 0.75, 1.75 and 3.5 do not."""


def nearest_e2m1(value: float) -> float:
    """The number of E2M1 nearest to a value, by thresholds."""
    size = abs(float(value))
    for border, number in THRESHOLDS:
        below = size < border if border in (0.75, 1.75, 3.5) else size <= border
        if below:
            return float(np.copysign(number, value))
    return float(np.copysign(6, value))


def test_100_000_values_become_the_nearest_numbers():
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.uniform(-6, 6, 99_000), np.arange(-24, 25) / 4, rng.normal(0, 1e-3, 951)])
    values = values.astype(np.float32)
    ours = E2M1.parts.value()[E2M1.cast(values)]
    assert np.array_equal(ours, values.astype(ml_dtypes.float4_e2m1fn).astype(np.float64))
    assert ours.tolist() == [nearest_e2m1(value) for value in values.tolist()]


def nvfp4_by_hand(values: np.ndarray, divides: bool = False) -> np.ndarray:
    """The quantiser step by step on a row of 16-blocks, in FP32; what is decoded, float64."""
    single = np.float32
    tensor = np.abs(values).max() / single(448 * 6)
    tensor = tensor if tensor > 0 else single(1)
    found = []
    for block in values.reshape(-1, 16):
        ratio = (np.abs(block).max() / single(6)) / tensor
        if divides:
            scale = single(1) if ratio == 0 else single(ml_dtypes.float8_e4m3fn(np.clip(ratio, 2.0**-9, 448)))
            scaled = block / (scale * tensor)
        else:
            scale = single(ml_dtypes.float8_e4m3fn(min(ratio, single(448))))
            with np.errstate(divide="ignore", over="ignore"):
                encode = min(single(1) / (scale * tensor), np.finfo(single).max)
                scaled = block * encode
        for number in scaled.clip(-6, 6).tolist():
            found.append(nearest_e2m1(number) * float(scale) * float(tensor))
    return np.array(found)


@given(st.integers(0, 2**32), st.booleans())
def test_nvfp4_is_the_quantiser_step_by_step(seed, divides):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(64) * np.repeat(10.0 ** rng.uniform(-12, 3, 4), 16)
    values[16:32] *= rng.random() < 0.7
    values = values.astype(np.float32)
    form = find_format("nvfp4-division" if divides else "nvfp4")
    assert np.array_equal(form.decode(form.encode(values)), nvfp4_by_hand(values, divides))


def test_a_tensor_of_zeros_has_the_scale_one():
    form = find_format("nvfp4")
    encoded = form.encode(np.zeros((2, 20), np.float32))
    assert encoded.shared["tensor_scale"].tolist() == [1]
    assert not encoded.code.any()
    assert not form.decode(encoded).any()


def test_a_block_of_tiny_values_is_flushed_by_the_reciprocal_and_kept_by_the_division():
    values = np.zeros((1, 32), np.float32)
    values[0, 0], values[0, 16] = 448 * 6, 6 * 2.0**-11  # the tensor's scale is 1, the second block's ratio 2**-11
    flushed, kept = (find_format(name).encode(values) for name in ("nvfp4", "nvfp4-division"))
    assert (flushed.shared["scale"].tolist(), kept.shared["scale"].tolist()) == ([[126, 0]], [[126, 1]])
    assert find_format("nvfp4").decode(flushed)[0, 16] == 0
    assert find_format("nvfp4-division").decode(kept)[0, 16] == 1.5 * 2.0**-9


def test_four_over_six_takes_the_better_end_of_each_block(gaussian):
    values = gaussian[:64]
    form = find_format("nvfp4-four-over-six")
    encoded = form.encode(values)
    tops = np.abs(E2M1.parts.value()[encoded.code]).reshape(64, -1, 16).max(axis=2)
    assert {4.0, 6.0} <= set(np.unique(tops).tolist())
    assert sqnr("nvfp4-four-over-six", gaussian) > SQNR["nvfp4"] + 0.5


@pytest.mark.parametrize(("name", "exponent"), [("mxfp4", -2), ("mxfp4-ceil", -1), ("mxfp8", -8)])
def test_mx_scales_are_powers_of_two(name, exponent):
    """The greatest magnitude is 1.9: floor gives 2**0 less the element's exponent, ceil 2**ceil(log2(1.9 / 6))."""
    values = np.zeros((1, 32), np.float32)
    values[0, 5] = -1.9
    encoded = find_format(name).encode(values)
    assert encoded.shared["scale"].tolist() == [[127 + exponent]]


def test_rounding_up_saturates_no_element(gaussian):
    code = find_format("mxfp4-ceil").encode(gaussian).code & 7
    scaled = gaussian.reshape(1024, -1, 32)
    scale = find_format("mxfp4-ceil").encode(gaussian).shared["scale"].astype(int) - 127
    assert np.abs(scaled / np.exp2(scale)[..., None]).max() <= 6
    floor_scale = find_format("mxfp4").encode(gaussian).shared["scale"].astype(int) - 127
    assert np.abs(scaled / np.exp2(floor_scale)[..., None]).max() > 6
    assert code.max() == 7


STORED = {
    "nvfp4": 4 * 3 * 32 + 8 * 3 * 2 + 32,
    "nvfp4-16x16": 4 * 3 * 32 + 8 * 2 + 32,
    "mxfp4": 4 * 3 * 32 + 8 * 3,
    "mxfp8": 8 * 3 * 32 + 8 * 3,
    "int4-g16": 4 * 3 * 32 + 16 * 3 * 2,
    "int4-g128": 4 * 3 * 128 + 16 * 3,
    "fp8": 8 * 3 * 20 + 32,
    "int8": 8 * 3 * 20 + 32,
    "bf16": 16 * 3 * 20,
    "codebook4": 4 * 3 * 20 + 32 * 16,
    "linear12": 12 * 3 * 20 + 16,
    "ternary": 2 * 3 * 20 + 2 * 32,
}
"""Bits of 3 x 20 values: blocks of 16 or 32 along K are filled to 32 columns."""


@pytest.mark.parametrize("name", STORED)
def test_storage_is_exact(name):
    form, values = find_format(name), np.random.default_rng(1).standard_normal((3, 20)).astype(np.float32)
    encoded = form.encode(values)
    assert form.storage_bits(encoded) == STORED[name]
    codes = STORED[name] - form.shared_bits(encoded)
    assert codes % form.bits == 0


@pytest.mark.parametrize("name", number_formats())
@pytest.mark.parametrize("shape", [(0,), (1,), (17,), (5, 3), (4, 3, 3, 3), (0, 4)])
def test_every_format_keeps_shapes_zeros_and_signs(name, shape):
    form, rng = find_format(name), np.random.default_rng(7)
    values = (rng.standard_normal(shape) * (rng.random(shape) < 0.6)).astype(np.float32)
    encoded = form.encode(values)
    decoded = form.decode(encoded)
    assert encoded.code.shape == decoded.shape == shape
    assert not decoded[values == 0].any()
    assert not encoded.code[values == 0].any()
    assert name.startswith("codebook") or np.all(decoded * values >= 0)  # centroids may be on the other side
    assert encoded.code.astype(np.int64).min(initial=0) >= 0 or np.issubdtype(encoded.code.dtype, np.signedinteger)
    assert encoded.code.astype(np.int64).max(initial=0) < 1 << form.bits
    if not form.scaled and form.bits <= 8:
        unsigned = encoded.code.astype(np.int64) & ((1 << form.bits) - 1)
        assert np.array_equal(form.levels(encoded.shared)[unsigned], decoded)


@pytest.mark.parametrize("name", BLOCKS)
def test_the_convolutions_blocks_lie_along_all_but_the_first_dimension(name):
    values = np.random.default_rng(2).standard_normal((4, 3, 3, 3)).astype(np.float32)
    form = find_format(name)
    whole, flat = form.encode(values), form.encode(as_matrix(values))
    assert np.array_equal(as_matrix(whole.code), flat.code)
    assert np.array_equal(whole.shared["scale"], flat.shared["scale"])


def test_stochastic_rounding_has_the_value_as_its_mean():
    values = np.repeat(np.array([0.1, -0.6, 2.2, 5.5, 6, 0, -3], np.float32), 20_000)
    found = E2M1.parts.value()[stochastic(E2M1, values, np.random.default_rng(5))].reshape(7, -1)
    assert np.abs(found.mean(axis=1) - values.reshape(7, -1)[:, 0]).max() < 0.03
    assert [sorted(set(row)) for row in found.tolist()][2:] == [[2, 3], [4, 6], [6], [0], [-3]]
    again = E2M1.parts.value()[stochastic(E2M1, values, np.random.default_rng(5))].reshape(7, -1)
    assert np.array_equal(found, again)


def test_stochastic_rounding_of_a_format_takes_a_generator():
    values = np.random.default_rng(0).standard_normal((8, 64)).astype(np.float32)
    form = find_format("nvfp4")
    plain, drawn = form.encode(values), form.encode(values, np.random.default_rng(1))
    assert np.array_equal(plain.shared["scale"], drawn.shared["scale"])
    assert not np.array_equal(plain.code, drawn.code)
    steps = np.abs(form.decode(drawn) - form.decode(plain))
    assert steps.max() <= 2 * form.rule.parts.value()[plain.shared["scale"]].max() * plain.shared["tensor_scale"][0]


def test_hadamard_is_orthogonal_and_keeps_products():
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((2, 5, 32)).astype(np.float32)
    assert np.allclose(hadamard(left) @ hadamard(right).T, left @ right.T, atol=1e-4)
    one = np.zeros((1, 16), np.float32)
    one[0, 3] = 4
    assert np.array_equal(np.abs(hadamard(one)), np.ones((1, 16)))
    assert hadamard(one)[0, 0] == HADAMARD_SIGNS[3]
    with pytest.raises(ValueError, match="the last dimension is 20; expected a multiple of 16"):
        hadamard(np.zeros((2, 20)))


def test_families_of_names():
    assert find_format("int4-g64").storage_bits(find_format("int4-g64").encode(np.ones((2, 64), np.float32))) == 544
    assert find_format("codebook3").bits == 3
    for name in ("codebook9", "codebook04", "linear1", "int4-g0", "int4-g"):
        with pytest.raises(InputError, match="number format is"):
            find_format(name)


def test_integers_use_both_sides_alike():
    assert INT4.cast(np.array([-7, 7, 2.5, -2.5], np.float32)).tolist() == [9, 7, 2, 14]
    assert E4M3.cast(np.array([448, 2.0**-9, 2.0**-10], np.float32)).tolist() == [126, 1, 0]


def test_a_block_longer_than_a_row_takes_no_more_memory_than_the_row():
    form = find_format("int4-g65536")
    values = np.random.default_rng(0).standard_normal((2000, 4)).astype(np.float32)
    encoded = form.encode(values)
    assert encoded.shared["scale"].shape == (2000, 1)
    assert form.storage_bits(encoded) == 2000 * (65536 * 4 + 16)  # a block is stored whole
    assert np.array_equal(form.decode(encoded), find_format("int4-g4").decode(find_format("int4-g4").encode(values)))


@pytest.mark.parametrize("name", ["ternary", "int8", "fp8", "linear8", "nvfp4", "mxfp4"])
def test_the_largest_weights_stay_finite(name):
    from workloads.kinds.fully_connected.compress import compress
    from workloads.kinds.fully_connected.layer import FullyConnected

    weight = np.full((4, 6), np.finfo(np.float32).max, np.float32)
    weight[0] = -weight[0]
    done = compress(FullyConnected("x", weight, None, np.ones(6, np.float32), False), weight_format=name)
    assert np.isfinite(done.weights()).all()
    assert done.weights()[1, 0] > 1e37


def test_a_name_with_thousands_of_digits_is_unknown():
    with pytest.raises(InputError, match="number format is 'codebook999"):
        find_format("codebook" + "9" * 5000)


@pytest.mark.parametrize("element", [E2M1, E4M3, E5M2, INT4, INT8, BF16])
def test_codes_drawn_and_nearest_are_of_one_type_and_at_most_a_step_apart(element):
    """Numbers that have a code keep it; of the others, a draw gives a neighbour of what is nearest, or the same."""
    rng = np.random.default_rng(2)
    values = np.clip(rng.standard_normal(500) * 3, -element.largest, element.largest).astype(np.float32)
    nearest, drawn = element.cast(values), stochastic(element, values, rng)
    assert nearest.dtype == drawn.dtype == (np.uint8 if element.bits <= 8 else np.uint16)
    numbers = element.parts.value()
    levels = np.unique(numbers[np.abs(numbers) <= element.largest])
    apart = np.searchsorted(levels, numbers[nearest]) - np.searchsorted(levels, numbers[drawn])
    assert set(apart) <= {-1, 0, 1}
    exact = numbers[nearest].astype(np.float32)
    np.testing.assert_array_equal(numbers[stochastic(element, exact, rng)], exact)
