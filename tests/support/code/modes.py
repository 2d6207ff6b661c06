"""Small cases of the compiled parts in a mode of Numba, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from kernels_ref.cache import VARIABLE
from support.paths import ROOT

CASES = (
    "kernels/test_kernels.py",
    "kernels/test_convolution_kernel.py",
    "kernels/test_formats.py",
    "workloads/compression/test_compression.py",
    "workloads/compression/test_huffman.py",
    "machines/eie/test_timelines.py",
    "machines/eie/test_twins.py",
    "machines/eie/test_scales.py",
    "machines/ese/test_timelines.py",
    "machines/ese/test_twins.py",
    "machines/ese/test_why.py",
    "machines/eie/test_why.py",
    "machines/scnn/test_timelines.py",
    "machines/scnn/test_twins.py",
    "machines/scnn/test_granularity.py::test_merged_additions_are_the_distinct_places_of_each_step",
    "machines/dense/test_dense.py",
    "machines/tensor/test_timelines.py",
    "machines/tensor/test_twins.py",
    "machines/tensor/test_attention_twins.py",
    "machines/tensor/test_state_space_twins.py",
    "machines/tensor/test_experts.py",
    "machines/tensor/test_zeros_twins.py",
    "hardware/test_dram_timing.py",
    "hardware/test_dram_twins.py",
    "workloads/sources/test_albert.py",
    "machines/edgedrnn/test_twins.py",
    "machines/edgedrnn/test_why.py",
    "machines/cambricon/test_twins.py",
    "machines/eyeriss_v2/test_twins.py",
    "machines/sigma/test_twins.py",
    "machines/gamma/test_twins.py",
    "kernels/test_reduction.py::test_dots_add_place_after_place_in_fp32",
    "kernels/test_gru_kernel.py",
    "kernels/test_gradient.py",
    "machines/selection/test_twins.py",
    "system/test_channels.py",
    "system/test_twins.py",
    "system/test_camera_twins.py",
    "machines/points/test_twins.py",
    "machines/bevpool/test_twins.py",
    "kernels/test_bev_pooling.py",
)
LEFT_OUT = (
    "read_less_often or 4096 or never_take or wide_machines or shipped_memories or order_of_processes "
    "or experts_in_every_format"
)
"""Tests that run many or large cases, or models only."""


def run_small_cases(mode, *arguments, cases=CASES):
    """Run cases with a variable of Numba set to 1, and more arguments for pytest; whatever fails is printed."""
    environment = {
        **os.environ,
        mode: "1",
        VARIABLE: str(Path(os.environ[VARIABLE]).parent / mode.lower()),  # Numba's cache does not know the mode
        "NUMBA_OPT": "1",  # compilation is most of the work
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]),
        "ZEROSKIP_EXAMPLES": "4",
    }
    command = [sys.executable, "-m", "pytest", *arguments, "-p", "no:cacheprovider", "-k", f"not ({LEFT_OUT})"]
    command += [f"tests/{name}" for name in cases]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
