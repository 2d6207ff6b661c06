"""Arguments that do nothing are refused, names that mean two collectives mean both, and trees of any depth end soon."""

from io import StringIO
from itertools import pairwise
from time import process_time

import pytest
from pandas import DataFrame
from rich.console import Console
from typer.testing import CliRunner

import zeroskip
from simulator.cli import app
from simulator.cli.tables.system import print_system
from simulator.html.study import study_page
from simulator.results.system_result import SystemResult, SystemRow
from simulator.system import schedule
from simulator.system.collectives import collectives_named, make_schedule
from simulator.system.engine import run_engine
from simulator.system.exchanges import choose
from simulator.system.link import Link
from simulator.system.model import run_model
from simulator.system.network import Network
from simulator.system.system_file import load_system, parse_system, shipped_systems
from simulator.system.tree import tree_route
from workloads.division import ALL_GATHER, ALL_REDUCE, ALL_TO_ALL, Exchange
from workloads.errors import InputError

LINK = Link(10**9, 500, True, 1.0)


def printed(*arguments):
    """What a command prints, and the sentence with which it refuses."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*arguments])
    assert result.exception is None or isinstance(result.exception, InputError)
    return " ".join(result.stdout.split()), str(result.exception or "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["tp8", "--bytes", "64", "--share", "0.5"], "--share is given without a workload; expected SYSTEM WORKLOAD"),
        (["tp8", "--bytes", "64", "--split", "experts"], "--split is given without a workload"),
        (["tp8", "--bytes", "64", "--format", "fp8"], "--format is given without a workload"),
        (["tp8", "--bytes", "64", "--context", "9"], "--context is given without a workload"),
        (["tp8", "--bytes", "64", "--batch", "9"], "--batch is given without a workload"),
        (["tp8", "llama2-7b", "--share", "0.5"], "--share 0.5: it is given without --train-step; expected both"),
        (["tp8", "resnet50"], "resnet50: it is a network in training; expected --train-step with it, or a language"),
        (
            ["dgc64", "resnet50", "--train-step", "--batch", "4"],
            "resnet50: batch is 4; expected none, as train_step_ms",
        ),
        (["dgc64", "resnet50", "--train-step", "--format", "fp8"], "resnet50: format is 'fp8'; expected none"),
        (["tp8", "--bytes", "64", "--format", ""], "--format is given without a workload"),
        (["tp8", "--bytes", "64", "--chips", ""], "--chips is given without a workload"),
        (["tp8", "--bytes", "64", "--collective", ""], "collective : there is none of this name; expected one of"),
        (["tp8", "llama2-7b", "--collective", ""], "collective is '': there is none of this name; expected fastest"),
        (["tp8", "llama2-7b", "--machine", ""], "'': there is no such configuration; expected a .yaml file"),
        (["tp8", "llama2-7b", "--format", ""], "weight_format is '' (set by the user); expected one of"),
        (["tp8", "--bytes", "64", "--set", "link.full_duplex=yes"], "link.full_duplex.value is 'yes'"),
    ],
)
def test_an_argument_that_does_nothing_is_refused(arguments, sentence):
    assert sentence in printed("system", *arguments)[1]


def test_one_of_something_is_singular():
    assert "tp8: 1 byte on 8 chips, switch" in printed("system", "tp8", "--bytes", "1")[0]
    shown, _ = printed("system", "dgc64", "alexnet", "--train-step", "--chips", "1")
    assert "alexnet, training, on dgc64 chips exchange" in shown  # the title has no machine, the next word is a column


def test_a_gradient_has_a_share_that_is_sent():
    arguments = ["run", "selection", "resnet50-gradient", "--scale", "0.01"]
    assert "resnet50-gradient on selection: 23593 x 24, 0.1% sent" in printed(*arguments)[0]


def test_a_table_without_points_has_no_page():
    with pytest.raises(InputError, match="step: it has no points; expected one or more"):
        study_page(DataFrame(), "step")


@pytest.mark.parametrize("text", ["true", "false"])
def test_a_truth_value_can_be_set(text):
    loaded = load_system("tp8", {"link.full_duplex": text})
    assert loaded.network.link.full_duplex is (text == "true")
    assert len(loaded.network.channels) == (16 if text == "true" else 8)


def test_ring_is_the_ring_of_each_kind():
    assert collectives_named("ring") == ["ring all-reduce", "ring all-gather"]
    assert collectives_named("direct") == ["direct all-to-all"]
    network = Network("switch", 8, LINK, 10**10)
    for kind, name in ((ALL_REDUCE, "ring all-reduce"), (ALL_GATHER, "ring all-gather")):
        assert choose(Exchange(kind, 64), network, "ring").name == name
    assert choose(Exchange(ALL_TO_ALL, 64), network, "ring").name == "direct all-to-all"


def test_training_with_rings_is_the_closed_form():
    """2 (n - 1) parts of each tensor in turn, dense; n - 1 shares of each matrix, sparse; each with two latencies."""
    found = zeroskip.system("dgc64", "resnet50", train=True, chips=[64], collective="ring")
    names = {layer.exchange for layer in found.layers}
    assert names == {"", "ring all-reduce", "ring all-gather"}
    dense, sparse = found.rows
    latency, tensors, matrices, values = 2.7, 161, 54, 25_557_032
    rings = 2 * 63 * latency * tensors + 2 * 63 / 64 * 4 * values / 1250
    assert dense.time_us == pytest.approx(339_000 + rings, rel=2e-3)
    alone = (
        63 * latency * (2 * (tensors - matrices) + matrices) + 63 * 6 * 25_503 / 1250 + 2 * 63 / 64 * 4 * 54_120 / 1250
    )
    assert sparse.time_us == pytest.approx(339_000 + alone, rel=2e-3)


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("15: -1", "file: tree.value.15 is -1; expected a chip's number, or a switch's name of 1 to 60 characters"),
        ("15: null", "file: tree.value.15 is None; expected a chip's number"),
        ("15: true", "file: tree.value.15 is True; expected a chip's number"),
        ("15: d, -1: d", "file: tree.value.-1 is an unknown key; expected a chip's number"),
        ("15: d, 1.5: d", "file: tree.value.1.5 is an unknown key; expected a chip's number"),
        (f"15: d, {'x' * 61}: d", "is an unknown key; expected a chip's number"),
    ],
)
def test_what_is_neither_a_chip_nor_a_switch(new, sentence):
    text = shipped_systems()["tree_16"]
    with pytest.raises(InputError) as error:
        parse_system("file", text.replace("15: d", new, 1))
    assert sentence in str(error.value)


def chain(chips, nodes):
    """Switches one above the other, with chips at equal distances."""
    names = [f"s{place}" for place in range(nodes - chips)]
    places = [(str(chip), names[chip * len(names) // chips]) for chip in range(chips)]
    return (*places, *pairwise(names))


def test_a_deep_tree_has_the_routes_of_a_line_in_little_time():
    parents = chain(1024, 4096)
    began = process_time()
    for source in range(0, 1024, 32):
        for target in range(source + 1, 1024, 32):
            assert len(tree_route(parents, True, source, target)) == 2 + 3 * (target - source)
    assert process_time() - began < 2


@pytest.mark.parametrize("run", [run_model, run_engine])
def test_messages_that_pass_too_many_links_are_refused(run, monkeypatch):
    chips, hops = 16, 15
    passes = sum(2 + hops * abs(one - other) for one in range(chips) for other in range(chips) if one != other)
    network = Network("tree", chips, LINK, 10**10, chain(chips, (hops + 1) * chips))
    monkeypatch.setattr(schedule, "MOST_PASSES", passes)
    run(make_schedule("direct all-to-all", chips, chips), network)
    monkeypatch.setattr(schedule, "MOST_PASSES", passes - 1)
    with pytest.raises(InputError, match=f"its messages pass more than {passes - 1:,} links in all; expected fewer"):
        run(make_schedule("direct all-to-all", chips, chips), network)


@pytest.mark.parametrize(("step", "head"), [("training", "exchange"), ("decode", "split"), ("prefill", "split")])
def test_a_column_is_named_after_what_it_holds(step, head):
    """A decode step has a split, a training step a way to exchange gradients."""
    row = SystemRow(**{**dict.fromkeys(SystemRow._fields, 0), "chips": 2, "exchange": "tensor"})
    shown = Console(file=StringIO(), width=200)
    print_system(shown, SystemResult("tp8", "net", step, "", (row,), (), (), {}))
    assert f"chips {head} ms " in " ".join(shown.file.getvalue().split())
