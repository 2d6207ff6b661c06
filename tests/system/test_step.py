"""Steps of workloads on systems: one chip is a plain run, times by hand, training against closed forms."""

import itertools
import json

import pytest
from support.schedules import run_twins

import zeroskip
from simulator.config.load import load_arch
from simulator.run.executor import run as execute
from simulator.system.api import ask, run_step
from simulator.system.chip_work import to_ps
from simulator.system.exchanges import choose
from simulator.system.stages import whole_schedule
from simulator.system.system_file import load_system
from simulator.system.trace import MOST_SPANS, spans, to_document
from workloads.errors import InputError
from workloads.model import make_options
from workloads.training.gradient_compression.exchange_times import GIGABIT, dense_exchange, sparse_exchange
from workloads.training.gradient_compression.exchange_times import Network as ClosedForm
from workloads.training.gradient_compression.message_sizes import NETWORKS as TENSORS
from workloads.training.gradient_compression.message_sizes import message_size
from workloads.training.networks import NETWORKS, elements, trained_network

SMALL = {"context": 256}


def step(system, workload, train=False, chips=(), *, split="tensor", overlap=False, machine=None, share=0.001,
         collective="fastest", engine="numba", settings=None, form=None, **options):  # fmt: skip
    asked = ask(system, train, chips, split, overlap, collective, machine, form, share, engine, settings or {})
    return run_step(asked, workload, make_options(**options))


@pytest.mark.parametrize("name", ["llama2-7b", "nemotron3-nano", "nemotron3-super"])
@pytest.mark.parametrize("split", ["tensor", "experts"])
@pytest.mark.parametrize("overlap", [False, True])
def test_one_chip_is_a_run(name, split, overlap):
    if split == "experts" and name == "llama2-7b":
        pytest.skip("it has no experts")
    result, _ = step("tp8", name, chips=[1], split=split, overlap=overlap, batch=2, **SMALL)
    (plain,) = execute([load_arch("tensor_h200", weight_format="fp8")], name, make_options(batch=2, **SMALL))
    (row,) = result.rows
    assert row.time_us == pytest.approx(plain.time_us, abs=1e-6)  # a picosecond
    assert row.compute_us == row.time_us
    assert row.chips_uj == pytest.approx(plain.energy_uj, rel=1e-12)
    assert row.tokens_per_s == pytest.approx(plain.tokens_per_s)
    assert (row.link_bytes, row.links_uj, row.speedup) == (0, 0, 1)


@pytest.mark.parametrize("clock", [1830, 1000, 333.3])
def test_rounded_times_do_not_drift(clock):
    cycles = [7, 0, 13, 1000, 1] * 50
    found = to_ps(cycles, clock)
    for count in (1, 5, 250):
        assert abs(sum(found[:count]) - sum(cycles[:count]) * 1e6 / clock) <= 0.5


def test_a_tensor_parallel_step_is_its_layers_and_its_all_reduces():
    """64 all-reduces of a token of 4,096 numbers in BF16, one after each pair of matrices, and nothing else."""
    result, last = step("tp4", "llama2-7b", chips=[4], **SMALL)
    alone = choose(next(one.exchange for one in last.work.stages if one.exchange), last.network)
    assert alone.size == 4096 * 2
    (row,) = result.rows
    assert row.time_us == pytest.approx(row.compute_us + 64 * alone.run.time_ps / 1e6)
    assert row.link_bytes == 64 * alone.run.channel_bytes.sum()
    assert row.links_uj == pytest.approx(row.link_bytes * 8 * 10 / 1e6)
    assert sum((row.compute_us, row.add_us, row.send_us, row.wait_us, row.idle_us)) == pytest.approx(row.time_us)
    layers = {one.layer: one for one in result.layers}
    assert {name for name, one in layers.items() if one.exchange} == {"attention out", "MLP down"}
    assert sum(one.compute_us for one in result.layers) == pytest.approx(row.compute_us)


@pytest.mark.parametrize("overlap", [False, True])
@pytest.mark.parametrize(
    ("name", "split", "options"), [("nemotron3-nano", "experts", {"batch": 4}), ("llama2-7b", "tensor", {})]
)
def test_both_twins_give_the_same_step(name, split, options, overlap):
    quick, last = step("tp4", name, chips=[4], split=split, overlap=overlap, **options, **SMALL)
    slow, _ = step("tp4", name, chips=[4], split=split, overlap=overlap, engine="simpy", **options, **SMALL)
    assert quick.to_dict() == slow.to_dict()
    whole = run_twins(whole_schedule(last.work.stages, last.network, overlap), last.network)
    assert whole.time_ps == last.run.time_ps


def test_overlap_hides_what_the_shared_expert_needs_not():
    serial, overlapped = (
        step("tp8", "nemotron3-nano", chips=[8], split="experts", overlap=one, batch=64, **SMALL)[0].rows[0]
        for one in (False, True)
    )
    assert overlapped.time_us < serial.time_us
    assert overlapped.time_us >= overlapped.compute_us == serial.compute_us
    dense = [step("tp4", "llama2-7b", chips=[4], overlap=one, **SMALL)[0].rows[0].time_us for one in (False, True)]
    assert dense[0] == dense[1]  # each layer needs the all-reduce before it


def test_more_chips_are_compared_with_one():
    result, _ = step("tp8", "llama2-7b", chips=[8, 1, 4, 4], **SMALL)
    assert [row.chips for row in result.rows] == [1, 4, 8]
    one = result.rows[0]
    assert all(row.speedup == one.time_us / row.time_us for row in result.rows)
    assert 1 < result.rows[1].speedup < 4
    only, _ = step("tp8", "llama2-7b", chips=[4], **SMALL)
    assert only.rows[0].speedup is None


@pytest.mark.parametrize(
    ("name", "tensors"), [("alexnet", "AlexNet"), ("resnet50", "ResNet-50"), ("ptb-lstm", "PTB LSTM")]
)
def test_trained_tensors_are_those_of_messages(name, tensors):
    network, known = trained_network(name), TENSORS[tensors]()
    assert sorted(layer.weights for layer in network.layers) == sorted(known.weights)
    assert sorted(size for layer in network.layers for size in layer.whole) == sorted(known.whole)
    assert 4 * elements(network) == known.dense_bytes


def test_operations_of_resnet_50_are_the_published_ones():
    """3.8 billion multiplications of an image (He et al. 2016, table 1), AlexNet's 0.72."""
    assert sum(layer.operations for layer in NETWORKS["resnet50"]().layers) == pytest.approx(3.8e9, rel=0.02)
    assert sum(layer.operations for layer in NETWORKS["alexnet"]().layers) == pytest.approx(0.724e9, rel=0.01)


@pytest.mark.parametrize("gigabits", [10, 1])
@pytest.mark.parametrize("name", ["alexnet", "resnet50"])
def test_training_without_overlap_is_the_closed_form_and_latency(name, gigabits):
    """Bytes at the link's rate, the published model; the rest is latency, additions, and shares that are padded."""
    result, _ = step("dgc64", name, True, settings={"link.gb_per_s": gigabits / 8})
    size = message_size(TENSORS[{"alexnet": "AlexNet", "resnet50": "ResNet-50"}[name]]())
    for row, exchange in zip(result.rows[1:], (dense_exchange, sparse_exchange), strict=True):
        expected = 339e3 + exchange(ClosedForm(64, gigabits * GIGABIT), size) * 1e6
        assert expected <= row.time_us <= expected * 1.02
    assert [row.exchange for row in result.rows] == ["dense", "dense", "sparse"]


def test_the_published_speed_ups_of_alexnet():
    """About 30 with dense gradients at 10 Gb/s, to which the step's time is fitted; DGC at 1 Gb/s more than 40."""
    fast, _ = step("dgc64", "alexnet", True)
    slow, _ = step("dgc64", "alexnet", True, settings={"link.gb_per_s": 0.125})
    assert fast.rows[1].speedup == pytest.approx(30, rel=0.01)
    assert slow.rows[2].speedup > 40
    assert slow.rows[1].speedup < 10


def test_gathering_loses_to_adding_where_much_is_sent():
    """A quarter of AlexNet's gradient (the first epoch of warm-up) with 6 bytes a value: from 5.3 nodes on."""
    few, _ = step("dgc64", "alexnet", True, chips=[1, 4], share=0.25)
    many, _ = step("dgc64", "alexnet", True, chips=[1, 8], share=0.25)
    assert few.rows[2].time_us < few.rows[1].time_us
    assert many.rows[2].time_us > many.rows[1].time_us


def test_a_step_on_the_tensor_engine_is_three_forward_passes():
    result, last = step("tp4", "alexnet", True, chips=[1, 2], machine="tensor_h200", batch=8)
    forward, backward = (
        sum(one.ps[0] for one, name in zip(last.work.stages, last.work.names, strict=True) if name.endswith(end))
        for end in ("forward", "backward")
    )
    assert backward == 2 * forward > 0
    assert result.rows[0].time_us == pytest.approx(3 * forward / 1e6)
    assert result.rows[1].chips_uj == pytest.approx(2 * result.rows[0].chips_uj)
    one, _ = step("tp4", "alexnet", True, chips=[1], machine="tensor_h200", batch=16)
    assert one.rows[0].time_us > result.rows[0].time_us


@pytest.mark.parametrize("overlap", [False, True])
def test_a_timeline_covers_the_time_of_every_unit(overlap):
    _, last = step("tp4", "nemotron3-nano", chips=[4], split="experts", overlap=overlap, batch=4, **SMALL)
    found, left_out = spans(last)
    assert left_out == 0
    units = {span.unit for span in found}
    assert units == set(range(8 if overlap else 4))
    for unit in units:
        mine = [span for span in found if span.unit == unit]
        assert mine[0].begin == 0
        assert mine[-1].end == last.run.time_ps
        assert all(one.end == other.begin for one, other in itertools.pairwise(mine))
    chip = [(span.name, span.end - span.begin) for span in found if span.unit == 1 and span.reason == "compute"]
    expected = [(name, one.ps[1]) for name, one in zip(last.work.names, last.work.stages, strict=True) if one.ps[1]]
    assert chip == expected
    document = to_document("tp4", "nemotron3-nano", last)
    json.dumps(document, allow_nan=False)
    assert sum(event["ph"] == "X" for event in document["traceEvents"]) == len(found)
    ends = {}
    for event in document["traceEvents"]:
        if event["ph"] == "X":
            track = event["pid"], event["tid"]
            assert event["ts"] >= ends.get(track, 0) - 1e-9
            ends[track] = event["ts"] + event["dur"]


def test_a_long_timeline_has_the_first_units():
    _, last = step("dgc64", "resnet50", True, collective="ring all-reduce", share=0.01)
    found, left_out = spans(last)
    assert len(found) <= MOST_SPANS
    assert 0 < left_out < 64


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        (("tp4", "llama2-7b"), {"chips": [3]}, "its 32 heads do not split evenly over 3 chips"),
        (("tp4", "llama2-7b"), {"chips": [8]}, "tp4: --chips has 8; expected 1 to 4, the chips of the system"),
        (("tp4", "llama2-7b"), {"chips": [0]}, "a number of chips is 0; expected a whole number from 1 to 1024"),
        (("tp4", "llama2-7b"), {"chips": [True]}, "a number of chips is True"),
        (("tp4", "llama2-7b"), {"chips": [10**12]}, "a number of chips is 1000000000000"),
        (("tp4", "llama2-7b"), {"chips": list(range(1, 100))}, "it has 99 numbers of chips; expected at most 64"),
        (("tree_16", "llama2-7b"), {"chips": [4]}, "--chips has 4 of a tree; expected 1 or 16"),
        (("nvlink_mesh_4", "llama2-7b"), {}, "its chips are of no machine; expected a machine for its chips"),
        (("nvlink_mesh_4", "alexnet", True), {}, "its chips are of no machine; expected train_step_ms in the file"),
        (("tp4", "llama2-7b"), {"machine": "eie"}, "none of its layers ran"),
        (("tp4", "alexnet"), {}, "alexnet: it does not divide over chips; expected a language model"),
        (("tp4", "llama2-7b/head"), {}, "it does not divide over chips"),
        (("dgc64", "llama2-7b", True), {}, "it is not known as a network in training; expected one of alexnet"),
        (("tp4", "ptb-lstm", True), {}, "its forward pass is not known as products; expected train_step_ms"),
        (("dgc64", "alexnet", True), {"context": 9}, "context is 9; expected none in a step of training"),
        (("dgc64", "alexnet", True), {"batch": 10**6}, "batch is 1,000,000; expected at most 65,536"),
        (("dgc64", "alexnet", True), {"share": 0}, "the share that is sent is 0; expected more than 0 and at most 1"),
        (("dgc64", "alexnet", True), {"share": float("nan")}, "the share that is sent is nan"),
        (("tp4", "llama2-7b"), {"split": "rows"}, "there is no such split"),
        (("tp4", "llama2-7b"), {"collective": "gossip"}, "there is none of this name"),
        (("tp4", "llama2-7b"), {"engine": "c"}, "engine is 'c'"),
        (("tp4", "llama2-7b"), {"overlap": 1}, "overlap is 1: it is no truth value; expected True or False"),
        (("tp4", "llama2-7b"), {"settings": {"link.speed": 1}}, "link.speed is an unknown key (set by the user)"),
        (("tp4", "llama2-7b"), {"settings": {"link.gb_per_s": 0}}, "link.gb_per_s.value is 0"),
        (("tp4", "llama2-7b"), {"settings": {"chips": 5000}}, "it has 5000 chips; expected 1 to 1024"),
        (("tree_16", "llama2-7b"), {"settings": {"chips": 17}}, "its tree has no chip 16"),
        (("star", "llama2-7b"), {}, "star: there is no such system"),
        (("llama2-7b", "tp4"), {}, "llama2-7b: it is a workload; expected a .yaml file or one of dgc64"),
        (
            ("tp4", "llama2-7b"),
            {"collective": "all-reduce"},
            "there is none of this name; expected fastest, ring, or",
        ),
    ],
)
def test_what_cannot_run_is_one_sentence(arguments, options, sentence):
    with pytest.raises(InputError) as error:
        step(*arguments, **options)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_a_collective_of_a_kind_that_a_step_has_not_is_noted():
    result, _ = step("tp4", "llama2-7b", chips=[4], collective="ring all-gather", **SMALL)
    assert any(
        "ring all-gather does nothing here: no exchange of this step is an all-gather" in one for one in result.notes()
    )


def test_a_setting_is_in_the_sources():
    loaded = load_system("dgc64", {"link.gb_per_s": 0.125, "chips": 8})
    assert (loaded.network.chips, loaded.network.link.bytes_per_s) == (8, 125_000_000)
    assert loaded.sources["link.gb_per_s"] == loaded.sources["chips"] == "set by the user"
    assert load_system("tp4.yaml") == load_system("tp4")


def test_the_python_call(tmp_path):
    found = zeroskip.system("tp4", "llama2-7b", chips=[1, 4], context=256)
    assert isinstance(found, zeroskip.SystemResult)
    assert found.output_matches_reference
    frame = found.to_frame()
    assert frame["chips"].tolist() == [1, 4]
    for ending in ("json", "csv", "html"):
        found.save(tmp_path / f"step.{ending}")
    assert json.loads((tmp_path / "step.json").read_text()) == found.to_dict()
    assert found.plot() is not None
    with pytest.raises(InputError):
        zeroskip.system("tp4", "llama2-7b", chips=[1, 4], context=256, color=1)


def test_the_times_of_all_chips_together_may_have_more_than_64_bits():
    """The longest step of a file on 64 chips: they compute for 64 x 10^18 ps in all, and each for a million seconds."""
    result, _ = step("dgc64", "alexnet", True, [64], settings={"train_step_ms": 1e9})
    for row in result.rows:
        assert row.compute_us == 1e12
        assert 0 < row.add_us < row.time_us - row.compute_us
