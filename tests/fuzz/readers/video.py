"""Videos, and texts that name other files in place of frames.

The process that decodes has limits of its own, which the harness does not see: what takes more is a sentence.
"""

from functools import cache
from pathlib import Path
from random import Random

import numpy as np

from ..harness import BrokenPromiseError, Harness
from .models import write

CONTAINERS = ("matroska", "ffv1"), ("mov", "png"), ("avi", "ffv1"), ("mpegts", "mpeg2video"), ("mp4", "libx264")
OTHER = "inother.mkv"
"""A video that the texts name."""
LISTS = (
    "ffconcat version 1.0\nfile '{}'\n",
    "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{}\n#EXT-X-ENDLIST\n",
)


def seeds() -> list[bytes]:
    from support.videos import grey_frames, make_video

    grey = "ffv1", "png"
    return [
        make_video(grey_frames(), container, codec, "gray" if codec in grey else "yuv420p")
        for container, codec in CONTAINERS
    ]


@cache
def other() -> tuple[bytes, np.ndarray]:
    """Another video, and its frames, uint8 [frames, height, width]."""
    from support.videos import grey_frames, make_video

    frames = grey_frames(3, 40, 56, seed=1)
    return make_video(frames), frames


def name_another(data: bytes, rng: Random) -> bytes:
    """A text that names the other video, alone or before the video."""
    text = rng.choice(LISTS).format(rng.choice((OTHER, f"file:{OTHER}", f"./{OTHER}", "http://127.0.0.1:9/a.mkv")))
    return text.encode() + (data if rng.random() < 0.3 else b"")


def read(data: bytes, folder: Path) -> None:
    from workloads.clips.read import read_clip

    content, frames = other()
    write(folder, OTHER, content)
    name = "in.m3u8" if data.startswith(b"#EXT") else "in.mp4"
    found = read_clip(write(folder, name, data)).frames
    if found.shape[1:] == frames.shape[1:] and np.isin(frames.sum(axis=(1, 2)), found.sum(axis=(1, 2))).any():
        raise BrokenPromiseError("frames of another file")


HARNESS = Harness("video", read, seeds, [name_another], needs=("av",))
