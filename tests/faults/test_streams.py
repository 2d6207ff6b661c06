"""Closed standard streams: what is printed to one is refused in a sentence, and no file takes its place."""

import sqlite3

import pytest

from faults.running import shell
from simulator.cli import main  # noqa: F401 - the commands below are of this version

COMMANDS = {
    "run --json": ("zeroskip run eie {files}/one.npz --json", False),
    "list": ("zeroskip list", True),
    "version": ("zeroskip --version", True),
    "help": ("zeroskip results --help", True),
    "results": ("zeroskip results {files}/store.db", True),
}
CASES = [name if not slow else pytest.param(name, marks=pytest.mark.slow) for name, (_, slow) in COMMANDS.items()]


@pytest.mark.parametrize("name", CASES)
def test_nothing_can_be_printed(files, tmp_path, name):
    done = shell(f"{COMMANDS[name][0].format(files=files)} >&-", tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr == b"zeroskip: standard output is closed; expected one to print to\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_streams_that_are_not_needed_may_be_closed(files, tmp_path, name, closed):
    command = COMMANDS[name][0].format(files=files)
    done, plain = shell(f"{command} {closed}", tmp_path), shell(command, tmp_path)
    assert (done.returncode, done.stderr) == (plain.returncode, plain.stderr) == (0, b"")
    assert len(done.stdout) == pytest.approx(len(plain.stdout), abs=40)  # elapsed times differ


def test_without_any_stream_a_sweep_fills_its_store_and_nothing_else(files, tmp_path):
    done = shell(f"zeroskip sweep eie {files}/one.npz --over pes=1,2 --store s.db --jobs 1 <&- >&- 2>&-", tmp_path)
    assert done.returncode == 2  # its summary could not be printed
    assert (done.stdout, done.stderr) == (b"", b"")
    with sqlite3.connect(tmp_path / "s.db") as store:
        assert store.execute("SELECT count(*) FROM point WHERE error IS NULL").fetchone() == (2,)
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.slow
def test_a_document_on_a_closed_input(tmp_path):
    done = shell("zeroskip report - -o page.html <&-", tmp_path)
    assert done.returncode == 2
    assert b"standard input: it is closed; expected " in done.stderr
