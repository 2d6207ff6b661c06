"""Why EIE takes as long as it does: stacks add up, units with slack change nothing, free units what is said."""

import numpy as np
from hypothesis import given, settings
from support.layers import drawn_layers, machines
from support.paths import EXAMPLES

from simulator.core.mechanisms import Case, PathSpan, critical_pes
from simulator.core.run import chain
from simulator.core.slack_map import NEVER
from simulator.machines.eie import MACHINE, engine, model
from simulator.machines.eie.layout.streams import layout
from simulator.run.stacks import cases
from workloads.compression.columns import Columns


def run_of(arch, passes, runner=engine):
    return chain([runner.run(arch, one) for one in passes])


def stack_of(arch, layer):
    passes = layout(arch, layer)
    run = run_of(arch, passes)
    return cases(MACHINE.mechanisms(arch), Case(arch, layer, passes, run.cycles, run.counts, {}))


def without_columns(layer):
    """The layer without the columns of zero activations, and without a bias' column of its own."""
    kept, widths = layer.activation != 0, np.diff(layer.columns.start)
    entries = np.repeat(kept, widths)
    columns = Columns(
        np.concatenate([[0], np.cumsum(widths[kept])]), layer.columns.row[entries], layer.columns.code[entries]
    )
    return layer._replace(columns=columns, activation=layer.activation[kept], inputs=int(kept.sum()), has_bias=False)


def without_rows(layer, pe, pes):
    """The layer without the weights of a PE's rows."""
    kept = layer.columns.row % pes != pe
    column = np.repeat(np.arange(layer.activation.size), np.diff(layer.columns.start))[kept]
    start = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=layer.activation.size))])
    return layer._replace(columns=Columns(start, layer.columns.row[kept], layer.columns.code[kept]))


@settings(max_examples=3 * EXAMPLES)
@given(machines, drawn_layers)
def test_simulated_steps_are_what_the_model_runs_and_the_others_formulas(arch, layer):
    found = stack_of(arch, layer)
    named = dict(zip(["run", *(one.name for one in MACHINE.mechanisms(arch))], found, strict=True))
    for name in ("memory", "batching", "queue"):
        case = named[name]
        run = run_of(case.arch, case.passes, model)
        assert (run.cycles, run.counts.entries.sum()) == (case.cycles, case.counts.entries.sum()), name
    if layer.activation.any():
        free = named["scan"].arch._replace(spmat_bytes=1 << 20, pointer_bytes=1 << 20, scale_bytes=1 << 20)
        assert run_of(free, layout(free, without_columns(layer)), model).cycles == named["scan"].cycles
    (streams,) = named["scan"].passes
    slices = np.diff(streams.pointer, axis=0)
    fixed = (2 + arch.pipeline_stages) * bool(len(slices))
    assert len(slices) == np.count_nonzero(layer.activation)
    assert named["broadcast"].cycles == np.maximum(slices, 1).sum(axis=0).max() + fixed
    assert named["empty slices"].cycles == slices.sum(axis=0).max() + fixed
    entries, padding = slices.sum(), streams.padding.sum()
    assert named["unevenness"].cycles == -(-entries // arch.pes) + fixed
    assert named["start and drain"].cycles == -(-entries // arch.pes)
    assert named["padding"].cycles == -(-(entries - padding) // arch.pes)
    widths = np.diff(layer.columns.start)[layer.activation != 0]
    assert entries - padding == widths.sum()


@given(machines, drawn_layers)
def test_a_machine_without_a_mechanism_has_no_part_of_it(arch, layer):
    found = stack_of(arch._replace(queue_depth=10**4, dram=None, batching=0), layer)
    names = ["run", *(one.name for one in MACHINE.mechanisms(arch))]
    cycles = {name: case.cycles for name, case in zip(names, found, strict=True)}
    assert cycles["queue"] == cycles["batching"] == cycles["memory"]
    single = stack_of(arch._replace(pes=1, index_bits=8), layer._replace(scales=None))
    cycles = {name: case.cycles for name, case in zip(names, single, strict=True)}
    assert cycles["unevenness"] == cycles["empty slices"]


@settings(max_examples=3 * EXAMPLES)
@given(machines, drawn_layers)
def test_what_is_free_shortens_the_run_by_what_is_said_and_what_has_slack_by_nothing(arch, layer):
    passes = layout(arch, layer)
    run = run_of(arch, passes)
    path = MACHINE.critical_path(arch, passes)
    ends = np.cumsum([span.cycles for span in path.spans])
    assert [span.begin for span in path.spans] == [0, *ends[:-1]][: len(path.spans)]
    assert sum(span.cycles for span in path.spans) == run.cycles
    for unit in path.units:
        changed = MACHINE.free_unit(arch, passes, unit.name)
        if changed is not None:
            free = run_of(*changed, model if unit.name in ("queues", "memory") else engine).cycles
            assert unit.free == free, unit
            assert free <= run.cycles or arch.dram is not None
            assert not unit.slack or free == run.cycles, unit
        elif unit.free is not None:
            assert unit.free <= run.cycles


@given(machines, drawn_layers)
def test_a_free_pe_is_a_layer_without_its_rows(arch, layer):
    arch = arch._replace(spmat_bytes=1 << 20, pointer_bytes=1 << 20, scale_bytes=1 << 20)
    for unit in MACHINE.critical_path(arch, layout(arch, layer)).units:
        if unit.name.startswith("PE "):
            others = without_rows(layer, int(unit.name.removeprefix("PE ")), arch.pes)
            assert unit.free == run_of(arch, layout(arch, others), model).cycles, unit


def test_a_pe_on_the_path_may_have_slack():
    """It only takes a column out of its queue."""
    path = [PathSpan(0, 1, "broadcast", ""), PathSpan(1, 1, "queue", "PE 0"), PathSpan(2, 5, "entries", "PE 2")]
    assert critical_pes(np.array([1, 0, 0]), path) == [2, 1]


@given(machines, drawn_layers)
def test_a_pe_without_slack_lengthens_the_run_with_one_more_entry(arch, layer):
    """A PE's slack is 0 exactly where a slice that takes a cycle more lengthens the run."""
    arch = arch._replace(dram=None)
    passes = layout(arch, layer)
    units = {unit.name: unit for unit in MACHINE.critical_path(arch, passes).units}
    cycles = run_of(arch, passes).cycles
    for pe in range(arch.pes):
        longest = cycles
        for number, streams in enumerate(passes):
            for column in np.flatnonzero(streams.activation):
                pointer = streams.pointer.copy()
                full = pointer[column + 1, pe] > pointer[column, pe]
                pointer[column + 1 :, pe] += 1 if full else 2
                others = [*passes[:number], streams._replace(pointer=pointer), *passes[number + 1 :]]
                longest = max(longest, sum(engine.time_pass(arch, one).cycles for one in others))
        assert (longest == cycles) == (units[f"PE {pe}"].slack > 0), pe


@settings(max_examples=EXAMPLES // 2)
@given(machines, drawn_layers)
def test_the_slack_over_time_is_what_slices_may_take_longer(arch, layer):
    """Every slice of an interval may take the interval's slack longer, and one of them no cycle more."""
    arch = arch._replace(dram=None)
    passes = layout(arch, layer)
    found = MACHINE.critical_path(arch, passes).slack
    cycles = run_of(arch, passes).cycles
    assert (found.cycles, found.pes) == (cycles, arch.pes)
    longer, first = {}, 0
    for number, streams in enumerate(passes):
        plan = engine.time_pass(arch, streams)
        for part in plan.segments:
            for (i, pe), begin in np.ndenumerate(part.begin):
                time = (first + part.start + int(begin)) * len(found.least) // cycles
                slack = int(found.least[time, pe * found.least.shape[1] // arch.pes])
                ends = []
                for more in (slack, slack + 1):
                    pointer = streams.pointer.copy()
                    column = part.column[i]
                    pointer[column + 1 :, pe] += more + int(more and pointer[column + 1, pe] == pointer[column, pe])
                    others = [*passes[:number], streams._replace(pointer=pointer), *passes[number + 1 :]]
                    ends.append(sum(engine.time_pass(arch, one).cycles for one in others))
                assert ends[0] == cycles
                longer[time, pe] = longer.get((time, pe), False) or ends[1] > cycles
        first += plan.cycles
    assert all(longer.values())
    assert np.count_nonzero(found.least != NEVER) == len(longer)
