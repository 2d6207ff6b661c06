"""Files of a few kilobytes that claim much, or are read slowly: one sentence, soon, and in little memory."""

import json
import resource
import struct
import time

import numpy as np
import pytest
from support.onnx_models import proto
from support.paths import ROOT

from faults.running import is_sentence, run, shell

SECONDS = 10
REVIEWED = ROOT.parent / "shared" / "inputs"


def patched(path, old, new):
    """A file of tensors with another text in its metadata."""
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    before = json.dumps(header)
    after = before.replace(old, new)
    assert after != before
    path.write_bytes(struct.pack("<Q", len(after.encode())) + after.encode() + data[8 + size :])


@pytest.mark.parametrize("claimed", [1 << 30, 1 << 31, 10**30])
@pytest.mark.parametrize("command", [("inspect",), ("run", "eie")])
def test_more_inputs_than_a_file_can_hold(tmp_path, monkeypatch, capsys, claimed, command):
    np.savez(tmp_path / "net.npz", **{"fc.weight": np.random.default_rng(0).standard_normal((20, 30))})
    path = tmp_path / "net.safetensors"
    assert run(monkeypatch, capsys, "compress", tmp_path / "net.npz", "-o", path)[0] == 0
    patched(path, "[20, 30]" if "[20, 30]" in path.read_text("latin-1") else "[20,30]", f"[20,{claimed}]")
    began = time.process_time()
    assert is_sentence(*run(monkeypatch, capsys, *command, path))
    assert time.process_time() - began < SECONDS


def test_sixty_thousand_keys(tmp_path, monkeypatch, capsys):
    (tmp_path / "many.yaml").write_text("".join(f"k{number}: 1\n" for number in range(60_000)))
    began = time.process_time()
    assert is_sentence(*run(monkeypatch, capsys, "run", tmp_path / "many.yaml", "alexnet-fc8"))
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("number", ["190:20:30.15", "1:2.5", ":".join(["59"] * 200) + ".5"])
def test_numbers_in_base_sixty(tmp_path, monkeypatch, capsys, number):
    text = f"machine: eie\nabout: a\ntechnology: {{clock_mhz: {{value: {number}, source: s}}}}\n"
    (tmp_path / "own.yaml").write_text(text)
    assert is_sentence(*run(monkeypatch, capsys, "run", tmp_path / "own.yaml", "alexnet-fc8"))


def test_a_model_without_a_layer_that_is_read(tmp_path, monkeypatch, capsys):
    helper = pytest.importorskip("onnx").helper
    model = proto([helper.make_node("Relu", ["x"], ["y"])], {"x": (1, 4)})
    (tmp_path / "relu.onnx").write_bytes(model.SerializeToString())
    for command in (("compress",), ("run", "eie")):
        assert is_sentence(*run(monkeypatch, capsys, *command, tmp_path / "relu.onnx"))


@pytest.mark.skipif(not REVIEWED.exists(), reason="the files are kept elsewhere")
@pytest.mark.parametrize(
    "command",
    [
        "zeroskip inspect claims_many_inputs.safetensors",
        "zeroskip run eie claims_many_inputs.safetensors",
        "zeroskip run alias_bomb.yaml alexnet-fc8",
        "zeroskip run sexagesimal.yaml alexnet-fc8",
    ],
)
def test_files_of_the_review(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = shell(command, REVIEWED)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert is_sentence(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SECONDS
