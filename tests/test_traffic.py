"""What machines ask of DRAM: as many lines as they count, and when served again as late as the machine waited."""

import numpy as np
import pytest

from simulator import load_arch, load_workload
from simulator.ese.arch import bursts
from simulator.memory.dram.arch import to_clock, to_cycle
from simulator.memory.dram.memory import serve
from simulator.registry import find


def run(config, workload):
    machine = find(config.machine)
    passes = machine.part("streams").layout(config.arch, workload.layer)
    told = [machine.part("engine").run_without_output(config.arch, one) for one in passes]
    return told, machine.part("traffic").requests(config.arch, passes)


def served(asked):
    """The cycle of the machine in which the last line is there, if all are asked for as told."""
    arrival = np.array([to_clock(asked.dram, int(cycle)) for cycle in asked.cycle])
    return to_cycle(asked.dram, int(serve(asked.dram, asked.line, asked.write, arrival).done.max()))


def test_what_fills_eies_memories_is_asked_for_line_after_line():
    config = load_arch("eie", pointer_bytes=64)
    (told,), (asked,) = run(config, load_workload("nt-we", scale=0.05))
    words = told.counts.dram_words.sum()
    assert np.array_equal(asked.line, np.arange(asked.line.size))
    assert -(-4 * words // 32) <= asked.line.size < 4 * words / 32 + np.unique(asked.cycle).size
    assert not asked.write.any()
    # the last fill is the last wait: what is left of the run fits behind it
    assert asked.cycle.max() < served(asked) < told.cycles


def test_nothing_is_asked_for_where_all_fits_or_no_memory_is_modelled():
    layer = load_workload("nt-we", scale=0.05)
    ((asked,),) = (run(load_arch("eie"), layer)[1],)
    assert asked.line.size == 0
    assert run(load_arch("eie", dram="none"), layer)[1] == []
    assert run(load_arch("ese", dram="none"), load_workload("google-lstm", scale=0.05))[1] == []


@pytest.mark.parametrize("dram", ["ddr3_1600", "lpddr4_3200"])
def test_eses_channels_ask_for_every_line_that_is_counted(dram):
    config = load_arch("ese", dram=dram)
    (told,), channels = run(config, load_workload("google-lstm", scale=0.05, steps=2))
    counts = told.counts.dram_weight_lines.sum(), told.counts.dram_vector_lines.sum()
    for asked, lines in zip(channels, counts, strict=True):
        assert asked.line.size == lines * bursts(config.arch)
        assert (np.diff(asked.cycle) >= 0).all()
        assert asked.cycle.max() < served(asked) <= told.cycles
