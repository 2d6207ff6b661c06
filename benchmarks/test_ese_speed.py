"""Speed of the engine of ESE relative to the plain kernel: `pytest benchmarks` (it checks ratios, prints times)."""

import pytest

from benchmarks.test_speed import medians
from simulator.core.registry import find
from simulator.machines.ese.engine import run as engine
from simulator.machines.ese.layout.streams import layout
from workloads.kinds import reference_output
from zeroskip import load_arch, load_workload, simulate


@pytest.fixture(scope="module", params=[1, 5], ids=["one time step", "five"])
def step(request):
    """Time steps of the full LSTM, 32 voices; in the first one, y is zero."""
    config = load_arch("ese")
    given = find("ese").formats(config.arch)
    layer = load_workload("google-lstm", steps=request.param, formats=given).layer
    (streams,) = layout(config.arch, layer)
    return config.arch, layer, streams


def test_ratios(step, capsys):
    arch, layer, streams = step
    kernel, whole, timing, rate = medians(
        lambda: reference_output(layer),
        lambda: engine.run(arch, streams),
        lambda: engine.run_without_output(arch, streams),
        lambda: engine.run_without_output(arch._replace(dram=None), streams),
    )
    with capsys.disabled():
        print(f"\nESE, {layer.activation.shape[1]} time steps: plain kernel {1e3 * kernel:.3f} ms; ", end="")
        print(f"engine with output {whole / kernel:.2f} x, timing and counts alone {timing / kernel:.2f} x, ", end="")
        print(f"without DRAM {rate / kernel:.2f} x")
    assert whole <= 2 * kernel
    assert timing <= 1.2 * kernel


def test_the_model_runs_a_time_step_of_four_voices(capsys):
    config = load_arch("ese", channels=4)
    workload = load_workload("google-lstm", formats=find("ese").formats(config.arch))
    model, fast = (simulate(config, workload, engine=name) for name in ("simpy", "numba"))
    with capsys.disabled():
        print(f"\nSimPy model, a time step of google-lstm, 4 voices: {model.elapsed_s:.1f} s")
    assert model.run.cycles == fast.run.cycles
    assert (model.run.output == fast.run.output).all()
