"""Timelines of the tensor engine as drawings: model and engine draw the same."""

import pytest
from support.paths import ROOT
from support.products import PLAIN, form_of, product_for

from simulator.hardware.dram.presets import load_dram
from simulator.machines.tensor.engine.run import run as run_engine
from simulator.machines.tensor.layout.product import layout_product as layout
from simulator.machines.tensor.model.units import run as run_model
from zeroskip import show

RUNNERS = pytest.mark.parametrize("runner", [run_model, run_engine])
MEMORY = load_dram("lpddr5", 1250)
"""A cycle is a clock. A line takes an activate, rcd 15, cl 17 and 2 clocks on the bus, and a request one to be seen."""
FIRST = 1 + 15 + 17 + 2
FP8 = form_of("fp8")


def draw(runner, arch, layer, cycles=10**6):
    (streams,) = layout(arch, layer)
    *rows, vector = show(runner(arch, streams, cycles).trace).split("\n")
    assert set(vector) == {"."}  # matrix products have no work for the vector unit
    return rows


@RUNNERS
def test_two_tiles_without_a_memory(runner):
    """Four outputs on two columns: two tiles of a step of 4 cycles; a pipeline of 1 and 4 sums, two a cycle."""
    assert draw(runner, PLAIN, product_for(PLAIN, 2, 64, 4)) == [
        "mmmmdddmmmmddd",
        "..............",
    ]


@RUNNERS
def test_steps_of_a_tile_follow_each_other(runner):
    """K of 100: 64 places and 36; 8 products a cycle in FP8."""
    arch = PLAIN._replace(weight_format=FP8)
    assert draw(runner, arch, product_for(arch, 2, 100, 2)) == ["mmmmmmmmmmmmmddd", "................"]


@RUNNERS
@pytest.mark.parametrize(("form", "cycles"), [("nvfp4", 8), ("mxfp8", 16), ("bf16", 32), ("int4-g16", 32)])
def test_the_width_of_operands_decides_products_a_cycle(runner, form, cycles):
    arch = PLAIN._replace(weight_format=form_of(form))
    assert draw(runner, arch, product_for(arch, 1, 128, 1)) == ["m" * cycles + "dd", "." * (cycles + 2)]


@RUNNERS
def test_two_of_four_weights_take_half_the_cycles(runner):
    arch = PLAIN._replace(two_of_four=1)
    assert draw(runner, arch, product_for(arch, 2, 128, 2)) == ["mmmmddd", "......."]


@RUNNERS
def test_operands_come_from_memory_and_outputs_go_there(runner):
    """FP8: a tile reads two rows of 64 bytes of weights and two of activations, 4 lines each, written in one line.

    The first line of the weights opens a row; lines take turns among four bank groups, two clocks each, so that 8 lines
    take 16 clocks of the bus. Each of the four groups' rows is opened in the shadow of the others.
    """
    arch = PLAIN._replace(weight_format=FP8, dram=MEMORY)
    array, memory = draw(runner, arch, product_for(arch, 2, 64, 2))
    read, written = memory.count("r"), memory.count("s")
    assert array == "w" * read + "m" * 8 + "ddd" + "." * written
    assert memory == "r" * read + "." * 11 + "s" * written
    assert read >= FIRST + 2 * 7


@RUNNERS
def test_the_next_step_is_loaded_while_one_computes(runner):
    """With two buffers, steps 0 and 1 are asked for at once; step 2 when step 0 has been computed."""
    arch = PLAIN._replace(weight_format=FP8, dram=MEMORY, depth_8bit=1)
    array, memory = draw(runner, arch, product_for(arch, 2, 192, 2))
    waits = array.index("m")
    assert array == "w" * waits + "m" * 192 + "ddd" + "." * memory.count("s")
    between = memory.index(".")
    assert memory[waits + 64] == "r"  # step 2 is asked for when step 0 ends
    assert between < waits + 64


@RUNNERS
def test_a_drain_waits_for_a_buffer_of_outputs(runner):
    """One buffer: the second tile's drain waits until the outputs of the first are written."""
    arch = PLAIN._replace(dram=MEMORY, output_buffers=1)
    array, _ = draw(runner, arch, product_for(arch, 2, 64, 4))
    assert "o" in array
    both, _ = draw(runner, arch._replace(output_buffers=2), product_for(arch, 2, 64, 4))
    assert "o" not in both
    assert len(both) <= len(array)


@RUNNERS
def test_only_the_cycles_asked_for_are_drawn(runner):
    assert draw(runner, PLAIN, product_for(PLAIN, 2, 64, 4), 5) == ["mmmmd", "....."]


@RUNNERS
def test_the_timeline_of_the_page(runner):
    arch = PLAIN._replace(weight_format=FP8, dram=load_dram("lpddr5", 5000))
    drawn = draw(runner, arch, product_for(arch, 2, 64, 4))
    assert drawn == ["wwwwwwwwwwwwwmmmmmmmmdddmmmmmmmmddd....", "rrrrrrrrrrrrrrr.........ssss.......ssss"]
    page = (ROOT / "docs" / "tensor.md").read_text("utf-8")
    assert all(f" {line}\n" in page for line in drawn)
