"""What is done on a tile before the next one: the order of jobs, what NBin holds for each, and which slots of SB."""

from typing import NamedTuple

import numpy as np

from simulator.machines.cambricon.arch import HALVES, Arch
from simulator.machines.cambricon.layout.stored import Stored
from simulator.machines.cambricon.layout.tiles import nbout_values
from workloads.kinds.convolution.layer import CompressedConvolution


class Visit(NamedTuple):
    """Jobs of a tile, in order; a layer makes one or more visits to each tile."""

    order: np.ndarray  # int64 [jobs, 3]: group of the convolution, piece, owner
    content: np.ndarray  # int64 [jobs]: what NBin holds, a number of this visit
    loaded: np.ndarray  # int64 [contents, 2]: group of the convolution and piece of each
    load: np.ndarray  # int64 [jobs]: the slot of SB with its weights, a number of this visit and the job's selector


class _Slots:
    """The slots of SB of a selector, filled one after the other."""

    def __init__(self, arch: Arch):
        self.room = arch.sb_bytes // arch.sb_slots, arch.index_bytes // HALVES
        self.limits = 1 + arch.shared_selector  # steps are among the weights' bytes
        self.load, self.used = -1, (0, 0)

    def take(self, size: tuple[int, int]) -> int:
        """The slot of weights and index, bytes each: the latest one, or a further one where that is full."""
        used = self.used[0] + size[0], self.used[1] + size[1]
        if self.load < 0 or any(one > room for one, room in zip(used[: self.limits], self.room, strict=False)):
            self.load, used = self.load + 1, size
        self.used = used
        return self.load


def one_visit(arch: Arch, layer: CompressedConvolution, positions: int, stored: Stored) -> Visit:
    """A visit of all jobs, whose weights are loaded on each tile. positions: outputs of a channel, largest tile."""
    order = _in_order(arch, layer, positions, stored, np.arange(len(stored.owners)))
    size, slots = _sizes(stored), [_Slots(arch) for _ in range(arch.selectors)]
    selector = stored.owners[:, 2].tolist()
    load = [slots[selector[owner]].take(size[owner][piece]) for _, piece, owner in order.tolist()]
    return Visit(order, *_contents(order), np.array(load, np.int64))


def visits_by_weights(arch: Arch, layer: CompressedConvolution, positions: int, stored: Stored) -> list[Visit]:
    """Visits of as many outputs each as SB holds the weights of; none where it does not hold a group of PEs' outputs.

    positions: outputs of a channel, largest tile.
    """
    size, pieces = _sizes(stored), stored.weight_bytes.shape[1]
    blocks: list[list[int]] = []
    load = np.zeros(stored.weight_bytes.shape, np.int64)
    slots: list[_Slots] = []
    for batch in _batches(arch, layer, stored.owners):
        for fresh in (not blocks, True):
            if fresh:
                slots = [_Slots(arch) for _ in range(arch.selectors)]
                blocks.append([])
            for owner in batch:
                selector = int(stored.owners[owner, 2])
                load[owner] = [slots[selector].take(size[owner][piece]) for piece in range(pieces)]
            if load[batch].max() < arch.sb_slots:
                break
        else:
            return []
        blocks[-1] += batch
    orders = [_in_order(arch, layer, positions, stored, np.array(owners)) for owners in blocks]
    return [Visit(order, *_contents(order), load[order[:, 2], order[:, 1]]) for order in orders]


def _batches(arch: Arch, layer: CompressedConvolution, owners: np.ndarray) -> list[list[int]]:
    """The owners, by number, that work at the same time; owners: int64 [owners, 3]."""
    key = _batch_of(arch, layer, owners)
    border = np.flatnonzero(np.diff(key, axis=0).any(axis=1)) + 1
    return [one.tolist() for one in np.split(np.arange(len(owners)), border)]


def _batch_of(arch: Arch, layer: CompressedConvolution, owners: np.ndarray) -> np.ndarray:
    """Group of the convolution, and group of as many outputs as there are PEs, int64 [owners, 2]."""
    each = layer.outputs // layer.groups
    return np.column_stack([owners[:, 0] // each, owners[:, 0] % each // arch.pes])


def _sizes(stored: Stored) -> list[list[tuple[int, int]]]:
    """Bytes of each owner's pieces in the SB of a PE and in the index buffer."""
    outputs = stored.owners[:, 1:2] - stored.owners[:, :1]
    both = np.stack([-(-stored.weight_bytes // outputs), stored.index_bytes], axis=-1)
    return [[(weights, index) for weights, index in one] for one in both.tolist()]


def _in_order(
    arch: Arch, layer: CompressedConvolution, positions: int, stored: Stored, owners: np.ndarray
) -> np.ndarray:
    """Group of the convolution, piece and owner of each job of some owners, int64 [owners], in order, int64 [jobs, 3].

    The inputs of a piece serve all these owners, where NBout holds their sums until the last piece; else each group of
    PEs' outputs reads all pieces, one after the other. positions: outputs of a channel in the largest tile.
    """
    parts = stored.weight_bytes.shape[1]
    group, batch = _batch_of(arch, layer, stored.owners).T
    owner, piece = (part.ravel() for part in np.meshgrid(owners, np.arange(parts), indexing="ij"))
    outputs = np.bincount(group[owners], (stored.owners[:, 1] - stored.owners[:, 0])[owners])
    inner = (owner, piece) if positions * outputs.max() <= nbout_values(arch) else (owner, piece, batch[owner])
    chosen = np.lexsort((*inner, group[owner]))
    return np.column_stack([group[owner], piece, owner])[chosen].astype(np.int64)


def _contents(order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What NBin holds for each job of a visit: numbers, int64 [jobs]; group and piece of each, int64 [contents, 2].

    order: see `_in_order`. A piece of a group is loaded unless it is one of the two that were loaded last.
    """
    new = np.any(np.diff(order[:, :2], axis=0, prepend=-1) != 0, axis=1)
    number, loaded = [], list[tuple[int, int]]()
    for group, piece in order[new, :2].tolist():
        latest = loaded[-HALVES:]
        if (group, piece) not in latest:
            loaded.append((group, piece))
            latest = loaded[-HALVES:]
        number.append(len(loaded) - len(latest) + latest.index((group, piece)))
    return np.array(number, np.int64)[np.cumsum(new) - 1], np.array(loaded, np.int64)
