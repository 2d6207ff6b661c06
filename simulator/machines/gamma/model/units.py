"""GAMMA as SimPy processes: memory, scheduler and PEs. All read what was there before the cycle.

Memory asks DRAM for A's lines, then takes one PE after the other, another one first in each cycle: it writes a finished
line, serves a read or, without one, a write of a partial row, and a fetch. The scheduler gives each PE with a free
slot, those with the fewest tasks first, a task whose elements of A are there: one whose partial rows are done before
others. A PE merges.
"""

from collections import Counter, deque

import numpy as np
import simpy

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Process
from simulator.machines.gamma.arch import Arch, CacheLetter, Counts, MemoryLetter, PeLetter, Reasons
from simulator.machines.gamma.layout import NONE, Streams
from simulator.machines.gamma.model.parts import Dram, FiberCache, Later
from simulator.machines.gamma.model.pe import Pe, Row, Task, Term

OF_PES = "multiplies", "merges", "additions", "partial_elements", "output_elements"


class Machine:
    """What the units share."""

    def __init__(self, env: simpy.Environment, arch: Arch, streams: Streams):
        self.env, self.arch, self.streams = env, arch, streams
        self.events = Counter[str]()
        self.dram = Dram(env, arch, self.events)
        self.cache = FiberCache(env, arch, self.dram, self.events)
        self.timeline = TraceRecorder(arch.pes + 2)
        self.pes = [Pe(env, arch, number, self.timeline) for number in range(arch.pes)]
        self.children = streams.children.tolist()
        self.parents: list[int] = streams.parent.tolist()
        self.leaves = deque(np.flatnonzero(streams.children == 0).tolist())
        self.given = Later(env)  # leaves
        self.order = list(self.leaves)
        self.ready: deque[tuple[int, int]] = deque()  # the cycle in which its last partial row was done, and a task
        self.arrivals: list[int] = []  # of lines of A
        self.made: dict[int, Row] = {}
        self.done = 0

    @property
    def a_lines(self) -> int:
        """Of all of A."""
        return -(-self.streams.layer.left.entries // self.arch.line_elements)


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a product; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    machine = Machine(env, arch, streams)
    for pe in machine.pes:
        env.process(pe.run(machine.parents, machine.made))
    env.process(_scheduler(machine))
    env.run(until=env.process(_memory(machine)))
    cycles = max(int(env.now) + 1, machine.dram.idle_from)
    letters = [PeLetter.NO_TASK] * arch.pes + [CacheLetter.IDLE, MemoryLetter.MOVE]
    for unit, letter in enumerate(letters):
        machine.timeline.fill(unit, letter, cycles)
    trace = machine.timeline.letters(min(cycles, trace_cycles))
    return Run(cycles, _output(machine), _counts(machine), _reasons(machine), trace)


def _memory(machine: Machine) -> Process:
    """Serve A's stream and all PEs, until all tasks are done and A is asked for."""
    env, pes, cache = machine.env, machine.arch.pes, machine.cache
    while True:
        cache.served = cache.waits = False
        _stream(machine)
        for turn in range(pes):
            _serve(machine, machine.pes[(int(env.now) + turn) % pes])
        letter = CacheLetter.CONFLICT if cache.waits else CacheLetter.ACCESS if cache.served else CacheLetter.IDLE
        machine.timeline.fill(pes, letter, env.now + 1)
        moves = machine.dram.free > int(env.now) * machine.arch.dram_bits_per_kcycle
        machine.timeline.fill(pes + 1, MemoryLetter.MOVE if moves else MemoryLetter.IDLE, env.now + 1)
        if machine.done == machine.streams.tasks and len(machine.arrivals) == machine.a_lines:
            return
        yield env.timeout(1)


def _stream(machine: Machine) -> None:
    """Ask for a line of A, as many ahead of the next leaf as there may be."""
    size, limit = machine.arch.line_elements, machine.a_lines
    if machine.given.seen < len(machine.order):
        needed = int(machine.streams.needed[machine.order[machine.given.seen]])
        limit = min(limit, -(-needed // size) + machine.arch.lines_ahead)
    asked = len(machine.arrivals)
    if asked < limit:
        elements = min(size, machine.streams.layer.left.entries - asked * size)
        machine.events["a_elements"] += elements
        machine.arrivals.append(machine.dram.move(elements, "dram_a_bytes"))


def _serve(machine: Machine, pe: Pe) -> None:
    """A PE's finished line, read or write, and fetch."""
    cache, now = machine.cache, machine.env.now
    line = pe.lines[0] if pe.lines and pe.lines[0].cycle < now else None
    if line is not None and machine.parents[line.task] == NONE:
        machine.dram.move(line.elements, "dram_output_bytes")
        _pop(machine, pe)
        line = None
    tasks = pe.visible()
    reading = next((task for task in tasks if task.wants and task.wants[0][0] < now), None)
    if reading is not None:
        _read(machine, reading)
    elif line is not None:
        place = int(machine.streams.line[line.task]) + line.line
        if cache.take(place):
            cache.write(place, line.elements)
            _pop(machine, pe)
    for task in tasks:
        found = task.next_fetch()
        if found is not None:
            depth, term = found
            if cache.take(term.line + depth):
                task.fetches.popleft()
                cache.fetch(term.line + depth, _elements(machine, term, depth), _event(term))
            return


def _read(machine: Machine, task: Task) -> None:
    """The next line that a task wants."""
    _, term = task.wants[0]
    depth = len(term.ready)
    if machine.cache.take(term.line + depth):
        task.wants.popleft()
        elements = _elements(machine, term, depth)
        term.ready.append(machine.cache.read(term.line + depth, elements, _event(term), term.partial))


def _elements(machine: Machine, term: Term, depth: int) -> int:
    return term.elements_of(depth, machine.streams.layer.right.entries)


def _event(term: Term) -> str:
    return "dram_partial_bytes" if term.partial else "dram_b_bytes"


def _pop(machine: Machine, pe: Pe) -> None:
    """A finished line is written; with a task's last one the task is done."""
    line = pe.lines.popleft()
    pe.waiting.add(-1)
    if line.last:
        machine.done += 1
        parent = machine.parents[line.task]
        if parent != NONE:
            machine.children[parent] -= 1
            if not machine.children[parent]:
                machine.ready.append((int(machine.env.now), parent))


def _scheduler(machine: Machine) -> Process:
    """Give tasks, first to the PEs with the fewest."""
    while True:
        for pe in sorted(machine.pes, key=lambda one: one.held.seen):
            if pe.held.seen < machine.arch.task_slots:
                number = _choose(machine)
                if number is None:
                    break
                pe.held.add(1)
                terms = _terms(machine, number)
                pe.tasks.append(Task(number, terms, int(machine.env.now), machine.arch.way_lines))
        yield machine.env.timeout(1)


def _choose(machine: Machine) -> int | None:
    """The next task that can be given in this cycle."""
    now = machine.env.now
    here = machine.arch.line_elements * sum(arrival <= now for arrival in machine.arrivals)
    here, needed = min(here, machine.streams.layer.left.entries), machine.streams.needed
    if machine.ready and machine.ready[0][0] < now and needed[machine.ready[0][1]] <= here:
        return machine.ready.popleft()[1]
    if machine.leaves and needed[machine.leaves[0]] <= here:
        machine.given.add(1)
        return machine.leaves.popleft()
    return None


def _terms(machine: Machine, number: int) -> list[Term]:
    """The rows that a task merges."""
    streams, size, right = machine.streams, machine.arch.line_elements, machine.streams.layer.right
    found = []
    for place in range(int(streams.first[number]), int(streams.first[number + 1])):
        row, child = int(streams.row[place]), int(streams.child[place])
        if child == NONE:
            begin, end = right.starts[row : row + 2].tolist()
            elements = list(zip(right.columns[begin:end].tolist(), right.values[begin:end].tolist(), strict=True))
            line, skipped = divmod(begin, size)
            found.append(Term(elements, float(streams.scale[place]), line, skipped, partial=False, elements=size))
        else:
            found.append(Term(machine.made[child], 1.0, int(streams.line[child]), 0, partial=True, elements=size))
    return found


def _output(machine: Machine) -> np.ndarray:
    """The product by rows, float64 [rows + 1 + 2 x entries]: starts, columns, values."""
    streams = machine.streams
    rows: list[Row] = [[] for _ in range(streams.layer.left.rows)]
    for task, row in machine.made.items():
        if machine.parents[task] == NONE:
            rows[int(streams.output_row[task])] = row
    starts = np.cumsum([0, *map(len, rows)])
    elements = np.array([one for row in rows for one in row], np.float64).reshape(-1, 2)
    return np.concatenate([starts, elements[:, 0], elements[:, 1]])


def _counts(machine: Machine) -> Counts:
    return Counts(*(
        np.array([pe.events[name] for pe in machine.pes] if name in OF_PES else [machine.events[name]], np.int64)
        for name in Counts._fields
    ))  # fmt: skip


def _reasons(machine: Machine) -> Reasons:
    pes, count = machine.arch.pes, machine.timeline.count
    return Reasons(
        *(count(letter, range(pes)) for letter in PeLetter),
        *(count(letter, range(pes, pes + 1)) for letter in CacheLetter),
        *(count(letter, range(pes + 1, pes + 2)) for letter in MemoryLetter),
    )
