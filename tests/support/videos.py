"""Small videos that PyAV writes, as bytes and as files."""

import io

import numpy as np
import pytest

from workloads.clips.read import read_clip
from workloads.errors import InputError

LOSSLESS = {"matroska": "ffv1", "avi": "ffv1", "mov": "png", "yuv4mpegpipe": "wrapped_avframe"}
"""Containers by FFmpeg's name, and codecs that keep each grey value in them."""


def grey_frames(count=4, height=24, width=32, seed=0):
    """Grey values that differ everywhere, uint8 [count, height, width]."""
    return np.random.default_rng(seed).integers(0, 256, (count, height, width), np.uint8)


def make_video(frames, container="matroska", codec=None, pixels="gray"):
    """The bytes of a video of grey frames, uint8 [frames, height, width]. pixels: FFmpeg's name of their format."""
    import av

    written = io.BytesIO()
    with av.open(written, "w", format=container) as file:
        stream = file.add_stream(codec or LOSSLESS[container], rate=30)
        stream.height, stream.width = frames.shape[1:]
        stream.pix_fmt = pixels
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format="gray").reformat(format=pixels)
            file.mux(stream.encode(picture))
        file.mux(stream.encode())
    return written.getvalue()


def save(folder, data, name="clip.mkv"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def refused(path):
    with pytest.raises(InputError) as caught:
        read_clip(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: ")
    assert sentence.count("; expected ") == 1
    assert "\n" not in sentence
    return sentence


def works(folder):
    """Whether another video is decoded."""
    return np.array_equal(read_clip(save(folder, make_video(grey_frames()), "works.mkv")).frames, grey_frames())
