"""The selection unit's timelines, drawn; each on model and engine."""

import numpy as np
import pytest
from support.gradients import PLAIN, given
from support.paths import ROOT

from simulator.core.trace import show
from simulator.machines.selection import MACHINE
from simulator.machines.selection.engine import run as engine
from simulator.machines.selection.layout import layout
from simulator.machines.selection.model import units as model

RUNNERS = pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])
VALUES = [1, -6, 2, 7, 5, 0, 3, -8]
"""Four beats of two lanes."""


def draw(runner, layer, **changes):
    run = runner.run(PLAIN._replace(**changes), *layout(layer), 1000)
    return show(run.trace).split("\n"), run


def runs(layer, run):
    return layer.message_of(run.output)[2::3].tolist()


@RUNNERS
def test_a_threshold_that_is_accepted(runner):
    # samples are elements 1 and 4, |-6| and |5|; four elements are 5 or more, and four are wanted
    layer = given(VALUES, 4, start=1, stride=3, samples=2, top=2)
    trace, run = draw(runner, layer)
    assert trace == [
        "tttt.tttt.0000",
        "waaaawcccc....",
        "..i.i.........",
        "..........eeee",
    ]
    assert runs(layer, run) == [1, 1, 0, 2]


@RUNNERS
def test_a_threshold_that_is_lowered_twice(runner):
    # the greatest of 6 and 8 passes one element, 6.4 two, 5.12 three, of three wanted; the sample in the last beat
    # is in the queue a cycle after the stream has ended
    layer = given(VALUES, 3, start=1, stride=6, samples=2, top=1)
    trace, run = draw(runner, layer)
    assert trace == [
        "tttt..tttt.tttt.tttt.000",
        "waaaa.wccccwccccwcccc...",
        "..i..i..................",
        ".....................eee",
    ]
    assert runs(layer, run) == [1, 1, 3]
    assert run.counts.comparisons.tolist() == [3 * 8]


@RUNNERS
def test_too_many_are_ranked_and_the_first_of_equal_ones_are_sent(runner):
    # the bits of 1.0 are 011 1111 1000 0000 ...: with 16 bins, a digit of 3 bits and seven of 4; all six pass, a cycle
    # each, and two are sent
    layer = given([1, -1, 1, 1, 1, 1], 2, stride=6, samples=1)
    trace, run = draw(runner, layer, bins=16)
    digits = [8 - 0b011, 16 - 0b1111, 16 - 0b1000, *[16] * 5]
    assert trace[1] == "waaawcccccc".ljust(len(trace[1]), ".")
    assert trace[3] == "." * 11 + "".join("r" * 6 + "b" * one for one in digits) + "ee"
    assert run.counts.bin_reads.tolist() == [sum(digits)]
    assert run.counts.bin_updates.tolist() == [6 * 8]
    assert runs(layer, run) == [0, 0]


@RUNNERS
def test_candidates_that_are_left_out(runner):
    # three of the five that pass are 2 or more; the others are looked at, up to the last that is sent
    layer = given([1, 3, 1, -2, 2], 3, stride=5, samples=1)
    trace, run = draw(runner, layer, bins=2)
    assert trace[3].endswith("xexee")
    assert trace[0].endswith("0.00")
    assert runs(layer, run) == [1, 1, 0]


@RUNNERS
def test_a_slow_memory(runner):
    # a beat takes two cycles in the first pass (40 of 20 bytes), and one in the second
    trace, _ = draw(runner, given(VALUES, 4, start=1, stride=3, samples=2, top=2), dram_bytes_per_cycle=20)
    assert trace == [
        "tttttttt.tttt.0000",
        "wwawawawawcccc....",
        "...i...i..........",
        "..............eeee",
    ]


@RUNNERS
def test_a_slow_queue_stops_the_stream_and_the_memory(runner):
    # every element is a sample; the queue takes three cycles, its slot is free a cycle after it took a sample
    trace, _ = draw(runner, given(VALUES, 4, samples=8, top=4), insert_cycles=3)
    assert trace[1].startswith("wafaffaffaff")
    assert trace[2] == ".." + "i" * 24 + "." * 9
    assert trace[0].startswith("tttff")


@RUNNERS
def test_where_all_are_wanted_there_is_no_sample(runner):
    layer = given([0, 1, 0, 2], 4)
    trace, run = draw(runner, layer)
    assert trace == ["tt.tt.00", "waawcc..", "........", "......ee"]
    assert runs(layer, run) == [1, 1]


@RUNNERS
def test_elements_of_a_beat_that_pass_take_a_cycle_each(runner):
    trace, _ = draw(runner, given([1, 2, 0, 0, 0, 0], 2, stride=6, samples=1, start=0), lanes=3)
    assert trace[1].count("c") == 3
    assert trace[1].count("a") == 2


@RUNNERS
def test_the_drawing_on_the_page(runner):
    page = (ROOT / "docs" / "gradient_compression.md").read_text("utf-8")
    names = "memory   ", "stream   ", "queue    ", "encoder  "
    drawn = [line[9:35].rstrip() for line in page.splitlines() if line.startswith(names)]
    trace, _ = draw(runner, given(VALUES, 3, start=1, stride=6, samples=2, top=1))
    assert [line[: len(trace[0])] for line in drawn] == trace


def test_what_does_not_fit():
    layer = given(np.ones(40), 20, stride=1, samples=40, top=20)
    small = PLAIN._replace(queue_entries=19, candidate_entries=39)
    assert MACHINE.violations(small, layout(layer)) == [
        "queue: the 20 greatest samples, 19 fit",
        "candidates: 40 elements pass a threshold, 39 fit",
    ]
    assert MACHINE.violations(small._replace(queue_entries=20, candidate_entries=40), layout(layer)) == []
