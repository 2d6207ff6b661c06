"""Each kind of source once, on the machine that runs it."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file
from support.own_networks import cnn, lstm, mlp

import zeroskip as zs
from simulator.cli.compress import compress

RNG = np.random.default_rng(7)
WEIGHT = (RNG.normal(size=(24, 40)) * (RNG.random((24, 40)) < 0.3)).astype(np.float32)
INPUT = np.maximum(0, RNG.normal(size=40)).astype(np.float32)
KERNELS = (RNG.normal(size=(6, 4, 3, 3)) * (RNG.random((6, 4, 3, 3)) < 0.5)).astype(np.float32)
PLANE = np.maximum(0, RNG.normal(size=(4, 8, 8))).astype(np.float32)


def npz(path):
    np.savez(path / "layer.npz", weight=WEIGHT, activation=INPUT, bias=np.ones(24))
    return path / "layer.npz"


def archive(path):
    np.savez(path / "layers.npz", **{"a/weight": WEIGHT, "a/activation": INPUT, "b/weight": KERNELS})
    return f"{path / 'layers.npz'}:a"


def matrix_market(path):
    rows, columns = WEIGHT.nonzero()
    lines = [f"{row + 1} {column + 1} {WEIGHT[row, column]!s}" for row, column in zip(rows, columns, strict=True)]
    head = f"%%MatrixMarket matrix coordinate real general\n24 40 {len(lines)}\n"
    (path / "layer.mtx").write_text(head + "\n".join(lines) + "\n")
    return path / "layer.mtx"


def smtx(path):
    starts = np.concatenate([[0], np.cumsum((WEIGHT != 0).sum(1))])
    numbers = [" ".join(map(str, part)) for part in (starts, WEIGHT.nonzero()[1])]
    (path / "layer.smtx").write_text(f"24, 40, {starts[-1]}\n" + "\n".join(numbers) + "\n")
    return path / "layer.smtx"


def tensors(path):
    save_file({"fc.weight": WEIGHT, "fc.bias": np.ones(24, np.float32)}, path / "net.safetensors")
    return path / "net.safetensors"


def compressed(path):
    compress(str(npz(path)), output=path / "small.safetensors")
    return path / "small.safetensors"


def recipe(path):
    shape = {"kind": "fully-connected", "inputs": 60, "outputs": 30}
    densities = {"weight_density": 0.2, "activation_density": 0.5}
    (path / "recipe.yaml").write_text(json.dumps({**shape, **densities}))
    return path / "recipe.yaml"


def sparse(_):
    return pytest.importorskip("scipy.sparse").csr_matrix(WEIGHT)


SOURCES = {
    "a name of the zoo": ("eie", lambda _: "nt-we", {"scale": 0.05}),
    "a trained layer": ("eie", lambda _: "lenet-300-100-ip2", {}),
    "an array": ("eie", lambda _: WEIGHT, {"activation": INPUT}),
    "arrays by name": ("scnn", lambda _: {"weight": KERNELS, "activation": PLANE, "padding": 1}, {}),
    "a sparse matrix": ("eie", sparse, {}),
    "npz": ("eie", npz, {}),
    "a layer of an archive": ("eie", archive, {}),
    "mtx": ("eie", matrix_market, {}),
    "smtx": ("eie", smtx, {}),
    "tensors": ("eie", tensors, {}),
    "compressed": ("eie", compressed, {}),
    "an LSTM": ("ese", lambda _: "google-lstm", {"scale": 1 / 16, "steps": 2}),
    "a convolution": ("dcnn", lambda _: "vgg16-conv5_1", {"scale": 0.1}),
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_runs(source, tmp_path):
    machine, make, options = SOURCES[source]
    found = zs.run(machine, make(tmp_path), **options)
    assert found.total().output_matches_reference


ONNX = {"mlp": ("eie", mlp, 2), "cnn": ("scnn", cnn, 3), "lstm": ("ese", lstm, 1)}


@pytest.mark.parametrize("network", ONNX)
def test_an_onnx_network_runs(network, tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    machine, make, layers = ONNX[network]
    found = zs.run(machine, make(tmp_path / "net.onnx"))
    assert found.total().output_matches_reference
    assert len(found.ran) == layers
