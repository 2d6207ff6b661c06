"""Videos are decoded in a process of its own, which opens no other file and takes only so much memory and time."""

import http.server
import runpy
import struct
import threading
import time
from contextlib import nullcontext
from pathlib import Path
from random import Random

import numpy as np
import pytest
from support.videos import LOSSLESS, grey_frames, make_video, refused, save, works

from workloads.clips import video
from workloads.clips.read import read_clip
from workloads.errors import InputError

pytest.importorskip("av")
FRAMES = grey_frames()


@pytest.mark.parametrize("container", LOSSLESS)
def test_frames_come_back_as_they_were(container, tmp_path):
    found = read_clip(save(tmp_path, make_video(FRAMES, container)))
    assert (found.name, found.frames.dtype) == ("clip.mkv", np.uint8)
    assert np.array_equal(found.frames, FRAMES)


@pytest.mark.parametrize(
    ("container", "codec"), [("mp4", "mpeg4"), ("mpegts", "mpeg2video"), ("mpeg", "mpeg2video"), ("ogg", "libvpx"),
                             ("gif", "gif"), ("webm", "libvpx")]
)  # fmt: skip
def test_every_container_is_read(container, codec, tmp_path):
    import av

    given = np.add.outer(np.arange(4) * 5, FRAMES[0] // 4 + np.arange(64, 96)).astype(np.uint8)
    pixels = "rgb8" if container == "gif" else "yuv420p"
    try:
        data = make_video(given, container, codec, pixels)
    except (av.FFmpegError, ValueError) as error:
        pytest.skip(f"FFmpeg writes none here: {error}")
    found = read_clip(save(tmp_path, data)).frames
    assert found.shape == given.shape
    assert abs(found.mean(axis=(1, 2)) - given.mean(axis=(1, 2))).max() < 12


LISTS = {
    "concat": "ffconcat version 1.0\nfile '{}'\n",
    "concat of two": "ffconcat version 1.0\nfile '{0}'\nfile '{0}'\n",
    "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{}\n#EXT-X-ENDLIST\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    '<Representation id="1" mimeType="video/mp4"><BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na={}\n",
}
"""Files that name other files."""


@pytest.fixture
def served(tmp_path):
    """A server of the folder on this computer: its address, and the paths that were asked of it."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given):
            super().__init__(*given, directory=str(tmp_path))

        def do_GET(self):
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.mark.parametrize("ending", ["mp4", "m3u8", "ffconcat", "mpd", "sdp", "ts"])
@pytest.mark.parametrize("kind", LISTS)
def test_a_file_that_names_others_is_refused_and_they_are_not_opened(kind, ending, tmp_path, monkeypatch, served):
    address, asked = served
    monkeypatch.chdir(tmp_path)
    secret = save(tmp_path, make_video(FRAMES), "other/secret.ts")
    names = (
        secret,
        "other/secret.ts",
        f"file:{secret}",
        f"{address}/other/secret.ts",
        f"subfile,,start,0,end,99,,:{secret}",
    )
    for name in names:
        path = save(tmp_path, LISTS[kind].format(name).encode(), f"list.{ending}")
        before = secret.stat().st_atime_ns
        refused(path)
        assert secret.stat().st_atime_ns == before
    assert not asked


def test_the_container_of_a_list_is_named(tmp_path):
    path = save(tmp_path, b"ffconcat version 1.0\nfile x.mkv\n", "a.mp4")
    assert refused(path) == (
        f"{path}: its container, concat, is none of those that are read; expected frames as an array (.npy, .npz) or "
        "a video (mp4, mov, mkv, webm, avi, ts, mpg, ogg, y4m, gif)"
    )


@pytest.mark.parametrize("kept", ["formats", "protocols", "system", None])
@pytest.mark.parametrize("kind", ["concat", "hls"])
def test_each_of_three_things_keeps_ffmpeg_from_other_files(kind, kept, tmp_path, monkeypatch):
    """None: FFmpeg reads them."""
    import av

    monkeypatch.chdir(tmp_path)
    save(tmp_path, make_video(grey_frames(32), "mpegts", "mpeg2video", "yuv420p"), "other/secret.ts")
    path = save(tmp_path, LISTS[kind].format("other/secret.ts").encode(), "list.m3u8")
    allowed = {"formats": {"format_whitelist": "mov"}, "protocols": {"protocol_whitelist": ""}}.get(kept, {})
    task = runpy.run_path(str(video.DECODING.task))
    alone = task["_nothing_else_opened"] if kept == "system" else nullcontext

    def read():
        with path.open("rb") as file, alone(), av.open(file, options=allowed) as container:
            return len(list(container.decode(video=0)))

    if kept is None:
        assert read() == 32
    else:
        with pytest.raises((av.FFmpegError, OSError)):
            read()


@pytest.mark.parametrize("container", ["matroska", "mov", "avi"])
def test_a_part_of_a_video_is_refused_or_its_first_frames(container, tmp_path):
    whole = make_video(FRAMES, container)
    for size in (0, 1, 100, len(whole) // 2, len(whole) * 3 // 4, len(whole) - 1):
        path = save(tmp_path, whole[:size])
        try:
            found = read_clip(path).frames
        except InputError:
            refused(path)
            continue
        assert np.array_equal(found[:-1], FRAMES[: len(found) - 1])


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_note_says_that_frames_are_missing_at_the_end(share, tmp_path):
    """30 frames of 1/30 s: the header of a whole file gives a second."""
    whole = make_video(grey_frames(30))
    path = save(tmp_path, whole[: int(share * len(whole))])
    clip = read_clip(path)
    seconds = len(clip.frames) / 30
    assert len(clip.frames) == pytest.approx(30 * share, abs=2)
    assert clip.notes == (f"{path}: its frames end after {seconds:.2f} s, its header gives 1.00 s",)
    assert read_clip(save(tmp_path, whole)).notes == ()


def test_a_note_counts_damaged_frames(tmp_path):
    import av

    try:
        whole = make_video(grey_frames(30, 48, 64), "mpegts", "mpeg2video", "yuv420p")
    except (av.FFmpegError, ValueError) as error:
        pytest.skip(f"FFmpeg writes none here: {error}")
    assert read_clip(save(tmp_path, whole)).notes == ()
    path = save(tmp_path, whole[: int(0.7 * len(whole))])
    clip = read_clip(path)
    assert clip.notes == (f"{path}: 1 of its {len(clip.frames)} frames cannot be decoded in full",)


@pytest.mark.parametrize("container", ["matroska", "mov", "avi"])
def test_changed_bytes_are_refused_or_give_frames(container, tmp_path):
    whole, rng = make_video(FRAMES, container), Random(0)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 4, 16])):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path = save(tmp_path, bytes(data))
        try:
            assert read_clip(path).frames.ndim == 3
        except InputError:
            refused(path)
    assert works(tmp_path)


def wide(data, container):
    """The video with 60,000 x 60,000 pixels in its header."""
    height, width = FRAMES.shape[1:]
    before, after = {
        "yuv4mpegpipe": (b"W%d H%d" % (width, height), b"W60000 H60000"),
        "gif": (struct.pack("<HH", width, height), struct.pack("<HH", 60000, 60000)),
        "avi": (struct.pack("<ii", width, height), struct.pack("<ii", 60000, 60000)),
    }[container]
    assert before in data
    return data.replace(before, after)


@pytest.mark.parametrize("container", ["yuv4mpegpipe", "gif", "avi"])
def test_a_header_that_claims_too_much_is_refused_before_anything_is_made_for_it(container, tmp_path):
    whole = make_video(FRAMES, container, *(("gif", "rgb8") if container == "gif" else ()))
    path = save(tmp_path, wide(whole, container))
    begin = time.monotonic()
    sentence = refused(path)
    assert "60000" in sentence or "it cannot be decoded" in sentence or "no frame" in sentence
    assert time.monotonic() - begin < 5
    assert peak_bytes() < 500 << 20


def peak_bytes():
    """The most memory that the process has held."""
    status = Path(f"/proc/{video.DECODING.child.process.pid}/status").read_text()
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))


def test_too_many_pixels_too_long_sides_and_frames_of_several_sizes(tmp_path, monkeypatch):
    path = save(tmp_path, make_video(FRAMES))
    monkeypatch.setattr(video, "MOST_PIXELS", 3 * 24 * 32)
    assert refused(path) == f"{path}: it has more than 2,304 pixels; expected fewer"
    monkeypatch.setattr(video, "MOST_PIXELS", 4 * 24 * 32)
    assert read_clip(path).frames.shape == (4, 24, 32)
    monkeypatch.setattr(video, "MOST_SIDE", 31)
    assert refused(path) == f"{path}: it has frames of 24 x 32; expected sides of 1 to 31"
    monkeypatch.undo()
    streams = [make_video(grey_frames(2, *size), "mpegts", "mpeg2video", "yuv420p") for size in ((32, 32), (48, 64))]
    assert "; expected frames of one size" in refused(save(tmp_path, b"".join(streams)))


def test_a_file_without_video(tmp_path):
    import io

    import av

    written = io.BytesIO()
    with av.open(written, "w", format="matroska") as file:
        stream = file.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8000
        file.mux(stream.encode(sound))
        file.mux(stream.encode())
    assert "it has no video, only other streams or none; expected" in refused(save(tmp_path, written.getvalue()))
    assert "it has 1 frame of 24 x 32" in refused(save(tmp_path, make_video(FRAMES[:1])))
