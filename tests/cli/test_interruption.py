"""Signs of life, and Ctrl-C at any time: exit code 130, one line, nothing half-written."""

import json
import os
import pty
import random
import re
import signal
import subprocess
import threading
import time

import pytest
from support.own_networks import mlp
from support.results.sweeping import ENVIRONMENT, command, content, count, start, wait_until

from simulator.cli import interruption, progress
from simulator.cli.interruption import Interrupted, describe_interruption, interrupts, whole_step
from simulator.run.steps import Step
from workloads.errors import InputError
from workloads.whole_files import whole_file, write_files, write_whole

LAYERS = 50
STEP = re.compile(rf"layer (\d+) of {LAYERS}, fc(\d+), (\d+):\d\d elapsed(?:, about (\d+):\d\d left)?")


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    pytest.importorskip("onnxruntime")
    return mlp(tmp_path_factory.mktemp("deep") / "deep.onnx", 300, 300, 300, LAYERS)


class Terminal:
    """A command whose standard error is a terminal; `shown` is what it has printed there."""

    def __init__(self, *arguments, cwd):
        self._screen, theirs = pty.openpty()
        where = {**ENVIRONMENT, "TERM": "xterm", "COLUMNS": "150"}
        self.process = subprocess.Popen(
            command(*arguments), cwd=cwd, env=where, stdout=subprocess.PIPE, stderr=theirs, text=True
        )
        os.close(theirs)
        self.shown = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        try:
            while part := os.read(self._screen, 4096):
                self.shown += part.decode(errors="replace")
        except OSError:  # the other end is closed
            pass

    def end(self):
        output, _ = self.process.communicate(timeout=120)
        self._reader.join(10)
        os.close(self._screen)
        return output

    def steps(self):
        return [int(found[1]) for found in STEP.finditer(self.shown)]


def test_a_network_of_fifty_layers_shows_where_it_is(network, tmp_path):
    terminal = Terminal("run", "eie", network, "--density", 0.1, "--json", cwd=tmp_path)
    printed = json.loads(terminal.end())
    assert len(printed["layers"]) == LAYERS
    steps = terminal.steps()
    assert sorted(set(steps)) == list(range(1, LAYERS + 1))
    assert steps == sorted(steps)
    assert "running it in onnxruntime to capture what enters its layers" in terminal.shown
    found = list(STEP.finditer(terminal.shown))
    assert all(one[1] == one[2] for one in found)
    assert [one[4] is None for one in found] == [int(one[1]) < 3 for one in found]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("arguments", [["run", "eie"], ["trace", "eie", "-o", "t.json"]])
def test_ctrl_c_at_any_time(network, tmp_path, arguments, seed):
    before = b'{"an older": "timeline"}'
    (tmp_path / "t.json").write_bytes(before)
    terminal = Terminal(*arguments, network, "--density", 0.1, cwd=tmp_path)
    least = random.Random(seed).randrange(1, 20)
    wait_until(lambda: max(terminal.steps(), default=0) >= least or terminal.process.poll() is not None)
    time.sleep(random.Random(seed).random() / 5)
    terminal.process.send_signal(signal.SIGINT)
    output = terminal.end()
    assert terminal.process.returncode == 130, terminal.shown[-500:]
    assert output == ""
    assert "Traceback" not in terminal.shown
    assert terminal.shown.count("zeroskip: interrupted; nothing was written") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.json"]
    assert (tmp_path / "t.json").read_bytes() == before


def test_ctrl_c_ends_a_sweep_over_an_own_network_in_order(network, tmp_path):
    depths = "queue_depth=1:1000:1000"
    what = ("sweep", "eie", network, "--density", 0.05, "--over", depths, "--store", "s.db", "--jobs", 1)
    path, found = tmp_path / "s.db", start(*what, cwd=tmp_path)
    wait_until(lambda: count(path) >= 1 or found.poll() is not None)
    found.send_signal(signal.SIGINT)
    output, errors = found.communicate(timeout=120)
    assert (found.returncode, "Traceback" in errors) == (130, False), errors
    stored = content(path)
    assert 1 <= len(stored) < 1000
    assert f"{1000 - len(stored)} points are left; the same command goes on from here" in output
    for row in stored.values():
        assert len(json.loads(row[2])) == json.loads(row[1])["layers_run"] == LAYERS


@pytest.mark.parametrize(
    ("step", "seconds", "second", "sentence"),
    [
        (Step(1, 53, "conv1"), 0.0, 0.0, "layer 1 of 53, conv1, 0:00 elapsed"),
        (Step(2, 53, "conv2"), 131.0, 0.0, "layer 2 of 53, conv2, 2:11 elapsed"),  # it was compiled
        (Step(7, 53, "conv7"), 141.0, 10.0, "layer 7 of 53, conv7, 2:21 elapsed, about 1:34 left"),
        (Step(3, None, "conv3"), 75.0, 5.0, "layer 3, conv3, 1:15 elapsed"),
    ],
)
def test_what_is_shown_of_a_step(step, seconds, second, sentence):
    assert progress.describe_step(step, seconds, second) == sentence


def test_a_first_layer_that_is_compiled_and_another_model_say_nothing_of_the_rest(monkeypatch):
    now, shown = [0.0], []
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    watch = progress.Watch("running", lambda sentence, _step: shown.append(sentence))
    for number, moment in ((1, 0), (2, 100), (3, 101), (1, 200), (2, 300), (3, 302)):
        now[0] = float(moment)
        watch.step(Step(number, 12, "fc"))
    assert [one.rpartition(", ")[2] for one in shown] == [
        "0:00 elapsed", "1:40 elapsed", "about 0:10 left", "0:00 elapsed", "1:40 elapsed", "about 0:20 left"
    ]  # fmt: skip


def test_without_a_terminal_a_line_now_and_then(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    with progress.progress("running net") as watch:
        for number in range(1, 11):
            watch.step(Step(number, 10, f"fc{number}"))
            now[0] += 10
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "running net: layer 4 of 10, fc4, 0:30 elapsed, about 1:10 left",
        "running net: layer 7 of 10, fc7, 1:00 elapsed, about 0:40 left",
        "running net: layer 10 of 10, fc10, 1:30 elapsed, about 0:10 left",
    ]


def press():
    os.kill(os.getpid(), signal.SIGINT)


def write_under_ctrl_c(path):
    with whole_step(path):
        press()
        path.write_text("whole")


def fail_half_way(path, error):
    with whole_file(path) as partial:
        partial.write_text("half")
        raise error


def test_ctrl_c_while_a_file_is_written_waits_for_its_end(tmp_path):
    path = tmp_path / "a.txt"
    with interrupts():
        with pytest.raises(Interrupted):
            write_under_ctrl_c(path)
        assert path.read_text() == "whole"
        assert describe_interruption() == f"interrupted; {path} was written"
    with interrupts():
        with pytest.raises(Interrupted):
            press()
        assert describe_interruption() == "interrupted; nothing was written"
    assert signal.getsignal(signal.SIGINT) is not interruption.raise_interrupted


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, Interrupted])
def test_what_ends_writing_leaves_nothing(tmp_path, error):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(error):
        fail_half_way(tmp_path / "a.txt", error)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.txt", "old")]


def test_files_appear_together_or_not_at_all(tmp_path):
    with pytest.raises(InputError, match=r"none/b: it cannot be written \(No such file.*; expected a place to write"):
        write_files({tmp_path / "a": "1", tmp_path / "none" / "b": "2"})
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match=r"it cannot be written \(Is a directory\)"):
        write_whole(tmp_path, "1")
    write_files({tmp_path / "a": "1\r\n", tmp_path / "b": b"\xff"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"1\r\n", "b": b"\xff"}
