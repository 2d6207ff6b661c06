"""What each unit of a chip does: compute, send, receive, reduce."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from simulator.system.link import duration_ps
from simulator.system.network import Network
from workloads.errors import refuse

MOST_PS = 1 << 61
"""Of a schedule: with fewer, every time fits into 64 bits."""
MOST_PASSES = 1 << 25
"""Links that all messages of a schedule pass together: as many take about a minute, and less than a gigabyte."""


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
    """The program of each unit: a chip is one, or has several that work at the same time.

    Units of one chip have the same buffer; a message between them is a signal, which takes no time and no link.
    """

    name: str
    programs: tuple[Program, ...]
    buffer_bytes: int  # of each chip
    chip_of: tuple[int, ...] = ()  # of each unit; empty: unit i is chip i

    def chip(self, unit: int) -> int:
        """The chip of a unit."""
        return self.chip_of[unit] if self.chip_of else unit

    def way(self, network: Network, source: int, target: int) -> tuple[int, ...]:
        """The channels that a message between two units passes; none within a chip."""
        one, other = self.chip(source), self.chip(target)
        return () if one == other else network.route(one, other)


def in_sequence(name: str, schedules: Sequence[Schedule]) -> Schedule:
    """Each chip runs its programs one after another, and does not wait for the others in between.

    InputError where the schedules have different numbers of chips, or there are none.
    """
    chips = {len(one.programs) for one in schedules}
    if len(chips) != 1 or len({one.chip_of for one in schedules}) != 1:
        refuse(name, f"its parts are for {sorted(chips)} chips", "one or more parts for the same chips")
    programs = tuple(tuple(chain.from_iterable(parts)) for parts in zip(*(s.programs for s in schedules), strict=True))
    return Schedule(name, programs, max(one.buffer_bytes for one in schedules), schedules[0].chip_of)


def check_schedule(schedule: Schedule, network: Network) -> None:
    """InputError where a schedule does not fit a network.

    It has more chips, a chip that does not exist, a message that only one side knows or that differs in size, bytes
    beyond the buffer, messages that pass more than MOST_PASSES links, or takes too long for 64 bits.
    """
    _check_chips(schedule, network)
    sent, received = defaultdict[tuple[int, int], list[int]](list), defaultdict[tuple[int, int], list[int]](list)
    for chip, program in enumerate(schedule.programs):
        for place, step in enumerate(program):
            wrong = _wrong_with(schedule, chip, step)
            if wrong:
                refuse(f"{schedule.name}: step {place} of chip {chip}", *wrong)
            if isinstance(step, Send):
                sent[chip, step.target].append(step.size)
            elif isinstance(step, Receive):
                received[step.source, chip].append(step.size)
    for source, target in sorted({*sent, *received}):
        given, taken = sent[source, target], received[source, target]
        if given != taken:
            what = f"chip {source} sends chip {target} messages of {given[:8]} bytes, which receives {taken[:8]}"
            refuse(schedule.name, what, "the same on both sides")
    if total_ps(schedule, network) > MOST_PS:
        refuse(schedule.name, "its steps take more than 2^61 ps one after another", "less")


def _check_chips(schedule: Schedule, network: Network) -> None:
    """InputError where there are more chips than the network has, or a unit is on none of them."""
    name, units = schedule.name, len(schedule.programs)
    if not schedule.chip_of and units > network.chips:
        refuse(name, f"it is for {units} chips", f"{network.chips} or fewer, as the system")
    if schedule.chip_of and len(schedule.chip_of) != units:
        refuse(name, f"it has {units} units and chips of {len(schedule.chip_of)}", "a chip for each unit")
    for chip in schedule.chip_of:
        if not 0 <= chip < network.chips:
            refuse(name, f"a unit is on chip {chip}", f"one of {network.chips}, as the system")


def _wrong_with(schedule: Schedule, chip: int, step: Step) -> tuple[str, str] | None:
    """What is wrong with a step, and what was expected."""
    if isinstance(step, Compute):
        return (f"it computes for {step.ps} ps", "0 or more") if step.ps < 0 else None
    if not isinstance(step, Reduce):
        peer = step.target if isinstance(step, Send) else step.source
        if not 0 <= peer < len(schedule.programs) or peer == chip:
            return f"its partner is chip {peer}", f"another chip below {len(schedule.programs)}"
    if step.size < 1:
        return f"it moves {step.size} bytes", "1 or more"
    for first in (step.into, step.other) if isinstance(step, Reduce) else (step.first,):
        if first < 0 or first + step.size > schedule.buffer_bytes:
            return f"its bytes are {first} to {first + step.size - 1}", f"bytes 0 to {schedule.buffer_bytes - 1}"
    return None


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
    """All steps one after another, each message passing its whole route alone: no run takes longer.

    InputError where messages pass more than MOST_PASSES links.
    """
    total = passes = 0
    messages = Counter[tuple[int, int, int]]()  # by source, target, size
    for chip, program in enumerate(schedule.programs):
        messages.update((chip, step.target, step.size) for step in program if isinstance(step, Send))
        total += sum(step_ps(step, network) for step in program if isinstance(step, Compute | Reduce))
    for (source, target, size), times in messages.items():
        alone = duration_ps(size, network.link.bytes_per_s) + network.link.latency_ps
        links = times * len(schedule.way(network, source, target))
        passes += links
        if passes > MOST_PASSES:
            what = f"its messages pass more than {MOST_PASSES:,} links in all"
            refuse(schedule.name, what, "fewer chips, or a network with shorter ways")
        total += links * alone
    return total
