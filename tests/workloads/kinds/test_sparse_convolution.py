"""Sparse convolutions of arrays, recipes and points, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sparse_convolutions import layer

from kernels_ref.fixed_point import to_float
from workloads.errors import InputError
from workloads.kinds import find_kind, reference_output
from workloads.kinds.sparse_convolution import compress
from workloads.kinds.sparse_convolution.as_convolution import as_convolution
from workloads.kinds.sparse_convolution.compress import compress_sparse
from workloads.kinds.sparse_convolution.scan import Cap, scan_of_arrays
from workloads.kinds.sparse_convolution.voxeliser import Box, voxelise
from workloads.model import load_workload, open_model

BOX, CAP = Box((0.0, 0.0, 0.0), (1.0, 1.0, 2.0), (4, 3, 2)), Cap(2, 3)
VOXELS = {"voxel": np.array([[3, 0, 1], [0, 2, 0]]), "shape": np.array([4, 3, 2])}


@given(st.integers(0, 1 << 30))
def test_as_a_convolution_it_has_the_same_sums(seed):
    """Up to what 16 bits of weights, features and outputs hold; places after the last output have the bias alone."""
    given_layer = layer(seed)
    own, other = compress_sparse(given_layer), as_convolution(given_layer)
    wanted = own.output_value(reference_output(own)).reshape(own.sites, own.outputs)
    found = other.output_value(reference_output(other)).reshape(own.outputs, -1).T
    assert len(found) - own.sites < np.sqrt(len(found)) + 1
    largest = max(1.0, float(np.abs(wanted).max()))
    np.testing.assert_allclose(found[: own.sites], wanted, atol=largest * own.inputs * 27 / 2**13)


@given(st.integers(0, 1 << 30))
def test_words_are_near_the_numbers(seed):
    """Outputs are the sums of the given numbers, but for rounding."""
    given_layer = layer(seed, bias=False, relu=False)
    own = compress_sparse(given_layer)
    sums = np.zeros((own.sites, own.outputs))
    for offset, place in enumerate(np.ndindex(*own.geometry.kernel)):
        for pair in range(own.book.first[offset], own.book.first[offset + 1]):
            values = given_layer.activation[own.book.source[pair]].astype(np.float64)
            sums[own.book.target[pair]] += given_layer.weight[:, :, *place].astype(np.float64) @ values
    found = to_float(reference_output(own), own.output_fraction_bits).reshape(sums.shape)
    np.testing.assert_allclose(found, sums, atol=max(1.0, float(np.abs(sums).max())) * own.inputs * 27 / 2**13)


def test_points_go_to_voxels_by_hand():
    """Cells of 1 m x 1 m x 2 m: two points of three stay, the fourth voxel is one too many, and a point is outside."""
    points = [
        [0.5, 0.5, 0.5, 1], [3.5, 0, 0, 2], [0.1, 0.9, 1.9, 3], [0.2, 0.2, 0.2, 100], [0, 0, 3, 4], [1, 1, 1, 5],
        [-0.1, 0, 0, 6],
    ]  # fmt: skip
    found = voxelise(np.array(points), BOX, *CAP)
    assert found.places.tolist() == [[0, 0, 0], [0, 0, 1], [3, 0, 0]]
    np.testing.assert_allclose(found.features, [[0.3, 0.7, 1.2, 2], [0, 0, 3, 4], [3.5, 0, 0, 2]], rtol=1e-6)
    assert (found.counts.tolist(), found.outside, found.over_cap, found.over_voxels) == ([3, 1, 1], 1, 1, 1)


def test_voxels_come_in_any_order_and_take_their_features_along():
    scan = scan_of_arrays("x", {**VOXELS, "feature": np.array([[1.0], [2.0]])}, BOX, CAP)
    assert scan.places.tolist() == [[0, 2, 0], [3, 0, 1]]
    assert scan.features.tolist() == [[2], [1]]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"voxel": None}, "it has shape; expected voxel, integers"),
        ({"shape": None}, "shape is missing; expected the cells"),
        ({"shape": np.array([4.0, 3, 2])}, "shape is"),
        ({"shape": np.array([0, 3, 2])}, "shape is"),
        ({"shape": np.array([1 << 20] * 3)}, "its grid is"),
        ({"voxel": np.array([[4, 0, 0]])}, "voxel[0] is [4, 0, 0]; expected places of the grid [4, 3, 2]"),
        ({"voxel": np.array([[-1, 0, 0]])}, "voxel[0] is"),
        ({"voxel": np.array([[0, 0, 0], [0, 0, 0]])}, "voxel[1] is [0, 0, 0], which comes twice"),
        ({"voxel": np.zeros((0, 3), int)}, "voxel is int64 [0, 3]"),
        ({"voxel": np.array([[0.0, 0, 0]])}, "voxel is float64 [1, 3]"),
        ({"feature": np.zeros((3, 1))}, "feature has shape [3, 1]; expected [2, features]"),
        ({"feature": np.full((2, 1), np.nan)}, "feature[0, 0] is nan"),
        ({"points": np.zeros((2, 3))}, "it has points, shape, voxel; expected voxel"),
        ({"other": np.zeros(2)}, "it has an unknown key 'other'"),
    ],
)
def test_a_bad_scan_is_refused(changed, said):
    arrays = {key: array for key, array in {**VOXELS, **changed}.items() if array is not None}
    with pytest.raises(InputError) as error:
        scan_of_arrays("scan", arrays, BOX, CAP)
    assert str(error.value).startswith(f"scan: {said}")


def test_points_that_no_cell_holds_are_refused():
    with pytest.raises(InputError, match="none of 2 points is in the grid; expected metres, x from 0 to 4, y"):
        scan_of_arrays("scan", {"points": np.full((2, 3), 9.0)}, BOX, CAP)
    with pytest.raises(InputError, match="points has shape"):
        scan_of_arrays("scan", {"points": np.zeros((2, 2))}, BOX, CAP)


def arrays(**changed):
    found = {
        **VOXELS,
        "weight": np.ones((2, 1, 3, 3, 3), np.float32),
        "activation": np.array([[1.0], [2.0]]),
        **changed,
    }
    return {key: array for key, array in found.items() if array is not None}


def test_a_layer_of_arrays():
    """Voxels far apart meet the middle of the kernel only."""
    workload = load_workload(arrays(), name="x")
    assert workload.kind == "sparse convolution"
    found = workload.layer
    assert found.geometry.submanifold
    assert found.output_value(reference_output(found)).tolist() == [2, 2, 1, 1]
    spread = load_workload(arrays(stride=np.array([2, 2, 2]), padding=np.array([1, 1, 1])), name="x").layer
    assert not spread.geometry.submanifold
    assert spread.geometry.output_grid == (2, 2, 1)
    assert spread.book.places.tolist() == [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"weight": None}, "it has no weight; expected the keys voxel, shape, weight; a scan alone is the input"),
        ({"activation": np.ones((3, 1))}, "activation has shape [3, 1]; expected [2 voxels, 1 inputs]"),
        ({"bias": np.ones(3)}, "bias has shape [3]; expected [2 outputs]"),
        ({"weight": np.ones((2, 1, 3, 3))}, "weight has shape [2, 1, 3, 3]"),
        ({"weight": np.ones((1, 1, 65, 1, 1))}, "its kernel is [65, 1, 1]"),
        ({"stride": np.array([2, 2])}, "stride is [2 2]"),
        ({"submanifold": np.array([True, False])}, "submanifold has dtype bool and shape [2]"),
        ({"stride": np.array([2, 2, 2]), "submanifold": np.array(True)}, "a submanifold kernel"),
        ({"weight": np.ones((2, 1, 2, 1, 1))}, "a submanifold kernel"),
        ({"stride": np.array([1, 1, 1]), "weight": np.ones((1, 1, 1, 1, 3))}, "its grid is [4, 3, 2]"),
        ({"other": np.ones(3)}, "it has an unknown key 'other'"),
    ],
)
def test_bad_arrays_are_refused(changed, said):
    with pytest.raises(InputError) as error:
        load_workload(arrays(**changed), name="x")
    assert said in str(error.value)


def test_a_kernel_that_reaches_nothing_is_refused():
    far = {"voxel": np.array([[3, 2, 1]]), "activation": np.ones((1, 1)), "stride": np.array([2, 2, 2])}
    with pytest.raises(InputError, match="its kernel reaches no voxel"):
        load_workload(arrays(**far, weight=np.ones((1, 1, 1, 1, 1))), name="x")


def test_what_takes_too_long_is_refused():
    """A kernel of 63 x 63 x 63 over many voxels, or one that writes a quarter of a million places for each."""
    voxel = np.stack(np.unravel_index(np.arange(8192), (2048, 2, 2)), axis=1)
    large = {"voxel": voxel, "shape": np.array([2048, 2, 2]), "activation": np.ones((8192, 1))}
    with pytest.raises(InputError, match="places of all offsets are merged"):
        load_workload(arrays(**large, weight=np.ones((1, 1, 63, 63, 63), np.float32)), name="x")
    spread = {"stride": np.array([1, 1, 1]), "padding": np.array([32, 32, 32])}
    with pytest.raises(InputError, match="writes up to"):
        load_workload(arrays(**large, **spread, weight=np.ones((1, 1, 63, 63, 63), np.float32)), name="x")


def test_features_are_drawn_where_none_are_given():
    found = load_workload(arrays(activation=None), name="x", activation_density=0.5).layer
    assert found.activation_density == 0.5
    with pytest.raises(InputError, match="input_shape is"):
        open_model(arrays(activation=None), name="x", input_shape=(3, 1)).layers[0].load({})
    kind = find_kind("sparse convolution")
    assert kind.shape(found) == "1>2, 3x3x3, 2>2"
    assert kind.shape_in_words(found) == "1 features to 2, submanifold kernel 3 x 3 x 3, 2 voxels to 2 sites"


def test_features_that_do_not_fit_memory_are_refused_before_they_are_made():
    """A file of few bytes, as it packs well: many voxels, or wide weights."""
    voxel = np.stack(np.unravel_index(np.arange(8194), (8194, 1, 1)), axis=1)
    many = {"voxel": voxel, "shape": np.array([8194, 1, 1])}
    wide = {"weight": np.ones((8192, 1, 1, 1, 1), np.float32), "activation": np.ones((8194, 1))}
    with pytest.raises(InputError, match="it has 8,194 places with 8,192 outputs each; expected at most 67,108,864 "):
        load_workload(arrays(**many, **wide), name="x")
    deep = {"weight": np.ones((1, 8192, 1, 1, 1), np.float32), "activation": None}
    with pytest.raises(InputError, match="it has 8,194 places with 8,192 inputs each; expected at most 67,108,864 "):
        load_workload(arrays(**many, **deep), name="x")


@given(st.integers(0, 1 << 30))
def test_sampled_outputs_may_be_read_one_by_one(seed):
    given_layer = layer(seed)
    whole = compress_sparse(given_layer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compress, "MOST_READ", 1)
        assert compress_sparse(given_layer).shift == whole.shift


def test_a_bias_far_beyond_all_products_is_cut_and_said_to_be():
    bias = np.array([3e38, 0.5], np.float32)
    found = load_workload(arrays(bias=bias), name="x").layer
    assert found.bias[0] == 2**50
    assert found.notes == ("1 of 2 biases are cut, as they are far beyond all products",)
    assert load_workload(arrays(bias=bias * np.float32(1e-38)), name="x").layer.notes == ()
