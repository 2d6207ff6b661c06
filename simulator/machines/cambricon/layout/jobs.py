"""The jobs of all selectors in their order, and the loads that bring their weights."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.machines.cambricon.arch import Arch
from simulator.machines.cambricon.layout.plan import Plan
from simulator.machines.cambricon.layout.tiles import areas


class Jobs(NamedTuple):
    """The jobs of all selectors, those of selector s from start[s] on, each list in its order.

    A job is a piece of the inputs of an owner's outputs on a tile. A load fills a slot of SB with the weights of jobs
    of a visit; those of selector s begin at load_start[s], in the order in which they are needed first.
    """

    start: np.ndarray  # int64 [selectors + 1]
    content: np.ndarray  # int64 [jobs]: which content of NBin it reads, numbered in the order of their first use
    tile: np.ndarray  # int64 [jobs]
    owner: np.ndarray  # int64 [jobs]
    piece: np.ndarray  # int64 [jobs]
    load: np.ndarray  # int64 [jobs]
    writes: np.ndarray  # int64 [jobs]: chunks of outputs after the job; 0 where the sums stay
    load_start: np.ndarray  # int64 [selectors + 1]
    load_bytes: np.ndarray  # int64 [loads, 2]: of weights and of the index
    load_chunks: np.ndarray  # int64 [loads]
    load_data: np.ndarray  # int64 [loads]: the first load of the same weights


class _List(NamedTuple):
    """Jobs of a selector in order, int64 [jobs] each; loads count from 0."""

    content: np.ndarray
    tile: np.ndarray
    owner: np.ndarray
    piece: np.ndarray
    load: np.ndarray


def all_jobs(arch: Arch, plan: Plan) -> Jobs:
    """The jobs of all visits to all tiles."""
    lists = [_join(list(_of_selector(plan, selector))) for selector in range(arch.selectors)]
    start = np.cumsum([0, *(one.tile.size for one in lists)])
    load_start = np.cumsum([0, *(int(one.load.max(initial=-1)) + 1 for one in lists)])
    content, tile, owner, piece, load = (np.concatenate(part) for part in zip(*lists, strict=True))
    load = load + np.repeat(load_start[:-1], np.diff(start))
    stored = plan.stored
    outputs = (stored.owners[:, 1] - stored.owners[:, 0])[owner] * areas(plan.tiles)[tile]
    last = piece == stored.weight_bytes.shape[1] - 1
    load_bytes = _load_bytes(plan, tile, owner, piece, load, int(load_start[-1]))
    return Jobs(
        start=start.astype(np.int64),
        content=content,
        tile=tile,
        owner=owner,
        piece=piece,
        load=load,
        writes=chunks_of(arch, outputs * arch.activation_bits // 8) * last,
        load_start=load_start.astype(np.int64),
        load_bytes=load_bytes,
        load_chunks=chunks_of(arch, load_bytes.sum(axis=1)),
        load_data=_load_data(load_start, 1 if plan.weights_outermost else len(plan.tiles)),
    )


def contents(plan: Plan, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Bytes of inputs of each content of NBin, int64 [contents], and a number that the same inputs share, likewise.

    groups: of the convolution.
    """
    tiles, pieces = plan.content_bytes.shape
    size = [plan.content_bytes[:, one.loaded[:, 1]].ravel() for one in plan.visits]
    parts = np.arange(tiles * groups * pieces).reshape(tiles, groups, pieces)
    data = [parts[:, one.loaded[:, 0], one.loaded[:, 1]].ravel() for one in plan.visits]
    return np.concatenate(size), np.concatenate(data)


def chunks_of(arch: Arch, many: np.ndarray) -> np.ndarray:
    """Chunks of transfers, int64 [any shape] of bytes: at least one each."""
    return np.maximum(1, -(-many // arch.chunk_bytes))


def _of_selector(plan: Plan, selector: int) -> Iterator[_List]:
    """A selector's jobs of each visit."""
    contents, loads, tiles = 0, 0, len(plan.tiles)
    for visit in plan.visits:
        mine = np.flatnonzero(plan.stored.owners[visit.order[:, 2], 2] == selector)
        tile, size, many = (
            np.arange(tiles)[:, None],
            len(visit.loaded),
            int(visit.load[mine].max(initial=-1)) + 1,
        )
        load = np.tile(visit.load[mine], (tiles, 1)) + (0 if plan.weights_outermost else tile * many)
        _, piece, owner = visit.order[mine].T
        yield _List(
            content=(contents + tile * size + visit.content[mine]).ravel(),
            tile=np.repeat(np.arange(tiles, dtype=np.int64), mine.size),
            owner=np.tile(owner, tiles),
            piece=np.tile(piece, tiles),
            load=loads + load.ravel(),
        )
        contents, loads = contents + tiles * size, loads + many * (1 if plan.weights_outermost else tiles)


def _load_data(start: np.ndarray, times: int) -> np.ndarray:
    """The first load of the same weights, int64 [loads], where a selector's loads are repeated as often as `times`.

    start: int64 [selectors + 1].
    """
    found = np.arange(start[-1], dtype=np.int64)
    for first, end in zip(start[:-1].tolist(), start[1:].tolist(), strict=True):
        found[first:end] = first + (found[first:end] - first) % max(1, (end - first) // times)
    return found


def _join(parts: list[_List]) -> _List:
    return _List(*(np.concatenate(part).astype(np.int64) for part in zip(*parts, strict=True)))


def _load_bytes(
    plan: Plan, tile: np.ndarray, owner: np.ndarray, piece: np.ndarray, load: np.ndarray, loads: int
) -> np.ndarray:
    """Bytes of weights and index of each load, int64 [loads, 2]; tile, owner, piece, load: int64 of all jobs."""
    once = tile == 0 if plan.weights_outermost else np.ones(tile.size, bool)
    found, stored = np.zeros((loads, 2), np.int64), plan.stored
    for column, many in enumerate((stored.weight_bytes, stored.index_bytes)):
        np.add.at(found[:, column], load[once], many[owner[once], piece[once]])
    return found
