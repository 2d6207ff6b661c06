"""Why ESE takes as long as it does: stacks are formulas of slots, free units shorten the run by what is said."""

import numpy as np
from hypothesis import given, settings
from support.lstm_layers import cases as drawn_cases
from support.paths import EXAMPLES

from simulator.core.mechanisms import Case
from simulator.core.run import chain
from simulator.machines.ese import MACHINE
from simulator.machines.ese.engine.run import run_without_output
from simulator.machines.ese.layout.ideal import any_queue
from simulator.machines.ese.layout.streams import layout
from simulator.machines.ese.model import units as model
from simulator.run.stacks import cases


def run_of(arch, passes, run=run_without_output):
    return chain([run(arch, one) for one in passes])


def by_slots(streams, cycles):
    """The sum over all slots of a step, times steps; cycles: of a slot, by its matrix (None: no product)."""
    step = sum(cycles(slot, streams.matrices.get(slot.product)) for slot in streams.slots)
    return streams.activation.shape[1] * step


@settings(max_examples=2 * EXAMPLES)
@given(drawn_cases(layers=(1, 2)))
def test_steps_are_formulas_of_the_slots(drawn):
    arch, lstm = drawn
    passes = layout(arch, lstm)
    run = run_of(arch, passes)
    mechanisms = MACHINE.mechanisms(arch)
    found = cases(mechanisms, Case(arch, lstm, passes, run.cycles, run.counts, {}))
    cycles = dict(zip([one.name for one in mechanisms], (case.cycles for case in found[1:]), strict=True))
    pipeline = arch.pipeline_cycles

    def total(product, other=1):
        def slot_cycles(slot, matrix):
            return product(matrix) if matrix is not None else other * bool(slot.element)

        return sum(by_slots(streams, slot_cycles) for streams in passes)

    def slices(matrix):
        return np.diff(matrix.pointer, axis=0)

    assert cycles["broadcast"] == total(lambda one: np.maximum(slices(one), 1).sum(axis=0).max() + 1 + pipeline)
    assert cycles["empty slices"] == total(lambda one: slices(one).sum(axis=0).max() + 1 + pipeline)
    entries, padding = total(lambda one: slices(one).sum(), 0), total(lambda one: one.padding.sum(), 0)
    assert cycles["unevenness"] == -(-entries // arch.pes) + total(lambda _: 1 + pipeline)
    assert (cycles["start and drain"], cycles["padding"]) == (
        -(-entries // arch.pes),
        -(-(entries - padding) // arch.pes),
    )
    bare = [model.run(case.arch, one).cycles for case in found[1:2] for one in case.passes]
    assert cycles["memory"] == sum(bare) <= run.cycles
    assert cycles["assembler"] >= cycles["queue"] >= cycles["broadcast"]
    for event in ("dram_weight_lines", "assembled", "multiplies"):
        assert all(getattr(case.counts, event).sum() == getattr(run.counts, event).sum() for case in found[:-1]), event


@settings(max_examples=2 * EXAMPLES)
@given(drawn_cases(layers=(1, 2)))
def test_what_is_free_shortens_the_run_by_what_is_said_and_what_has_slack_by_nothing(drawn):
    arch, lstm = drawn
    passes = layout(arch, lstm)
    run = run_of(arch, passes)
    path = MACHINE.critical_path(arch, passes)
    assert sum(span.cycles for span in path.spans) == run.cycles
    assert all(one.begin + one.cycles == other.begin for one, other in zip(path.spans, path.spans[1:], strict=False))
    for unit in path.units:
        changed = MACHINE.free_unit(arch, passes, unit.name)
        if changed is None or unit.free is None:
            assert changed is None or unit.slack == 0
            if unit.free is None:
                continue
            assert unit.free <= run.cycles or arch.dram is not None
            continue
        modelled = unit.name.startswith(("queues", "memory"))
        free = run_of(*changed, model.run if modelled else run_without_output).cycles
        assert unit.free == free, unit
        assert not unit.slack or free == run.cycles, unit
    least = path.slack.least.min(axis=0)
    slacks = {unit.name: unit.slack for unit in path.units}
    for pe, slack in enumerate(least.tolist()):  # a line of the map is a PE, as there are few
        assert slacks[f"PE {pe}"] == min(slack, run.cycles)


@given(drawn_cases(layers=(1, 2)))
def test_queues_without_end_hold_the_columns_of_every_matrix(drawn):
    arch, lstm = drawn
    passes = layout(arch, lstm)
    found = any_queue(arch._replace(queue_depth=1), passes)
    assert found.queue_depth == 1 + max(matrix.inputs for one in passes for matrix in one.matrices.values())
    assert any_queue(arch._replace(queue_depth=10**6), passes).queue_depth == 10**6
