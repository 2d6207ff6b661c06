"""Numba's cache may be damaged, full, forbidden or filled by two processes at once: runs give the same, or go on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

from faults.places import full_disk, without_rights
from kernels_ref.cache import PREFIX, VARIABLE, content_hash

MULTIPLY = """
from kernels_ref.fully_connected import multiply
import numpy as np
one = np.ones(1, np.int64)
word = np.full(1, 256, np.int16)
print(*multiply(np.array([0, 1]), 0 * one.astype(np.uint32), 0 * one.astype(np.uint8), word, word, 8, 1, False))
import numba.core.caching, os
print(numba.config.CACHE_DIR)
"""


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """The reference kernels alone, and a cache that is full of their compiled functions."""
    root = tmp_path_factory.mktemp("kernels")
    shutil.copytree(ROOT / "kernels_ref", root / "kernels_ref", ignore=shutil.ignore_patterns("__pycache__"))
    assert product(root, root / "warm") == "256"
    return root


def start(root, cache, before=(), **more):
    environment = {**os.environ, "PYTHONPATH": str(root), VARIABLE: str(cache), **more}
    command = [*before, sys.executable, "-c", MULTIPLY]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root
    )


def finish(process):
    output, errors = process.communicate(timeout=180)
    assert process.returncode == 0, errors
    return output.split("\n")


def product(root, cache, before=(), **more):
    return finish(start(root, cache, before, **more))[0]


def entries(cache):
    return sorted(path for path in cache.rglob("*.nb?") if path.is_file())


def emptied(content):
    return content[:0]


def cut(content):
    return content[: len(content) // 2]


def flipped(content):
    place = len(content) * 2 // 3
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]


def of_others(content):  # noqa: ARG001
    return b"nothing that Numba wrote" * 20


QUICK = (cut, ".nbi"), (flipped, ".nbc")
SLOW = (emptied, ".nbi"), (flipped, ".nbi"), (of_others, ".nbi"), (emptied, ".nbc"), (cut, ".nbc"), (of_others, ".nbc")


@pytest.mark.parametrize(("damage", "ending"), [*QUICK, *(pytest.param(*one, marks=pytest.mark.slow) for one in SLOW)])
def test_damaged_entries_are_compiled_anew(kernels, tmp_path, damage, ending):
    cache = tmp_path / "cache"
    shutil.copytree(kernels / "warm", cache)
    harmed = [path for path in entries(cache) if path.suffix == ending]
    assert harmed
    for path in harmed:
        path.write_bytes(damage(path.read_bytes()))
    assert product(kernels, cache) == "256"
    healed = {path: path.read_bytes() for path in harmed}
    assert all(content != damage(content) for content in healed.values())
    assert product(kernels, cache) == "256"
    assert {path: path.read_bytes() for path in harmed} == healed


def test_an_entry_of_another_signature_is_not_taken(kernels, tmp_path):
    """Two processes that fill an empty cache may write the same file for different signatures."""
    cache = tmp_path / "cache"
    shutil.copytree(kernels / "warm", cache)
    first, *others = [path for path in entries(cache) if path.suffix == ".nbc"]
    for path in others:
        shutil.copy(first, path)
    assert product(kernels, cache) == "256"


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_two_processes_fill_a_cold_cache_at_once(kernels, tmp_path, times):
    for attempt in range(times):
        cache = tmp_path / str(attempt)
        both = [start(kernels, cache) for _ in range(2)]
        assert [finish(one)[0] for one in both] == ["256", "256"]
        assert [path.name for path in entries(cache)] == [path.name for path in entries(kernels / "warm")]
        assert product(kernels, cache) == "256"


def test_a_full_disk_costs_the_time_of_compiling_and_nothing_else(kernels, tmp_path):
    with full_disk(tmp_path / "full") as folder:
        assert product(kernels, folder) == "256"
        assert not entries(folder)


def test_a_folder_without_rights_is_replaced_by_one_of_the_users_own(kernels, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with without_rights() as before:
        found = finish(start(kernels, closed, before, TMPDIR=str(tmp_path)))
        assert found[0] == "256"
        folder = Path(found[1])
        assert folder == tmp_path / f"zeroskip-cache-{os.getuid()}" / f"{PREFIX}{content_hash(kernels)}"
        assert folder.parent.stat().st_mode & 0o077 == 0
        assert len(entries(folder)) == len(entries(kernels / "warm"))
        folder.parent.chmod(0o777)  # others could write there: it is not used
        assert Path(finish(start(kernels, closed, before, TMPDIR=str(tmp_path)))[1]).parent != folder.parent


@pytest.mark.slow
@pytest.mark.parametrize("place", ["/dev/null/cache", "/proc/1/cache"])
def test_a_place_that_is_no_folder_is_replaced_too(kernels, tmp_path, place):
    assert product(kernels, place, TMPDIR=str(tmp_path)) == "256"


def test_without_a_home(kernels, tmp_path):
    assert product(kernels, "", HOME="/proc/nowhere", XDG_CACHE_HOME="", TMPDIR=str(tmp_path)) == "256"


def test_a_constant_of_another_file_is_part_of_the_hash(tmp_path):
    package = tmp_path / "simulator"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "engine.py").write_text("from numba import njit\n\nfrom simulator.words import (\n    BITS,\n)\n")
    (package / "words.py").write_text("from simulator import numbers\nBITS = numbers.BITS\n")
    (package / "numbers.py").write_text("BITS = 16\n")
    (package / "other.py").write_text("from simulator.engine import run\n")
    first = content_hash(tmp_path)
    (package / "other.py").write_text("")
    assert content_hash(tmp_path) == first
    (package / "numbers.py").write_text("BITS = 24\n")
    assert content_hash(tmp_path) != first
