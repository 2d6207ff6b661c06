"""SIGMA's timelines, drawn; each on model and engine."""

import pytest
from support.paths import ROOT
from support.sigma_machines import PLAIN, product

from simulator.core.trace import show
from simulator.machines.sigma import engine
from simulator.machines.sigma.layout import layout
from simulator.machines.sigma.model import units as model

RUNNERS = pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])
WEIGHT = [[1, 0, 2, 0], [0, 3, 0, 4], [5, 0, 0, 0]]
"""Five values: a fold of four and one of one."""
TOKENS = [[1, 1, 1, 1], [1, 0, 1, 0]]


def draw(runner, weight=WEIGHT, tokens=TOKENS, **changes):
    run = runner.run(arch := PLAIN._replace(**changes), *layout(arch, product(weight, tokens)), 1000)
    return show(run.trace).split("\n"), run


@RUNNERS
def test_a_fold_is_loaded_and_columns_are_sent(runner):
    # the port has 36 bits: 8 places and four values of 16 bits are two cycles, 4 places and the fifth value one more;
    # a column of four values has 68 bits, two cycles; of two values 36, one; sums take 1 + 1 + 1 cycles
    trace, run = draw(runner)
    assert trace == [
        "llsmmlsmmddd",
        "llsmmluuuddd",
        "rrbbbrbbb...",
        "............",
    ]
    assert run.output.tolist() == [3, 7, 5, 3, 0, 5]


@RUNNERS
def test_a_fold_waits_for_its_values_from_dram(runner):
    # 20 bits a cycle: 72 bits are there in cycle 4, 92 in cycle 5
    trace, _ = draw(runner, wait_for_dram=1, dram_bits_per_kcycle=20_000)
    assert trace == [
        "wwwwllsmmlsmmddd",
        "wwwwllsmmluuuddd",
        "....rrbbbrbbb...",
        "fffff...........",
    ]


@RUNNERS
def test_inputs_come_before_weights_and_outputs_go_last_where_the_sram_does_not_hold_them(runner):
    # inputs are 8 + 6 x 16 bits: 104 bits; with four weights 176, with all 196; six outputs of 32 bits are 192
    trace, _ = draw(runner, wait_for_dram=1, dram_bits_per_kcycle=100_000, sram_bytes=8)
    assert trace == [
        "wwllsmmlsmmddddd",
        "wwllsmmluuuddddd",
        "..rrbbbrbbb.....",
        "ff............oo",
    ]


@RUNNERS
@pytest.mark.parametrize(
    ("skip", "trace"),
    [
        (0, ["llemlemddd", "llemluuddd", "rrbbrbb...", ".........."]),
        (1, ["llmlmddd", "llmluddd", "rrbrb...", "........"]),
    ],
)
def test_a_column_without_a_value(runner, skip, trace):
    tokens = [[0, 0, 0, 0], [1, 1, 0, 0]]
    weight = [[1, 2, 0, 0], [3, 4, 0, 0], [5, 0, 0, 0]]
    assert draw(runner, weight, tokens, skip_empty_columns=skip)[0] == trace


@RUNNERS
@pytest.mark.parametrize(("filtered", "folds"), [(0, 2), (1, 1)])
def test_values_that_no_column_meets_get_no_multiplier(runner, filtered, folds):
    # places 1 and 3 of the columns are empty: three values are left, which fit one fold; all five are read
    trace, run = draw(runner, tokens=[[1, 0, 1, 0]], filter_stationary=filtered)
    assert trace[2].count("rb") == folds
    assert int(run.counts.stationary_reads.sum()) == 5
    assert int(run.counts.multiplies.sum()) == 3


@RUNNERS
def test_slabs_do_not_share_a_fold(runner):
    trace, run = draw(runner, [[1, 0, 0, 0, 2]], [[1, 1, 1, 1, 1]])
    assert trace[0] == "lsmlmddd"
    assert run.counts.stationary_loads.tolist() == [2, 0]
    assert run.counts.accumulations.tolist() == [2, 0]


@RUNNERS
def test_nothing_to_multiply(runner):
    trace, run = draw(runner, [[0, 0]], [[1, 1]])
    assert trace == ["ddd", "ddd", "...", "..."]
    assert run.output.tolist() == [0]


@RUNNERS
def test_activations_may_stay(runner):
    trace, run = draw(runner, stationary_activations=1)
    assert trace[2] == "rrbbbrbbb..."  # six inputs: 68 bits, then all 104; three rows of weights, a cycle each
    assert run.output.tolist() == [3, 7, 5, 3, 0, 5]


@RUNNERS
def test_the_drawing_on_the_page(runner):
    page = (ROOT / "docs" / "sigma.md").read_text("utf-8")
    drawn = [line[12:31] for line in page.splitlines() if line.startswith(("Flex-DPE ", "port   ", "memory  "))]
    changes = {"accumulate_stages": 1, "wait_for_dram": 1, "dram_bits_per_kcycle": 20_000}
    assert draw(runner, tokens=[*TOKENS, [0, 0, 0, 0]], **changes)[0] == drawn


@RUNNERS
def test_activations_that_stay_are_in_the_sram_and_streamed_weights_are_waited_for(runner):
    # weights are 12 + 5 x 16 bits, 92 of them, five cycles
    changes = {"stationary_activations": 1, "wait_for_dram": 1, "dram_bits_per_kcycle": 20_000}
    trace, _ = draw(runner, **changes)
    assert trace[2:] == [".....rrbbbrbbb...", "fffff............"]


@RUNNERS
def test_loads_run_on_from_slab_to_slab(runner):
    # 20 bits of each slab: the second one ends in cycle 2 of 36 bits, the third in the same line takes one all the same
    _, run = draw(runner, [[1, 0, 2, 0, 3]], [[1, 1, 1, 1, 1]], slab=2, stationary_bits=18)
    assert run.counts.port_bits.tolist() == [20 + 20 + 19 + 34 + 34 + 17]
    assert run.reasons.read.tolist() == [1 + 1 + 1]
