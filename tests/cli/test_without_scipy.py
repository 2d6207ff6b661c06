"""Commands load Numba without scipy.linalg, and functions that need a BLAS find it all the same."""

import subprocess
import sys

import pytest
from support.paths import ROOT

pytest.importorskip("scipy")
SCRIPT = """
import sys
from simulator.cli.without_scipy import load_numba_quickly
load_numba_quickly()
import numba, numpy as np
numba.njit(lambda a: a + 1)(np.arange(2))
print("scipy.linalg" in sys.modules)
matrix = np.array([[2.0, 1.0], [0.0, 3.0]])
product, spread = numba.njit(lambda a: (np.dot(a, a), np.cov(a)))(matrix)
assert (product == matrix @ matrix).all() and np.allclose(spread, np.cov(matrix))
print("scipy.linalg" in sys.modules, any(type(one).__name__ == "_Finder" for one in sys.meta_path))
"""


def output(script):
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_scipy_is_loaded_when_a_function_needs_it():
    assert output(SCRIPT).split() == ["False", "True", "False"]


def test_a_process_that_has_loaded_scipy_keeps_it():
    assert output(f"import scipy.linalg\n{SCRIPT}").split() == ["True", "True", "False"]


def test_a_command_does_not_load_it():
    script = (
        "import atexit, sys; sys.argv = ['zeroskip', 'run', 'eie', 'nt-we', '--scale', '0.02', '--json']\n"
        "atexit.register(lambda: sys.stderr.write(str('scipy.linalg' in sys.modules)))\n"
        "from simulator.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == "False"
