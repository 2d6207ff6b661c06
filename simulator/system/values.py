"""What a schedule does to values: its sends and reductions in program order, without time."""

from collections import defaultdict, deque

import numpy as np

from simulator.system.deadlock import SystemDeadlockError, describe_deadlock
from simulator.system.schedule import Compute, Receive, Reduce, Schedule, Send, Step


def run_values(schedule: Schedule, buffers: np.ndarray) -> None:
    """Run a schedule in place on the buffers of all chips, int64 or any dtype [chips, buffer_bytes], an element a byte.

    An addition is `into + other` in that dtype, in the order of each chip's program. SystemDeadlockError where no chip
    can go on.
    """
    inboxes = defaultdict[tuple[int, int], deque[np.ndarray]](deque)
    places = [0] * len(schedule.programs)
    moved = True
    while moved:
        moved = False
        for chip, program in enumerate(schedule.programs):
            while places[chip] < len(program) and _run_step(chip, program[places[chip]], buffers[chip], inboxes):
                places[chip] += 1
                moved = True
    if any(place < len(program) for place, program in zip(places, schedule.programs, strict=True)):
        waiting = {pair: len(queue) for pair, queue in inboxes.items()}
        raise SystemDeadlockError(describe_deadlock(schedule, places, waiting))


def _run_step(
    chip: int, step: Step, buffer: np.ndarray, inboxes: defaultdict[tuple[int, int], deque[np.ndarray]]
) -> bool:
    """Whether the step could be done now."""
    match step:
        case Send(target, first, size):
            inboxes[chip, target].append(buffer[first : first + size].copy())
        case Receive(source, first, size):
            if not inboxes[source, chip]:
                return False
            buffer[first : first + size] = inboxes[source, chip].popleft()
        case Reduce(into, other, size):
            buffer[into : into + size] += buffer[other : other + size]
        case Compute():
            pass
    return True
