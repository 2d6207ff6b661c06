"""What single changes bring: one step in each key of a configuration, layers in another order or with fewer weights."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from simulator.config.architecture import limits_of
from simulator.config.load import Config, load_arch
from simulator.core.mechanisms import Rearrangement, Repruning
from simulator.core.registry import find
from simulator.hardware.component import Component
from simulator.results.result import Result
from simulator.results.text import counted
from simulator.results.why import Change, LayerWhy
from simulator.run.executor import load_for
from simulator.run.simulate import simulate
from workloads.errors import InputError
from workloads.study import Progress
from workloads.workload import Layer, Workload

ROW_ORDER, PRUNING = "row order", "pruning"
OTHER_NUMBERS = "the layer is compressed to other numbers"

T = TypeVar("T")


class Explained(NamedTuple):
    """A layer that ran, and why it took as long."""

    why: LayerWhy
    result: Result
    workload: Workload
    notes: tuple[str, ...]


Ran = Sequence[tuple[Layer | None, Explained]]


class Step(NamedTuple):
    """A number or a component of the architecture, and the next one to try."""

    key: str
    before: int | str
    after: int | str


def next_steps(config: Config) -> list[Step]:
    """A step in each key of a configuration that may change.

    Twice as much of a number, or half of what delays; a flag flips; the next faster memory, the next smaller format.
    """
    machine, found = find(config.machine), []
    unused = machine.unused(config.arch)
    for key, limit in limits_of(machine).items():
        if key in unused or key in machine.prices_only:
            continue
        if isinstance(limit, Component):
            before = str(config.written[key])
            better = limit.next_better(before)
            found += [] if better is None else [Step(key, before, better)]
            continue
        (least, most), value = limit, int(getattr(config.arch, key))
        after = next_value(value, least, most, key in machine.delays)
        if after is not None:
            found.append(Step(key, value, after))
    return found


def next_value(value: int, least: int, most: int, delays: bool) -> int | None:
    """The next number within limits, in the better direction where there is one, else in the other; None: no other."""
    if most - least == 1:
        return least + most - value
    lower, higher = max(least, value // 2), min(most, max(1, 2 * value))
    wanted = (lower, higher) if delays else (higher, lower)
    return next((one for one in wanted if one != value), None)


def find_changes(config: Config, ran: Ran, say: Progress, announce: Progress) -> tuple[list[Change], list[str]]:
    """Changes, the most saved cycles first, and sentences about those that the machine refuses.

    ran: layers with what is known of them. announce: gets a sentence with the number of runs, say: one before each.
    """
    machine = find(config.machine)
    steps = next_steps(config)
    orders = _firsts(ran, lambda layer: machine.rearrange(config.arch, layer))
    prunings = _firsts(ran, lambda layer: machine.reprune(config.arch, layer))
    whole = len(steps) + bool(orders) + bool(prunings)
    announce(f"what if: {counted(whole, 'change')}, {counted(whole * len(ran), 'run')} (--no-what-if leaves them out)")
    changes, impossible = [], []
    for number, step in enumerate(steps, 1):
        say(f"what if {step.key} = {step.after} ({number} of {whole})")
        try:
            changes.append(_try(config, ran, step))
        except InputError as error:
            impossible.append(f"{step.key} = {step.after}: {error}")
    if orders:
        say(f"what if {ROW_ORDER}")
        changes.append(_reorder(config, ran, orders))
    if prunings:
        say(f"what if {PRUNING}")
        changes.append(_reprune(config, ran, prunings))
    return sorted(changes, key=lambda change: -change.cycles_saved), impossible


def _try(config: Config, ran: Ran, step: Step) -> Change:
    """A change, simulated on all layers. InputError where the machine refuses it, or a layer with it."""
    changed = load_arch(config.file, **{**config.changes, step.key: step.after})
    machine = find(config.machine)
    formats = machine.formats(changed.arch)
    same = repr(sorted(formats.items())) == repr(sorted(machine.formats(config.arch).items()))
    results = [
        simulate(changed, made.workload if same or layer is None else load_for(changed, layer), output=False)
        for layer, made in ran
    ]
    return _change(ran, results, step.key, (step.before, step.after), "" if same else OTHER_NUMBERS)


def _change(ran: Ran, results: Sequence[Result], key: str, values: tuple[object, object], note: str) -> Change:
    before = [made.result for _, made in ran]
    cycles = sum(one.cycles for one in results)
    areas = before[0].area_mm2, results[0].area_mm2
    return Change(
        key,
        *values,
        cycles=cycles,
        cycles_saved=sum(one.cycles for one in before) - cycles,
        time_saved_us=math.fsum(one.time_us for one in before) - math.fsum(one.time_us for one in results),
        energy_saved_pj=math.fsum([*(_energy(one) for one in before), *(-_energy(one) for one in results)]),
        area_added_mm2=None if areas[0] is None or areas[1] in (None, areas[0]) else areas[1] - areas[0],
        note=note,
    )


def _energy(result: Result) -> float:
    return result.energy_pj["total"]


def _firsts(ran: Ran, make: Callable[[Any], Sequence[T]]) -> list[tuple[int, T]]:
    """The first that is made of each compressed layer, with the layer's number."""
    return [(number, one) for number, (_, made) in enumerate(ran) for one in make(made.workload.layer)[:1]]


def _reorder(config: Config, ran: Ran, orders: Sequence[tuple[int, Rearrangement]]) -> Change:
    """All layers in their other order, simulated; RuntimeError where an output is another one."""
    results = [made.result for _, made in ran]
    bound = sum(made.result.cycles for _, made in ran)
    for number, order in orders:
        workload = ran[number][1].workload
        results[number] = simulate(config, workload._replace(layer=order.layer), output=True)
        check_order(config, workload, order, results[number])
        bound += order.bound - ran[number][1].result.cycles
    note = f"{orders[0][1].about}; no order takes less than {counted(bound, 'cycle')}; the output holds the same bits"
    return _change(ran, results, ROW_ORDER, ("as given", orders[0][1].name), note)


def check_order(config: Config, workload: Workload, order: Rearrangement, reordered: Result) -> None:
    """Refuse an order that changes the output: RuntimeError."""
    plain = simulate(config, workload, output=True).run.output
    undone = np.empty_like(plain)
    undone[order.order] = reordered.run.output
    if not np.array_equal(undone, plain):
        raise RuntimeError(f"{config.machine}: {order.name} changes the output of {workload.layer.name}")


def _reprune(config: Config, ran: Ran, prunings: Sequence[tuple[int, Repruning]]) -> Change:
    """All layers with fewer weights, simulated, and how far that moves their outputs on the given inputs."""
    results, moved = [made.result for _, made in ran], list[float]()
    for number, pruning in prunings:
        workload = ran[number][1].workload
        results[number] = simulate(config, workload._replace(layer=pruning.layer), output=True)
        before, after = simulate(config, workload, output=True).run.output, results[number].run.output
        size = float(np.linalg.norm(before.astype(np.float64)))
        moved.append(float(np.linalg.norm(after.astype(np.float64) - before)) / size if size else 0.0)
    removed = sum(one.removed for _, one in prunings)
    share = removed / sum(one.weights for _, one in prunings)  # of layers that lose some
    layers = "the output moves" if len(moved) == 1 else "outputs of the layers move"
    how = f"by {'' if len(moved) == 1 else 'up to '}{max(moved):.2g} of {'its' if len(moved) == 1 else 'their'} norm"
    note = f"{prunings[0][1].about}: {counted(removed, 'weight')} ({100 * share:.3g} %); {layers} {how}"
    return _change(ran, results, PRUNING, ("as given", prunings[0][1].name), note)
