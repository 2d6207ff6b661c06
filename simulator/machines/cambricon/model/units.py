"""Cambricon as one SimPy process for each unit: the definition of the machine.

A selector takes its jobs in order: a piece of the inputs of its outputs, on a tile of the plane. Its PEs multiply the
selected inputs while the memory port loads what comes next into SB and NBin; outputs leave through the same port.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.hardware.clock import Process, run_to_end
from simulator.hardware.dram.spec import Span
from simulator.hardware.tiling import sums_to_outputs
from simulator.machines.cambricon.arch import HALVES, Arch, PortLetter, SelectorLetter
from simulator.machines.cambricon.layout.dram_map import DramMap, Lines, dram_map
from simulator.machines.cambricon.layout.streams import Streams
from simulator.machines.cambricon.model.ledger import Ledger, counts_of, open_ledger, reasons_of, record_cycle
from simulator.machines.cambricon.model.port import Port


class Machine(NamedTuple):
    """What the units share: clock, ledger, sums, and what each unit waits for."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    ledger: Ledger
    sums: np.ndarray  # object [channels, rows, columns]: Python integers
    port: Port
    loaded: list[simpy.Event]  # of each load: its weights are in SB
    done: list[simpy.Event]  # of each job
    arrived: list[simpy.Event]  # of each content of NBin
    left: list[simpy.Event]  # likewise: no job needs it any more
    readers: Counter[int]  # of each content: jobs that need it
    written: list[simpy.Event]  # of outputs that were sent
    places: DramMap | None  # of all transfers; None: no memory


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    layer = streams.layer
    loads, jobs, contents = len(streams.jobs.load_chunks), len(streams.jobs.content), len(streams.content_bytes)
    ledger = open_ledger(arch)
    machine = Machine(
        env,
        arch,
        streams,
        ledger,
        np.zeros((layer.outputs, *layer.output_plane), object),
        Port(env, arch, ledger),
        loaded=[env.event() for _ in range(loads)],
        done=[env.event() for _ in range(jobs)],
        arrived=[env.event() for _ in range(contents)],
        left=[env.event() for _ in range(contents)],
        readers=Counter(streams.jobs.content.tolist()),
        written=[],
        places=None if arch.dram is None else dram_map(arch, arch.dram, streams),
    )
    units = [unit(machine, s) for s in range(arch.selectors) for unit in (_sb, _selector)]
    env.process(machine.port.serve())
    run_to_end(env, [_to_the_end(machine, [*map(env.process, units), env.process(_nbin(machine))])], [])
    cycles, result = int(env.now), sums_to_outputs(layer, machine.sums, arch.sum_bits)
    for unit in range(arch.selectors):
        ledger.timeline.fill(unit, SelectorLetter.FINISHED, cycles)
    ledger.timeline.fill(arch.selectors, PortLetter.IDLE, cycles)
    trace = ledger.timeline.letters(min(cycles, trace_cycles))
    return Run(cycles, result.ravel(), counts_of(ledger), reasons_of(ledger), trace)


def _to_the_end(machine: Machine, units: list[simpy.Process]) -> Process:
    """All jobs are done, then all outputs are written."""
    yield machine.env.all_of(units)
    yield machine.env.all_of(machine.written)


def _jobs_of(machine: Machine, selector: int) -> range:
    start = machine.streams.jobs.start
    return range(int(start[selector]), int(start[selector + 1]))


def _sb(machine: Machine, selector: int) -> Process:
    """Ask for the weights of the next jobs as soon as a slot of SB is free."""
    jobs = machine.streams.jobs
    last_job = {int(jobs.load[n]): n for n in _jobs_of(machine, selector)}
    for load in sorted(last_job):
        if load - machine.arch.sb_slots in last_job:
            yield machine.done[last_job[load - machine.arch.sb_slots]]
        for name, many in zip(("dram_weight_bytes", "dram_index_bytes"), jobs.load_bytes[load].tolist(), strict=True):
            machine.ledger.port[name] += many
        span = machine.places and _span(machine.places.loads, load)
        machine.port.ask(selector, selector, int(jobs.load_chunks[load]), span, machine.loaded[load])


def _nbin(machine: Machine) -> Process:
    """Ask for each content of NBin as soon as a half is free."""
    for number, chunks in enumerate(machine.streams.content_chunks.tolist()):
        if number >= HALVES:
            yield machine.left[number - HALVES]
        machine.ledger.port["dram_input_bytes"] += int(machine.streams.content_bytes[number])
        span = machine.places and _span(machine.places.contents, number)
        machine.port.ask(machine.arch.selectors, 0, chunks, span, machine.arrived[number])


def _span(lines: Lines, number: int, write: bool = False) -> Span:
    return Span(int(lines.first[number]), int(lines.number[number]), write)


def _selector(machine: Machine, selector: int) -> Process:
    """Take the jobs in order; the PEs of the selector multiply as it selects."""
    env, timeline, jobs = machine.env, machine.ledger.timeline, machine.streams.jobs
    for n in _jobs_of(machine, selector):
        yield machine.loaded[int(jobs.load[n])]
        timeline.fill(selector, SelectorLetter.WEIGHT_WAIT, env.now)
        yield machine.arrived[int(jobs.content[n])]
        timeline.fill(selector, SelectorLetter.INPUT_WAIT, env.now)
        for row, column in _positions(machine, n):
            for pe in _pes(machine, selector, n):
                machine.ledger.pes[pe]["sum_reads"] += int(jobs.piece[n] > 0)
                machine.ledger.pes[pe]["sum_writes"] += 1
            for places in _selections(machine, n, row, column):
                _multiply(machine, selector, n, row, column, places)
                yield env.timeout(1)
            yield from _read_steps(machine, selector)
        timeline.fill(selector, SelectorLetter.COMPUTE, env.now)
        machine.done[n].succeed()
        _leave(machine, int(jobs.content[n]))
        if jobs.writes[n]:
            _write(machine, selector, n)


def _read_steps(machine: Machine, selector: int) -> Process:
    """A cycle for every `steps_each` selections that a PE's own selector has made, taken after an output."""
    events = machine.ledger.selectors[selector]
    while machine.arch.steps_each and events["selections"] // machine.arch.steps_each > events["step_reads"]:
        events["step_reads"] += 1
        yield machine.env.timeout(1)


def _pes(machine: Machine, selector: int, job: int) -> range:
    first, end, _ = machine.streams.stored.owners[machine.streams.jobs.owner[job]].tolist()
    return machine.arch.pes_of(selector, end - first)


def _write(machine: Machine, selector: int, job: int) -> None:
    """Send the outputs of a job to memory."""
    arch, jobs = machine.arch, machine.streams.jobs
    first, end, _ = machine.streams.stored.owners[jobs.owner[job]].tolist()
    outputs = (end - first) * sum(1 for _ in _positions(machine, job))
    machine.ledger.port["dram_output_bytes"] += outputs * arch.activation_bits // 8
    machine.written.append(machine.env.event())
    span = machine.places and _span(machine.places.writes, job, write=True)
    machine.port.ask(arch.selectors + 1, selector, int(jobs.writes[job]), span, machine.written[-1])


def _leave(machine: Machine, content: int) -> None:
    """A job has read a content of NBin; the last one of all selectors leaves it."""
    machine.readers[content] -= 1
    if not machine.readers[content]:
        machine.left[content].succeed()


def _positions(machine: Machine, job: int) -> Iterator[tuple[int, int]]:
    top, left, bottom, right = machine.streams.tiles[machine.streams.jobs.tile[job]].tolist()
    return ((row, column) for row in range(top, bottom) for column in range(left, right))


def _selections(machine: Machine, job: int, row: int, column: int) -> Iterator[list[int]]:
    """The inputs of an output that are selected in each cycle, by number.

    A cycle moves over `neuron_window` inputs, over `synapse_window` stored weights, or up to the input that the PEs
    have no multiplier for, whatever comes first.
    """
    arch, jobs, streams = machine.arch, machine.streams.jobs, machine.streams
    now, end = streams.pieces[jobs.piece[job]].tolist()
    waiting = streams.stored.places(int(jobs.owner[job]), int(jobs.piece[job])).tolist()
    first_output = int(streams.stored.owners[jobs.owner[job], 0])
    while now < end:
        limit, moved, selected = min(now + arch.neuron_window, end), 0, []  # type: int, int, list[int]
        for place in waiting:
            if place >= limit:
                break
            active = not arch.skip_activations or _input(machine, first_output, row, column, place) != 0
            if len(selected) + active > arch.multipliers or (arch.skip_activations and moved == arch.synapse_window):
                limit = place
                break
            moved += 1
            selected += [place] * active
        waiting, now = waiting[moved:], limit
        yield selected


def _input(machine: Machine, output: int, row: int, column: int, place: int) -> int:
    """The input number `place` of an output at a row and a column; padding is zero."""
    layer = machine.streams.layer
    c, i, j = np.unravel_index(place, layer.kernel.shape[1:])
    (down, across), (top, left) = layer.stride, layer.padding[:2]
    first = output // (layer.outputs // layer.groups) * layer.weight.shape[1]
    high, wide = layer.activation.shape[1:]
    y, x = row * down - top + int(i) * layer.dilation[0], column * across - left + int(j) * layer.dilation[1]
    return int(layer.activation[first + c, y, x]) if 0 <= y < high and 0 <= x < wide else 0


def _multiply(machine: Machine, selector: int, job: int, row: int, column: int, places: list[int]) -> None:
    """A cycle of the PEs: each multiplies the selected inputs and adds the products, each rounded and shifted."""
    layer, ledger, pes = machine.streams.layer, machine.ledger, _pes(machine, selector, job)
    first, shift = int(machine.streams.stored.owners[machine.streams.jobs.owner[job], 0]), layer.shift
    record_cycle(machine.arch, ledger, selector, pes)
    for output, pe in enumerate(pes, first):
        for place in places:
            weight = int(layer.kernel[output].flat[place])
            value = _input(machine, output, row, column, place)
            ledger.pes[pe]["multiplies" if weight and value else "padding"] += 1
            machine.sums[output, row, column] += (weight * value + ((1 << shift) >> 1)) >> shift
