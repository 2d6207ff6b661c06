"""Why a dense machine takes as long as it does: formulas, slack of tiles, and runs without a tile or without loads."""

import numpy as np
from hypothesis import given
from support.dense_machines import machines
from support.scnn_layers import drawn_layers
from support.why_laws import check_free_units, cycles_by_step

from simulator.core.slack_map import NEVER
from simulator.machines.dense import MACHINE, engine, model
from simulator.machines.dense.layout import layout


@given(machines, drawn_layers)
def test_steps_are_runs_without_loads_and_formulas(arch, layer):
    passes = layout(arch, layer)
    run = engine.run(arch, *passes)
    cycles, _ = cycles_by_step(MACHINE, arch, layer, passes, run)
    changed, free = MACHINE.free_unit(arch, passes, "memory")
    assert cycles["memory"] == model.run(changed, *free).cycles
    dots, each = run.counts.dot_products, arch.pes * arch.multipliers
    assert (cycles["barriers"], cycles["unevenness"]) == (dots.max(), -(-dots.sum() // arch.pes))
    assert cycles["fragmentation"] == -(-layer.dense_operations // 2 // each)
    gated = model.run(arch._replace(gate_zeros=1), *passes).counts  # which are counted pair by pair
    assert cycles["zeros"] == -(-gated.multiplies.sum() // each)


@given(machines, drawn_layers)
def test_what_is_free_shortens_the_run_by_what_is_said_and_what_has_slack_by_nothing(arch, layer):
    passes = layout(arch, layer)
    run = engine.run(arch, *passes)
    path = MACHINE.critical_path(arch, passes)
    check_free_units(MACHINE, arch, passes, run, path, engine)
    (streams,) = passes
    busy = engine.busy_cycles(streams)
    spare = np.maximum(busy.max(axis=1), np.append(streams.load_cycles[1:], 0))[:, None] - busy
    expected = np.where(busy > 0, spare, NEVER).min(axis=0)
    assert path.slack.least.min(axis=0).tolist() == expected.tolist()  # a line of the map is a PE, as there are few
