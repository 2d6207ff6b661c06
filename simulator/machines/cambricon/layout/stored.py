"""The weights as they are stored: the places of a piece that an index keeps, and the bytes of a piece."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.machines.cambricon.arch import Arch
from workloads.kinds.convolution.layer import CompressedConvolution


class Stored(NamedTuple):
    """The weights of each owner, the outputs that share an index, piece by piece."""

    owners: np.ndarray  # int64 [owners, 3]: first output, end, selector
    start: np.ndarray  # int64 [owners x pieces + 1]: the places of owner f and piece p begin at start[f * pieces + p]
    place: np.ndarray  # int64 [places]: an input's number, ascending in a piece
    weight_bytes: np.ndarray  # int64 [owners, pieces]
    index_bytes: np.ndarray  # int64 [owners, pieces]

    def places(self, owner: int, piece: int) -> np.ndarray:
        """The inputs that an owner keeps of a piece, int64 [kept]."""
        at = owner * self.weight_bytes.shape[1] + piece
        return self.place[self.start[at] : self.start[at + 1]]


def owners_of(arch: Arch, layer: CompressedConvolution) -> np.ndarray:
    """Outputs that share an index, and their selector, int64 [owners, 3]: see `Stored`.

    Outputs are in groups of a PE each, none with outputs of two groups of the convolution.
    """
    each = layer.outputs // layer.groups
    found = []
    for group in range(layer.groups):
        for first in range(0, each, arch.pes):
            end = min(first + arch.pes, each)
            if arch.shared_selector:
                found.append((group * each + first, group * each + end, 0))
            else:
                found += [(group * each + k, group * each + k + 1, k - first) for k in range(first, end)]
    return np.array(found, np.int64)


def kept_places(arch: Arch, layer: CompressedConvolution, owners: np.ndarray) -> list[np.ndarray]:
    """The inputs whose weights each owner stores, int64 [stored]; owners: int64 [owners, 3]."""
    flat = layer.kernel.reshape(layer.outputs, -1)
    if not arch.skip_weights:
        return [np.arange(flat.shape[1])] * len(owners)
    return [np.flatnonzero((flat[first:end] != 0).any(axis=0)) for first, end, _ in owners.tolist()]


def store(arch: Arch, owners: np.ndarray, kept: Sequence[np.ndarray], parts: np.ndarray) -> Stored:
    """What is stored of each piece. parts: int64 [pieces, 2], see `tiles.pieces`; owners, kept: as above."""
    cuts = [np.searchsorted(places, np.append(parts[:, 0], parts[-1, 1])) for places in kept]
    stored = np.array([np.diff(cut) for cut in cuts], np.int64).reshape(len(owners), len(parts))
    outputs = owners[:, 1] - owners[:, 0]
    index, extra = np.zeros_like(stored), np.zeros_like(stored)
    if arch.skip_weights and arch.shared_selector:
        index += (parts[:, 1] - parts[:, 0])[None, :]
    elif arch.skip_weights:
        extra = np.array([_fillers(arch, *one, parts) for one in zip(cuts, kept, strict=True)], np.int64)
        index = (stored + extra) * arch.step_bits
    return Stored(
        owners=owners,
        start=np.concatenate([[0], stored.ravel().cumsum()]).astype(np.int64),
        place=np.concatenate(kept).astype(np.int64),
        weight_bytes=-(-(stored + extra) * outputs[:, None] * arch.weight_bits // 8),
        index_bytes=-(-index // 8),
    )


def _fillers(arch: Arch, cut: np.ndarray, places: np.ndarray, parts: np.ndarray) -> list[int]:
    """Stored zeros of each piece: a step reaches at most 2 ** step_bits inputs further."""
    found = []
    for n, first in enumerate(parts[:, 0].tolist()):
        steps = np.diff(places[cut[n] : cut[n + 1]], prepend=first - 1)
        found.append(int(((steps - 1) >> arch.step_bits).sum()))
    return found
