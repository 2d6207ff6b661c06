"""The laws of why a run takes as long as it does, for tests of each machine."""

from simulator.core.mechanisms import Case
from simulator.run.stacks import cases


def cycles_by_step(machine, arch, layer, passes, run):
    """The cycles that are left after each mechanism was made ideal, by name; and the last case."""
    mechanisms = machine.mechanisms(arch)
    found = cases(mechanisms, Case(arch, layer, passes, run.cycles, run.counts, {}))
    return dict(zip((one.name for one in mechanisms), (case.cycles for case in found[1:]), strict=True)), found[-1]


def check_free_units(machine, arch, passes, run, path, runner):
    """The path covers the run; what is free shortens it by what is said, and what has slack by nothing."""
    assert sum(span.cycles for span in path.spans) == run.cycles
    for unit in path.units:
        changed, free = machine.free_unit(arch, passes, unit.name)
        cycles = runner.run(changed, *free).cycles
        assert unit.free == cycles, unit
        assert not unit.slack or cycles == run.cycles, unit
