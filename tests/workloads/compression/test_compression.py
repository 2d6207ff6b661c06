"""Prune, share, encode: each against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.decoders import decode
from support.layers import pictured

from workloads.compression.columns import Columns
from workloads.compression.prune import magnitude_threshold, prune
from workloads.compression.relative_index import count_entries, encode
from workloads.errors import InputError
from workloads.kinds.fully_connected.compress import compress
from workloads.kinds.fully_connected.layer import CodedFullyConnected, FullyConnected
from workloads.number_formats.codebook import kmeans, share, starting_points
from workloads.sources.named_arrays import read_npz

# few distinct magnitudes, so that ties at the threshold are common
weights = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.sampled_from([0.0, -0.0, 0.5, -0.5, 0.25, -1.5, 3.0, 1e-30, -2.5e4]).map(np.float32),
)


@given(weights, st.data())
def test_the_threshold_is_the_keep_th_largest_magnitude(weight, data):
    keep = data.draw(st.integers(1, weight.size))
    assert magnitude_threshold(weight, keep) == np.sort(np.abs(weight), axis=None)[-keep]


def naive_prune(weight, keep):
    """Indices in row-major order of the `keep` largest, the first of equals."""
    order = sorted(range(weight.size), key=lambda i: (-abs(weight.flat[i]), i))
    return {i for i in order[:keep] if weight.flat[i] != 0}


@given(weights, st.floats(0, 1))
def test_pruning_keeps_the_largest_and_the_first_of_equals(weight, density):
    columns, value = prune(weight, density)
    width = weight.shape[1]
    kept = {}
    for j in range(width):
        rows = columns.row[columns.start[j] : columns.start[j + 1]].tolist()
        assert rows == sorted(rows)
        kept |= {row * width + j: value[columns.start[j] + n] for n, row in enumerate(rows)}
    assert set(kept) == naive_prune(weight, round(density * weight.size))
    assert all(weight.flat[i] == v for i, v in kept.items())


@given(weights)
def test_without_a_density_every_non_zero_stays(weight):
    columns, value = prune(weight, None)
    assert columns.start[-1] == np.count_nonzero(weight) == value.size


def test_sharing_maps_each_value_to_its_nearest_centroid_and_centroids_are_means():
    values = np.random.default_rng(0).standard_normal(5000).astype(np.float32)
    codebook, code = share(values, 4)
    assert codebook[0] == 0
    assert code.min() >= 1
    distance = np.abs(values[:, None] - codebook[None, 1:])
    np.testing.assert_allclose(np.abs(values - codebook[code]), distance.min(axis=1), atol=1e-6)
    for level in range(1, 16):
        np.testing.assert_allclose(codebook[level], values[code == level].mean(dtype=np.float64), rtol=1e-5)


def naive_kmeans(values, start):
    """Lloyd's rounds, value by value."""
    centroids = start.copy()
    while True:
        nearest = np.abs(values[:, None] - centroids[None]).argmin(axis=1)
        moved = [values[nearest == c].mean() if (nearest == c).any() else centroids[c] for c in range(start.size)]
        if np.allclose(moved, centroids, rtol=0, atol=1e-13):
            return centroids
        centroids = np.array(moved)


@given(st.integers(0, 1000), st.integers(7, 300))
def test_kmeans_is_lloyds_algorithm(seed, size):
    values = np.sort(np.random.default_rng(seed).standard_normal(size))
    start = starting_points(values, 7, "density")  # each has a member, so that none moves elsewhere
    np.testing.assert_allclose(kmeans(values, start), naive_kmeans(values, start), atol=1e-9)


def test_kmeans_ends_where_its_sums_are_too_coarse_for_its_values():
    near = [-1.566, -1.524, -1.519, -1.365, -1.343, -1.252, -1.157, -1.036, -1.030, -0.868, -0.802, 0.763, 0.783, 2.278]
    values = np.array([-1.6226e7, *near])
    found = kmeans(values, starting_points(values, 15))
    assert found[0] == -1.6226e7
    assert np.isfinite(found).all()
    assert (np.diff(found) >= 0).all()


@given(st.integers(0, 1000), st.integers(2, 40), st.integers(1, 16), st.sampled_from([1.0, 1e4, 1e8, 1e30]))
def test_kmeans_ends_whatever_the_range_of_its_values(seed, size, count, largest):
    rng = np.random.default_rng(seed)
    values = np.sort(rng.standard_normal(size) * rng.choice([1, largest], size))
    found = kmeans(values, starting_points(values, count, "linear", rng))
    assert found.size == count
    assert (np.diff(found) >= 0).all()


@given(st.integers(0, 1000), st.integers(1, 400), st.integers(1, 15))
def test_kmeans_ends_with_means_and_without_idle_centroids(seed, size, count):
    rng = np.random.default_rng(seed)
    values = np.sort(np.concatenate([rng.normal(-3, 0.2, size), rng.normal(5, 0.2, size)]))
    centroids = kmeans(values, starting_points(values, count))
    nearest = np.abs(values[:, None] - centroids[None]).argmin(axis=1)
    assert np.unique(nearest).size == min(count, np.unique(values).size)
    for cluster in np.unique(nearest):
        assert centroids[cluster] == pytest.approx(values[nearest == cluster].mean())


def test_nothing_to_share():
    codebook, code = share(np.zeros(0, np.float32), 4)
    assert codebook.tolist() == [0.0] * 16
    assert code.size == 0


@st.composite
def sparse_columns(draw):
    rng = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    stored = rng.random((draw(st.integers(1, 8)), draw(st.integers(1, 200)))) < draw(st.sampled_from([0, 0.02, 0.3, 1]))
    start = np.concatenate([[0], np.cumsum(stored.sum(axis=1))]).astype(np.int64)
    row = np.nonzero(stored)[1].astype(np.uint32)
    return Columns(start, row, rng.integers(1, 16, row.size).astype(np.uint8))


@given(sparse_columns(), st.integers(1, 9), st.integers(1, 8))
def test_decoding_undoes_encoding(columns, banks, index_bits):
    encoded = encode(columns, banks, index_bits)
    for ours, theirs in zip(decode(encoded), columns, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert encoded.zeros.max(initial=0) < 1 << index_bits
    assert encoded.padding.sum() == np.count_nonzero(encoded.code == 0) == encoded.code.size - columns.row.size


@given(sparse_columns(), st.integers(1, 9), st.integers(1, 8))
def test_the_row_of_an_entry_is_what_its_zero_counts_add_up_to(columns, banks, index_bits):
    encoded = encode(columns, banks, index_bits)
    place = 0
    for j in range(columns.start.size - 1):
        assert encoded.start[j] == place
        for k in range(banks):
            local = -1
            for _ in range(encoded.pointer[j + 1, k] - encoded.pointer[j, k]):
                local += int(encoded.zeros[place]) + 1
                assert encoded.row[place] == local * banks + k
                place += 1


@given(sparse_columns(), st.integers(1, 300), st.integers(1, 8))
def test_pointers_are_sums_of_entries_and_of_the_bridges_between_them(columns, banks, index_bits):
    """More banks than rows included: most slices are then empty."""
    encoded = encode(columns, banks, index_bits)
    width = columns.start.size - 1
    count, bridges = np.zeros((2, width, banks), np.int64)
    for j in range(width):
        for k in range(banks):
            row = columns.row[columns.start[j] : columns.start[j + 1]].astype(np.int64)
            gaps = np.diff(row[row % banks == k] // banks, prepend=-1) - 1
            bridges[j, k] = (gaps >> index_bits).sum()
            count[j, k] = gaps.size + bridges[j, k]
    np.testing.assert_array_equal(encoded.pointer, np.vstack([np.zeros(banks), np.cumsum(count, axis=0)]))
    np.testing.assert_array_equal(encoded.padding, bridges)
    np.testing.assert_array_equal(encoded.start, np.concatenate([[0], np.cumsum(count.sum(axis=1))]))
    np.testing.assert_array_equal(count_entries(columns, banks, index_bits), count.sum(axis=0))
    assert (encoded.pointer.dtype, encoded.padding.dtype, encoded.start.dtype) == (np.int32, np.int32, np.int64)


def test_the_papers_example():
    # two zeros, 1, 2, eighteen zeros, 3: v = 1, 2, 0, 3 and z = 2, 0, 15, 2 (EIE, section III-B)
    columns = Columns(np.array([0, 3]), np.array([2, 3, 22], np.uint32), np.array([1, 2, 3], np.uint8))
    encoded = encode(columns, 1, 4)
    assert encoded.code.tolist() == [1, 2, 0, 3]
    assert encoded.zeros.tolist() == [2, 0, 15, 2]


def test_the_bias_takes_the_nearest_levels_and_is_one_more_column():
    weight = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 0.0]], np.float32)
    layer = FullyConnected("tiny", weight, np.array([0.1, 2.2, -9], np.float32), np.array([1.0, 0.5], np.float32), True)
    compressed = compress(layer, weight_bits=2)
    assert compressed.columns.start.tolist() == [0, 2, 3, 4]
    assert compressed.columns.row.tolist() == [0, 2, 1, 1]
    # three centroids, 1, 2 and 3; 0.1 is nearest to zero, 2.2 to 2, and -9 to zero too
    assert compressed.columns.code.tolist() == [1, 3, 2, 2]
    assert compressed.activation[-1] == 1 << compressed.activation_fraction_bits


def test_the_format_of_the_output_leaves_a_bit_of_headroom():
    rng = np.random.default_rng(5)
    weight = rng.standard_normal((30, 200), dtype=np.float32)
    layer = FullyConnected("free", weight, None, rng.standard_normal(200, dtype=np.float32), False)
    compressed = compress(layer, weight_bits=8)
    from kernels_ref.fully_connected import multiply

    words = multiply(
        *compressed.columns, compressed.codebook, compressed.activation, compressed.shift, compressed.outputs, False
    )
    assert np.abs(words).max() < 1 << 14
    np.testing.assert_allclose(compressed.output_value(words), weight @ layer.activation, atol=1.0)


@pytest.mark.parametrize("density", [-0.1, 1.1, float("nan")])
def test_densities_that_cannot_be(density):
    layer = FullyConnected("x", np.ones((1, 1), np.float32), None, np.ones(1, np.float32), False)
    with pytest.raises(InputError, match="density is .*; expected a number from 0 to 1"):
        compress(layer, density)


def test_a_coded_layer_is_not_pruned_again():
    coded = CodedFullyConnected(
        "x", np.ones((1, 1), np.uint8), None, np.array([0, 1], np.float32), np.ones(1, np.float32), False
    )
    with pytest.raises(InputError, match="x is coded already; expected no density"):
        compress(coded, 0.5)


@pytest.mark.parametrize(("weight", "bias", "inputs"), [(-1.0, None, 64), (1.0, None, 64), (1.0, 1.0, 1)])
def test_headroom_counts_negative_sums_and_the_bias(weight, bias, inputs):
    from kernels_ref.fully_connected import multiply

    column = None if bias is None else np.array([bias], np.float32)
    matrix = np.full((1, inputs), weight, np.float32)
    layer = compress(FullyConnected("x", matrix, column, np.ones(inputs, np.float32), False))
    words = multiply(*layer.columns, layer.codebook, layer.activation, layer.shift, layer.outputs, False)
    assert abs(int(words[0])) < 1 << 14
    assert layer.output_value(words)[0] == inputs * weight + (bias or 0)


def test_relu_is_handed_on(tmp_path):
    weight = np.array([[-1.0], [1.0]], np.float32)
    for relu in (True, False):
        layer = compress(FullyConnected("x", weight, None, np.ones(1, np.float32), relu))
        assert layer.relu is relu
    np.savez(
        tmp_path / "c.npz",
        weight_code=np.ones((1, 1), np.uint8),
        codebook=np.array([0, 1.0]),
        activation=np.ones(1),
        relu=np.array(True),
    )
    assert read_npz(tmp_path / "c.npz").layers[0].read().layer.relu is True
    np.savez(tmp_path / "d.npz", weight=weight, activation=np.ones(1), relu=np.array([True, False]))
    with pytest.raises(InputError, match=r"relu has dtype bool and shape \[2\]; expected one boolean"):
        read_npz(tmp_path / "d.npz")


def test_the_bias_is_no_activation():
    layer = pictured("11 11", [1, 0], bias="11")
    assert layer.activation_density == 0.5
    assert layer.weight_density == 1


def test_a_value_on_a_border_belongs_to_the_lower_centroid():
    values = np.array([0.0, 1.0, 2.0])
    np.testing.assert_array_equal(kmeans(values, starting_points(values, 2)), [0.5, 2])
    codebook, code = share(np.array([0, 4, 6, 16], np.float32), 2)  # 4 lies on the border of 2 and 6
    assert codebook.tolist() == [0, 2, 6, 16]
    assert code.tolist() == [1, 1, 2, 3]


def test_starting_points():
    values = np.array([0.0, 1, 2, 3, 4, 5, 6, 100])
    assert starting_points(values, 3).tolist() == [0, 50, 100]
    assert starting_points(values, 4, "density").tolist() == [1, 3, 5, 100]
    drawn = starting_points(values, 3, "random", np.random.default_rng(0))
    assert sorted(drawn) == drawn.tolist()
    assert set(drawn) <= set(values)
    with pytest.raises(InputError, match="a random start needs a generator"):
        starting_points(values, 3, "random")


@pytest.mark.parametrize("bits", range(2, 9))
def test_sharing_is_nearly_as_good_as_a_quantiser_can_be(bits):
    values = np.random.default_rng(bits).standard_normal(20_000).astype(np.float32)

    def loss(start):
        codebook, code = share(values, bits, start, np.random.default_rng(1))
        return float(((values - codebook[code]) ** 2).mean())

    # the best quantiser of a Gaussian loses about 2.72 / levels**2 (Panter and Dite, 1951)
    levels = (1 << bits) - 1
    assert min(loss("linear"), loss("density")) < 6 / levels**2
    assert loss("random") < 18 / levels**2
