"""A run of the selection unit: values first, then times and counts by formulas over them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.core.run import Run
from simulator.machines.selection.arch import ADDITIONS, READ, WORD, WRITTEN, Arch, Counts, Reasons, emit_cycles
from simulator.machines.selection.engine.ranking import Digit, rank
from simulator.machines.selection.engine.timing import Pass, accumulate_pass, compare_pass
from simulator.machines.selection.engine.trace import draw
from simulator.machines.selection.engine.values import Values, message, runs_of, values_of
from simulator.machines.selection.layout import Streams
from workloads.kinds.gradient.layer import CompressedGradient

LONG = 1 << 16
"""Zeros that a cut of a run takes away, its own place among them."""


class Sending(NamedTuple):
    """What the encoder does."""

    digits: list[Digit]
    steps: np.ndarray  # int64 [candidates that are looked at, 2]: whether it is sent, and how many zeros cut its run
    begin: int  # cycle


def run(arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
    """Send a gradient; the trace holds the first `trace_cycles` cycles. output: False: the output has length 0."""
    layer = streams.layer
    values = values_of(layer)
    passes = [accumulate_pass(arch, layer)]
    for passed in values.passed:
        passes.append(compare_pass(arch, layer, passed, passes[-1].end))
    sending = _sending(arch, layer, values, passes[-1].end)
    reasons, cycles = _reasons(arch, values, passes, sending)
    ranked = values.passed[-1].size, sending.digits
    length = min(cycles, trace_cycles)
    trace = draw(arch, length, passes, sending.begin, ranked, sending.steps)
    words = _output(layer, values) if output else np.zeros(0, np.int16)
    return Run(cycles, words, _counts(layer, values, sending, reasons), reasons, trace)


def _sending(arch: Arch, layer: CompressedGradient, values: Values, begin: int) -> Sending:
    candidates = values.passed[-1]
    found = rank(arch, np.abs(values.residual[candidates]), layer.wanted) if values.crowded else []
    looked = int(np.searchsorted(candidates, values.places[-1])) + 1 if values.places.size else 0
    if values.places.size < layer.wanted:
        looked = candidates.size
    steps = np.zeros((looked, 2), np.int64)
    kept = np.searchsorted(candidates, values.places)
    steps[kept, 0], steps[kept, 1] = 1, runs_of(values.places) // LONG
    return Sending(found, steps, begin)


def _reasons(arch: Arch, values: Values, passes: Sequence[Pass], sending: Sending) -> tuple[Reasons, int]:
    """Cycles of the units by reason, and of the run."""
    first, others = passes[0], passes[1:]
    transfer = sum(int(one.cycles.sum()) for one in passes)
    begins = [0, *(one.end for one in passes[:-1])]
    full = sum(int(one.starts[-1] - begin - one.cycles[:-1].sum()) for one, begin in zip(passes, begins, strict=True))
    spent = sum(int((one.leaves - one.enters).sum()) for one in passes)
    starved = sum(int(one.leaves[-1]) - begin for one, begin in zip(passes, begins, strict=True)) - spent
    accumulate = int(np.maximum(first.takes, 1).sum())
    compare = sum(int(np.maximum(one.takes, 1).sum()) for one in others)
    insert = first.pushes.size * arch.insert_cycles
    ranked = len(sending.digits) * values.passed[-1].size
    found = sum(digit.bins for digit in sending.digits)
    sent, cuts = int(sending.steps[:, 0].sum()), int(sending.steps[:, 1].sum())
    left_out, emit = len(sending.steps) - sent, sent * emit_cycles(arch)
    encoder = ranked, found, left_out, cuts, emit
    cycles = sending.begin + sum(encoder)
    memory, stream = (transfer, full, emit), (accumulate, compare, starved, spent - accumulate - compare)
    rows = *memory, cycles - sum(memory), *stream, cycles - sum(stream), insert, cycles - insert
    return Reasons(*(np.array([one], np.int64) for one in (*rows, *encoder, cycles - sum(encoder)))), cycles


def _counts(layer: CompressedGradient, values: Values, sending: Sending, reasons: Reasons) -> Counts:
    samples, candidates = layer.samples if layer.sampled else 0, values.passed[-1].size
    sent, cuts = int(sending.steps[:, 0].sum()), int(sending.steps[:, 1].sum())
    digits, passes = sending.digits, len(values.passed)
    numbers = {
        "momentum_multiplies": layer.elements,
        "additions": ADDITIONS * layer.elements,
        "comparisons": passes * layer.elements,
        "stream_cycles": int(reasons.accumulate[0] + reasons.compare[0]),
        "sample_pushes": samples,
        "sample_pops": samples,
        "queue_comparisons": samples * layer.top,
        "candidate_writes": sum(one.size for one in values.passed),
        "candidate_reads": len(digits) * candidates + len(sending.steps),
        "bin_updates": sum(digit.updates for digit in digits),
        "bin_reads": sum(digit.bins for digit in digits),
        "pairs": sent + cuts,
        "cuts": cuts,
        "dram_read_bytes": (READ + passes * WORD) * layer.elements,
        "dram_write_bytes": WRITTEN * (layer.elements + sent),
    }
    return Counts(**{name: np.array([value], np.int64) for name, value in numbers.items()})


def _output(layer: CompressedGradient, values: Values) -> np.ndarray:
    """The message, then what is left: int16 [words]."""
    words = message(values)
    values.residual[values.places] = 0
    values.velocity[values.places] = 0
    return layer.to_words(words, values.residual, values.velocity)
