"""Boxes as text of the MOT Challenge and of KITTI tracking: of objects, and of a detector."""

from pathlib import Path

from workloads.tracks.tracks import find_tracks

from ..harness import Harness
from .models import try_all, write


def seeds() -> list[bytes]:
    kitti = "0 1 Car 0 0 -1.5 10 20 60 90 1.5 1.6 3.9 1 2 30 0.1"
    return [
        b"1,1,10,20,30,40,1,-1,-1,-1\n2,1,11,20,30,40,1,-1,-1,-1\n2,2,90,20,30,40.5,1,-1,-1,-1\n",
        b"1,1,10,20,30,40,1,1,0.5\n1,2,10,20,30,40,0,7,1\n",
        f"{kitti}\n{kitti.replace('0 1 Car', '1 1 Car')} 0.9\n0 -1 DontCare -1 -1 -10 0 0 9 9{' -1' * 7}\n".encode(),
    ]


def read(data: bytes, folder: Path) -> None:
    from simulator.system.camera.detector import read_detector
    from workloads.tracks.read import read_boxes

    path = write(folder, "in.txt", data)
    try_all(
        lambda: find_tracks(read_boxes(path, True, "moderate")),
        lambda: read_detector(read_boxes(path, True), read_boxes(path, False)),
    )


HARNESS = Harness("boxes", read, seeds, [])
