"""Why Cambricon takes as long as it does: mechanisms against runs of the model, the path against a timeline."""

import numpy as np
import pytest
from hypothesis import given
from support.cambricon_machines import OWN, PLAIN, machines
from support.scnn_layers import convolution, drawn_layers
from support.why_laws import check_free_units, cycles_by_step

from simulator.machines.cambricon import MACHINE
from simulator.machines.cambricon.engine import run as engine
from simulator.machines.cambricon.layout.ideal import without_inputs, without_weights
from simulator.machines.cambricon.layout.streams import layout
from simulator.machines.cambricon.model import units as model

ANY = 1 << 40


def rounded_up(dividend, divisor):
    return int(-(-dividend // divisor))


@given(machines, drawn_layers)
def test_steps_are_runs_and_counts_of_the_model(arch, layer):
    passes = layout(arch, layer)
    run = model.run(arch, *passes)
    cycles, last = cycles_by_step(MACHINE, arch, layer, passes, run)
    counts, each = run.counts, arch.pes * arch.multipliers
    wide = arch._replace(chunks_per_cycle=ANY, dram=None)
    assert cycles["memory port"] == model.run(wide, *passes).cycles
    assert cycles["buffers"] == model.run(wide, without_inputs(without_weights(passes[0]))).cycles
    busy = run.reasons.compute
    assert cycles["start and drain"] == busy.max() == cycles["buffers"] - 4  # two cycles to come, two to leave
    assert cycles["unevenness"] == rounded_up(busy.sum(), arch.selectors)
    assert cycles["steps"] == rounded_up(counts.neuron_reads.sum(), arch.selectors)
    open_windows = arch._replace(neuron_window=ANY, synapse_window=ANY, step_rows=0)
    counted = model.run(open_windows, *passes).counts
    assert cycles["windows"] == rounded_up(counted.neuron_reads.sum(), arch.selectors)
    pairs = counts.multiplies + counts.padding
    one = pairs.max() * arch.pes if arch.shared_selector else pairs.sum()
    assert cycles["rounding"] == rounded_up(one, each)
    assert cycles["idle PEs"] == rounded_up(pairs.sum(), each)
    assert cycles["zeros"] == rounded_up(counts.multiplies.sum(), each)
    for name in ("neuron_reads", "weight_reads", "synapse_selections", "decodes", "index_reads", "selections"):
        assert getattr(last.counts, name).tolist() == getattr(counted, name).tolist()
    assert last.counts.dram_weight_bytes == counts.dram_weight_bytes


@given(machines, drawn_layers)
def test_what_is_free_shortens_the_run_by_what_is_said_and_what_has_slack_by_nothing(arch, layer):
    passes = layout(arch, layer)
    run = engine.run(arch, *passes)
    path = MACHINE.critical_path(arch, passes)
    assert [span.begin for span in path.spans] == np.cumsum([0, *(span.cycles for span in path.spans)])[:-1].tolist()
    check_free_units(MACHINE, arch, passes, run, path, model)
    on_path = {what for what, _ in path.cycles_by()}
    assert not any(unit.slack for unit in path.units if unit.name in on_path)


@given(machines, drawn_layers)
def test_spans_are_what_the_units_do_in_these_cycles(arch, layer):
    """A job's cycles are letters of its selector; a transfer's are letters of the port but for the one that asks."""
    passes = layout(arch, layer)
    trace = model.run(arch, *passes, trace_cycles=1 << 20).trace
    for span in MACHINE.critical_path(arch, passes).spans:
        part = slice(span.begin, span.begin + span.cycles)
        if span.what == "selection":
            row = int(span.unit.removeprefix("PE ")) if span.unit else 0
            assert set(trace[row, part].tolist()) == {ord("m")}
        else:
            assert set(trace[-1, part].tolist()) <= {ord("t"), ord(".")}
            assert arch.dram is not None or trace[-1, span.begin + span.cycles - 1] == ord("t")


def path_of(arch, layer):
    return [(span.cycles, span.what, span.unit) for span in MACHINE.critical_path(arch, layout(arch, layer)).spans]


def test_the_path_of_a_drawn_run():
    """16 inputs, 4 outputs, a slot of SB for one of a PE: the second weights wait for the first job's end."""
    layer = convolution(np.ones((4, 16, 1, 1)), np.ones((16, 1, 1)))
    arch = OWN._replace(chunks_per_cycle=8, chunk_bytes=8, sb_bytes=32, skip_weights=0)
    assert path_of(arch, layer) == [
        (3, "weights", ""), (8, "selection", "PE 0"), (3, "weights", ""), (8, "selection", "PE 0"), (2, "outputs", ""),
    ]  # fmt: skip
    both = arch._replace(sb_bytes=64, sb_slots=2)
    assert path_of(both, layer) == [(3, "weights", ""), (16, "selection", "PE 0"), (2, "outputs", "")]


def test_inputs_that_a_slower_pe_still_reads_are_waited_for():
    """PE 1 has a weight of each piece, PE 0 all of the first: PE 1 needs the third piece, PE 0 reads the first one."""
    weight = np.zeros((2, 24))
    weight[0, :8] = weight[1, [0, 8, 16]] = 1
    layer = convolution(weight[:, :, None, None], np.ones((24, 1, 1)))
    arch = OWN._replace(nbin_bytes=32, chunks_per_cycle=64, step_rows=0, sb_bytes=1024)
    assert path_of(arch, layer)[:3] == [(2, "weights", ""), (4, "selection", "PE 0"), (2, "inputs", "")]


@given(machines, drawn_layers)
def test_queues_hold_what_has_come_until_its_last_job_ends(arch, layer):
    passes = layout(arch, layer)
    run = model.run(arch, *passes, trace_cycles=1 << 20)
    queues = MACHINE.queues(arch, passes)
    assert len(queues) == arch.selectors + 1
    now = np.arange(run.cycles + 1)
    for queue in queues:
        held = queue.held(now)
        assert 0 <= held.min() <= held.max() <= queue.slots
        assert held[0] == held[-1] == 0
    for letters, sb in zip(run.trace[:-1], queues[:-1], strict=True):
        working = letters == ord("m")
        assert (sb.held(now[:-1])[working] > 0).all()
        assert (queues[-1].held(now[:-1])[working] > 0).all()


@pytest.mark.parametrize("order", [1, 2])
def test_a_table_says_how_often_weights_and_inputs_are_loaded(order):
    layer = convolution(np.ones((4, 8, 1, 1)), np.ones((8, 1, 4)))  # a place a tile, two batches, one in SB at a time
    arch = PLAIN._replace(nbin_bytes=32, skip_weights=0, sb_bytes=16, sb_slots=1, loop_order=order)
    rows = dict(MACHINE.tables(arch, layout(arch, layer))[0].rows)
    assert rows["outermost loop"] == ("tiles", "weights")[order - 1]
    assert (rows["times they are loaded"], rows["times they are loaded, in the mean"]) == ((4, 1), (1, 2))[order - 1]
    assert (rows["tiles of the plane"], rows["bytes of weights and index"], rows["bytes of inputs"]) == (4, 64, 64)
