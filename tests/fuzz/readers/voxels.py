"""Scans in .npz archives (`run points bevfusion-encoder --input`): voxels of a grid, with features, or points."""

from pathlib import Path

import numpy as np

from ..harness import Harness
from ..mutators.archives import change_archive
from .models import try_all, write
from .npz import archive


def seeds() -> list[bytes]:
    voxel = np.array([[3, 4, 1], [3, 5, 1], [9, 9, 9], [3, 4, 2]], np.int16)
    shape = np.array([40, 40, 41], np.int16)
    scans = [
        {"voxel": voxel, "shape": shape},
        {"voxel": voxel, "shape": shape, "feature": np.ones((4, 5), np.float32)},
        {"points": np.linspace(-9, 3, 60, dtype=np.float32).reshape(12, 5)},
        {"voxel": voxel, "shape": shape, "weight": np.ones((2, 1, 3, 3, 3), np.float32)},
    ]
    return [archive(one) for one in scans]


def read(data: bytes, folder: Path) -> None:
    """As the scan of the encoder's first layer and of one with a stride; as a layer itself."""
    given = str(write(folder, "in_scan.npz", data))
    try_all(lambda: _run("bevfusion-encoder", given, "input"), lambda: _run("bevfusion-encoder", given, "2-down"),
            lambda: _run(given, None, None))  # fmt: skip


def _run(source: str, scan: str | None, layer: str | None) -> None:
    from simulator.config.load import load_arch
    from simulator.run.executor import run
    from workloads.options import WorkloadOptions

    run([load_arch("points")], source, WorkloadOptions(activation=scan, layer=layer, scale=0.2 if layer else 1.0))


HARNESS = Harness("voxels", read, seeds, [change_archive])
