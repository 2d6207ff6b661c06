"""Lines that the units of the tensor engine's model move between DRAM and chip."""

import simpy

from simulator.hardware.dram.model.channel import Channel
from simulator.hardware.dram.model.interleaved import InterleavedChannels
from simulator.machines.tensor.layout.streams import Transfer
from simulator.machines.tensor.model.ledger import Ledger


def move(
    env: simpy.Environment,
    channel: Channel | InterleavedChannels | None,
    ledger: Ledger,
    transfers: tuple[Transfer, ...],
    write: bool,
) -> simpy.Event:
    """Request lines in this cycle; the event occurs when all have been read or written."""
    begin = int(env.now)
    lines = [line for one in transfers for line in range(one.first_line, one.first_line + one.lines)]
    if channel is None or not lines:
        return env.event().succeed()
    moved = env.all_of([channel.push(line, write) for line in lines])
    spans = ledger.writes if write else ledger.reads
    moved.callbacks.append(lambda _: spans.append((begin, int(env.now))))
    return moved
