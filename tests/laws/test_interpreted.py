"""Without compiling (NUMBA_DISABLE_JIT) every configuration gives the same document, which JSON can hold."""

import json
import os
import subprocess
import sys

import pytest
from support.configurations import small
from support.paths import ROOT

from simulator.config.load import shipped
from simulator.run.simulate import simulate
from zeroskip import load_arch

SCRIPT = """
import json, sys
sys.path.insert(0, "tests")
from laws.test_interpreted import document
json.dump({name: document(name) for name in sys.argv[1:]}, sys.stdout)
"""


def document(name):
    """A result as JSON holds it, without what differs from run to run."""
    config = load_arch(name)
    found = simulate(config, small(config), trace_cycles=100)
    made = {key: value for key, value in found.to_dict().items() if key != "elapsed_s"}
    return {**made, "output": found.run.output.tolist(), "trace": found.run.trace.tolist()}


@pytest.mark.parametrize("part", [0, 1])
def test_every_configuration(part):
    names = list(shipped())[part::2]
    variables = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, *names]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    for name in names:
        assert json.loads(json.dumps(document(name))) == found[name], name
