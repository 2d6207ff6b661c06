"""Sparse matrices: scipy's archives and objects, Matrix Market's dialects, the Deep Learning Matrix Collection."""

import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.damage import damage

from workloads.errors import InputError
from workloads.model import load_workload, read_matrices
from workloads.sources.matrix_market import read_matrix_market
from workloads.sources.named_arrays import read_npz
from workloads.sources.smtx import read_smtx
from workloads.sources.sparse import Entries, scipy_entries, sparse_layer

sparse = pytest.importorskip("scipy.sparse")
FORMATS = ("csr", "csc", "coo", "bsr", "dia")


def random(seed=0, outputs=12, inputs=8, density=0.3):
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((outputs, inputs)) * (rng.random((outputs, inputs)) < density)
    return matrix.astype(np.float32)


def weights(path):
    (found,) = read_npz(path).layers
    return found.read().layer.weight


@given(st.sampled_from(FORMATS), st.integers(0, 99), st.sampled_from([0.0, 0.1, 1.0]), st.booleans(), st.booleans())
def test_scipys_archives_are_read_as_scipy_reads_them(tmp_path_factory, form, seed, density, packed, as_array):
    path = tmp_path_factory.mktemp("sparse") / "m.npz"
    matrix = (sparse.coo_array if as_array else sparse.coo_matrix)(random(seed, density=density)).asformat(form)
    sparse.save_npz(path, matrix, compressed=packed)
    np.testing.assert_array_equal(weights(path), sparse.load_npz(path).toarray())


def test_entries_of_one_place_are_added_blocks_and_diagonals_beyond_the_matrix(tmp_path):
    path = tmp_path / "m.npz"
    for matrix in (
        sparse.coo_array((np.array([1.5, 2, 4]), (np.array([0, 0, 2]), np.array([1, 1, 0]))), (3, 2)),
        sparse.bsr_array(random(1), blocksize=(3, 2)),
        sparse.dia_array((np.arange(1.0, 19).reshape(3, 6), np.array([-2, 0, 4])), (4, 5)),
        sparse.csr_array(np.array([[1, 0], [0, 1]], bool)),
    ):
        sparse.save_npz(path, matrix)
        np.testing.assert_array_equal(weights(path), matrix.toarray())


ARRAYS = {
    "format": np.array(b"csr"),
    "shape": np.array([3, 4]),
    "data": np.array([1.0, 2, 3]),
    "indices": np.array([0, 3, 1]),
    "indptr": np.array([0, 2, 2, 3]),
}
COO = {"format": np.array("coo"), "shape": np.array([3, 4]), "data": np.ones(2), "row": np.array([0, 2])}
COO |= {"col": np.array([1, 3])}
DIA = {"format": np.array("dia"), "shape": np.array([3, 4]), "data": np.ones((1, 4)), "offsets": np.array([1])}


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({**ARRAYS, "format": np.array("lil")}, "its format is 'lil'; expected one of csr, csc, bsr, coo, dia"),
        ({k: v for k, v in ARRAYS.items() if k != "indptr"}, "it has no indptr; expected the arrays of scipy's format"),
        ({**ARRAYS, "shape": np.array([3, 4, 5])}, "shape has 3 sizes; expected 2, of a matrix"),
        ({**ARRAYS, "shape": np.array([3.0, 4])}, "shape has dtype float64 and shape [2]; expected integers"),
        ({**ARRAYS, "shape": np.array([1 << 40, 4])}, "shape has values from 4 to 1099511627776; expected integers be"),
        ({**ARRAYS, "shape": np.array([1 << 20, 1 << 20])}, "it is 1048576 x 1048576 with 3 entries; expected from 1"),
        ({**ARRAYS, "shape": np.array([-3, 4])}, "it is -3 x 4 with 3 entries; expected from 1 to"),
        ({**ARRAYS, "data": np.ones(3, complex)}, "data has dtype complex128 and shape [3]; expected real numbers"),
        (
            {**ARRAYS, "data": np.ones(2)},
            "data has shape [2] and indices [3]; expected those of scipy's format csr for",
        ),
        (
            {**ARRAYS, "indices": np.array([0, 4, 1])},
            "it has an entry outside of the matrix; expected rows below 3, co",
        ),
        ({**ARRAYS, "indices": np.array([0, -1, 1])}, "it has an entry outside of the matrix"),
        ({**ARRAYS, "indptr": np.array([0, 2, 1, 3])}, "indptr does not divide the entries; expected 4 places from 0 "),
        ({**ARRAYS, "indptr": np.array([0, 3])}, "indptr does not divide the entries"),
        ({**ARRAYS, "data": np.array([1, np.nan, 2])}, "matrix[0, 3] is nan (1 such values); expected finite numbers"),
        ({**ARRAYS, "data": np.array([1, 2, 1e300])}, "matrix[2, 1] is 1e+300 (1 such values); expected finite"),
        ({**ARRAYS, "format": np.array("bsr"), "data": np.ones((3, 2, 2))}, "data has shape [3, 2, 2] and indices [3]"),
        ({**COO, "row": np.array([0])}, "it has 1 rows, 2 columns and 2 values; expected as many of each"),
        (
            {**DIA, "offsets": np.array([1, 2])},
            "data has shape [1, 4] and offsets [2]; expected a row of data for each",
        ),
    ],
)
def test_bad_archives(arrays, sentence, tmp_path):
    path = tmp_path / "m.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError) as error:
        read_npz(path)
    assert str(error.value).startswith(f"{path}: {sentence}")


@given(st.data())
def test_a_damaged_archive_is_refused_in_a_sentence_or_still_a_matrix(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "m.npz"
    matrix = sparse.coo_array(random()).asformat(data.draw(st.sampled_from(FORMATS)))
    sparse.save_npz(path, matrix, compressed=data.draw(st.booleans()))
    damage(data, path)
    try:
        assert np.isfinite(weights(path)).all()
    except InputError as error:
        assert re.fullmatch(r".*m\.npz: .*; expected .*", str(error))


@given(st.sampled_from([ARRAYS, COO, DIA]), st.integers(0, 1 << 32), st.integers(0, 7))
def test_arrays_with_a_flipped_bit_are_refused_in_a_sentence_or_still_a_matrix(arrays, place, bit):
    keys = list(arrays)
    key = keys[place % len(keys)]
    content = bytearray(arrays[key].tobytes())
    content[place // len(keys) % len(content)] ^= 1 << bit
    array = np.frombuffer(bytes(content), arrays[key].dtype).reshape(arrays[key].shape)
    try:
        assert np.isfinite(sparse_layer("m", "m", scipy_entries("m", {**arrays, key: array})).weight).all()
    except InputError as error:
        assert re.fullmatch(r"m: .*; expected .*", str(error))


def test_objects_arrays_and_lists_are_the_same_layer():
    matrix, x = random(), np.arange(8.0)
    for one in (matrix, matrix.tolist(), sparse.csr_matrix(matrix), sparse.dia_array(matrix), matrix.astype(float)):
        found = load_workload(one, activation=x.tolist(), name="mine")
        assert (found.name, found.notes) == ("mine", ())
        expected = load_workload({"weight": matrix, "activation": x}).layer
        np.testing.assert_array_equal(found.layer.columns.code, expected.columns.code)
        np.testing.assert_array_equal(found.layer.activation, expected.activation)
    notes = load_workload([[1, 2], [0, 3]], activation_density=0.5).notes
    assert notes == ("its input [2] is drawn, 50 % of it non-zero (--activation-density)",)


@pytest.mark.parametrize("matrix", [[[1], [2, 3]], None, b"text", 3.0, [["a"]], np.ones(3), object()])
def test_what_is_no_matrix_is_refused(matrix):
    with pytest.raises(InputError, match="^source(:| is) .*; expected (a name that|weights )"):
        load_workload(matrix)


HEAD = "%%MatrixMarket matrix coordinate {} {}\n"
COMMENTS = HEAD.format("real", "general") + " % indented\n\n% plain\n\t%% more\n3 3 2\n2 1 5\n\n3 2 6\n"


@pytest.mark.parametrize(
    ("text", "matrix"),
    [
        (COMMENTS, [[0, 0, 0], [5, 0, 0], [0, 6, 0]]),
        (HEAD.format("unsigned-integer", "general") + "2 2 1\n1 1 3\n", [[3, 0], [0, 0]]),
        (HEAD.format("real", "hermitian") + "2 2 2\n1 1 3\n2 1 4\n", [[3, 4], [4, 0]]),
        (HEAD.format("integer", "skew-symmetric") + "2 2 1\n2 1 4\n", [[0, -4], [4, 0]]),
        (HEAD.format("real", "general").upper().replace("%%MATRIXMARKET", "%%MatrixMarket") + "1 1 1\n1 1 2\n", [[2]]),
        (HEAD.format("real", "general") + "2 2 2\n1 2 3\n1 2 4\n", [[0, 7], [0, 0]]),
    ],
)
def test_dialects_are_read_as_scipy_reads_them(text, matrix, tmp_path):
    from scipy.io import mmread

    path = tmp_path / "m.mtx"
    path.write_text(text)
    np.testing.assert_array_equal(read_matrix_market(path).weight, matrix)
    if "hermitian" not in text:  # which scipy reads with complex numbers only
        np.testing.assert_array_equal(mmread(path).toarray(), matrix)


@pytest.mark.parametrize("number", ["1.5D+00", "1.5d0", "15D-1", "0.15E1"])
def test_fortrans_exponents(number, tmp_path):
    path = tmp_path / "m.mtx"
    path.write_text(HEAD.format("real", "general") + f"2 2 1\n1 1 {number}\n")
    assert read_matrix_market(path).weight.tolist() == [[1.5, 0], [0, 0]]


def test_a_small_file_that_claims_much_takes_little_memory(tmp_path):
    path = tmp_path / "m.mtx"
    path.write_text(HEAD.format("real", "general") + "16384 16384 1\n1 1 3\n")
    dense = tmp_path / "dense.mtx"
    dense.write_text("%%MatrixMarket matrix array real general\n16384 16384\n1\n")
    tracemalloc.start()
    for one in (path, dense):
        with pytest.raises(InputError, match="it is 16384 x 16384 with 1 entries; expected from 1 to 16781312 places"):
            read_matrix_market(one)
    assert tracemalloc.get_traced_memory()[1] < 1 << 24
    tracemalloc.stop()


def test_memory_is_that_of_the_weights_in_float32_and_of_the_entries(tmp_path):
    path = tmp_path / "m.mtx"
    path.write_text(HEAD.format("real", "general") + "4096 4096 1\n1 1 3\n")
    tracemalloc.start()
    assert read_matrix_market(path).weight.nbytes == 1 << 26
    assert tracemalloc.get_traced_memory()[1] < (1 << 26) + (1 << 22)
    tracemalloc.stop()


SMTX = "3, 4, 5\n0 2 2 5 \n0 3 0 1 2 \n"


def test_the_places_of_a_matrix_of_the_collection_and_drawn_values(tmp_path):
    path = tmp_path / "m.smtx"
    path.write_text(SMTX)
    wanted = np.array([[1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 0]], bool)
    for seed in (0, 1):
        read = read_smtx(path, seed)
        np.testing.assert_array_equal(read.layer.weight != 0, wanted)
        found = load_workload(path, seed=seed)
        assert found.seed == seed
        assert found.notes[0].startswith("its file holds no values: the weights are drawn")
        assert found.layer.weight_density == 5 / 12
    first, same, other = (read_smtx(path, seed).layer.weight for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()
    read = read_matrices(str(path))
    np.testing.assert_array_equal(read.matrices[0].layer.weight, first)
    assert "its file holds no values" in read.notes[0]


def test_drawn_values_of_a_collection_are_normal(tmp_path):
    path = tmp_path / "m.smtx"
    path.write_text("1, 10000, 10000\n0 10000\n" + " ".join(map(str, range(10000))) + "\n")
    values = read_smtx(path, 0).layer.weight
    assert abs(values.mean()) < 0.05
    assert abs(values.std() - 1) < 0.05
    assert np.abs(values).min() >= 1 / 256


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it has 0 lines; expected 3: sizes, where each row begins, and columns"),
        (SMTX + "1\n", "it has 4 lines"),
        (SMTX.replace("3, 4, 5", "3, 4"), "its first line is '3, 4'; expected rows, columns and non-zeros"),
        (SMTX.replace("3, 4, 5", "3, 4, -5"), "its first line is '3, 4, -5'"),
        (SMTX.replace("3, 4, 5", "3, 4, 6"), "it has 5 columns of entries; expected 6, as its first line says"),
        (SMTX.replace("3, 4, 5", "3, 400000000, 5"), "it is 3 x 400000000 with 5 entries; expected from 1 to"),
        (SMTX.replace("0 2 2 5", "0 2 1 5"), "its second line does not divide the entries; expected 4 places from 0"),
        (SMTX.replace("0 2 2 5", "0 2 5"), "its second line does not divide the entries"),
        (SMTX.replace("0 1 2", "0 1 4"), "it has an entry outside of the matrix; expected rows below 3, columns below"),
        (SMTX.replace("0 1 2", "0 1 1"), "two of its entries have the same place; expected each place once"),
        (SMTX.replace("0 1 2", "0 1 x"), "it has an entry that is no integer ("),
        (SMTX.replace("0 1 2", "0 1 99999999999999999999"), "it has an entry that is no integer ("),
    ],
)
def test_bad_matrices_of_the_collection(text, sentence, tmp_path):
    path = tmp_path / "m.smtx"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_smtx(path, 0)
    assert str(error.value).startswith(f"{path}: {sentence}")
    assert "; expected " in str(error.value)


@given(st.data())
def test_a_damaged_matrix_of_the_collection_is_refused_in_a_sentence_or_still_a_layer(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "m.smtx"
    path.write_text(SMTX)
    damage(data, path)
    try:
        assert np.isfinite(read_smtx(path, 0).layer.weight).all()
    except InputError as error:
        assert re.fullmatch(r".*m\.smtx: .*; expected .*", str(error), re.DOTALL)


def test_no_entries():
    empty = np.zeros(0, np.int64)
    assert not sparse_layer("m", "m", Entries((2, 3), empty, empty, np.zeros(0))).weight.any()
