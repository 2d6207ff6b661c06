"""Pipes, devices and folders under the names of files: each is refused in a sentence, at once, by whatever reads it."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from simulator.cli import main

SECONDS = 20
ENDINGS = (".npz", ".onnx", ".safetensors", ".mtx", ".smtx", ".yaml")
READERS = (
    *(["run", "eie", f"pipe{ending}"] for ending in ENDINGS),
    *(["compress", f"pipe{ending}"] for ending in (".npz", ".onnx", ".safetensors")),
    ["compare", "pipe.onnx", "--machines", "eie,scnn"],
    ["check", "scnn", "pipe.onnx"],
    ["trace", "eie", "pipe.npz", "-o", "t.json"],
    ["ablate", "pipe.npz"],
    ["sweep", "eie", "pipe.npz", "--over", "pes=1,2"],
    ["run", "pipe.yaml", "nt-we"],
    ["system", "pipe.yaml", "--bytes", "8"],
    ["camera", "eie", "nt-we", "--truth", "pipe.txt", "--detections", "drawn"],
    ["sweep", "pipe.yaml"],
    ["inspect", "pipe.safetensors"],
    ["run", "eie", "weights.npz", "--input", "pipe.npz"],
    ["plot", "pipe.json", "energy", "-o", "p.png"],
    ["report", "pipe.db", "-o", "r.html"],
    ["results", "pipe.db"],
    ["results", "pipe.csv"],
    ["sweep", "eie", "nt-we", "--over", "pes=1,2", "--store", "pipe.db"],
    ["sweep", "eie", "nt-we", "--over", "pes=1,2", "--store", "s.db", "--cluster", "pipe.json"],
)
"""Arguments of commands that read a file called `pipe`."""


def run_quickly(arguments, monkeypatch):
    """Run a command with an alarm, so that one that waits for a pipe fails and does not hang; return its exit code."""

    def late(*_):
        raise AssertionError(f"{arguments} still waits after {SECONDS} s")

    monkeypatch.setattr("sys.argv", ["zeroskip", *arguments])
    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        with pytest.raises(SystemExit) as stop:
            main()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return stop.value.code


@pytest.mark.parametrize("arguments", READERS, ids=" ".join)
@pytest.mark.parametrize("what", ["a pipe", "a device", "a folder"])
def test_what_is_no_regular_file_is_refused_in_a_sentence(what, arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (name,) = (Path(one) for one in arguments if one.startswith("pipe"))
    if what == "a pipe":
        os.mkfifo(name)
    elif what == "a device":
        name.symlink_to("/dev/zero")
    else:
        name.mkdir()
    np.savez(tmp_path / "weights.npz", weight=np.eye(3))
    assert run_quickly(arguments, monkeypatch) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert f"{name}: it is {what}; expected a regular file: " in found.err
    assert found.err.count("\n") == 1
    left = {path.name for path in tmp_path.iterdir()}
    assert {"weights.npz", str(name)} <= left <= {"weights.npz", str(name), "s.db"}
