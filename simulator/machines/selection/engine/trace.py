"""The trace of a run: letters of each unit, of the first cycles."""

from collections.abc import Sequence

import numpy as np

from simulator.machines.selection.arch import (
    ENCODER,
    LETTERS,
    MEMORY,
    QUEUE,
    STREAM,
    Arch,
    EncoderLetter,
    MemoryLetter,
    QueueLetter,
    StreamLetter,
    emit_cycles,
)
from simulator.machines.selection.engine.ranking import Digit
from simulator.machines.selection.engine.timing import Pass


class Writer:
    """Writes intervals into a trace, uint8 [units, cycles]."""

    def __init__(self, cycles: int):
        self.letters = np.full((len(LETTERS), cycles), ord("."), np.uint8)

    def put(self, unit: int, letter: str, begin: int, end: int) -> None:
        """A unit does this from cycle `begin` to the one before `end`, as far as the trace goes."""
        self.letters[unit, begin:end] = ord(letter)


def draw(
    arch: Arch, cycles: int, passes: Sequence[Pass], begin: int, ranked: tuple[int, Sequence[Digit]], steps: np.ndarray
) -> np.ndarray:
    """The first `cycles` cycles, uint8 [units, cycles].

    begin: of the encoder; ranked: candidates, and their digits; steps: int64 [candidates, 2], of each candidate whether
    it is sent and how many zeros cut its run.
    """
    writer, clock = Writer(cycles), 0
    for number, one in enumerate(passes):
        _draw_pass(arch, writer, one, clock, StreamLetter.COMPARE if number else StreamLetter.ACCUMULATE)
        clock = one.end
    candidates, found = ranked
    for digit in found:
        writer.put(ENCODER, EncoderLetter.RANK, begin, begin + candidates)
        begin += candidates
        writer.put(ENCODER, EncoderLetter.FIND, begin, begin + digit.bins)
        begin += digit.bins
    for kept, cuts in steps.tolist():
        if begin >= cycles:
            break
        writer.put(ENCODER, EncoderLetter.CUT if kept else EncoderLetter.LEAVE, begin, begin + (cuts if kept else 1))
        begin += cuts if kept else 1
        if kept:
            for unit, letter in ((ENCODER, EncoderLetter.EMIT), (MEMORY, MemoryLetter.ZEROS)):
                writer.put(unit, letter, begin, begin + emit_cycles(arch))
            begin += emit_cycles(arch)
    return writer.letters


def _draw_pass(arch: Arch, writer: Writer, one: Pass, begin: int, work: StreamLetter) -> None:
    """Memory, stream and queue of a pass."""
    cycles, held, ready = writer.letters.shape[1], begin, begin
    known = int(np.searchsorted(one.starts, cycles))
    push = 0
    for beat in range(min(known + arch.beat_slots + 2, one.starts.size)):
        start, enter, leave = int(one.starts[beat]), int(one.enters[beat]), int(one.leaves[beat])
        writer.put(MEMORY, MemoryLetter.FULL, held, start)
        held = start + int(one.cycles[beat])
        writer.put(MEMORY, MemoryLetter.TRANSFER, start, held)
        writer.put(STREAM, StreamLetter.STARVED, ready, enter)
        ready = leave
        taken = int(one.takes[beat])
        waits = one.pushes.size and taken
        writer.put(STREAM, StreamLetter.FULL if waits else work, enter, leave)
        for _ in range(taken if waits else 0):
            at, pop = int(one.pushes[push]), int(one.pops[push])
            writer.put(STREAM, work, at, at + 1)
            writer.put(QUEUE, QueueLetter.INSERT, pop, pop + arch.insert_cycles)
            push += 1
