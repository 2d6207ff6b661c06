"""Why Eyeriss v2 takes as long as it does: mechanisms against runs and counts of the model, spans of the path."""

from hypothesis import given
from support.convolutions import drawn_convolutions
from support.eyeriss import machines
from support.why_laws import cycles_by_step

from simulator.machines.eyeriss_v2 import MACHINE
from simulator.machines.eyeriss_v2.engine import run as engine
from simulator.machines.eyeriss_v2.layout.streams import layout
from simulator.machines.eyeriss_v2.model import units as model


@given(machines, drawn_convolutions)
def test_steps_are_runs_and_counts_of_the_model(arch, layer):
    passes = layout(arch, layer)
    run = model.run(arch, *passes)
    cycles, _ = cycles_by_step(MACHINE, arch, layer, passes, run)
    waits = run.reasons
    assert cycles["memory"] == run.cycles - waits.memory_wait[0]
    assert cycles["mesh"] == cycles["memory"] - waits.mesh_wait[0]
    assert cycles["filling the pipeline"] == cycles["mesh"] - waits.fill[0]
    ideal = arch._replace(ideal_mesh=1, fill_cycles=0, bubble=0)  # the same passes, as the layout is given
    assert cycles["bubbles"] == model.run(ideal, *passes).cycles
    words, multiplies = run.counts.weight_reads, run.counts.multiplies.sum()
    assert (cycles["barriers"], cycles["unevenness"]) == (words.max(), -(-words.sum() // arch.pes))
    assert cycles["odd columns"] == -(-multiplies // (arch.pes * arch.simd))


@given(machines, drawn_convolutions)
def test_the_path_covers_the_run_and_what_has_slack_decides_nothing(arch, layer):
    passes = layout(arch, layer)
    run = engine.run(arch, *passes)
    path = MACHINE.critical_path(arch, passes)
    assert [span.begin for span in path.spans[1:]] == [one.begin + one.cycles for one in path.spans[:-1]]
    assert sum(span.cycles for span in path.spans) == run.cycles
    on_path = {what for what, _ in path.cycles_by()}
    for unit in path.units:
        assert 0 <= unit.free <= run.cycles
        assert not unit.slack or unit.name not in on_path
        assert not unit.slack or unit.free == run.cycles


@given(machines, drawn_convolutions)
def test_tables_count_all_passes_and_cycles(arch, layer):
    (streams,) = layout(arch, layer)
    run = engine.run(arch, streams)
    mapping, deciding = MACHINE.tables(arch, (streams,))
    assert dict(mapping.rows)["passes"] == len(list(streams.passes(arch)))
    assert sum(passes for _, passes, _ in deciding.rows[:-1]) == dict(mapping.rows)["passes"]
    waited = run.cycles - sum(cycles for _, _, cycles in deciding.rows)
    assert waited == 0
