"""What cannot run is refused with one sentence; a deadlock shows every chip and queue."""

import numpy as np
import pytest
from support.schedules import run_twins

from simulator.system.collectives import COLLECTIVES, make_schedule
from simulator.system.engine import run_engine
from simulator.system.link import Link, duration_ps
from simulator.system.model import run_model
from simulator.system.network import Network
from simulator.system.report import collective_rows
from simulator.system.schedule import Compute, Receive, Reduce, Schedule, Send
from simulator.system.system_file import load_system, parse_system, shipped_systems
from simulator.system.values import run_values
from workloads.errors import InputError

LINK = Link(10**9, 500, True, 1.0)
NETWORK = Network("switch", 4, LINK, 10**10)
EIGHT = make_schedule("ring all-reduce", 8, 64)


@pytest.mark.parametrize("run", [run_model, run_engine])
@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        (NETWORK._replace(link=LINK._replace(bytes_per_s=0)), "system: the link's bandwidth is 0 bytes/s; expected 1"),
        (NETWORK._replace(link=LINK._replace(latency_ps=0)), "system: the link's latency is 0 ps; expected 1 or more"),
        (NETWORK._replace(reduce_bytes_per_s=0), "system: a chip adds 0 bytes/s; expected 1 or more"),
        (NETWORK._replace(chips=1025), "system: it has 1025 chips; expected 1 to 1024"),
        (NETWORK._replace(topology="star"), "system: topology is 'star'; expected one of ring, full mesh, switch"),
        (NETWORK, "ring all-reduce: it is for 8 chips; expected 4 or fewer, as the system"),
        (NETWORK._replace(chips=8, link=LINK._replace(latency_ps=1 << 60)), "more than 2^61 ps one after another"),
    ],
)
def test_a_schedule_or_network_that_cannot_run(run, network, sentence):
    with pytest.raises(InputError) as error:
        run(EIGHT, network)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "chips", "size", "sentence"),
    [
        ("ring all-reduce", 4, 10, "10 bytes do not split evenly over 4 chips; expected a multiple of 4"),
        ("Rabenseifner all-reduce", 4, 10, "10 bytes do not split evenly over 4 chips"),
        ("recursive doubling all-reduce", 6, 12, "it has 6 chips; expected a power of two"),
        ("recursive doubling all-gather", 6, 12, "it has 6 chips; expected a power of two"),
        ("pairwise tree", 3, 12, "it has 3 chips; expected a power of two"),
        ("direct all-to-all", 4, 0, "it has 0 bytes; expected 1 or more"),
        ("parameter server", 4, 0, "it has 0 bytes; expected 1 or more"),
    ],
)
def test_an_uneven_split_or_a_wrong_number_of_chips(name, chips, size, sentence):
    with pytest.raises(InputError, match=sentence):
        make_schedule(name, chips, size)


@pytest.mark.parametrize("name", COLLECTIVES)
@pytest.mark.parametrize("chips", [0, -2, 1025, 2048])
def test_no_chips_or_too_many_are_refused(name, chips):
    with pytest.raises(InputError, match=f"it has {chips} chips; expected 1 to 1024"):
        make_schedule(name, chips, 8)


@pytest.mark.parametrize(
    ("programs", "sentence"),
    [
        (((Send(0, 0, 1),), ()), "step 0 of chip 0: its partner is chip 0; expected another chip below 2"),
        (((Send(2, 0, 1),), ()), "step 0 of chip 0: its partner is chip 2; expected another chip below 2"),
        (((), (Compute(0), Receive(-1, 0, 1))), "step 1 of chip 1: its partner is chip -1"),
        (((Send(1, 0, 0),), ()), "it moves 0 bytes; expected 1 or more"),
        (((Send(1, 5, 4),), ()), "its bytes are 5 to 8; expected bytes 0 to 7"),
        (((Reduce(0, -1, 4),), ()), "its bytes are -1 to 2; expected bytes 0 to 7"),
        (((Compute(-1),), ()), "it computes for -1 ps; expected 0 or more"),
        (((Send(1, 0, 4),), ()), "chip 0 sends chip 1 messages of [4] bytes, which receives []; expected the same"),
        (((Send(1, 0, 4),), (Receive(0, 0, 3),)), "messages of [4] bytes, which receives [3]"),
    ],
)
def test_a_wrong_step(programs, sentence):
    for run in (run_model, run_engine):
        with pytest.raises(InputError) as error:
            run(Schedule("wrong", programs, 8), NETWORK)
        assert sentence in str(error.value)


def test_a_deadlock_shows_every_chip_and_queue():
    programs = (
        (Send(2, 0, 1), Receive(1, 0, 1), Send(1, 0, 1)),
        (Receive(0, 0, 1), Send(0, 0, 1), Receive(2, 0, 1)),
        (Send(1, 0, 1), Receive(0, 0, 1)),
    )
    schedule = Schedule("ring of waits", programs, 1)
    expected = (
        "ring of waits: nothing can move. chip 0 waits for chip 1 at step 1 of 3; "
        "chip 1 waits for chip 0 at step 0 of 3; chip 2 ended. Queues: 2->1: 1 arrived"
    )
    assert run_twins(schedule, NETWORK) == expected
    with pytest.raises(RuntimeError) as error:
        run_values(schedule, np.zeros((3, 1)))
    assert str(error.value) == expected


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("gb_per_s: {value: 450", "gb_per_s: {value: 0", "file: link.gb_per_s.value is 0"),
        ("chips: {value: 8", "chips: {value: 1025", "file: it has 1025 chips; expected 1 to 1024"),
        ("chips: {value: 8", "chips: {value: 8.5", "file: chips.value is 8.5"),
        ("topology: {value: switch", "topology: {value: star", "file: topology is 'star'; expected one of ring"),
        ("full_duplex: {value: true", "full_duplex: {value: maybe", "file: link.full_duplex.value is 'maybe'"),
        ("latency_ns: {value: 235", "latency_ns: {value: 0.0001", "file: the link's latency is 0 ps; expected 1"),
        ("about:", "around:", "file: about is missing"),
        ('"NVIDIA DGX H100: 8 GPUs"', '""', "file: chips.source is ''"),
    ],
)
def test_a_wrong_file(old, new, sentence):
    text = shipped_systems()["nvlink_switch_8"]
    assert old in text
    with pytest.raises(InputError) as error:
        parse_system("file", text.replace(old, new, 1))
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_system_and_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="star: there is no such system; expected a .yaml file or one of dgc64"):
        load_system("star")
    with pytest.raises(InputError, match="there is no such file; expected a system in YAML"):
        load_system(tmp_path / "missing.yaml")


@pytest.mark.parametrize("name", shipped_systems())
def test_a_shipped_system_runs_and_names_its_sources(name, tmp_path):
    system = load_system(name)
    chips = system.network.chips
    assert run_engine(make_schedule("Rabenseifner all-reduce", chips, 64 * chips), system.network).time_ps > 0
    assert all(system.sources.values())
    assert len(system.sources) >= 7
    copy = tmp_path / f"{name}.yaml"
    copy.write_text(shipped_systems()[name])
    assert load_system(copy) == system


MANY = Network("switch", 64, Link(15 * 10**7, 100, True, 1.0), 10**11)


@pytest.mark.parametrize("run", [run_model, run_engine])
def test_waits_of_more_than_64_bits_are_refused(run):
    """63 messages of two hours reach the server's link at once: the last waits for 62 of them, and so on."""
    schedule = make_schedule("parameter server", 64, 1 << 40)
    assert sum(range(63)) * duration_ps(1 << 40, MANY.link.bytes_per_s) > 1 << 63
    with pytest.raises(InputError, match="system: the messages of a link wait for 2\\^61 ps or more in all; expected"):
        run(schedule, MANY)


@pytest.mark.parametrize("run", [run_model, run_engine])
def test_times_of_all_chips_together_may_have_more_than_64_bits(run):
    """126 messages of 19 minutes each pass the server's link, one after another; 64 chips take that long each."""
    system = load_system("nvlink_switch_8")._replace(network=MANY)
    ((row,), _) = collective_rows(system, "parameter server", 1725 * 10**8, run)
    assert 64 * row.time_ps > 1 << 63
    assert sum(row.spent_ps.values()) == 64 * row.time_ps
    assert min(row.spent_ps.values()) >= 0
