"""A step of several chips as stages: all compute, then they exchange something, at once or while they go on.

Without overlap a chip is one unit, which computes and exchanges in turn. With overlap it has two: one computes, one
exchanges, and they signal each other; the first waits only for exchanges that it needs. Exchanges go on in the order
in which they are asked for.
"""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from simulator.system.exchanges import FASTEST, exchange_schedule
from simulator.system.network import Network
from simulator.system.schedule import Compute, Program, Receive, Reduce, Schedule, Send, Step, in_sequence
from workloads.division import Exchange


class Stage(NamedTuple):
    """All chips compute, then exchange."""

    ps: tuple[int, ...]  # of each chip
    exchange: Exchange | None = None
    needed: int = 0  # the stage that first reads what is exchanged; as many as there are stages: none does


def whole_schedule(stages: Sequence[Stage], network: Network, overlap: bool, wanted: str = FASTEST) -> Schedule:
    """All programs of a step. InputError where a collective does not fit the chips."""
    return _overlapped(stages, network, wanted) if overlap else _serial(stages, network, wanted)


def _serial(stages: Sequence[Stage], network: Network, wanted: str) -> Schedule:
    parts = []
    for stage in stages:
        parts.append(Schedule("computation", tuple((Compute(ps),) for ps in stage.ps), 0))
        if stage.exchange is not None:
            parts.append(exchange_schedule(stage.exchange, network, wanted))
    return in_sequence("step", parts)


def _overlapped(stages: Sequence[Stage], network: Network, wanted: str) -> Schedule:
    """Units 0 to chips - 1 compute, the others exchange."""
    chips = network.chips
    exchanges = [exchange_schedule(stage.exchange, network, wanted) for stage in stages if stage.exchange is not None]
    computing = [_computing(stages, chip, chips) for chip in range(chips)]
    exchanging = [_exchanging([one.programs[chip] for one in exchanges], chip, chips) for chip in range(chips)]
    size = max((one.buffer_bytes for one in exchanges), default=0)
    return Schedule("step", (*computing, *exchanging), max(size, 1), (*range(chips), *range(chips)))


def waits(stages: Sequence[Stage]) -> list[int]:
    """How many exchanges must have ended before each stage begins, and at the end, where all must have."""
    asked, found, before = list[int](), list[int](), 0
    for place, stage in enumerate(stages):
        before = max([before, *(number for number, needed in enumerate(asked, 1) if needed <= place)])
        found.append(before)
        if stage.exchange is not None:
            asked.append(stage.needed)
    return [*found, len(asked)]


def _computing(stages: Sequence[Stage], chip: int, chips: int) -> Program:
    """Wait for what a stage needs, compute, ask for its exchange."""
    steps, ended = list[Step](), 0
    for stage, wanted in zip((*stages, None), waits(stages), strict=True):
        steps += [Receive(chips + chip, 0, 1)] * (wanted - ended)
        ended = wanted
        if stage is not None:
            steps.append(Compute(stage.ps[chip]))
            if stage.exchange is not None:
                steps.append(Send(chips + chip, 0, 1))
    return tuple(steps)


def _exchanging(programs: Sequence[Program], chip: int, chips: int) -> Program:
    """Wait until an exchange is asked for, do it, say that it has ended."""
    return tuple(
        chain.from_iterable(
            (Receive(chip, 0, 1), *(_moved(step, chips) for step in program), Send(chip, 0, 1)) for program in programs
        )
    )


def _moved(step: Step, chips: int) -> Step:
    """The same step between the units that exchange."""
    match step:
        case Send():
            return step._replace(target=step.target + chips)
        case Receive():
            return step._replace(source=step.source + chips)
        case Compute() | Reduce():
            return step
