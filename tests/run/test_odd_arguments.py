"""Arguments that look right and are not: refused in a sentence, or read as they are meant."""

import numpy as np
import pytest
import scipy.sparse
from support import own_networks

import zeroskip as zs
from workloads.errors import InputError

RNG = np.random.default_rng(9)
WEIGHT, X = RNG.standard_normal((6, 8)), np.abs(RNG.standard_normal(8))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((np.ma.array(WEIGHT, mask=WEIGHT < 0), X), "source: it is a masked array; expected .*filled"),
        ((WEIGHT * 1e-50, X), r"weight\[0, 0\] is .* \(48 such values\), which is zero in float32"),
        ((WEIGHT, X * 1e-300), r"the input of arrays\[0\] is .* \(8 such values\), which is zero in float32"),
        ((WEIGHT, X * 1e300), "the input of arrays has numbers that float32 does not hold"),
        ((np.broadcast_to(np.float32(1), (10**6, 10**6)), X), r"source: it has shape \[1000000, 1000000\]"),
    ],
)
def test_arrays(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        zs.simulate("eie", *arguments)


def test_dictionaries_of_keys_are_sparse_matrices():
    wanted = zs.simulate("eie", WEIGHT, X)
    for form in (scipy.sparse.dok_array, scipy.sparse.dok_matrix):
        found = zs.simulate("eie", form(WEIGHT), X)
        assert found.run.output.tolist() == wanted.run.output.tolist()


def test_seeds_that_a_store_does_not_hold():
    with pytest.raises(InputError, match="seed is 9223372036854775808; expected at most 9223372036854775807"):
        zs.simulate("eie", "alexnet-fc8", seed=1 << 63)


def test_a_layer_of_a_network_by_its_name(tmp_path):
    path = own_networks.cnn(tmp_path / "net.onnx")
    assert zs.simulate("scnn", str(path), layer="conv2").cycles == zs.run("scnn", path, layer="conv2").cycles


def test_paths_and_kinds():
    with pytest.raises(InputError, match="path is 3; expected the path of a table"):
        zs.read_ert(3)
    with pytest.raises(InputError, match="kind: it is of type int; expected a text"):
        zs.simulate("eie", WEIGHT, X).plot(3)


PAIR = np.array([1, 2])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: zs.run("eie", "nt-we", engine=PAIR), r"engine is array\(\[1, 2\]\); expected one of numba, simpy"),
        (lambda: zs.run("eie", "nt-we", prune=PAIR), r"prune is array\(\[1, 2\]\); expected balanced or plain"),
        (lambda: zs.simulate("eie", "nt-we", output=PAIR), r"output is array\(\[1, 2\]\); expected True or False"),
        (lambda: zs.simulate("eie", "nt-we", compare=PAIR), r"compare is array\(\[1, 2\]\); expected True or False"),
        (lambda: zs.load_arch("eie", dram=PAIR), r"dram is \[1 2\] .*; expected one of"),
        (lambda: zs.sweep("eie", "nt-we", {"pes": [1]}, fixed=PAIR), "fixed is .*; expected"),
        (lambda: zs.show(None), "result is None; expected a result with a trace, or the trace itself"),
        (lambda: zs.show(np.ones(3)), r"trace: it is float64 \[3\]; expected letters as uint8"),
        (lambda: zs.show(np.full((2, 2), 200, np.uint8)), r"trace: it is uint8 \[2, 2\]; expected letters as uint8"),
    ],
)
def test_arrays_and_nothing_in_place_of_words(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
