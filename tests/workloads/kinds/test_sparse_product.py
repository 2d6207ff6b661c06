"""Sparse products: kernel against scipy, sources, rounding, and what is refused."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.gamma_machines import product
from support.paths import EXAMPLES

from workloads.errors import InputError
from workloads.kinds import reference_output
from workloads.kinds.sparse_product.compress import LARGEST, compress_sparse
from workloads.kinds.sparse_product.layer import SparseMatrix, SparseProduct, by_rows
from workloads.kinds.sparse_product.recipe import draw_matrix
from workloads.model import load_workload

sparse = pytest.importorskip("scipy.sparse")
HEAD = "%%MatrixMarket matrix coordinate real general\n"


def scipy_matrix(matrix):
    return sparse.csr_matrix((matrix.values, matrix.columns, matrix.starts), shape=(matrix.rows, matrix.width))


def parts(layer):
    """Starts, columns and values of the output."""
    output, rows = reference_output(layer), layer.left.rows + 1
    return output[:rows], *np.split(output[rows:], 2)


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(1, 20), st.integers(1, 20), st.integers(1, 20), st.booleans())
def test_the_kernel_is_scipys_product_to_the_last_bit(seed, rows, inner, columns, whole):
    layer = product(seed, rows, inner, columns, 0.3, 0.3, whole)
    starts, places, values = parts(layer)
    left, right = scipy_matrix(layer.left), scipy_matrix(layer.right)
    ours = sparse.csr_matrix((values, places, starts), shape=(rows, columns))
    np.testing.assert_array_equal(ours.toarray(), (left @ right).toarray())
    np.testing.assert_array_equal(ours.toarray(), left.toarray() @ right.toarray())
    for matrix in (left, right):
        matrix.data[:] = 1
    pattern = (left @ right).tocsr()
    pattern.sort_indices()
    np.testing.assert_array_equal(starts, pattern.indptr)
    np.testing.assert_array_equal(places, pattern.indices)


def test_two_files_are_a_product(tmp_path):
    rng, io = np.random.default_rng(0), pytest.importorskip("scipy.io")
    a, b = (sparse.coo_matrix(np.rint(3 * rng.standard_normal(size))) for size in ((5, 7), (7, 4)))
    for name, matrix in (("a", a), ("b", b)):
        io.mmwrite(tmp_path / f"{name}.mtx", matrix)
    workload = load_workload(f"{tmp_path / 'a.mtx'}@{tmp_path / 'b.mtx'}")
    assert (workload.kind, workload.name, workload.layer.fraction_bits) == ("sparse product", "a-times-b", (0, 0))
    starts, places, values = parts(workload.layer)
    np.testing.assert_array_equal(
        sparse.csr_matrix((values, places, starts), shape=(5, 4)).toarray(), (a @ b).toarray()
    )


def test_a_file_times_itself_and_entries_of_one_place(tmp_path):
    path = tmp_path / "m.mtx"
    path.write_text(f"{HEAD}300000 300000 3\n1 2 2\n2 1 3\n2 1 1\n")
    layer = load_workload(f"{path}@{path}").layer
    assert layer.left is layer.right or layer.left.entries == layer.right.entries == 2
    starts, places, values = parts(layer)
    assert (starts[:3].tolist(), places.tolist(), values.tolist()) == ([0, 1, 2], [0, 1], [8, 8])


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (f"{HEAD}3 2 1\n1 1 1\n", "A is 2 x 2 and B is 3 x 2; expected as many rows of B as columns of A"),
        (f"{HEAD}2 2 1\n1 3 1\n", "outside of the matrix"),
        ("nonsense", "its first line is no header"),
    ],
)
def test_files_that_are_refused(tmp_path, second, sentence):
    (tmp_path / "a.mtx").write_text(f"{HEAD}2 2 1\n1 1 1\n")
    (tmp_path / "b.mtx").write_text(second)
    with pytest.raises(InputError, match=sentence):
        load_workload(f"{tmp_path / 'a.mtx'}@{tmp_path / 'b.mtx'}")
    with pytest.raises(InputError, match="more than two files"):
        load_workload("a.mtx@b.mtx@c.mtx")


ARRAYS = {
    "a_starts": np.array([0, 1, 2]), "a_columns": np.array([1, 0]), "a_values": np.array([2.0, 4.0]),
    "b_starts": np.array([0, 1, 1]), "b_columns": np.array([2]), "b_values": np.array([3.0]), "width": np.array(3),
}  # fmt: skip


def test_arrays_are_a_product():
    layer = load_workload(ARRAYS).layer
    assert [part.tolist() for part in parts(layer)] == [[0, 0, 1], [2], [12]]
    alone = load_workload({key: value for key, value in ARRAYS.items() if key[0] == "a"}).layer
    assert [part.tolist() for part in parts(alone)] == [[0, 1, 2], [0, 1], [8, 8]]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"a_columns": np.array([2, 0])}, "a_columns has places up to 2"),
        ({"a_starts": np.array([0, 2, 1])}, "does not divide the entries"),
        ({"a_values": np.array([2.0, np.nan])}, "finite numbers"),
        ({"a_values": np.array([2.0, 1e126])}, "the largest magnitude of A is 1e.126"),
        ({"width": np.array([1.5])}, "one integer"),
        ({"more": np.array(1)}, "unknown key more"),
    ],
)
def test_arrays_that_are_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        load_workload({**ARRAYS, **changes})


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.one_of(st.floats(-32000, 32000), st.floats(-1e120, 1e120)), min_size=1, max_size=9))
def test_values_are_the_nearest_multiples_that_16_bits_hold(values):
    row = np.arange(len(values))
    matrix = by_rows("m", (len(values), 1), row, 0 * row, np.array(values))
    one = SparseMatrix(np.array([0, 1]), np.array([0]), np.array([1.0]), 1)
    layer = compress_sparse(SparseProduct("m", matrix, one), None)
    scaled = np.ldexp(layer.left.values, layer.fraction_bits[0])
    np.testing.assert_array_equal(scaled, np.rint(scaled))
    assert np.abs(scaled).max() <= LARGEST
    assert np.abs(layer.left.values - matrix.values).max() <= np.ldexp(0.5, -layer.fraction_bits[0])


def test_an_array_has_entries_only_where_it_is_not_zero(tmp_path):
    path = tmp_path / "m.mtx"
    path.write_text("%%MatrixMarket matrix array real general\n2 2\n0\n3\n0\n4\n")  # by columns
    layer = load_workload(f"{path}@{path}").layer
    assert (layer.left.columns.tolist(), layer.left.values.tolist()) == ([0, 1], [3, 4])
    path.write_text(f"{HEAD}2 2 2\n1 1 0\n2 2 1\n")  # a zero that is written down stays
    assert load_workload(f"{path}@{path}").layer.left.columns.tolist() == [0, 1]


def test_large_values_have_16_bits_too():
    layer = load_workload({**ARRAYS, "a_values": np.array([3e9, -1e30])}).layer
    assert layer.fraction_bits == (-85, 0)  # 2**99 < 1e30 < 2**100
    assert layer.left.values.tolist() == [0.0, -round(1e30 / 2**85) * 2.0**85]
    assert parts(layer)[2].tolist() == [3 * layer.left.values[1]]
    assert layer.notes == ("1 of 2 entries of A are rounded to zero in 16 bits",)


def test_a_matrix_of_a_few_bytes_takes_no_gigabytes(tmp_path):
    path = tmp_path / "m.mtx"
    path.write_text(f"{HEAD}{1 << 25} {1 << 25} 1\n1 1 1\n")
    with pytest.raises(InputError, match="expected sides from 1 to 16,777,216 and at most"):
        load_workload(f"{path}@{path}")


def test_a_drawn_matrix_has_its_entries_and_unequal_rows():
    matrices = [draw_matrix("m", 500, 3000, slope, np.random.default_rng(0)) for slope in (0.0, 0.7)]
    assert [one.entries for one in matrices] == [3000, 3000]
    even, uneven = (np.diff(one.starts).max() for one in matrices)
    assert even < 25 < uneven
    again = draw_matrix("m", 500, 3000, 0.7, np.random.default_rng(0))
    np.testing.assert_array_equal(again.columns, matrices[1].columns)


def test_a_drawn_layer_at_a_scale_and_too_many_products():
    layer = load_workload("power-law-gnutella", scale=0.01).layer
    assert (layer.left.rows, layer.left.entries) == (626, 1479)
    with pytest.raises(InputError, match=re.escape("products of two entries; expected at most 67,108,864")):
        load_workload("power-law-wiki", recipe={"entries": 2_000_000, "slope": 0.9})
