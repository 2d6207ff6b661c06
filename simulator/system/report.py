"""Collectives of a system as rows of a table."""

from collections.abc import Callable
from typing import NamedTuple

from simulator.system.collectives import COLLECTIVES, collectives_named, make_schedule
from simulator.system.network import Network
from simulator.system.schedule import Schedule
from simulator.system.system_file import System
from simulator.system.system_run import REASONS, SystemRun, link_pj
from workloads.errors import InputError


class CollectiveRow(NamedTuple):
    """A collective on a system. Times in ps."""

    collective: str
    kind: str
    time_ps: int
    spent_ps: dict[str, int]  # of all chips together, by reason
    link_bytes: int  # on all links, each that a message passes
    most_link_bytes: int  # on the channel with most
    link_wait_ps: int  # of all messages that waited for a channel
    link_pj: float


def collective_rows(
    system: System, name: str, size: int, run: Callable[[Schedule, Network], SystemRun]
) -> tuple[list[CollectiveRow], list[str]]:
    """A row for each collective of a kind, or the row of the one of that name; and why others do not fit.

    size: bytes of each chip's operand. run: one of the twins. InputError where none fits.
    """
    rows, left_out = list[CollectiveRow](), list[str]()
    for one in collectives_named(name):
        try:
            schedule = make_schedule(one, system.network.chips, size)
        except InputError as error:
            left_out.append(str(error))
            continue
        rows.append(_row(one, system, run(schedule, system.network)))
    if not rows:
        raise InputError(left_out[0])
    return rows, left_out


def _row(name: str, system: System, run: SystemRun) -> CollectiveRow:
    spent = dict(zip(REASONS, map(sum, run.spent_ps.T.tolist()), strict=True))  # more than 64 bits
    return CollectiveRow(
        collective=name,
        kind=COLLECTIVES[name].kind,
        time_ps=run.time_ps,
        spent_ps=spent,
        link_bytes=int(run.channel_bytes.sum()),
        most_link_bytes=int(run.channel_bytes.max(initial=0)),
        link_wait_ps=sum(run.channel_wait_ps.tolist()),
        link_pj=link_pj(run, system.network.link.pj_per_bit),
    )
