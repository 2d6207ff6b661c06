"""300 damaged ONNX files: each runs and compresses, or is refused in a sentence, in little time and memory."""

import re
import resource
import time

import numpy as np
import pytest
from support.onnx_damage import damage
from support.onnx_models import draw, node, proto
from support.onnx_networks import NETWORKS

from simulator.config.load import load_arch
from simulator.run.executor import run
from workloads.errors import InputError
from workloads.model import read_matrices
from workloads.options import WorkloadOptions
from workloads.pipeline import compress_matrices

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")
FILES = 300
MOST_SECONDS = 10
"""Of the process."""
MOST_KILOBYTES = 1 << 20
"""That the process may grow by."""


def folded_network():
    """Weights that are computed of constants in many ways, in front of two layers."""
    nodes = [
        node("DequantizeLinear", ["q", "s"], ["d"]),
        node("Reshape", ["d", "shape"], ["v"]),
        node("ConstantOfShape", ["size"], ["fill"]),
        node("Expand", ["row", "size"], ["rows"]),
        node("Add", ["fill", "rows"], ["w2"]),
        node("Slice", ["x", "from", "to"], ["part"]),
        node("MatMul", ["part", "v"], ["m"], name="first"),
        node("Relu", ["m"], ["r"]),
        node("Pad", ["r", "pads"], ["p"]),
        node("MatMul", ["p", "w2"], ["y"], name="second"),
    ]
    constants = {"q": np.arange(-12, 12, dtype=np.int8), "s": np.float32(0.1), "shape": np.array([6, 4])}
    constants |= {"size": np.array([5, 3]), "row": draw(1, 3), "from": np.array([0]), "to": np.array([1])}
    return nodes, {"x": (2, 6)}, {**constants, "pads": np.array([0, 0, 0, 1])}, ["first", "second"]


MAKERS = [*NETWORKS.values(), folded_network]
CONTENTS = [
    proto(nodes, inputs, opset=17, **constants).SerializeToString()
    for nodes, inputs, constants, _ in (f() for f in MAKERS)
]


def attempt(path, action):
    """Whether the file was accepted; anything but a sentence about it is a failure."""
    begin = time.process_time()
    try:
        action()
    except InputError as error:
        assert re.search(r"; expected ", str(error), re.DOTALL), error
        assert "Traceback" not in str(error)
        accepted = False
    else:
        accepted = True
    assert time.process_time() - begin < MOST_SECONDS, path
    return accepted


@pytest.mark.parametrize("part", range(6))
def test_damaged_files(part, tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    path, machine = tmp_path / "net.onnx", load_arch("scnn")
    accepted = []
    for seed in range(part * FILES // 6, (part + 1) * FILES // 6):
        path.write_bytes(damage(CONTENTS[seed % len(CONTENTS)], seed))
        ran = attempt(path, lambda: run([machine], str(path), WorkloadOptions(density=0.5)))
        packed = attempt(path, lambda: compress_matrices(read_matrices(str(path)), 0.5, 4, 4))
        accepted += [ran, packed]
    assert 0 < sum(accepted) < len(accepted)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES


@pytest.mark.parametrize("maker", MAKERS)
def test_the_undamaged_files_run(maker, tmp_path):
    nodes, inputs, constants, layers = maker()
    (tmp_path / "net.onnx").write_bytes(proto(nodes, inputs, opset=17, **constants).SerializeToString())
    (result,) = run([load_arch("scnn")], str(tmp_path / "net.onnx"), WorkloadOptions())
    assert [row.layer for row in result.rows] == layers
