"""The compiled parts as plain Python, and with every index checked."""

import os
import subprocess
import sys

import pytest
from support.paths import ROOT

FILES = (
    "kernels/test_kernels.py",
    "kernels/test_convolution_kernel.py",
    "workloads/test_compression.py",
    "machines/eie/test_timelines.py",
    "machines/eie/test_twins.py",
    "machines/ese/test_timelines.py",
    "machines/ese/test_twins.py",
    "machines/scnn/test_timelines.py",
    "machines/scnn/test_twins.py",
    "machines/dense/test_dense.py",
    "hardware/test_dram_timing.py",
    "hardware/test_dram_twins.py",
)


@pytest.mark.parametrize("mode", ["NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"])
def test_small_cases_pass_in_mode(mode, tmp_path):
    environment = {**os.environ, mode: "1", "NUMBA_CACHE_DIR": str(tmp_path), "ZEROSKIP_EXAMPLES": "25"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *(f"tests/{name}" for name in FILES)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
