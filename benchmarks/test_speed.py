"""How fast the simulator is relative to the plain computation: `pytest benchmarks` (it checks ratios, prints times).

All ratios compare medians of runs that take turns, so that a machine whose speed drifts slows both sides.
"""

import os
import statistics
import subprocess
import sys
import time

import pytest

from kernels_ref.fully_connected import multiply
from simulator.machines.eie import engine
from simulator.machines.eie.layout.streams import layout
from workloads.kinds.fully_connected.recipe import Recipe
from workloads.sources.zoo.recipes import zoo
from zeroskip import load_arch, load_workload, simulate


@pytest.fixture(scope="module")
def fc6():
    config, layer = load_arch("eie"), load_workload("alexnet-fc6").layer
    (streams,) = layout(config.arch, layer)
    return config.arch, layer, streams


def plain(layer):
    return multiply(*layer.columns, layer.codebook, layer.activation, layer.shift, layer.outputs, layer.relu)


def medians(*functions, rounds=41):
    """The median time of each function; they take turns."""
    times = [[] for _ in functions]
    for function in functions:
        function()
    for _ in range(rounds):
        for function, spent in zip(functions, times, strict=True):
            began = time.perf_counter()
            function()
            spent.append(time.perf_counter() - began)
    return [statistics.median(spent) for spent in times]


@pytest.mark.benchmark(group="AlexNet FC6, 64 PEs")
def test_plain_kernel(benchmark, fc6):
    benchmark(plain, fc6[1])


@pytest.mark.benchmark(group="AlexNet FC6, 64 PEs")
def test_engine_with_output(benchmark, fc6):
    benchmark(engine.run, fc6[0], fc6[2])


@pytest.mark.benchmark(group="AlexNet FC6, 64 PEs")
def test_engine_timing_and_counts(benchmark, fc6):
    benchmark(engine.run_without_output, fc6[0], fc6[2])


@pytest.mark.benchmark(group="AlexNet FC6, 64 PEs")
def test_layout(benchmark, fc6):
    benchmark(layout, fc6[0], fc6[1])


@pytest.mark.benchmark(group="compression")
def test_compressing_vgg16_fc6(benchmark):
    benchmark.pedantic(load_workload, ("vgg16-fc6",), rounds=3)


def test_ratios(fc6, capsys):
    arch, layer, streams = fc6
    kernel, whole, timing = medians(
        lambda: plain(layer), lambda: engine.run(arch, streams), lambda: engine.run_without_output(arch, streams)
    )
    with capsys.disabled():
        print(f"\nplain kernel {1e3 * kernel:.3f} ms; engine with output {whole / kernel:.2f} x, ", end="")
        print(f"timing and counts alone {timing / kernel:.2f} x")
    assert whole <= 2 * kernel
    assert timing <= 0.5 * kernel


def test_all_nine_layers_in_a_second(capsys):
    config = load_arch("eie")
    workloads = [load_workload(name) for name, recipe in zoo().items() if isinstance(recipe, Recipe)]
    simulate(config, workloads[0])
    began = time.perf_counter()
    for workload in workloads:
        simulate(config, workload)
    spent = time.perf_counter() - began
    with capsys.disabled():
        print(f"\n{len(workloads)} layers, layout included: {spent:.3f} s")
    assert len(workloads) == 9
    assert spent < 1


def test_the_first_run_on_a_fresh_machine(tmp_path, capsys):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "simulator.cli", "run", "eie", "alexnet-fc7"]
    times = []
    for _ in range(2):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        times.append(time.perf_counter() - began)
    with capsys.disabled():
        print(f"\nfirst run of alexnet-fc7, compilation included: {times[0]:.1f} s, second run: {times[1]:.1f} s")
    assert times[0] < 20


def test_the_model_runs_all_of_alexnet_fc8(capsys):
    result = simulate(load_arch("eie"), load_workload("alexnet-fc8"), engine="simpy")
    with capsys.disabled():
        print(f"\nSimPy model, alexnet-fc8: {result.elapsed_s:.1f} s")
    assert result.elapsed_s < 30
