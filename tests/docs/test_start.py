"""The five-minute start, line by line in an empty folder, as from a fresh clone whose environment is active."""

import json
import re
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from support.code.tutorial import BLOCK, Reader
from support.paths import ROOT

PAGE = "start.md"
TEXT = (ROOT / "docs" / PAGE).read_text("utf-8")
BLOCKS = BLOCK.findall(TEXT)
INSTALL = ["python3 -m venv .venv", ".venv/bin/pip install -e '.[onnx]'", ". .venv/bin/activate"]


class FreshReader(Reader):
    """A reader who has typed the first block already: the environment of the tests is that of the clone."""

    def run(self, command):
        return "" if command[-1] in INSTALL else super().run(command)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    found = FreshReader(tmp_path_factory.mktemp("start"))
    found.follow(PAGE)
    return found


def test_the_page_begins_with_the_extra_and_the_users_own_network():
    assert BLOCKS[0][3].splitlines() == INSTALL
    assert "onnx" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert [name for _, name, _, _ in BLOCKS if name] == ["make_net.py"]
    assert next(line for block in BLOCKS[1:] if block[0] == "sh" for line in block[3].splitlines()) == (
        "python make_net.py"
    )
    assert all("net.onnx" in text or "net." in text for language, _, _, text in BLOCKS[2:] if language == "sh")


def test_every_line_runs_and_prints_or_writes(reader):
    outputs = [output for _, language, name, _, output in reader.printed if language in ("sh", "python") and not name]
    silent = [number for number, output in enumerate(outputs) if not output]
    assert silent == [0, 1]  # what installs, and what writes the network
    written = {path.name for path in reader.folder.iterdir()}
    assert {"net.onnx", "net.db", "net.png", "net.json", "net.html"} <= written
    assert (reader.folder / "net.png").read_bytes().startswith(b"\x89PNG")


def test_what_the_page_says_is_so(reader):
    found = json.loads((reader.folder / "net.json").read_text())
    assert [row["layer"] for row in found["layers"]] == ["conv1", "conv2", "fc"]
    assert all(row["reason"] is None and row["output_matches_reference"] for row in found["layers"])
    assert all(np.isclose(row["weight_density"], 0.3, atol=0.01) for row in found["layers"])
    assert 0.2 < found["layers"][1]["activation_density"] < 0.8  # the zeros of its ReLU
    assert any("is drawn" in note for note in found["notes"])
    run = next(output for *_, text, output in reader.printed if text.startswith("zeroskip run"))
    assert {"layer", "shape", "kind", "cycles", "fits"} <= set(re.findall(r"\w+", run))
    page = (reader.folder / "net.html").read_text("utf-8")
    assert all(name in page for name in ("conv1", "conv2", "fc"))


def test_without_the_extra_one_sentence_names_the_command(tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"\x08\x08")
    code = "import sys; sys.modules['onnx'] = None; from simulator.cli import main; main()"
    command = [sys.executable, "-c", code, "run", "scnn", str(tmp_path / "net.onnx")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert re.fullmatch(r".*onnx is not installed; expected pip install 'zeroskip\[onnx\]'\n", done.stderr)
