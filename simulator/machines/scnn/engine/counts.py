"""From rounds to a run: barriers, post-processing, bands, and the totals of events and cycles."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import overlap_area
from simulator.machines.scnn.arch import Arch, Counts, Reasons
from simulator.machines.scnn.layout.streams import Streams, dram_sum_bytes, dram_weight_bytes, output_bytes


class RoundCounts(NamedTuple):
    """Events and cycles of one round, which lasts from barrier to barrier; arrays int64 [pes]."""

    steps: np.ndarray  # cycles that issue a step
    stalled: np.ndarray  # cycles in which a queue of a bank is full
    starved: np.ndarray  # cycles without weights
    drained: np.ndarray  # cycles in which the queues drain
    vectors: np.ndarray  # vectors of activations that are read
    entries: np.ndarray
    multiplies: np.ndarray
    sent: int  # vectors of weights that are broadcast
    sending: int  # cycles in which the channel broadcasts
    fetching: int  # cycles in which the channel waits for DRAM
    blocked: int  # cycles in which a FIFO is full

    @property
    def ends(self) -> np.ndarray:
        """The cycle of the round in which each PE has its last sum, int64 [pes]."""
        return self.steps + self.stalled + self.starved + self.drained


class RoundTimes(NamedTuple):
    """The cycles in which the rounds happen; arrays int64 [rounds]."""

    start: np.ndarray  # the PEs begin
    done: np.ndarray  # the barrier: all PEs have their sums
    free: np.ndarray  # the PPUs have drained the round before, and begin with this one
    halo: np.ndarray  # how many cycles the PPUs move sums
    compress: np.ndarray  # how many cycles the PPUs compress outputs
    cycles: int  # of the run


def plane_sums(streams: Streams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For one output channel: sums drained, sums sent to their owners, outputs owned; int64 [bands, pes] each."""
    planes = streams.planes
    whole = np.array([0, 0, *streams.layer.output_plane])
    drained, kept = overlap_area(planes.region, whole), overlap_area(planes.region, planes.owned)
    return drained, drained - kept, overlap_area(planes.owned, whole)


def bandwidth_loader(streams: Streams) -> Callable[[int, int], int]:
    """The argument `load_end` of `time_rounds` for a machine without DRAM."""
    return lambda band, start: start + int(streams.load_cycles[band])


def time_rounds(
    arch: Arch, streams: Streams, round_cycles: Callable[[int, int], int], load_end: Callable[[int, int], int]
) -> RoundTimes:
    """The cycles in which the rounds happen.

    round_cycles: (number, first cycle) of a round -> its cycles. load_end: (number of a band, first cycle of the band
    before) -> the cycle in which the band is loaded. Both are called in the order of time.
    """
    _, sent, owned = plane_sums(streams)
    count, loaded = len(streams.rounds), 0
    start, done, free, halo, compress = np.zeros((5, count), np.int64)
    now = ppu_end = 0
    for number, work in enumerate(streams.rounds):
        if number and work.band != streams.rounds[number - 1].band:
            now = max(now, loaded)
        if number == 0 or work.band != streams.rounds[number - 1].band:
            loaded = load_end(work.band + 1, now) if work.band + 1 < len(sent) else 0
        start[number], done[number] = now, now + round_cycles(number, now)
        now = free[number] = max(done[number], ppu_end)
        halo[number] = (-(-sent[work.band] * work.outputs // arch.ppu_width)).max()
        compress[number] = (-(-owned[work.band] * work.outputs // arch.ppu_width)).max()
        ppu_end = now + halo[number] + compress[number]
    return RoundTimes(start, done, free, halo, compress, int(ppu_end))


def count_events(arch: Arch, streams: Streams, rounds: list[RoundCounts], stored: np.ndarray) -> Counts:
    """The events of all rounds. stored int64 [pes]: entries of the outputs in each OARAM."""
    drained, sent, _ = plane_sums(streams)
    multiplies = _total(rounds, "multiplies")
    vectors = sum(one.sent for one in rounds)
    band, outputs = (
        np.array(column) for column in zip(*((one.band, one.outputs) for one in streams.rounds), strict=True)
    )
    return Counts(
        broadcasts=np.array([vectors], np.int64),
        dram_weight_bytes=np.array([dram_weight_bytes(arch, streams)], np.int64),
        dram_sum_bytes=np.array([dram_sum_bytes(arch, streams)], np.int64),
        fifo_writes=np.full(arch.pes, vectors, np.int64),
        fifo_reads=_total(rounds, "steps"),
        iaram_reads=_total(rounds, "vectors"),
        entries=_total(rounds, "entries"),
        multiplies=multiplies,
        scatters=multiplies,
        accumulations=multiplies,
        ppu_reads=outputs @ drained[band],
        halo_sums=outputs @ sent[band],
        oaram_writes=stored,
        dram_input_bytes=streams.input_bytes,
        dram_output_bytes=output_bytes(arch, stored),
    )


def count_cycles(rounds: list[RoundCounts], plan: RoundTimes) -> Reasons:
    """The cycles of each unit by reason."""
    ends = _total(rounds, "ends")
    next_start = np.append(plan.start[1:], plan.free[-1:])
    ppu = int(plan.halo.sum()), int(plan.compress.sum())
    channel = [sum(getattr(one, name) for one in rounds) for name in ("sending", "fetching", "blocked")]
    pes = np.ones(rounds[0].steps.size, np.int64)
    return Reasons(
        multiply=_total(rounds, "steps"),
        bank_stall=_total(rounds, "stalled"),
        starved=_total(rounds, "starved"),
        drain=_total(rounds, "drained"),
        barrier=(plan.done - plan.start).sum() - ends,
        ppu_wait=int((plan.free - plan.done).sum()) * pes,
        dram_wait=int((next_start - plan.free).sum()) * pes,
        finished=(plan.cycles - int(plan.free[-1])) * pes,
        broadcast=np.array(channel[:1], np.int64),
        fetch=np.array(channel[1:2], np.int64),
        fifo_full=np.array(channel[2:], np.int64),
        idle=np.array([plan.cycles - sum(channel)], np.int64),
        halo=np.array(ppu[:1], np.int64),
        compress=np.array(ppu[1:], np.int64),
        ppu_idle=np.array([plan.cycles - sum(ppu)], np.int64),
    )


def _total(rounds: list[RoundCounts], name: str) -> np.ndarray:
    return np.array([getattr(one, name) for one in rounds], np.int64).sum(axis=0)
