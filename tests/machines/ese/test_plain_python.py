"""With JIT off, a result holds the same kinds of numbers: all of it is JSON."""

import json
import os
import subprocess
import sys

from support.paths import ROOT

CODE = """
import json
from zeroskip import load_arch, simulate, load_workload
from simulator.core.registry import find
config = load_arch("ese", channels=2, pes=2)
layer = load_workload("google-lstm", scale=0.01, formats=find("ese").formats(config.arch))
found = simulate(config, layer).to_dict()
found.pop("elapsed_s")
print(json.dumps(found))
"""


def test_a_result_is_json_with_and_without_compilation():
    found = []
    for mode in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": mode, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    assert found[0] == found[1]
