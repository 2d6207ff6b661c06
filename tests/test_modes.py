"""The compiled parts as plain Python, and with every index checked."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

FILES = (
    "test_kernels.py",
    "test_convolution_kernel.py",
    "test_compression.py",
    "test_eie_timelines.py",
    "test_eie_twins.py",
    "test_ese_timelines.py",
    "test_ese_twins.py",
    "test_scnn_timelines.py",
    "test_scnn_twins.py",
    "test_dense.py",
    "test_dram_timing.py",
    "test_dram_twins.py",
)


@pytest.mark.parametrize("mode", ["NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"])
def test_small_cases_pass_in_mode(mode, tmp_path):
    environment = {**os.environ, mode: "1", "NUMBA_CACHE_DIR": str(tmp_path), "ZEROSKIP_EXAMPLES": "25"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *(f"tests/{name}" for name in FILES)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
