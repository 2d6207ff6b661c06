import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.errors import InputError
from workloads.sources.matrix_market import read_matrix_market

HEAD = "%%MatrixMarket matrix coordinate real general\n"
GOOD = HEAD + "% a comment\n2 3 3\n1 1 0.5\n2 3 -2\n1 2 1e-1\n"
DENSE = "%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n"
SYMMETRIC = "%%MatrixMarket matrix coordinate integer symmetric\n2 2 2\n1 1 3\n2 1 4\n"
PATTERN = "%%MatrixMarket matrix coordinate pattern general\n2 2 1\n2 1\n"


def save(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "matrix"),
    [
        (GOOD, [[0.5, 0.1, 0], [0, 0, -2]]),
        (DENSE, [[1, 3], [2, 4]]),
        (SYMMETRIC, [[3, 4], [4, 0]]),
        (PATTERN, [[0, 0], [1, 0]]),
    ],
)
def test_good_matrices(text, matrix, tmp_path):
    layer = read_matrix_market(save(tmp_path / "net.mtx", text))
    assert (layer.name, layer.bias, layer.activation, layer.relu) == ("net", None, None, False)
    assert layer.weight.dtype == np.float32
    np.testing.assert_array_equal(layer.weight, np.array(matrix, np.float32))


@pytest.mark.parametrize("form", ["coordinate", "array"])
@pytest.mark.parametrize("symmetry", ["general", "symmetric", "skew-symmetric"])
def test_scipy_reads_the_same(form, symmetry, tmp_path):
    io, sparse = pytest.importorskip("scipy.io"), pytest.importorskip("scipy.sparse")
    matrix = np.random.default_rng(2).integers(-3, 4, (6, 6)).astype(float)
    matrix = {"general": matrix[:, :4], "symmetric": matrix + matrix.T, "skew-symmetric": matrix - matrix.T}[symmetry]
    path = tmp_path / "net.mtx"
    io.mmwrite(path, sparse.coo_array(matrix) if form == "coordinate" else matrix, symmetry=symmetry)
    np.testing.assert_array_equal(read_matrix_market(path).weight, matrix)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "its first line is no header of a matrix; expected %%MatrixMarket"),
        ("some text\n1 1 1\n", "its first line is no header"),
        (HEAD, "its size is []; expected 3 integers"),
        (HEAD + "2 2\n1 1 1\n", "its size is ['2 2']; expected 3 integers"),
        (HEAD + "2 2 0.5\n", "its size is ['2 2 0.5']; expected 3 integers"),
        (GOOD.replace("2 3 -2", "2 4 -2"), "it has an entry outside of the matrix; expected rows from 1 to 2, columns"),
        (GOOD.replace("2 3 -2", "0 3 -2"), "it has an entry outside"),
        (GOOD.replace("2 3 3", "2 3 4"), "it has 3 entries; expected 4, as its size line says"),
        (GOOD.replace("2 3 -2", "2 3"), "it has 8 numbers; expected 3 for each entry"),
        (DENSE.replace("4", "4 5"), "it has 5 entries; expected 4, as"),
        (GOOD.replace("-2", "x"), "it has an entry that is no number ("),
        (GOOD.replace("-2", "nan"), "matrix[1, 2] is nan (1 such values); expected finite numbers"),
        (GOOD.replace("-2", "1e300"), "matrix[1, 2] is 1e+300"),
        (HEAD + "0 3 0\n", "it is 0 x 3 with 0 entries; expected from 1 to"),
        (HEAD + "2 2 99999999999\n1 1 1\n", "its size is ['2 2 99999999999']"),
        (HEAD + "9999999 9999999 1\n1 1 1\n", "it is 9999999 x 9999999 with 1 entries; expected from 1 to "),
        (SYMMETRIC.replace("2 2 2", "2 3 2"), "it is symmetric with 2 x 3 places"),
        (
            GOOD.replace("real", "complex"),
            "its numbers are complex; expected one of real, double, integer, unsigned-integer, pattern, as weights",
        ),
    ],
)
def test_bad_matrices(text, sentence, tmp_path):
    path = save(tmp_path / "net.mtx", text)
    with pytest.raises(InputError) as error:
        read_matrix_market(path)
    assert str(error.value).startswith(f"{path}: {sentence}")
    assert "; expected " in str(error.value)


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="there is no such file; expected a Matrix Market file"):
        read_matrix_market(tmp_path / "none.mtx")
    with pytest.raises(InputError, match="it is a folder; expected a regular file: a Matrix Market file"):
        read_matrix_market(tmp_path)


@given(st.data())
def test_a_damaged_matrix_is_refused_in_a_sentence_or_still_a_layer(tmp_path_factory, data):
    content = bytearray(data.draw(st.sampled_from([GOOD, DENSE, SYMMETRIC, PATTERN])).encode())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "net.mtx"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        read_matrix_market(path)
    except InputError as error:
        assert re.fullmatch(r".*net\.mtx: .*; expected .*", str(error), re.DOTALL)
