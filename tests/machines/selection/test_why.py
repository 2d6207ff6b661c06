"""Why a run of the selection unit takes as long as it does: each mechanism against formulas."""

from hypothesis import given
from support.gradients import PLAIN, layers, machines
from support.gradients import given as written
from support.why_laws import cycles_by_step

from simulator.machines.selection import MACHINE
from simulator.machines.selection.engine import run as engine
from simulator.machines.selection.layout import layout


@given(machines, layers)
def test_mechanisms_never_add_cycles_and_leave_two_passes(arch, layer):
    passes = layout(layer)
    run = engine.run(arch, *passes)
    left, last = cycles_by_step(MACHINE, arch, layer, passes, run)
    found = [run.cycles, *left.values()]
    assert found == sorted(found, reverse=True)
    assert last.cycles == 2 * -(-layer.elements // arch.lanes)


def test_each_part_of_a_run():
    """Four beats: waits for the memory and the queue, one pass too many, two candidates in a beat, four pairs."""
    layer = written([9, 8, 0, 0, 0, 7, 0, 6.9], 4, stride=4, samples=2, start=1)
    passes, arch = layout(layer), PLAIN._replace(dram_bytes_per_cycle=20, insert_cycles=3)
    run = engine.run(arch, *passes)
    left, _ = cycles_by_step(MACHINE, arch, layer, passes, run)
    # 8 passes 2 of 4; 6.4 passes 4: two comparing passes, each with one beat of two candidates
    stream = 4 + 2 * (4 + 1)
    assert left["samples"] == stream + 4
    assert left["encoder"] == stream
    assert left["candidates"] == 4 + 2 * 4
    assert left["thresholds"] == 8
    assert run.cycles > left["memory"] > left["samples"]
