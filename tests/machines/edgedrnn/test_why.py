"""What decides when EdgeDRNN's runs end: paths without gaps, slack to the cycle, and runs without a unit."""

import numpy as np
from hypothesis import given, settings
from support.gru_layers import cases

from simulator.core.slack_map import NEVER
from simulator.machines.edgedrnn import MACHINE
from simulator.machines.edgedrnn.engine.run import compute, layer_steps
from simulator.machines.edgedrnn.engine.timing import _entries, nominal_pushes, spent_cycles
from simulator.machines.edgedrnn.layout.streams import layout
from simulator.machines.edgedrnn.model.units import run as run_model
from simulator.machines.edgedrnn.report.entry_path import NAMES, entry_path

NOT_BY_LAYOUT = "scan"


@given(cases())
@settings(deadline=None, max_examples=120)
def test_what_is_free_shortens_the_run_by_what_is_said_and_what_has_slack_by_nothing(case):
    arch, gru = case
    passes = layout(arch, gru)
    cycles = MACHINE.run_engine(arch, *passes).cycles
    path = MACHINE.critical_path(arch, passes)
    assert sum(span.cycles for span in path.spans) == cycles
    ends = [0, *np.cumsum([span.cycles for span in path.spans]).tolist()]
    assert [span.begin for span in path.spans] == ends[:-1]
    for unit in path.units:
        if unit.name == NOT_BY_LAYOUT:
            assert MACHINE.free_unit(arch, passes, unit.name) is None
            continue
        changed, free = MACHINE.free_unit(arch, passes, unit.name)
        assert unit.free == run_model(changed, *free).cycles == MACHINE.run_engine(changed, *free).cycles, unit
        assert not unit.slack or unit.free == cycles, unit


@given(cases())
@settings(deadline=None, max_examples=60)
def test_the_path_of_a_layer_is_as_long_as_its_list_takes_and_slack_is_exact(case):
    """Each entry, each fetch and each place of the list may take its slack longer, and one cycle more is too much."""
    arch, gru = case
    (streams,) = layout(arch, gru)
    for step in layer_steps(arch, streams, compute(streams)):
        layer, timing = step.layer, step.timing
        path = entry_path(arch, layer, timing)
        spent = spent_cycles(arch, layer, timing.entry, timing.is_change)
        assert path.begin[0] == 0
        assert (np.diff(path.begin, append=timing.end[-1]) >= 0).all()
        beats = np.diff(path.begin, append=timing.end[-1])[path.what == NAMES.index("beats")].sum()
        assert beats <= spent[timing.is_change].sum()
        for place, slack in enumerate(path.slack.tolist()):
            for more in (slack, slack + 1):
                longer = spent.copy()
                longer[place] += more
                assert (_end(arch, layer, timing, longer) == timing.end[-1]) == (more == slack), (place, more)


def _end(arch, layer, timing, spent):
    """When the last entry ends."""
    times = np.zeros((5, len(spent)), np.int64)
    nominal = nominal_pushes(arch, layer, timing.entry)
    _entries(nominal, timing.is_change, spent, arch.list_depth, arch.fetch_cycles, times)
    return times[4, -1]


@given(cases())
@settings(deadline=None, max_examples=60)
def test_the_slack_of_a_pe_is_that_of_the_columns_in_which_it_has_least(case):
    arch, gru = case
    (streams,) = passes = layout(arch, gru)
    found = MACHINE.critical_path(arch, passes)
    least = np.full(arch.pes, NEVER)
    for step in layer_steps(arch, streams, compute(streams)):
        slack = entry_path(arch, step.layer, step.timing).slack
        for place in np.flatnonzero(step.timing.is_change):
            column = step.timing.entry[place]
            spare = (step.layer.beats[column] - step.layer.multiplies[column]) * arch.beat_cycles
            least = np.minimum(least, spare + slack[place])
    slacks = {unit.name: unit.slack for unit in found.units}
    cycles = MACHINE.run_engine(arch, streams).cycles
    assert [slacks[f"PE {pe}"] for pe in range(arch.pes)] == np.minimum(least, cycles).tolist()
    assert found.slack.least.min(axis=0).tolist() == least.tolist()  # a line of the map is a PE, as there are few
