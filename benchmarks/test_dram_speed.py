"""How fast the DRAM engine is: consecutive lines relative to the same lines one by one, and random ones."""

import pytest

from benchmarks.speed.parts import SHORT, consecutive, random_lines
from simulator.hardware.dram.presets import presets

LINES, RANDOM, ROUNDS = 2_000_000, 300_000, 7


@pytest.mark.parametrize("write", [0, 1], ids=["read", "written"])
@pytest.mark.parametrize("name", tuple(presets()))
def test_sequential(name, write, capsys):
    found = consecutive(name, ROUNDS, LINES, write)
    with capsys.disabled():
        print(f"\n{found.what}: {found.note}")
    assert found.ratio * SHORT / LINES < 0.7


@pytest.mark.parametrize("name", tuple(presets()))
def test_random(name, capsys):
    found = random_lines(name, ROUNDS, RANDOM)
    with capsys.disabled():
        print(f"\n{found.what}: {found.note}, {found.ratio:.1f} x in sequence, one by one")
    assert found.ratio < 6
