"""Clips as arrays."""

import io
from pathlib import Path

import numpy as np

from workloads.clips.differences import difference_shares

from ..harness import Harness
from ..mutators.archives import change_archive
from .models import try_all, write


def seeds() -> list[bytes]:
    frames = np.random.default_rng(0).integers(0, 255, (3, 4, 5), np.uint8)
    whole, packed = io.BytesIO(), io.BytesIO()
    np.save(whole, frames)
    np.savez_compressed(packed, frames=np.stack([frames] * 3, axis=3))
    return [whole.getvalue(), packed.getvalue()]


def read(data: bytes, folder: Path) -> None:
    from workloads.clips.read import read_clip

    ending = ".npz" if data.startswith(b"PK") else ".npy"
    path = write(folder, f"in{ending}", data)
    try_all(lambda: difference_shares(read_clip(path).frames[:4, :64, :64]))


HARNESS = Harness("clip", read, seeds, [change_archive])
