"""A PE: a merger of many rows, element after element, and what it holds of tasks."""

from collections import Counter, deque
from typing import NamedTuple

import simpy

from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Process
from simulator.machines.gamma.arch import Arch, PeLetter
from simulator.machines.gamma.layout import NONE
from simulator.machines.gamma.model.parts import Later

Row = list[tuple[int, float]]
"""Columns and values, columns ascending."""


class Term:
    """A row that a task merges: of B, times an element of A, or a partial row."""

    def __init__(self, row: Row, scale: float, line: int, skipped: int, partial: bool, elements: int):
        """line: its first line; skipped: elements of that line before the row; elements: of a line."""
        self.row, self.scale, self.line, self.partial, self.size = row, scale, line, partial, elements
        self.skipped, self.merged = skipped, 0
        self.lines = -(-(skipped + len(row)) // elements)
        self.wanted = 0  # lines asked for
        self.ready: list[int] = []  # of each line that was read: the cycle in which it is here

    @property
    def line_used(self) -> int:
        """The number of the line of its next element."""
        return (self.skipped + self.merged) // self.size

    def here(self, now: int) -> bool:
        """Whether its next element is."""
        return self.line_used < len(self.ready) and self.ready[self.line_used] <= now

    def elements_of(self, depth: int, whole: int) -> int:
        """Elements of a line of it; whole: elements of B."""
        if self.partial:
            return min(self.size, len(self.row) - depth * self.size)
        return min(self.size, whole - (self.line + depth) * self.size)


class Task:
    """What a PE merges, and the lines that are to be read and fetched for it."""

    def __init__(self, number: int, terms: list[Term], since: int, way_lines: int):
        self.number, self.terms, self.since = number, terms, since
        self.row: Row = []
        self.wants: deque[tuple[int, Term]] = deque()  # and the cycle in which each is asked for
        longest = max(term.lines for term in terms)
        for depth in range(way_lines):
            for term in terms:
                if term.lines > depth:
                    self.want(since, term)
        self.fetches = deque((depth, term) for depth in range(longest) for term in terms if term.lines > depth)

    def want(self, now: int, term: Term) -> None:
        """Ask for a term's next line."""
        self.wants.append((now, term))
        term.wanted += 1

    def next_fetch(self) -> tuple[int, Term] | None:
        """The next line that is neither fetched nor read."""
        while self.fetches:
            depth, term = self.fetches[0]
            if len(term.ready) <= depth:
                return depth, term
            self.fetches.popleft()
        return None


class Written(NamedTuple):
    """A finished line that waits to be written."""

    cycle: int
    task: int
    line: int  # of the task's
    elements: int
    last: bool


class Pe:
    """Its tasks, the first of them under way."""

    def __init__(self, env: simpy.Environment, arch: Arch, number: int, timeline: TraceRecorder):
        self.env, self.arch, self.number, self.timeline = env, arch, number, timeline
        self.events = Counter[str]()
        self.tasks: deque[Task] = deque()
        self.held = Later(env)  # tasks
        self.lines: deque[Written] = deque()
        self.waiting = Later(env)  # lines, among these

    def visible(self) -> list[Task]:
        """Tasks that were given before this cycle."""
        return [task for task in self.tasks if task.since < self.env.now]

    def run(self, parents: list[int], made: dict[int, Row]) -> Process:
        """Merge an element in each cycle in which that can be. parents: of each task; made: rows that are put out."""
        while True:
            tasks = self.visible()
            if tasks:
                self._note(self._step(tasks[0], parents, made))
            yield self.env.timeout(1)

    def _note(self, letter: str) -> None:
        self.timeline.fill(self.number, PeLetter.NO_TASK, self.env.now)
        self.timeline.fill(self.number, letter, self.env.now + 1)

    def _step(self, task: Task, parents: list[int], made: dict[int, Row]) -> str:
        now, left = int(self.env.now), [term for term in task.terms if term.merged < len(term.row)]
        if not all(term.here(now) for term in left):
            return PeLetter.LINE_WAIT
        if self.waiting.seen > self.arch.write_lines - 2:
            return PeLetter.WRITE_WAIT
        term = min(left, key=lambda one: one.row[one.merged][0])
        self._merge(task, term)
        if all(one.merged == len(one.row) for one in task.terms):
            size, full = len(task.row), (len(task.row) - 1) // self.arch.line_elements
            self._put(task, full, size - full * self.arch.line_elements, last=True)
            self.events["output_elements" if parents[task.number] == NONE else "partial_elements"] += size
            made[task.number] = task.row
            self.tasks.popleft()
            self.held.add(-1)
        return PeLetter.MERGE

    def _merge(self, task: Task, term: Term) -> None:
        """The element of the least column, times its scale, joins the row."""
        column, value = term.row[term.merged]
        self.events["merges"] += 1
        if not term.partial:
            self.events["multiplies"] += 1
            value *= term.scale
        if task.row and task.row[-1][0] == column:
            task.row[-1] = column, task.row[-1][1] + value
            self.events["additions"] += 1
        else:
            size = self.arch.line_elements
            if task.row and len(task.row) % size == 0:
                self._put(task, len(task.row) // size - 1, size, last=False)
            task.row.append((column, value))
        before = term.line_used
        term.merged += 1
        if term.merged < len(term.row) and term.line_used > before and term.wanted < term.lines:
            task.want(int(self.env.now), term)

    def _put(self, task: Task, line: int, elements: int, last: bool) -> None:
        self.lines.append(Written(int(self.env.now), task.number, line, elements, last))
        self.waiting.add(1)
