"""A run's cycle stack: the machine's mechanisms made ideal one after the other, each step exact."""

from collections.abc import Sequence
from typing import Any

from simulator.config.load import Config
from simulator.core.mechanisms import Case, Mechanism
from simulator.core.registry import find
from simulator.core.run import Run, totals
from simulator.pricing.energy import by_component, price
from simulator.pricing.technology import FLAT, TOTAL
from simulator.results.stacks import WORK, CycleStack, StackPart
from workloads.errors import refuse


def cases(mechanisms: Sequence[Mechanism], case: Case) -> list[Case]:
    """The case as it is, then with the first mechanism ideal, with the first two, and so on."""
    found = [case]
    for mechanism in mechanisms:
        found.append(mechanism.idealise(found[-1]))
    return found


def stack_run(config: Config, layer: Any, passes: Sequence[Any], run: Run) -> CycleStack:
    """The stack of a run of a layer. InputError where the machine declares no mechanisms.

    passes: what `Machine.layout` made of the layer; run: all of them, one after the other. Energy is priced by the
    configuration as it is, flat: None where its DRAM is priced by a data sheet.
    """
    machine = find(config.machine)
    mechanisms = machine.mechanisms(config.arch)
    if not mechanisms:
        refuse(config.name, f"machine {machine.name} declares no mechanisms", "a machine that does, as eie")
    found = cases(mechanisms, Case(config.arch, layer, tuple(passes), run.cycles, run.counts, {}))
    energies = [_energy(config, case) for case in found]
    work = StackPart(WORK, f"{mechanisms[-1].ideal}", "", mechanisms[-1].how, found[-1].cycles, energies[-1])
    parts = [work]
    for place in range(len(mechanisms) - 1, -1, -1):
        before, after = energies[place], energies[place + 1]
        saved = None if before is None or after is None else before - after
        name, about, ideal, how, _ = mechanisms[place]
        parts.append(StackPart(name, about, ideal, how, found[place].cycles - found[place + 1].cycles, saved))
    return CycleStack(tuple(parts), 1 + sum(one is not other for one, other in zip(found, found[1:], strict=False)))


def _energy(config: Config, case: Case) -> float | None:
    if config.technology.dram_energy != FLAT:
        return None
    units = find(config.machine).units(config.arch)
    return by_component(price(totals(case.counts), case.cycles, units, config.technology))[TOTAL]
