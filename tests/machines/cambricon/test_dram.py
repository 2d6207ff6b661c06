"""Cambricon with a memory: a drawn timeline, lines by a formula, requests of the engine as the model sends them."""

import numpy as np
import pytest
from hypothesis import given, settings
from support.cambricon_machines import OWN, PLAIN, machines
from support.dram.memories import QUICK
from support.dram_pushes import check_requests
from support.paths import EXAMPLES
from support.scnn_layers import convolution, drawn_layers

from simulator.core.trace import show
from simulator.machines.cambricon import MACHINE
from simulator.machines.cambricon.engine import run as engine
from simulator.machines.cambricon.layout.dram_map import dram_map
from simulator.machines.cambricon.layout.streams import layout
from simulator.machines.cambricon.model import units as model
from workloads.errors import InputError
from zeroskip import load_arch

RUNNERS = pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])


@RUNNERS
def test_a_line_is_asked_for_with_its_last_chunk_and_read_after_its_row_is_open(runner):
    # 2 chunks of inputs, then 3 of weights, a line each: asked for in cycles 2 and 5. The row is opened in 3, read in
    # 5, 2 clocks later are its data, a clock long: there in 8; the weights' read in 6: there in 9. Outputs leave in 12,
    # are written in 13, a clock later are their data: 15
    layer = convolution(
        np.array([[1, 0, 1, 0, 0, 1], [1, 0, 1, 1, 0, 0]])[:, :, None, None],
        np.array([1, 1, 0, 1, 1, 1])[:, None, None],
    )
    arch = PLAIN._replace(dram=QUICK)
    assert show(runner.run(arch, layout(arch, layer)[0], 100).trace).split("\n") == [
        "wwwwwwwwwmm....",
        ".ttttt......t..",
    ]


@settings(max_examples=EXAMPLES // 2)
@given(machines, drawn_layers)
def test_a_transfer_has_the_lines_of_its_bytes_and_what_is_loaded_again_has_the_same(arch, layer):
    (streams,) = layout(arch, layer)
    jobs, size = streams.jobs, QUICK.line_bytes
    places = dram_map(arch, QUICK, streams)
    assert places.loads.number.tolist() == np.maximum(1, -(-jobs.load_bytes.sum(axis=1) // size)).tolist()
    assert places.contents.number.tolist() == np.maximum(1, -(-streams.content_bytes // size)).tolist()
    lines = set()
    for part, used in ((places.loads, slice(None)), (places.contents, slice(None)), (places.writes, jobs.writes > 0)):
        own = {
            (first, count) for first, count in zip(part.first[used].tolist(), part.number[used].tolist(), strict=True)
        }
        covered = [line for first, count in own for line in range(first, first + count)]
        assert len(covered) == len(set(covered))  # two different parts share no line
        assert not lines & set(covered)
        lines |= set(covered)
    assert lines == set(range(places.lines))
    times = 1 if streams.weights_outermost else len(streams.tiles)
    assert np.unique(places.loads.first).size * times == jobs.load_chunks.size


@pytest.mark.parametrize("base", [PLAIN, OWN], ids=["shared", "own"])
@pytest.mark.parametrize("order", [1, 2])
def test_the_engine_asks_what_the_model_asks(base, order, monkeypatch):
    rng = np.random.default_rng(0)
    layer = convolution(rng.integers(0, 2, (5, 4, 3, 3)), rng.integers(0, 2, (4, 8, 9)))
    arch = base._replace(dram=QUICK, dram_channels=3, loop_order=order, chunks_per_cycle=4)
    passes = layout(arch, layer)
    run, found = check_requests(
        monkeypatch, lambda: model.run(arch, *passes), lambda: MACHINE.dram_requests(arch, passes)
    )
    written = sum(int(one.write.sum()) for one in found)
    assert written == (passes[0].jobs.writes > 0).sum()  # a line each, as they are short
    assert max(int(one.cycle.max()) for one in found) < run.cycles
    assert MACHINE.dram_requests(arch._replace(dram=None), passes) == []


def test_what_is_late_is_waited_for():
    layer = convolution(np.ones((4, 16, 1, 1)), np.ones((16, 1, 4)))
    cycles = []
    for cl in (2, 40, 400):
        arch = PLAIN._replace(dram=QUICK._replace(cl=cl), chunks_per_cycle=8)
        run = engine.run(arch, *layout(arch, layer))
        cycles.append(run.cycles)
        assert run.reasons.weight_wait + run.reasons.input_wait >= cl
    near = arch._replace(dram=None)
    assert engine.run(near, *layout(near, layer)).cycles < cycles[0] < cycles[1] - 30 < cycles[2] - 380


def test_a_layer_that_the_channels_do_not_hold_is_refused():
    layer = convolution(np.ones((4, 16, 1, 1)), np.ones((16, 1, 40)))
    arch = PLAIN._replace(dram=QUICK._replace(rows=1, row_lines=1, banks=1))
    with pytest.raises(InputError, match=r"written: it takes \d+ lines of DRAM; expected at most 1"):
        layout(arch, layer)


def test_the_roof_is_the_ports_or_the_channels():
    layer = convolution(np.ones((4, 16, 1, 1)), np.ones((16, 1, 4)))
    for changes, rate in (
        ({}, 256),
        ({"dram": "hbm2"}, 256),  # 16 channels of 16 GB/s
        ({"dram": "hbm2", "dram_channels": 4}, 64),
        ({"dram": "hbm2", "chunks_per_cycle": 1}, 32),
    ):
        arch = load_arch("cambricon_s", **changes).arch
        run = engine.run(arch, *layout(arch, layer))
        assert MACHINE.roofline(arch, run.counts).bytes_per_cycle == pytest.approx(rate)
