"""The five-minute start, line by line in an empty folder, as from a fresh clone whose environment is active."""

import re
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from support.code.tutorial import BLOCK, Reader
from support.paths import ROOT

import zeroskip

PAGE = "start.md"
TEXT = (ROOT / "docs" / PAGE).read_text("utf-8")
BLOCKS = BLOCK.findall(TEXT)
INSTALL = [
    "python3 -m venv .venv",
    ".venv/bin/pip install -e '.[onnx]'",
    ". .venv/bin/activate",
    "mkdir -p scratch",
    "cd scratch",
]


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


def test_the_page_has_a_layer_a_change_a_picture_and_the_users_own_network():
    assert BLOCKS[0][3].splitlines() == INSTALL
    assert "onnx" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    headings = re.findall(r"^## (.+)$", TEXT, re.M)
    assert headings == ["Install", "One layer", "One change", "One picture", "Your own network"]
    assert [name for _, name, _, _ in BLOCKS if name] == ["make_net.py"]


def test_the_page_lists_every_extra_and_how_to_install_it():
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| `([^`]+)` \|$", TEXT, re.M)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert sorted(name for name, _ in rows) == sorted(extras)
    assert all(command == f"pip install -e '.[{name}]'" for name, command in rows)


def test_the_tests_install_every_other_extra():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (others,) = (re.match(r"zeroskip\[(.+)\]", one) for one in extras["test"] if one.startswith("zeroskip["))
    assert set(others[1].split(",")) == set(extras) - {"test"}


def test_every_line_runs_and_prints_or_writes(reader):
    outputs = [output for _, language, name, _, output in reader.printed if language in ("sh", "python") and not name]
    assert [number for number, output in enumerate(outputs) if not output] == [0]  # what installs
    assert {"net.onnx", "fc7.db", "fc7.png"} <= {path.name for path in reader.folder.iterdir()}
    assert (reader.folder / "fc7.png").read_bytes().startswith(b"\x89PNG")


def test_what_the_page_says_is_so(reader):
    """Of the change: not a fourth of the time; of the network: what it prints."""
    few, many = (zeroskip.simulate(zeroskip.load_arch("eie", pes=pes), "alexnet-fc7") for pes in (64, 256))
    assert few.time_us / 4 < many.time_us < few.time_us
    assert many.to_dict()["load_balance"] < few.to_dict()["load_balance"]
    rows = zeroskip.run("scnn", str(reader.folder / "net.onnx"), density=0.3).to_frame()
    assert rows["layer"].tolist() == ["conv1", "conv2", "fc"]
    assert np.allclose(rows["weight_density"], 0.3, atol=0.01)
    assert 0.2 < rows["activation_density"][1] < 0.8  # the zeros of its ReLU
    (output,) = [output for *_, text, output in reader.printed if "zeroskip run scnn net.onnx" in text]
    assert {"conv1", "conv2", "fc", "cycles", "fits", "total"} <= set(re.findall(r"\w+", output))
    assert "is drawn" in output


def test_without_the_extra_one_sentence_names_the_command(tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"\x08\x08")
    code = "import sys; sys.modules['onnx'] = None; from simulator.cli import main; main()"
    command = [sys.executable, "-c", code, "run", "scnn", str(tmp_path / "net.onnx")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert re.fullmatch(r".*onnx is not installed; expected pip install 'zeroskip\[onnx\]'\n", done.stderr)
