"""Traces as text: a line for each unit, a letter for each cycle, and what the letters mean."""

from collections.abc import Sequence

import numpy as np

from simulator.core.machine import Track
from simulator.core.registry import find
from simulator.core.trace import show as show_letters
from simulator.results.model_result import ModelResult
from simulator.results.result import Result
from workloads.errors import InputError, refuse

MOST_LETTER = 127


def show(trace: np.ndarray | Result | ModelResult) -> str:
    """A trace as text: of a result with the names of the units and a legend, of an array only its letters.

    >>> from simulator.run.api import simulate
    >>> print(show(simulate("eie", "alexnet-fc8", scale=0.01, trace_cycles=20).run.trace[:2]))
    ....................
    ....................

    trace: uint8 [units, cycles], or the result of a run with `trace_cycles`. InputError where it has no trace.
    """
    if isinstance(trace, np.ndarray):
        return show_letters(_checked(trace))
    result = trace
    if isinstance(trace, ModelResult):
        if trace.single is None:
            refuse(trace.workload, "it is a network", "the result of one layer")
        result = trace.single
    if not isinstance(result, Result):
        raise InputError(f"result is {result!r:.60}; expected a result with a trace, or the trace itself")
    if not result.run.trace.shape[1]:
        refuse(result.workload.name, "its result has no trace", "a run with trace_cycles=NUMBER")
    tracks = find(result.config.machine).tracks(result.config.arch)
    lines = show_letters(result.run.trace).split("\n")
    names = [track.name for track in tracks] if tracks else [f"unit {number}" for number in range(len(lines))]
    width = max(map(len, names))
    named = [f"{name:{width}}  {line}" for name, line in zip(names, lines, strict=True)]
    return "\n".join([*named, "", *_legend(tracks)])


def _checked(trace: np.ndarray) -> np.ndarray:
    """The trace itself, uint8 [units, cycles]. InputError where it is anything else than letters."""
    if trace.dtype != np.uint8 or trace.ndim != 2 or (trace.size and trace.max() > MOST_LETTER):
        refuse("trace", f"it is {trace.dtype} {list(trace.shape)}", "letters as uint8 [units, cycles], below 128")
    return trace


def _legend(tracks: Sequence[Track]) -> list[str]:
    """A line for each kind of unit: its letters and what they mean."""
    kinds = {track.kind: track.letters for track in tracks}
    meanings = {kind: [f"{one.value} {one.name.lower().replace('_', ' ')}" for one in kinds[kind]] for kind in kinds}
    return [f"{kind}: {', '.join(letters)}" for kind, letters in meanings.items()]
