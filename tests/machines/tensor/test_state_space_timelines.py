"""Timelines, cycles and bytes of state-space layers as drawings and formulas: model and engine alike."""

from math import ceil

import pytest
from support.paths import ROOT
from support.products import PLAIN, state_format_of
from support.state_spaces import state_space, state_space_for

from simulator.core.registry import find
from simulator.hardware.dram.presets import load_dram
from simulator.machines.tensor.engine.state_space import run_state_space as run_engine
from simulator.machines.tensor.layout.state_space import layout_state_space
from simulator.machines.tensor.model.state_space import run as run_model
from workloads.errors import InputError
from workloads.kinds.state_space.shapes import state_space_of_shape
from zeroskip import load_arch, show

RUNNERS = pytest.mark.parametrize("runner", [run_model, run_engine])
MANY = 10**6


def run(runner, arch, layer):
    (streams,) = layout_state_space(arch, layer)
    return runner(arch, streams, MANY)


def draw(runner, arch, layer):
    return show(run(runner, arch, layer).trace).split("\n")


@RUNNERS
def test_without_a_memory_tiles_follow_each_other(runner):
    """One head of 2 on a state of 3, four taps: 18 + 32 + 6 multiply-adds, eight at once, and 13 exponentials on four.

    That is 7 + 4 cycles for each of two sequences.
    """
    layer = state_space_for(PLAIN, state_space(0, 2, 1, 1, 1, 2, 3))
    assert draw(runner, PLAIN, layer) == ["-" * 22, "." * 22, "u" * 22]


@RUNNERS
def test_the_timeline_of_the_page(runner):
    """Three sequences, two buffers: the third is asked for when the first has left its own, then that is written."""
    arch = PLAIN._replace(dram=load_dram("lpddr5", 5000), vector_multiplies=16)
    drawn = draw(runner, arch, state_space_for(arch, state_space(0, 3, 1, 1, 1, 2, 3)))
    page = (ROOT / "docs" / "state_space.md").read_text("utf-8")
    assert all(f" {line}\n" in page for line in drawn), "\n".join(drawn)


@RUNNERS
def test_a_tile_waits_for_an_output_buffer(runner):
    """With one output buffer the vector unit waits for the write of the tile before; with three it does not."""
    arch = PLAIN._replace(dram=load_dram("lpddr5", 1000), vector_multiplies=1000, vector_lanes=1000, operand_buffers=16)
    layer = state_space_for(arch, state_space(0, 8, 1, 1, 1, 4, 64))
    one, three = (run(runner, arch._replace(output_buffers=many), layer) for many in (1, 3))
    assert one.cycles > three.cycles


@RUNNERS
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize(("name", "size"), [("fp32", 4), ("fp16", 2), ("bf16", 2)])
def test_cycles_and_bytes_are_formulas(runner, steps, name, size):
    """Six heads of 5 in two groups, a state of 7, four taps: the state is read and written once, whatever the steps."""
    arch = PLAIN._replace(state_format=state_format_of(name))
    sequences, heads, groups, width, wide, taps = 3, 6, 2, 5, 7, 4
    found = run(runner, arch, state_space_for(arch, state_space(0, sequences, steps, heads, groups, width, wide, taps)))
    counts, channels = found.counts, heads * width + 2 * groups * wide
    window = 2 * sequences * channels * (taps - 1) * 2
    assert counts.dram_state_bytes.sum() == 2 * sequences * heads * width * wide * size + window
    assert counts.dram_activation_bytes.sum() == 2 * sequences * steps * (heads * width + channels + heads)
    assert counts.dram_output_bytes.sum() == 4 * sequences * steps * heads * width
    assert counts.dram_weight_bytes.sum() == channels * (2 * taps + 4) + 3 * 4 * heads
    products = sequences * steps * (3 * heads * width * wide + taps * channels + 3 * heads * width)
    powers = sequences * steps * (channels + heads * width + 3 * heads)
    assert counts.state_multiplies.sum() == products
    assert counts.exponentials.sum() == powers
    assert counts.divisions.sum() == powers - 2 * sequences * steps * heads
    tiles = sequences * groups
    assert found.cycles == counts.update_cycles.sum() == tiles * (ceil(products / tiles / 8) + ceil(powers / tiles / 4))
    assert counts.array_cycles.sum() == counts.blocks.sum() == 0


@pytest.mark.parametrize("config", ["tensor", "tensor_h200", "tensor_b200"])
@pytest.mark.parametrize("sequences", [1, 16, 64])
def test_no_run_is_faster_than_its_bytes_and_none_much_slower(config, sequences):
    """Of Nano's shape: reads and writes take turns on the channel, each tile's share of which is short."""
    loaded = load_arch(config)
    layer = state_space_of_shape("nano", "fp32", sequences, 64, 64, 128, 8, 4)
    found = find("tensor").run_engine(loaded.arch, *find("tensor").layout(loaded.arch, layer), output=False)
    roof = find("tensor").roofline(loaded.arch, found.counts)
    assert roof.operations == layer.dense_operations
    assert 1 < found.cycles / (roof.bytes / roof.bytes_per_cycle) < 1.6
    work = find("tensor").figures(loaded.arch, found.cycles, found.counts)
    assert work.multiplies == layer.dense_operations / 2
    assert work.load_balance == found.counts.update_cycles.sum() / found.cycles


def test_fewer_bytes_of_state_are_less_time():
    arch = load_arch("tensor_b200").arch
    cycles = []
    for name in ("fp32", "fp16"):
        chosen = arch._replace(state_format=state_format_of(name))
        layer = state_space_of_shape("nano", name, 16, 64, 64, 128, 8, 4)
        cycles.append(run_engine(chosen, *layout_state_space(chosen, layer), 0, False).cycles)
    assert 1.6 < cycles[0] / cycles[1] < 2.1


def test_large_batches_take_seconds_and_no_memory():
    """4,096 sequences of 256 heads: 34 GB of states, of which nothing is allocated."""
    arch = load_arch("tensor_b200").arch
    layer = state_space_of_shape("large", "fp32", 4096, 256, 64, 128, 8, 4)
    assert all(array.base.nbytes <= 4 for array in layer if hasattr(array, "base") and array.ndim)
    found = run_engine(arch, *layout_state_space(arch, layer), 0, False)
    assert found.counts.dram_state_bytes.sum() > 2 * 4 * 4096 * 256 * 64 * 128


def test_states_in_another_format_are_refused_unless_the_network_chose_it():
    arch = PLAIN
    layer = state_space_of_shape("shape", "fp16", 1, 2, 3, 4, 1, 4)
    with pytest.raises(InputError, match="its states are in fp16; expected fp32, as this machine has it"):
        layout_state_space(arch, layer)
    (streams,) = layout_state_space(arch, layer._replace(own_format=True))
    assert streams.tiles[0].state.part.bytes == 2 * 2 * 3 * 4


def test_too_many_tiles_or_lines_are_refused():
    with pytest.raises(InputError, match=r"it has 3,000,000 groups of heads in all sequences; expected at most"):
        layout_state_space(PLAIN, state_space_of_shape("many", "fp32", 3_000_000, 1, 1, 1, 1, 1))
    arch = PLAIN._replace(dram=load_dram("lpddr5", 1000))
    with pytest.raises(InputError, match=r"lines of each channel; expected at most"):
        layout_state_space(arch, state_space_of_shape("large", "fp32", 4096, 256, 64, 128, 8, 4))


def test_a_sram_that_does_not_hold_the_tiles_under_way():
    arch = PLAIN._replace(operand_capacity=100)
    passes = layout_state_space(arch, state_space_of_shape("shape", "fp32", 1, 2, 3, 4, 1, 4))
    assert "operand SRAM: 2 steps take" in find("tensor").violations(arch, passes)[0]
