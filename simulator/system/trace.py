"""A step of several chips as a timeline in the trace-event format: a track a unit, a span for each thing it does.

Times are whole nanoseconds, as the viewer rounds to them; the picoseconds are in the spans' arguments.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simulator.system.advance import check_steps, run_stages
from simulator.system.schedule import Compute, Reduce, Schedule, step_ps
from simulator.system.stages import whole_schedule
from simulator.system.step import StepRun
from simulator.system.system_run import COMPUTE, REASONS
from workloads.document_types import Document

MOST_SPANS = 100_000
PS_PER_NS, PS_PER_US = 1000, 1e6
ADD = "add"


class Span(NamedTuple):
    """What a unit does for a while; in ps."""

    unit: int
    name: str
    reason: str
    begin: int
    end: int


def spans(step: StepRun) -> tuple[list[Span], int]:
    """The spans of the first units, at most MOST_SPANS, and how many units are left out.

    InputError where the programs of the step are too long to be written down.
    """
    options, network = step.options, step.network
    check_steps(step.work.stages, network, options.collective)
    schedule = whole_schedule(step.work.stages, network, options.overlap, options.collective)
    run = run_stages(step.work.stages, network, options.overlap, options.collective)
    found = list[Span]()
    units = len(schedule.programs)
    for place, unit in enumerate(_order(units, network.chips)):
        rows = run.intervals[run.intervals[:, 0] == unit]
        more = list(_of_unit(schedule, step, unit, rows))
        if found and len(found) + len(more) > MOST_SPANS:
            return found, units - place
        found += more[:MOST_SPANS]
    return found, 0


def _order(units: int, chips: int) -> Sequence[int]:
    """Units chip after chip."""
    return [unit for chip in range(chips) for unit in range(chip, units, chips)]


def _of_unit(schedule: Schedule, step: StepRun, unit: int, rows: np.ndarray) -> Iterator[Span]:
    """Its intervals, int64 [intervals, 4], with those in which it computes divided into layers and additions."""
    names = iter(step.work.names)
    work = [
        (next(names) if isinstance(one, Compute) else ADD, step_ps(one, step.network))
        for one in schedule.programs[unit]
        if isinstance(one, Compute | Reduce)
    ]
    pieces = iter([one for one in work if one[1]])
    for _, begin, end, reason in rows.tolist():
        now = begin
        while reason == COMPUTE and now < end:
            name, ps = next(pieces)
            yield Span(unit, name, ADD if name == ADD else REASONS[COMPUTE], now, now + ps)
            now += ps
        if reason != COMPUTE:
            yield Span(unit, REASONS[reason], REASONS[reason], begin, end)


def to_document(system: str, workload: str, step: StepRun) -> Document:
    """The timeline as a dictionary of JSON types. InputError as in `spans`."""
    found, left_out = spans(step)
    chips = step.network.chips
    events: list[Document] = []
    for unit in dict.fromkeys(span.unit for span in found):
        name = unit_name(unit, chips, step.options.overlap)
        events.append(_named("process_name", unit % chips + 1, 0, f"chip {unit % chips}"))
        events.append(_named("thread_name", unit % chips + 1, unit // chips + 1, name))
    events += [_event(span, chips) for span in found]
    note = f"the first units; {left_out:,} more are left out" if left_out else "all units"
    about = {
        "workload": workload, "chips": chips, "overlap": step.options.overlap,
        "time_ps": step.run.time_ps, "note": note, "left_out": left_out,
        "notes": [], "time": "ts and dur are microseconds in whole nanoseconds, args hold picoseconds",
    }  # fmt: skip
    return {"traceEvents": events, "displayTimeUnit": "ns", "system": system, "otherData": about}


def unit_name(unit: int, chips: int, overlap: bool) -> str:
    """What a unit is called: its chip, and what of it."""
    return f"chip {unit % chips}" + (f", {'exchange' if unit >= chips else 'compute'}" if overlap else "")


def _named(what: str, pid: int, tid: int, name: str) -> Document:
    return {"ph": "M", "name": what, "ts": 0, "pid": pid, "tid": tid, "args": {"name": name}}


def _event(span: Span, chips: int) -> Document:
    begin, end = round(span.begin / PS_PER_NS), round(span.end / PS_PER_NS)
    return {
        "ph": "X", "name": span.name, "ts": begin / 1000, "dur": (end - begin) / 1000,
        "pid": span.unit % chips + 1, "tid": span.unit // chips + 1,
        "args": {"reason": span.reason, "begin_ps": span.begin, "ps": span.end - span.begin},
    }  # fmt: skip
