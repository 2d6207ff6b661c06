"""Why SIGMA takes as long as it does: steps by formulas, and runs without loads or DRAM."""

from hypothesis import given
from support.sigma_machines import machines, products

from simulator.core.mechanisms import Case
from simulator.machines.sigma import MACHINE, engine
from simulator.machines.sigma.layout import layout
from simulator.machines.sigma.model import units as model
from simulator.run.stacks import cases


@given(machines, products)
def test_steps_are_runs_without_what_they_leave_out(arch, layer):
    passes = layout(arch, layer)
    run = engine.run(arch, *passes)
    mechanisms = MACHINE.mechanisms(arch)
    found = cases(mechanisms, Case(arch, layer, passes, run.cycles, run.counts, {}))
    cycles = dict(zip((one.name for one in mechanisms), (case.cycles for case in found[1:]), strict=True))
    near = arch._replace(wait_for_dram=0)
    assert cycles["memory"] == model.run(near, *layout(near, layer)).cycles
    assert cycles["loads"] - cycles["drain"] == arch.latency
    assert cycles["drain"] == int(run.reasons.broadcast.sum())
    quick = near._replace(port_bits=1 << 20)
    columns = model.run(quick, *layout(quick, layer)).reasons
    assert cycles["port"] == int(columns.broadcast.sum())
    assert cycles["empty columns"] == cycles["port"] - int(columns.no_product.max())
    pairs, slots = int(run.counts.multiplies.sum()), int(run.counts.multiplies.sum() + run.counts.gated.sum())
    assert (cycles["fragmentation"], cycles["zeros"]) == (-(-slots // arch.size), -(-pairs // arch.size))
    assert list(cycles.values()) == sorted(cycles.values(), reverse=True)


@given(machines, products)
def test_what_is_free_shortens_the_run_by_what_is_said_and_what_has_slack_by_nothing(arch, layer):
    passes = layout(arch, layer)
    run = engine.run(arch, *passes)
    path = MACHINE.critical_path(arch, passes)
    assert sum(span.cycles for span in path.spans) == run.cycles
    for unit in path.units:
        changed, free = MACHINE.free_unit(arch, passes, unit.name)
        cycles = model.run(changed, *free).cycles
        assert unit.free == cycles, unit
        assert not unit.slack or cycles == run.cycles, unit
