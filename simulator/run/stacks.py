"""A run's cycle stack: the machine's mechanisms made ideal one after the other, each step exact."""

from collections.abc import Sequence
from itertools import pairwise
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


def mechanisms_of(config: Config) -> Sequence[Mechanism]:
    """Those that the machine of a configuration declares. InputError where it declares none."""
    found = find(config.machine).mechanisms(config.arch)
    if not found:
        refuse(config.name, f"machine {config.machine} declares no mechanisms", "a machine that does, as eie")
    return found


def stack_run(config: Config, layer: Any, passes: Sequence[Any], run: Run) -> CycleStack:
    """The stack of a run of a layer. InputError where the machine declares no mechanisms.

    passes: what `Machine.layout` made of the layer; run: all of them, one after the other. Energy is priced by the
    configuration as it is, flat: None where its DRAM is priced by a data sheet.
    """
    mechanisms = mechanisms_of(config)
    case = Case(config.arch, layer, tuple(passes), run.cycles, run.counts, {})
    found = cases(mechanisms, case)
    alone = _alone(mechanisms, found)
    energies = [_energy(config, one) for one in found]
    last = mechanisms[-1]
    parts = [StackPart(WORK, last.ideal, "", last.how, found[-1].cycles, energies[-1])]
    for place in range(len(mechanisms) - 1, -1, -1):
        before, after = energies[place], energies[place + 1]
        saved = None if before is None or after is None else before - after
        name, about, ideal, how, *_ = mechanisms[place]
        cycles = found[place].cycles - found[place + 1].cycles
        parts.append(StackPart(name, about, ideal, how, cycles, saved, alone[place]))
    runs = sum(one is not other for one, other in pairwise(found))
    return CycleStack(tuple(parts), 1 + runs + sum(one is not None for one in alone[1:]))


def _alone(mechanisms: Sequence[Mechanism], found: Sequence[Case]) -> list[int | None]:
    """What the run as it is gains without each mechanism only; None where that is not simulated."""
    gained: list[int | None] = [found[0].cycles - found[1].cycles if mechanisms[0].alone else None]
    for mechanism in mechanisms[1:]:
        gained.append(found[0].cycles - mechanism.idealise(found[0]).cycles if mechanism.alone else None)
    return gained


def _energy(config: Config, case: Case) -> float | None:
    if config.technology.dram_energy != FLAT:
        return None
    units = find(config.machine).units(config.arch)
    return by_component(price(totals(case.counts), case.cycles, units, config.technology))[TOTAL]
