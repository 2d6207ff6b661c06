"""Every cycle of every unit has exactly one reason, on each machine, model and engine alike."""

import numpy as np
import pytest
from support.configurations import EVERY_CONFIGURATION, small

from simulator.core.registry import find
from simulator.run.simulate import simulate

MANY = 10**6


@EVERY_CONFIGURATION
@pytest.mark.parametrize("engine", ["numba", "simpy"])
def test_the_reasons_of_a_unit_add_up_to_the_run(config, engine):
    """A number for each unit of a kind: its reasons, added up, are the run's cycles, the length of its trace."""
    result = simulate(config, small(config), engine=engine, trace_cycles=MANY)
    machine, run = find(config.machine), result.run
    kinds = np.array([track.kind for track in machine.tracks(config.arch)])
    assert set(kinds) == set(machine.reason_units)
    assert run.trace.shape == (kinds.size, run.cycles)
    for kind, names in machine.reason_units.items():
        spent = sum(getattr(run.reasons, name) for name in names)
        np.testing.assert_array_equal(spent, np.full(np.count_nonzero(kinds == kind), run.cycles))
    named = [name for names in machine.reason_units.values() for name in names]
    assert sorted(named) == sorted(run.reasons._fields)


@EVERY_CONFIGURATION
def test_working_letters_are_the_cycles_of_working_reasons(config):
    """What a track calls work is what the trace shows: no unit works in a cycle that a waiting reason counts."""
    result = simulate(config, small(config), trace_cycles=MANY)
    machine, run = find(config.machine), result.run
    for row, track in zip(run.trace, machine.tracks(config.arch), strict=True):
        letters = {chr(code) for code in np.unique(row)}
        assert letters <= {letter.value for letter in track.letters}
        assert set(track.working) <= {letter.value for letter in track.letters}
