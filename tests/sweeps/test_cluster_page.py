"""The commands of docs/sweeps.md for an encrypted cluster: certificates, scheduler, worker, and who reaches them."""

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from support.paths import ROOT
from support.results.dask_processes import process
from support.results.sweeping import wait_until

from zeroskip import sweep

pytest.importorskip("distributed")
PAGE = (ROOT / "docs" / "sweeps.md").read_text()
LISTENS = "0A"
"""The state of a socket in /proc/net/tcp."""


def commands_of_the_page(program):
    """The arguments of a program's commands on the page, in their order."""
    lines = [shlex.split(line) for line in PAGE.splitlines() if line.startswith(f"{program} ")]
    return [words[1:] for words in lines if program == "openssl" or "--tls-key" in words]


def open_to_others(pid):
    """The ports on which a process listens for other computers."""
    sockets = {str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    places = [row[1].split(":") for row in rows if row[3] == LISTENS and f"socket:[{row[9]}]" in sockets]
    return {int(port, 16) for host, port in places if host != "0100007F"}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="there is no /proc")
def test_the_commands_of_the_page_let_in_nobody_without_a_certificate(tmp_path, monkeypatch):
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make certificates with")
    (tmp_path / "keys").mkdir()
    monkeypatch.chdir(tmp_path / "keys")
    for arguments in commands_of_the_page("openssl"):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)
    monkeypatch.chdir(tmp_path)
    (first, *serving), (second, _, *working) = commands_of_the_page("dask")
    assert (first, second) == ("scheduler", "worker")
    file = tmp_path / "scheduler.json"
    listening = ["--port", 0, "--scheduler-file", file]
    with process("distributed.cli.dask_scheduler", *serving, *listening) as served:
        wait_until(lambda: file.exists() and file.read_text().strip().endswith("}"))
        address = json.loads(file.read_text())["address"]
        with process("distributed.cli.dask_worker", address, *working, "--no-nanny") as worked:
            where = {"store": "s.db", "cluster": address, "cluster_security": "keys"}
            done = sweep("eie", "alexnet-fc8", {"pes": [1, 2], "seed": [0, 1]}, fixed={"scale": 0.01}, **where)
            assert (done.run, done.failed) == (4, 0)
            assert open_to_others(served.pid) == {int(address.rpartition(":")[2])}
            assert len(open_to_others(worked.pid)) <= 1  # for the scheduler and the other workers, with TLS
