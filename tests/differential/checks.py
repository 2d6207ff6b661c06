"""What must hold of a run on both twins: equality, the kernel's output, and laws that any machine obeys."""

import math
import sys

import numpy as np

from simulator.core.registry import find
from simulator.core.run import first_difference, totals
from simulator.pricing.energy import STATIC
from simulator.run.simulate import simulate
from workloads import kinds

MANY = sys.maxsize


MOST_MULTIPLIES = 100_000
"""Of a run: models compute each product in whole numbers of any size."""


class TooLongError(Exception):
    """A run that the model would take too long for."""


def difference(config, workload, kernel, most_steps):
    """Where a run breaks a law, in a sentence; None: nowhere. TooLongError, before the model runs.

    kernel: int16 [outputs of the run], of the kind's kernel. most_steps: of units times cycles.
    """
    engine = simulate(config, workload, engine="numba")
    rows = len(find(config.machine).tracks(config.arch)) or sum(engine.units.values())
    if engine.run.cycles * rows > most_steps or engine.figures["multiplies"] > MOST_MULTIPLIES:
        raise TooLongError
    engine = simulate(config, workload, engine="numba", trace_cycles=MANY)
    model = simulate(config, workload, engine="simpy", trace_cycles=MANY)
    lean = simulate(config, workload, engine="numba", trace_cycles=MANY, output=False)
    twins = first_difference(model.run, engine.run)
    if twins is not None:
        return f"model against engine: {twins}"
    if not np.array_equal(engine.run.output, kernel):
        return "output: model and engine agree, but not with the reference kernel"
    without = first_difference(lean.run._replace(output=engine.run.output), engine.run)
    if without is not None:
        return f"without output against with it: {without}"
    return next(filter(None, (law(engine) for law in LAWS)), None)


def counts_are_counts(result):
    """Counts and reasons are int64 and not negative."""
    for name, array in (*result.run.counts._asdict().items(), *result.run.reasons._asdict().items()):
        if array.dtype != np.int64 or (array < 0).any():
            return f"{name} is {array.dtype} and at least {array.min(initial=0)}"
    return None


def reasons_fill_cycles(result):
    """The reasons of a unit add up to the run's cycles, and each is as long as its letters in the trace."""
    machine, run = find(result.config.machine), result.run
    for kind, names in machine.reason_units.items():
        spent = sum(getattr(run.reasons, name) for name in names)
        if (spent != run.cycles).any():
            return f"the reasons of {kind} add up to {spent.tolist()} in {run.cycles} cycles"
    tracks = machine.tracks(result.config.arch)
    if tracks and run.trace.shape != (len(tracks), run.cycles):
        return f"the trace is {run.trace.shape} of {len(tracks)} units and {run.cycles} cycles"
    for track, row in zip(tracks, run.trace, strict=bool(tracks)):
        unknown = {chr(code) for code in np.unique(row)} - {letter.value for letter in track.letters}
        if unknown:
            return f"{track.name} has letters {unknown}"
    return None


def work_is_the_layers_work(result):
    """The multiplies of a run are the layer's pairs of non-zero operands, or more where a machine skips fewer."""
    layer, found = result.workload.layer, result.figures["multiplies"]
    least = PAIRS.get(result.workload.kind, lambda _: 0)(layer)
    exactly = result.workload.kind in EXACT
    if found < least or (exactly and found != least):
        return f"multiplies are {found} of {least} pairs of non-zero operands"
    return None


def energy_adds_up(result):
    """Each event has one line; times and prices make energies."""
    counts = totals(result.run.counts)
    if sorted(line.event for line in result.energy if line.event != STATIC) != sorted(counts):
        return "events and lines of the energy are not the same"
    for line in result.energy:
        if line.event != STATIC and line.times != counts[line.event]:
            return f"{line.event}: {line.times} times in the energy, {counts[line.event]} in the counts"
        if not math.isfinite(line.energy_pj) or line.energy_pj != line.times * line.pj_each:
            return f"{line.event}: {line.energy_pj} pJ are not {line.times} x {line.pj_each}"
    return None


def figures_are_possible(result):
    """Shares are shares, and no run is faster than its roof."""
    run, roof = result.run, result.roofline
    if not 0 <= result.figures["load_balance"] <= 1:
        return f"load_balance is {result.figures['load_balance']}"
    if roof["operations"] > roof["operations_per_cycle"] * run.cycles * (1 + 1e-9):
        return f"{roof['operations']} operations in {run.cycles} cycles are above the roof"
    return None


def queues_hold_what_they_can(result):
    """What goes into a queue leaves it later, and it never holds more than its slots."""
    machine, arch = find(result.config.machine), result.config.arch
    passes = machine.layout(arch, result.workload.layer)
    for queue in machine.queues(arch, passes):
        if queue.pushes.size != queue.pops.size:
            return f"{queue.name}: {queue.pushes.size} pushes and {queue.pops.size} pops"
        if (np.diff(queue.pushes) < 0).any() or (np.diff(queue.pops) < 0).any():
            return f"{queue.name}: pushes or pops are not in order"
        if (queue.pops <= queue.pushes).any():
            return f"{queue.name}: something is popped in the cycle in which it is pushed, or before"
        held = queue.held(np.concatenate([queue.pushes, queue.pops]) + 1)
        if held.max(initial=0) > queue.slots:
            return f"{queue.name}: {held.max()} are held in {queue.slots} slots"
    return None


LAWS = (
    counts_are_counts,
    reasons_fill_cycles,
    work_is_the_layers_work,
    energy_adds_up,
    figures_are_possible,
    queues_hold_what_they_can,
)


def _fully_connected_pairs(layer):
    return int(np.diff(layer.columns.start)[layer.activation != 0].sum())


def _convolution_pairs(layer):
    """Pairs of which a product belongs to an output."""
    top, left, bottom, right = layer.padding
    active = np.pad(layer.activation != 0, ((0, 0), (top, bottom), (left, right)))
    (down, across), (high, wide) = layer.stride, layer.output_plane
    inputs, outputs, found = layer.weight.shape[1], layer.outputs // layer.groups, 0
    for k, c, i, j in np.argwhere(layer.weight).tolist():
        seen = active[k // outputs * inputs + c, i : i + high * down : down, j : j + wide * across : across]
        found += int(seen[:high, :wide].sum())
    return found


def _lstm_pairs(layer):
    voices, steps, _ = layer.activation.shape
    return voices * steps * sum(one.columns.row.size for part in layer.layers for one in part.matrices.values())


PAIRS = {"fully connected": _fully_connected_pairs, "convolution": _convolution_pairs, "LSTM": _lstm_pairs}
EXACT = "fully connected", "LSTM"
"""Kinds whose machines multiply exactly these pairs; a convolution's may meet outside of the output."""


def kernel_of(layer):
    """The kernel's output."""
    return kinds.reference_output(layer)
