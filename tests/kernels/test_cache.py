"""Compiled functions are never older than what they call."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support.paths import ROOT

from kernels_ref import cache
from kernels_ref.cache import MOST_KEPT, PREFIX, VARIABLE, cache_folder, content_hash

MULTIPLY = """
import os, sys
from kernels_ref.fully_connected import multiply
import numpy as np
one = np.ones(1, np.int64)
word = np.full(1, 256, np.int16)
print(*multiply(np.array([0, 1]), 0 * one.astype(np.uint32), 0 * one.astype(np.uint8), word, word, 8, 1, False))
import numba
assert numba.config.CACHE_DIR == os.environ["NUMBA_CACHE_DIR"]
"""


@pytest.fixture
def copy(tmp_path):
    """The reference kernels alone, to be changed."""
    shutil.copytree(ROOT / "kernels_ref", tmp_path / "kernels_ref", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def product(root: Path, before: str = "") -> str:
    """What a fresh interpreter computes with the kernels below `root`: 1.0 x 1.0, rounded to 8 fraction bits."""
    found = {**os.environ, "PYTHONPATH": str(root), VARIABLE: str(root / "compiled")}
    command = [sys.executable, "-c", before + MULTIPLY]
    return subprocess.run(command, env=found, capture_output=True, text=True, check=True, cwd=root).stdout


def test_a_caller_sees_a_change_of_what_it_calls_in_another_file(copy):
    assert product(copy) == "256\n"
    called = copy / "kernels_ref" / "fixed_point.py"
    text = called.read_text()
    assert text.count(">> shift\n") == 1
    called.write_text(text.replace(">> shift\n", ">> (shift + 1)\n"))
    assert product(copy, before="import numba") == "128\n"  # whichever of the two was imported first


def test_the_same_sources_share_a_folder_and_others_do_not(copy):
    before = content_hash(copy)
    assert content_hash(copy) == before
    (copy / "kernels_ref" / "notes.py").write_text("words = 1\n")
    assert content_hash(copy) == before  # nothing in it compiles
    (copy / "kernels_ref" / "notes.py").write_text("import numba\n")
    assert content_hash(copy) != before


def test_the_folder_stands_where_the_environment_says(copy):
    name = PREFIX + content_hash(copy)
    assert cache_folder(copy, {VARIABLE: "/found"}) == Path("/found") / name
    assert cache_folder(copy, {VARIABLE: f"/found/{PREFIX}0"}) == Path("/found") / name  # set by a process of ours
    assert cache_folder(copy, {"XDG_CACHE_HOME": "/caches"}) == Path("/caches/zeroskip") / name


def test_without_a_home_it_stands_beside_the_sources(copy, monkeypatch):
    def nowhere():
        raise RuntimeError

    monkeypatch.setattr(Path, "home", nowhere)
    assert cache_folder(copy, {}).parent == copy / "kernels_ref" / "__pycache__"


def test_folders_of_the_oldest_versions_go(copy):
    home = copy / "compiled"
    for age in range(MOST_KEPT + 3):
        (home / f"{PREFIX}{age}").mkdir(parents=True)
        os.utime(home / f"{PREFIX}{age}", (1000 - age, 1000 - age))
    (home / "of_others").mkdir()
    product(copy)
    new = PREFIX + content_hash(copy)
    assert {path.name for path in home.iterdir()} == {*(f"{PREFIX}{age}" for age in range(MOST_KEPT)), new, "of_others"}


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="rights of files as Windows has them")
@pytest.mark.parametrize("change", ["none", "rights", "owner", "link"])
def test_a_folder_that_others_may_change_is_not_used(tmp_path, monkeypatch, change):
    """Compiled code of it would be run; `owner`: this program is another user's than the folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    usual = cache._private_folder()
    assert usual.stat().st_mode & 0o777 == 0o700
    if change == "rights":
        usual.chmod(0o770)
    elif change == "link":
        usual.rename(tmp_path / "elsewhere")
        usual.symlink_to(tmp_path / "elsewhere")
    elif change == "owner":
        usual.rename(tmp_path / f"zeroskip-cache-{os.getuid() + 1}")
        user = os.getuid() + 1
        monkeypatch.setattr(os, "getuid", lambda: user)
    found = cache._private_folder()
    assert (found == usual) == (change == "none")
    assert found.parent == tmp_path
    assert found.is_dir()
    assert found.stat().st_mode & 0o777 == 0o700
