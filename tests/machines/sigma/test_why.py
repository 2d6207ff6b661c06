"""Why SIGMA takes as long as it does: steps by formulas, and runs without loads or DRAM."""

from hypothesis import given
from support.sigma_machines import machines, products
from support.why_laws import check_free_units, cycles_by_step

from simulator.machines.sigma import MACHINE, engine
from simulator.machines.sigma.layout import layout
from simulator.machines.sigma.model import units as model


@given(machines, products)
def test_steps_are_runs_without_what_they_leave_out(arch, layer):
    passes = layout(arch, layer)
    run = engine.run(arch, *passes)
    cycles, _ = cycles_by_step(MACHINE, arch, layer, passes, run)
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
    check_free_units(MACHINE, arch, passes, run, path, model)
