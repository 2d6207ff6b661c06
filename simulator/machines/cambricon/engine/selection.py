"""The cycles that a selector takes for the outputs of its tiles."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.cambricon.arch import Arch
from simulator.machines.cambricon.layout.streams import Streams
from simulator.machines.cambricon.layout.tiles import areas

UNLIMITED = 1 << 62


class JobCycles(NamedTuple):
    """Cycles of each job, int64 [jobs] each."""

    selections: np.ndarray
    step_reads: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """All cycles, int64 [jobs]."""
        found: np.ndarray = self.selections + self.step_reads
        return found


def job_cycles(arch: Arch, streams: Streams, pool: ThreadPoolExecutor) -> JobCycles:
    """The cycles of all jobs."""
    jobs, stored = streams.jobs, streams.stored
    limits = np.array([arch.multipliers, arch.neuron_window, arch.synapse_window], np.int64)
    if arch.skip_activations:
        found = _by_position(streams, limits, pool)[jobs.owner, jobs.piece, jobs.tile]
        return JobCycles(found, np.zeros_like(found))
    limits[2] = UNLIMITED
    fixed = np.zeros(stored.weight_bytes.size, np.int64)
    active = np.ones(1, np.uint8)
    _count_fixed(stored.start, stored.place, np.tile(streams.pieces, (len(stored.owners), 1)), active, limits, fixed)
    found = fixed.reshape(stored.weight_bytes.shape)[jobs.owner, jobs.piece] * areas(streams.tiles)[jobs.tile]
    return JobCycles(found, _step_reads(arch.steps_each, jobs.start, found))


def _step_reads(each: int, start: np.ndarray, selections: np.ndarray) -> np.ndarray:
    """Cycles of reading steps after each job, int64 [jobs]: a selector has one for `each` selections in all.

    start: int64 [selectors + 1]; selections: int64 [jobs].
    """
    found = np.zeros_like(selections)
    for first, end in zip(start[:-1].tolist(), start[1:].tolist(), strict=True):
        if each and end > first:
            found[first:end] = np.diff(selections[first:end].cumsum() // each, prepend=0)
    return found


def _by_position(streams: Streams, limits: np.ndarray, pool: ThreadPoolExecutor) -> np.ndarray:
    """Cycles of each owner, piece and tile, int64 [owners, pieces, tiles], where they depend on the inputs."""
    layer, stored = streams.layer, streams.stored
    active, offset, step = active_plane(streams)
    found = np.zeros((*stored.weight_bytes.shape, len(streams.tiles)), np.int64)
    each, parts = layer.outputs // layer.groups, len(streams.pieces)
    size = active.size // layer.groups

    def fill(owner: int) -> None:
        group = int(stored.owners[owner, 0]) // each
        plane = active[group * size : (group + 1) * size]
        for piece in range(parts):
            places = stored.places(owner, piece)
            given = places, offset[places], plane, step, streams.tiles, streams.pieces[piece], limits
            _count_tiles(*given, found[owner, piece])

    list(pool.map(fill, range(len(stored.owners))))
    return found


def active_plane(streams: Streams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which padded inputs are not zero, where the inputs of an output are, and how far the next output's are.

    uint8 [channels x rows x columns], int64 [inputs of an output], int64 [2]: down and right.
    """
    layer = streams.layer
    (top, left, bottom, right), (down, across) = layer.padding, layer.stride
    padded = np.pad(layer.activation != 0, ((0, 0), (top, bottom), (left, right)))
    _, high, wide = padded.shape
    c, i, j = np.indices(layer.kernel.shape[1:]).reshape(3, -1)
    offset = (c * high + i * layer.dilation[0]) * wide + j * layer.dilation[1]
    return padded.astype(np.uint8).ravel(), offset.astype(np.int64), np.array([down * wide, across], np.int64)


@njit(cache=True, nogil=True)
def _count_fixed(start, place, pieces, active, limits, found):  # type: ignore[no-untyped-def]
    """Set `found`, int64 [lists], to the cycles of each list of places where all inputs are selected.

    start: int64 [lists + 1]; place: int64 [places]; pieces: int64 [lists, 2]; active: uint8 [1], one; limits: see
    `_count_cycles`.
    """
    nothing = np.zeros(place.size, np.int64)
    for n in range(found.size):
        part = slice(start[n], start[n + 1])
        found[n] = _count_cycles(place[part], nothing[part], active, 0, pieces[n, 0], pieces[n, 1], limits)


@njit(cache=True, nogil=True)
def _count_tiles(place, offset, active, step, tiles, piece, limits, found):  # type: ignore[no-untyped-def]
    """Set `found`, int64 [tiles], to the cycles of all outputs of a channel in each tile.

    place, offset: int64 [places]; active: uint8 [inputs]; step: int64 [2]; tiles: int64 [tiles, 4]; piece: int64 [2];
    limits: see `_count_cycles`.
    """
    for n in range(found.size):
        for row in range(tiles[n, 0], tiles[n, 2]):
            for column in range(tiles[n, 1], tiles[n, 3]):
                first = row * step[0] + column * step[1]
                found[n] += _count_cycles(place, offset, active, first, piece[0], piece[1], limits)


@njit(cache=True, nogil=True)
def _count_cycles(place, offset, active, first, now, end, limits):  # type: ignore[no-untyped-def]
    """Return the cycles, an int64, of an output: inputs now .. end - 1, those at `place` are stored.

    place, offset: int64 [places]; active: uint8 [inputs], that of a place at first + offset; limits: int64 [3]:
    multipliers, inputs and stored weights of a cycle.
    """
    multipliers, window, most = limits
    cycles, selected, moved = 1, 0, 0
    for n in range(place.size):
        if place[n] >= now + window:
            passed = (place[n] - now) // window
            cycles, now, selected, moved = cycles + passed, now + passed * window, 0, 0
        one = int(active[first + offset[n]] != 0)
        if selected + one > multipliers or moved == most:
            cycles, now, selected, moved = cycles + 1, place[n], 0, 0
        selected, moved = selected + one, moved + 1
    return cycles + (end - 1 - now) // window
