"""SIGMA as one SimPy process for each unit: the definition of the machine.

DRAM sends values; the SRAM's port loads a fold of stationary values and then sends the columns of the streamed operand,
one after the other; Flex-DPEs multiply what they hold with what a column has, and their adder trees add the products of
a row, whose sums reach the outputs when the pipeline ends.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Process, run_to_end
from simulator.machines.sigma.arch import Arch, Counts, DpeLetter, MemoryLetter, PortLetter, Reasons
from simulator.machines.sigma.layout import Streams, slab_places
from simulator.machines.sigma.model.bus import Bus, Column, Empty, End, Hold, Load, Stop
from simulator.machines.sigma.model.output import output_of


class Machine(NamedTuple):
    """What the units share."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    bus: Bus
    arrived: list[simpy.Event]  # of each fold
    streamed: simpy.Event  # all columns of all folds
    summed: simpy.Event  # all outputs
    events: list[Counter[str]]  # of each Flex-DPE, and of the rest of the machine
    timeline: TraceRecorder  # of each Flex-DPE, the port, DRAM
    trees: list[simpy.Process]
    met: dict[tuple[int, int], list[int]]  # token and output -> places whose products were added


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a product; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    dpes = arch.flex_dpes
    machine = Machine(
        env, arch, streams, Bus(env), [env.event() for _ in range(streams.folds)], env.event(), env.event(),
        [Counter() for _ in range(dpes + 1)], TraceRecorder(dpes + 2), [], {},
    )  # fmt: skip
    units = [_memory(machine), _port(machine), _pipeline(machine), *(_dpe(machine, dpe) for dpe in range(dpes))]
    run_to_end(env, units, [])
    cycles = int(env.now)
    for unit, letter in enumerate([DpeLetter.DRAIN] * dpes + [PortLetter.IDLE, MemoryLetter.IDLE]):
        machine.timeline.fill(unit, letter, cycles)
    trace = machine.timeline.letters(min(cycles, trace_cycles))
    return Run(cycles, output_of(streams.layer, machine.met), _counts(machine), _reasons(machine), trace)


def _memory(machine: Machine) -> Process:
    """DRAM sends the values of fold after fold, then what no fold needs, and takes the outputs at the end."""
    env, streams, unit = machine.env, machine.streams, machine.arch.flex_dpes + 1
    for arrival, event in zip(streams.arrival.tolist(), machine.arrived, strict=True):
        yield env.timeout(arrival - env.now)
        event.succeed()
    yield env.timeout(streams.fetched - env.now)
    machine.timeline.fill(unit, MemoryLetter.FETCH, env.now)
    yield machine.summed
    machine.timeline.fill(unit, MemoryLetter.IDLE, env.now)
    yield env.timeout(streams.write_cycles)
    machine.timeline.fill(unit, MemoryLetter.WRITE, env.now)


def _port(machine: Machine) -> Process:
    """Load a fold, send all columns, and so on."""
    env, arch, streams, bus = machine.env, machine.arch, machine.streams, machine.bus
    unit, slabs, loaded = arch.flex_dpes, slab_places(arch, streams.layer.inputs), set[int]()
    machine.events[-1]["bitmap_bits"] += streams.stationary.size + streams.streamed.size
    for fold, slab in enumerate(streams.slab.tolist()):
        yield machine.arrived[fold]
        machine.timeline.fill(unit, PortLetter.IDLE, env.now)
        bus.say(Load())
        if slab not in loaded:
            loaded.add(slab)
            _read_slab(machine, slabs[slab])
        yield env.timeout(int(streams.load_cycles[fold]))
        machine.timeline.fill(unit, PortLetter.READ, env.now)
        bus.say(Hold(fold))
        for number in range(streams.columns):
            yield from _send(machine, number, slabs[slab])
        machine.timeline.fill(unit, PortLetter.BROADCAST, env.now)
        bus.say(End())
    bus.say(Stop())
    machine.streamed.succeed()


def _read_slab(machine: Machine, places: range) -> None:
    """Events of the stationary values of a slab, whether or not they get a multiplier."""
    given = machine.streams.stationary[:, places.start : places.stop]
    values = int(np.count_nonzero(given))
    machine.events[-1].update(
        stationary_reads=values, bitmap_bits=given.size, port_bits=given.size + machine.arch.stationary_bits * values
    )


def _send(machine: Machine, number: int, places: range) -> Process:
    """A column's bitmap and values in a slab."""
    env, arch = machine.env, machine.arch
    held = frozenset(place for place in places if machine.streams.streamed[number, place])
    machine.events[-1]["bitmap_bits"] += len(places)
    if not held and arch.skip_empty_columns:
        return
    bits = len(places) + arch.value_bits * len(held)
    machine.events[-1].update(streamed_reads=len(held), port_bits=bits)
    cycles = -(-bits // arch.port_bits)
    if not held:
        machine.bus.say(Empty(cycles))
        yield env.timeout(cycles)
        return
    yield env.timeout(cycles - 1)
    machine.bus.say(Column(number, held))
    yield env.timeout(1)


def _dpe(machine: Machine, dpe: int) -> Process:
    """Hold what a fold has for this Flex-DPE and multiply it with each column."""
    env, following, held = machine.env, machine.bus.first, list[tuple[int, int]]()
    what: NamedTuple = Load()
    while not isinstance(what, Stop):
        what, following = yield following
        if isinstance(what, Load):
            machine.timeline.fill(dpe, DpeLetter.DRAM_WAIT, env.now)
        elif isinstance(what, Hold):
            machine.timeline.fill(dpe, DpeLetter.LOAD, env.now)
            held = _values(machine, what.fold, dpe)
            machine.events[dpe].update(stationary_loads=len(held), distributions=len(held))
        elif isinstance(what, End):
            machine.timeline.fill(dpe, DpeLetter.UNUSED, env.now)
        elif held and isinstance(what, Empty):
            yield env.timeout(what.cycles)
            machine.timeline.fill(dpe, DpeLetter.NO_PRODUCT, env.now)
        elif held and isinstance(what, Column):
            machine.timeline.fill(dpe, DpeLetter.STARVED, env.now)
            yield env.timeout(1)
            machine.timeline.fill(dpe, DpeLetter.MULTIPLY, env.now)
            machine.events[dpe]["column_steps"] += 1
            machine.trees.append(env.process(_tree(machine, dpe, held, what)))


def _values(machine: Machine, fold: int, dpe: int) -> list[tuple[int, int]]:
    """Row and place of each value of a fold that a Flex-DPE holds."""
    streams, step = machine.streams, machine.arch.multipliers
    begin = int(streams.first[fold]) + dpe * step
    mine = slice(begin, min(begin + step, int(streams.first[fold + 1])))
    return list(zip(streams.row[mine].tolist(), streams.place[mine].tolist(), strict=True))


def _tree(machine: Machine, dpe: int, held: Sequence[tuple[int, int]], column: Column) -> Process:
    """Products of a column with the values held; those of a row become one sum, which is added to its output."""
    events = machine.events[dpe]
    yield machine.env.timeout(machine.arch.latency)
    for row, pairs in groupby(held, lambda pair: pair[0]):
        places = [place for _, place in pairs]
        products = [place for place in places if place in column.places]
        events["multiplies"] += len(products)
        events["distributions"] += len(products)
        events["gated"] += len(places) - len(products)
        events["tree_additions"] += len(places) - 1
        events["accumulations"] += 1
        swapped = machine.arch.stationary_activations
        output = (row, column.number) if swapped else (column.number, row)
        machine.met.setdefault(output, []).extend(products)


def _pipeline(machine: Machine) -> Process:
    """The run's last sums, of the last column."""
    yield machine.streamed
    yield machine.env.timeout(machine.arch.latency)
    yield machine.env.all_of(machine.trees)
    machine.summed.succeed()


def _counts(machine: Machine) -> Counts:
    streams, rest = machine.streams, machine.events[-1]
    rest["output_writes"] = streams.layer.tokens * streams.layer.outputs
    for what in ("weight", "input", "output"):
        rest[f"dram_{what}_bytes"] = getattr(streams, f"{what}_bytes")
    of_dpes = {
        "stationary_loads", "distributions", "column_steps", "multiplies", "gated", "tree_additions", "accumulations",
    }  # fmt: skip
    return Counts(*(
        np.array([dpe[name] for dpe in machine.events[:-1]] if name in of_dpes else [rest[name]], np.int64)
        for name in Counts._fields
    ))  # fmt: skip


def _reasons(machine: Machine) -> Reasons:
    dpes, count = machine.arch.flex_dpes, machine.timeline.count
    return Reasons(
        *(count(letter, range(dpes)) for letter in DpeLetter),
        *(count(letter, range(dpes, dpes + 1)) for letter in PortLetter),
        *(count(letter, range(dpes + 1, dpes + 2)) for letter in MemoryLetter),
    )
