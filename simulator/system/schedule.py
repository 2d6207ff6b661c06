"""What each chip does in a collective: compute, send, receive, reduce."""

from collections import defaultdict
from typing import NamedTuple

from simulator.system.link import duration_ps
from simulator.system.network import Network
from workloads.errors import refuse

MOST_PS = 1 << 61
"""Of a schedule: with fewer, every time fits into 64 bits."""


class Compute(NamedTuple):
    """Work of the chip itself."""

    ps: int


class Send(NamedTuple):
    """Give bytes of the buffer, as they are now, to the network; the chip goes on at once."""

    target: int
    first: int  # byte of the chip's buffer
    size: int  # bytes


class Receive(NamedTuple):
    """Wait for the next message of a chip; it replaces bytes of the buffer."""

    source: int
    first: int
    size: int


class Reduce(NamedTuple):
    """Add bytes of the buffer to others of it."""

    into: int  # first byte of the sum and of one operand
    other: int  # first byte of the other operand
    size: int


Step = Compute | Send | Receive | Reduce
Program = tuple[Step, ...]


class Schedule(NamedTuple):
    """The program of each chip."""

    name: str
    programs: tuple[Program, ...]
    buffer_bytes: int  # of each chip


def check_schedule(schedule: Schedule, network: Network) -> None:
    """InputError where a schedule does not fit a network.

    It has more chips, a chip that does not exist, a message that only one side knows or that differs in size, bytes
    beyond the buffer, or takes too long for 64 bits.
    """
    if len(schedule.programs) > network.chips:
        refuse(schedule.name, f"it is for {len(schedule.programs)} chips", f"{network.chips} or fewer, as the system")
    sent, received = defaultdict[tuple[int, int], list[int]](list), defaultdict[tuple[int, int], list[int]](list)
    for chip, program in enumerate(schedule.programs):
        for place, step in enumerate(program):
            _check_step(f"{schedule.name}: step {place} of chip {chip}", schedule, chip, step)
            match step:
                case Send():
                    sent[chip, step.target].append(step.size)
                case Receive():
                    received[step.source, chip].append(step.size)
    for source, target in sorted({*sent, *received}):
        given, taken = sent[source, target], received[source, target]
        if given != taken:
            what = f"chip {source} sends chip {target} messages of {given[:8]} bytes, which receives {taken[:8]}"
            refuse(schedule.name, what, "the same on both sides")
    if total_ps(schedule, network) > MOST_PS:
        refuse(schedule.name, "its steps take more than 2^61 ps one after another", "less")


def _check_step(where: str, schedule: Schedule, chip: int, step: Step) -> None:
    if isinstance(step, Compute):
        if step.ps < 0:
            refuse(where, f"it computes for {step.ps} ps", "0 or more")
        return
    if not isinstance(step, Reduce):
        peer = step.target if isinstance(step, Send) else step.source
        if not 0 <= peer < len(schedule.programs) or peer == chip:
            refuse(where, f"its partner is chip {peer}", f"another chip below {len(schedule.programs)}")
    if step.size < 1:
        refuse(where, f"it moves {step.size} bytes", "1 or more")
    for first in (step.into, step.other) if isinstance(step, Reduce) else (step.first,):
        if first < 0 or first + step.size > schedule.buffer_bytes:
            what = f"its bytes are {first} to {first + step.size - 1}"
            refuse(where, what, f"bytes of the buffer, 0 to {schedule.buffer_bytes - 1}")


def step_ps(step: Step, network: Network) -> int:
    """How long a step occupies what does it: the chip, or a channel for a send; 0 for a receive."""
    match step:
        case Compute():
            return step.ps
        case Send():
            return duration_ps(step.size, network.link.bytes_per_s)
        case Reduce():
            return duration_ps(step.size, network.reduce_bytes_per_s)
        case Receive():
            return 0


def total_ps(schedule: Schedule, network: Network) -> int:
    """All steps one after another, each message passing its whole route alone: no run takes longer."""
    total = 0
    for chip, program in enumerate(schedule.programs):
        for step in program:
            hops = len(network.route(chip, step.target)) if isinstance(step, Send) else 1
            latency = network.link.latency_ps if isinstance(step, Send) else 0
            total += hops * (step_ps(step, network) + latency)
    return total
