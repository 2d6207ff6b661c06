"""Workers that are made of one worker."""

import subprocess
import sys

import pytest
from support.paths import ROOT

from simulator.sweeps.workers.siblings import can_share

SCRIPT = """
import os, socket
from simulator.sweeps.workers.siblings import start_siblings

pairs = [socket.socketpair() for _ in range(3)]
own = start_siblings([theirs.fileno() for _, theirs in pairs])
if own is not None:
    os.write(own, b"%d" % [theirs.fileno() for _, theirs in pairs].index(own))
    os._exit(0)
for mine, theirs in pairs:
    theirs.detach()
    mine.settimeout(10)
    print(mine.recv(1), mine.recv(1))
"""


@pytest.mark.skipif(not can_share(), reason="processes are not made of others here")
def test_a_socket_ends_with_the_only_process_that_has_it():
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["b'0' b''", "b'1' b''", "b'2' b''"], done.stderr
