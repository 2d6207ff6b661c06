"""Limits of the process that decodes videos: memory, time, and the life of the one that asks."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from support.paths import ROOT
from support.results.sweeping import wait_until
from support.videos import grey_frames, make_video, refused, save, works

from workloads.clips import video
from workloads.clips.read import read_clip
from workloads.isolated.asking import Isolated

pytest.importorskip("av")
FRAMES = grey_frames()


def test_it_gets_only_so_much_memory(tmp_path, monkeypatch):
    large = save(tmp_path, make_video(np.zeros((4, 2048, 2048), np.uint8)))
    fresh = Isolated(video.DECODING.task)  # another one may have room from earlier videos
    monkeypatch.setattr(video, "DECODING", fresh)
    monkeypatch.setattr(video, "MOST_BYTES", 8 << 20)
    assert refused(large) == f"{large}: it takes more than 8 MiB to decode; expected a video that takes less"
    monkeypatch.undo()
    assert read_clip(large).frames.shape == (4, 2048, 2048)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="of Linux")
def test_nothing_of_a_video_stays_in_the_process(tmp_path):
    """The frames of the last one, 192 MiB, would be room that the next one's limit comes on top of."""
    large = save(tmp_path, make_video(np.zeros((12, 4096, 4096), np.uint8)))

    def held():
        pages = Path(f"/proc/{video.DECODING.child.process.pid}/statm").read_text().split()[5]
        return int(pages) * resource.getpagesize()

    assert works(tmp_path)
    before = held()
    read_clip(large)
    wait_until(lambda: held() - before < 128 << 20, 10)


def test_it_gets_only_so_much_processor_time(tmp_path, monkeypatch):
    path = save(tmp_path, make_video(np.zeros((200, 512, 512), np.uint8)))
    assert works(tmp_path)  # the process is there
    for name, value in (("LEAST_SECONDS", 0.02), ("SECONDS_A_BYTE", 0), ("WAITING", 500)):
        monkeypatch.setattr(video, name, value)
    sentence = f"{path}: it takes more than 0.02 s to decode; expected 0.02 s and 0 for each MB of the file"
    assert refused(path) == sentence
    monkeypatch.undo()
    assert works(tmp_path)


def test_the_time_allows_hostile_files_below_a_megabyte_ten_seconds():
    assert video.LEAST_SECONDS + video.SECONDS_A_BYTE * 10**6 <= 10
    assert video.MOST_BYTES + (256 << 20) < 2e9


def test_a_process_that_waits_is_ended(tmp_path, monkeypatch):
    assert works(tmp_path)
    os.kill(video.DECODING.child.process.pid, signal.SIGSTOP)
    monkeypatch.setattr(video, "LEAST_SECONDS", 0.1)
    assert "it takes more than 0.1" in refused(save(tmp_path, make_video(FRAMES)))
    monkeypatch.undo()
    assert works(tmp_path)


def test_the_end_of_the_process_is_a_sentence(tmp_path, monkeypatch):
    path = save(tmp_path, make_video(FRAMES))
    task = tmp_path / "task.py"
    task.write_text("import os\ndef answer(*_):\n    os.abort()\n")
    monkeypatch.setattr(video.DECODING, "task", task)
    video.DECODING.child.end()
    assert "it cannot be decoded (PyAV ended with signal 6)" in refused(path)
    monkeypatch.undo()
    assert works(tmp_path)


def test_pyav_is_imported_in_the_other_process_only(tmp_path):
    path = save(tmp_path, make_video(FRAMES))
    lines = (
        f"import sys; from workloads.clips.read import read_clip; read_clip({str(path)!r}); print('av' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", lines], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_process_ends_with_the_one_that_asks(tmp_path):
    """Also where that one is killed while the task runs, and nothing is left of either."""
    task = tmp_path / "task.py"
    task.write_text("import time\ndef answer(*_):\n    time.sleep(60)\n")
    lines = (
        "import threading, time; from pathlib import Path; from workloads.isolated.asking import Isolated, Limits\n"
        f"one = Isolated(Path({str(task)!r}))\n"
        "threading.Thread(target=lambda: one.ask({}, Limits(1 << 30, 0, 60)), daemon=True).start()\n"
        "while one.child is None: time.sleep(0.01)\n"
        "time.sleep(1); print(one.child.process.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", lines], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 10
    while time.monotonic() < end and alive(child):
        time.sleep(0.05)
    assert not alive(child)
    assert [one.name for one in tmp_path.iterdir()] == ["task.py"]


def alive(process):
    """Whether a process runs: not where it has ended and nobody asked for its exit code."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
