"""Why the machine for pairs takes as long as it does: steps by formulas."""

from hypothesis import given
from hypothesis import strategies as st
from support.points_machines import case
from support.why_laws import cycles_by_step

from simulator.machines.points import MACHINE
from simulator.machines.points.engine import run as engine
from simulator.machines.points.model import units as model


@given(st.integers(0, 1 << 30))
def test_steps_are_runs_without_what_they_leave_out(seed):
    arch, streams = case(seed, buffers=64)
    layer, passes = streams.layer, (streams,)
    run = engine.run(arch, streams)
    cycles, last = cycles_by_step(MACHINE, arch, layer, passes, run)
    deep, wide = -(-layer.inputs // arch.rows), -(-layer.outputs // arch.columns)
    fast = arch._replace(dram_bits_per_kcycle=1 << 40)
    assert abs(cycles["memory"] - model.run(fast, streams).cycles) <= 3 * streams.blocks
    known = streams._replace(layer=layer._replace(shares_map=True))
    assert abs(cycles["mapping"] - model.run(fast, known).cycles) <= 3 * streams.blocks
    assert cycles["pipeline"] == int(run.reasons.multiply[0] + run.reasons.load_wait[0])
    assert cycles["loads"] == int(run.reasons.multiply[0])
    assert cycles["empty rows"] == layer.book.pairs * deep * wide
    assert cycles["fragmentation"] == -(-layer.multiplies // (arch.rows * arch.columns))
    assert int(last.counts.gated.sum()) == 0
    assert list(cycles.values()) == sorted(cycles.values(), reverse=True)
