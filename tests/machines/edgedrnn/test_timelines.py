"""Layers of a tiny GRU on EdgeDRNN, drawn cycle by cycle: encoder, memory of weights, PEs.

Encoder: - its pipeline fills, s an element that did not change, c one that did, f the list is full, . all are compared.
Memory: l the first beat is on its way, b a beat, h the first beat waits for the PEs. PEs: w waiting, m multiply, e the
end of inputs or states that did not change, d the pipeline drains, a new states.
Two inputs and two cells on two PEs: a column has three beats, one for each gate. What is pushed in a cycle is seen in
the next.
"""

import numpy as np
import pytest
from support.gru_layers import TINY, layer, stack

from simulator.core.trace import show
from simulator.machines.edgedrnn.engine import run as engine
from simulator.machines.edgedrnn.layout.streams import layout
from simulator.machines.edgedrnn.model import units as model
from workloads.kinds.gru.format import GruFormat

RUNNERS = pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])
ONES = np.ones((5, 3, 2), int)


def draw(runner, arch, inputs, skipped=0, words=ONES):
    """The trace of all time steps of `inputs`, less those of the first ones."""
    (streams,) = layout(arch, stack([layer(words)], inputs, GruFormat()))
    before = streams._replace(activation=streams.activation[:skipped])
    first = runner.run(arch, before).cycles if skipped else 0
    return show(runner.run(arch, streams, 1000).trace[:, first:]).split("\n")


@RUNNERS
def test_columns_follow_each_other_and_both_ends_take_a_cycle(runner):
    # The constant is sent in the first step, and input 0; input 1 and both states are zero.
    assert draw(runner, TINY, [[1, 0]]) == [
        "-ccsss......",
        "..lbbbbbb...",
        "wwwmmmmmmeea",
    ]


@RUNNERS
def test_a_full_list_stops_the_encoder(runner):
    # A place is free in the cycle after the PEs have taken its entry: they do so in cycles 2, 6 and 9.
    assert draw(runner, TINY._replace(list_depth=1), [[1, 0]]) == [
        "-cfcfffssfs..",
        "..lbbbbbb....",
        "wwwmmmmmmewea",
    ]


@RUNNERS
def test_the_next_column_is_requested_in_the_last_beat_of_the_one_before(runner):
    assert draw(runner, TINY._replace(fetch_cycles=3), [[1, 0]]) == [
        "-ccsss..........",
        "..lllbbbllbbb...",
        "wwwwwmmmwwmmmeea",
    ]


@RUNNERS
def test_a_slow_beat_keeps_the_pes_waiting(runner):
    assert draw(runner, TINY._replace(beat_cycles=2), [[1, 0]]) == [
        "-ccsss............",
        "..lbbbbbbbbbbbb...",
        "wwwwmwmwmwmwmwmeea",
    ]


@RUNNERS
def test_the_end_of_the_inputs_holds_the_first_column_of_the_states(runner):
    # The second step: input 0 changes, and both states have changed in the first.
    opened = ONES * [[1], [-1], [1]]  # the update gate lets new states through
    assert draw(runner, TINY, [[0, 0], [1, 0]], 1, opened) == [
        "-scscc.........",
        "...lbbbhbbbbbb.",
        "wwwwmmmemmmmmma",
    ]


@RUNNERS
def test_every_pipeline_has_its_cycles(runner):
    # 2 of the encoder, 2 between inputs and states, 1 to drain, 2 for a group of cells, 2 more, 2 after the run.
    arch = TINY._replace(
        encoder_cycles=2, phase_cycles=2, pipeline_cycles=1, activation_steps=2, activation_pipeline=2, run_overhead=2
    )
    assert draw(runner, arch, [[0, 0]]) == [
        "--css--ss........",
        "...lbbb..........",
        "wwwwmmmewedaaaaww",
    ]


@RUNNERS
def test_a_sparse_column_has_as_many_beats_as_its_fullest_pe_has_weights(runner):
    # The constant: two weights on PE 0, one on PE 1; input 0: none, which is a beat all the same.
    words = np.zeros((5, 3, 2), int)
    words[0, 0], words[0, 1] = [1, 1], [1, 0]
    assert draw(runner, TINY._replace(sparse_columns=1), [[1, 0]], words=words) == [
        "-ccsss...",
        "..lbbb...",
        "wwwmmmeea",
    ]


@RUNNERS
def test_layers_run_one_after_the_other(runner):
    words = np.ones((5, 3, 2), int)
    both = stack([layer(words), layer(words, name="l1")], [[1, 0]], GruFormat(32768, 32768))
    (streams,) = layout(TINY, both)
    assert show(runner.run(TINY, streams, 1000).trace).split("\n") == [
        "-sssss..-sssss..",
        "................",
        "wwwwewea" * 2,
    ]
