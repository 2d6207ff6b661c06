"""From rounds to a run: barriers, post-processing, bands, and the sums of all that was told."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import overlap
from simulator.machines.scnn.arch import Arch, Counts, Reasons
from simulator.machines.scnn.layout.streams import Streams, dram_sum_bytes, dram_weight_bytes, output_bytes


class Round(NamedTuple):
    """What happened between two barriers. Cycles count from the round's beginning."""

    steps: np.ndarray  # int64 [pes], and so the next six
    stalled: np.ndarray
    starved: np.ndarray
    drained: np.ndarray
    vectors: np.ndarray  # of activations, read
    entries: np.ndarray
    multiplies: np.ndarray
    sent: int  # vectors of weights
    sending: int  # cycles of the channel
    fetching: int
    blocked: int

    @property
    def ends(self) -> np.ndarray:
        """The cycle in which each PE has its last sum."""
        return self.steps + self.stalled + self.starved + self.drained


class Schedule(NamedTuple):
    """When the rounds happen, int64 [rounds] each but the last."""

    start: np.ndarray
    done: np.ndarray  # the barrier: all PEs have their sums
    free: np.ndarray  # the PPUs have drained the round before, and begin with this one
    halo: np.ndarray  # cycles of the PPUs
    compress: np.ndarray
    cycles: int


def plane_sums(streams: Streams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of one output channel, for each band and PE: sums drained, sums sent to their owners, outputs owned."""
    planes = streams.planes
    whole = np.array([0, 0, *streams.layer.output_plane])
    drained, kept = overlap(planes.region, whole), overlap(planes.region, planes.owned)
    return drained, drained - kept, overlap(planes.owned, whole)


def by_bandwidth(streams: Streams) -> Callable[[int, int], int]:
    """When a band is loaded, without DRAM: see `schedule`."""
    return lambda band, start: start + int(streams.load_cycles[band])


def schedule(
    arch: Arch, streams: Streams, spend: Callable[[int, int], int], load: Callable[[int, int], int]
) -> Schedule:
    """When the rounds happen.

    spend: the cycles of a round by its number and its begin; load: when a band is loaded, by its number and the begin
    of the one before. Both are called in the order of time.
    """
    _, sent, owned = plane_sums(streams)
    count, loaded = len(streams.rounds), 0
    start, done, free, halo, compress = np.zeros((5, count), np.int64)
    now = ppu_end = 0
    for number, doing in enumerate(streams.rounds):
        if number and doing.band != streams.rounds[number - 1].band:
            now = max(now, loaded)
        if number == 0 or doing.band != streams.rounds[number - 1].band:
            loaded = load(doing.band + 1, now) if doing.band + 1 < len(sent) else 0
        start[number], done[number] = now, now + spend(number, now)
        now = free[number] = max(done[number], ppu_end)
        halo[number] = (-(-sent[doing.band] * doing.outputs // arch.ppu_width)).max()
        compress[number] = (-(-owned[doing.band] * doing.outputs // arch.ppu_width)).max()
        ppu_end = now + halo[number] + compress[number]
    return Schedule(start, done, free, halo, compress, int(ppu_end))


def counts(arch: Arch, streams: Streams, rounds: list[Round], stored: np.ndarray) -> Counts:
    """The events of all rounds; stored: outputs in each PE's OARAM."""
    drained, sent, _ = plane_sums(streams)
    multiplies = _add(rounds, "multiplies")
    vectors = sum(one.sent for one in rounds)
    band, outputs = (
        np.array(column) for column in zip(*((one.band, one.outputs) for one in streams.rounds), strict=True)
    )
    return Counts(
        broadcasts=np.array([vectors], np.int64),
        dram_weight_bytes=np.array([dram_weight_bytes(arch, streams)], np.int64),
        dram_sum_bytes=np.array([dram_sum_bytes(arch, streams)], np.int64),
        fifo_writes=np.full(arch.pes, vectors, np.int64),
        fifo_reads=_add(rounds, "steps"),
        iaram_reads=_add(rounds, "vectors"),
        entries=_add(rounds, "entries"),
        multiplies=multiplies,
        scatters=multiplies,
        accumulations=multiplies,
        ppu_reads=outputs @ drained[band],
        halo_sums=outputs @ sent[band],
        oaram_writes=stored,
        dram_input_bytes=streams.input_bytes,
        dram_output_bytes=output_bytes(arch, stored),
    )


def reasons(rounds: list[Round], plan: Schedule) -> Reasons:
    """What each unit did in all cycles."""
    ends = _add(rounds, "ends")
    next_start = np.append(plan.start[1:], plan.free[-1:])
    ppu = int(plan.halo.sum()), int(plan.compress.sum())
    channel = [sum(getattr(one, name) for one in rounds) for name in ("sending", "fetching", "blocked")]
    pes = np.ones(rounds[0].steps.size, np.int64)
    return Reasons(
        multiply=_add(rounds, "steps"),
        bank_stall=_add(rounds, "stalled"),
        starved=_add(rounds, "starved"),
        drain=_add(rounds, "drained"),
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


def _add(rounds: list[Round], name: str) -> np.ndarray:
    return np.array([getattr(one, name) for one in rounds], np.int64).sum(axis=0)
