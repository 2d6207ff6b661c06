"""GAMMA's published figures: where the files are, and where they are not."""

import numpy as np
import pytest
from support.gamma_machines import product

from simulator.config.load import load_arch
from simulator.machines.gamma import MACHINE
from simulator.machines.gamma.paper.runs import measure
from simulator.machines.gamma.paper.validation import rows, without_files
from workloads.errors import InputError

PATTERN = "%%MatrixMarket matrix coordinate pattern general\n4 4 5\n1 2\n2 1\n2 4\n3 3\n4 2\n"


def test_without_files_a_sentence_says_which_are_needed(tmp_path):
    with pytest.raises(InputError, match=r"expected --data FOLDER of wiki-Vote\.mtx, p2p-Gnutella31\.mtx"):
        without_files(0, 1)
    assert list(without_files(0, 1, {"energy"})) == []
    with pytest.raises(InputError, match="none of the named matrices is there"):
        list(rows(tmp_path))


def test_figures_of_a_file_in_a_folder(tmp_path):
    (tmp_path / "wiki-Vote.mtx").write_text(PATTERN)
    found = {row.quantity: row for row in rows(tmp_path)}
    assert [row.row for row in found.values()] == ["wiki-Vote"] * 3
    a = np.zeros((4, 4))
    a[[0, 1, 1, 2, 3], [1, 0, 3, 2, 1]] = 1
    assert found["multiplications"].simulated == (a @ a).sum()
    assert found["minimal_bytes"].simulated == 12 * (2 * 5 + np.count_nonzero(a @ a))
    assert found["time_ns"].published == 210160


def test_an_architecture_without_a_set_or_an_element_is_refused():
    with pytest.raises(InputError, match="expected at least 49152, a set of each bank"):
        load_arch("gamma", cache_bytes=49151)
    with pytest.raises(InputError, match="expected at least an element, 12 bytes"):
        load_arch("gamma", line_bytes=11)


def test_cycles_of_the_whole_machine_keep_the_bounds():
    config = load_arch("gamma")
    one = measure(config, product(0, 300, 300, 300, 0.05, 0.05))
    assert one.bytes == one.minimal_bytes
    assert one.cycles >= max(one.multiplications / config.arch.pes, one.bytes / 128)
    assert one.cycles <= 1.5 * one.bytes / 128


def test_why_ends_at_the_products():
    from support.why_laws import cycles_by_step

    arch, layer = load_arch("gamma", radix=4, pes=4).arch, product(1, 40, 60, 50, 0.3, 0.3)
    passes = MACHINE.layout(arch, layer)
    run = MACHINE.run_engine(arch, passes[0], output=False)
    cycles, _ = cycles_by_step(MACHINE, arch, layer, passes, run)
    assert list(cycles) == ["memory", "lines", "balance", "partial rows"]
    steps = [run.cycles, *cycles.values()]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] == -(-layer.products // 4)
