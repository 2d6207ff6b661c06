"""The timeline file says what the trace says, of every machine, and the viewer can nest what it draws."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.configurations import EVERY_CONFIGURATION, formats, small
from support.layers import drawn_layers, machines
from typer.testing import CliRunner

from simulator import timeline
from simulator.cli import app
from simulator.core import registry
from simulator.core.machine import Queue
from simulator.core.registry import find
from simulator.hardware import clock
from simulator.machines.eie import Eie, model
from simulator.machines.eie.arch import ControlLetter, PeLetter
from simulator.machines.eie.layout.streams import layout
from simulator.machines.eie.report import queues
from simulator.machines.ese.report import queues as ese_queues
from simulator.run.executor import open_for
from simulator.run.simulate import simulate
from simulator.timeline import perfetto, recording
from simulator.timeline.spans import binned_spans, count_runs, exact_spans
from workloads.errors import InputError
from workloads.options import WorkloadOptions
from zeroskip import load_arch, load_workload


def tracks_of(printed):
    """(process, thread name) -> its spans in the file's order."""
    events = printed["traceEvents"]
    process = {e["pid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "process_name"}
    names = {e["tid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
    found = {}
    for e in events:
        if e["ph"] == "X":
            found.setdefault((process[e["pid"]], names[e["tid"]]), []).append(e)
    assert len(names) == len(found)
    return found


def check_structure(printed, first, last):
    for event in printed["traceEvents"]:
        assert {"ph", "ts", "pid", "tid", "name"} <= set(event)
        assert event["ph"] in ("M", "X", "C")
        assert event["pid"] > 0
        assert event["ts"] >= 0
    clock_mhz = printed["otherData"]["clock_mhz"]
    for spans in tracks_of(printed).values():
        assert spans[0]["args"]["cycle"] == first
        assert spans[-1]["args"]["cycle"] + spans[-1]["args"]["cycles"] == last
        for one, after in pairwise(spans):
            assert one["args"]["cycle"] + one["args"]["cycles"] == after["args"]["cycle"]
            assert round(1000 * one["ts"]) + round(1000 * one["dur"]) == round(1000 * after["ts"])
        for one in spans:
            assert one["dur"] > 0
            assert one["ts"] == pytest.approx(one["args"]["cycle"] / min(clock_mhz, 1000), abs=0.000501)
            spent = one["args"].get("spent", {one["name"]: one["args"]["cycles"]})
            assert sum(spent.values()) == one["args"]["cycles"]
            assert spent[one["name"]] == max(spent.values())


@EVERY_CONFIGURATION
@pytest.mark.parametrize("most_events", [10**9, None])
def test_every_machine_tells_its_timeline(config, most_events):
    workload = small(config)
    tracks = find(config.machine).tracks(config.arch)
    recorded = timeline.record(config, workload, most_events=most_events or 3 * len(tracks))
    printed = json.loads(json.dumps(timeline.to_dict(recorded), allow_nan=False))
    result = simulate(config, workload)
    check_structure(printed, 0, result.run.cycles)
    path = ["critical path"] * bool(recorded.path)
    assert [name for _, name in tracks_of(printed)] == [*(track.name for track in tracks), *path]
    assert len(tracks) == len({track.name for track in tracks})
    exact = timeline.record(config, workload, most_events=10**9)
    assert exact.width == 1
    assert (recorded.width == 1) == (exact.events - len(exact.path) <= recorded.most_events)
    assert sum(e["ph"] != "M" for e in printed["traceEvents"]) == recorded.events <= recorded.most_events
    spent = {}
    for track, spans in zip(tracks, recorded.spans, strict=True):
        for span in spans:
            for reason, cycles in span.spent.items():
                spent[track.kind, reason] = spent.get((track.kind, reason), 0) + cycles
    for kind, reasons in result.reasons.items():
        assert sum(n for (of, _), n in spent.items() if of == kind) == sum(reasons.values())
        for reason, cycles in reasons.items():
            if (kind, reason.replace("_", " ")) in spent:
                assert spent[kind, reason.replace("_", " ")] == cycles


@EVERY_CONFIGURATION
def test_what_counts_as_work_is_what_the_load_balance_counts(config):
    recorded = timeline.record(config, small(config), most_events=10**9)
    working = timeline.to_dict(recorded)["otherData"]["working"]["PE"]
    pes = [spans for track, spans in zip(recorded.tracks, recorded.spans, strict=True) if track.kind == "PE"]
    busy = sum(span.cycles for spans in pes for span in spans if span.name in working)
    printed = recorded.result.to_dict()
    assert busy / (len(pes) * printed["cycles"]) == pytest.approx(printed["load_balance"])


def test_the_format_is_a_drawing():
    config = load_arch("eie", pes=2)
    recorded = timeline.record(config, load_workload("nt-we", scale=0.01), window=(4, 30))
    trace = simulate(config, load_workload("nt-we", scale=0.01), trace_cycles=30).run.trace
    printed = timeline.to_dict(recorded)
    check_structure(printed, 4, 30)
    letters = {"multiply": "m", "padding": "p", "empty slice": "e", "starved": "w", "finished": ".", "idle": "."}
    letters |= {"broadcast": "b", "scan": "s", "queue full": "f"}
    found = tracks_of(printed)
    assert [name for _, name in found] == ["PE 0", "PE 1", "control", "critical path"]
    drawn = [
        "".join(letters[span["name"]] * span["args"]["cycles"] for span in spans)
        for (_, name), spans in found.items()
        if name != "critical path"
    ]
    assert drawn == [bytes(row[4:30]).decode() for row in trace]
    about = printed["otherData"]
    assert (about["machine"], about["config"], about["changes"]) == ("eie", "eie_64pe", {"pes": 2})
    assert (about["window"], about["cycles_per_bin"], about["queue_slots"]) == ([4, 30], 1, 7)
    assert about["note"].startswith("cycles 4 to 30 of ")
    assert printed["displayTimeUnit"] == "ns"


stretches = st.tuples(
    st.sampled_from([ord(letter) for letter in (PeLetter.MULTIPLY, PeLetter.PADDING, PeLetter.FINISHED)]),
    st.integers(1, 6),
)
rows = st.lists(stretches, min_size=1, max_size=15).map(
    lambda printed: np.array([letter for letter, cycles in printed for _ in range(cycles)], np.uint8)
)


@given(rows, st.integers(0, 9))
def test_exact_spans_are_the_runs_of_letters(row, start):
    spans = exact_spans(row, PeLetter, start)
    letter = {letter.name.lower().replace("_", " "): ord(letter) for letter in PeLetter}
    assert [letter[span.name] for span in spans for _ in range(span.cycles)] == row.tolist()
    assert all(one.name != after.name for one, after in pairwise(spans))
    assert spans[0].begin == start
    assert len(spans) == count_runs(row[None])


@given(rows, st.integers(0, 9), st.integers(1, 9))
def test_bins_lose_no_cycle(row, start, width):
    spans = binned_spans(row, PeLetter, start, width)
    letter = {letter.name.lower().replace("_", " "): ord(letter) for letter in PeLetter}
    assert len(spans) <= -(-row.size // width)
    now = start
    for span in spans:
        assert span.begin == now
        now += span.cycles
        piece = row[span.begin - start : now - start].tolist()
        assert span.spent == {name: piece.count(code) for name, code in letter.items() if code in piece}
        assert len(span.spent) == 1 or span.cycles <= width
    assert now == start + row.size
    for one, after in pairwise(spans):
        assert len({*one.spent, *after.spent}) > 1


def test_a_letter_that_is_none_is_a_defect():
    with pytest.raises(RuntimeError, match="a letter that is none of m, p"):
        binned_spans(np.frombuffer(b"mz", np.uint8), PeLetter, 0, 2)


class Witness:
    """Listens to all queues of a SimPy model: when who pushed and popped."""

    def __init__(self, monkeypatch):
        self.pushes, self.pops = {}, {}
        for kind in (clock.Fifo, clock.Register):
            for method, book in (("push", self.pushes), ("_take", self.pops)):
                if method in vars(kind):
                    monkeypatch.setattr(kind, method, self.note(vars(kind)[method], book))

    @staticmethod
    def note(method, book):
        def act(fifo, item):
            book.setdefault(fifo.name, []).append(int(fifo.env.now))
            return method(fifo, item)

        return act


@given(machines, drawn_layers)
def test_queues_are_those_of_the_model(arch, layer):
    with pytest.MonkeyPatch.context() as patch:
        passes, start, pushes, pops = layout(arch, layer), 0, {}, {}
        for streams in passes:
            witness = Witness(patch)
            cycles = model.run(arch, streams).cycles
            patch.undo()
            for book, printed in ((pushes, witness.pushes), (pops, witness.pops)):
                for name, when in printed.items():
                    book.setdefault(name, []).extend(start + t for t in when)
            start += cycles
    found = queues.queues(arch, passes)
    assert len(found) == arch.pes
    names = [*pushes] or [""] * arch.pes  # a layer without a broadcast
    assert [queue.pushes.tolist() for queue in found] == [pushes.get(name, []) for name in names]
    assert [queue.pops.tolist() for queue in found] == [pops.get(name, []) for name in names]
    for queue in found:
        held = queue.held(np.arange(start + 1))
        assert held.min() == held[-1] == 0
        assert held.max() <= queue.slots


def test_queues_of_ese_are_those_of_the_model(monkeypatch):
    config = load_arch("ese", channels=1, pes=4, queue_depth=3)
    witness = Witness(monkeypatch)
    workload = load_workload("google-lstm", scale=0.03, steps=2, formats=formats(config))
    run = simulate(config, workload, engine="simpy").run
    passes = find("ese").layout(config.arch, workload.layer)
    found = ese_queues.queues(config.arch, passes)
    names = [f"queue of PE {k} of channel 0" for k in range(config.arch.pes)]
    assert [queue.pushes.tolist() for queue in found] == [witness.pushes[name] for name in names]
    assert [queue.pops.tolist() for queue in found] == [witness.pops[name] for name in names]
    assert found[0].held(np.array([run.cycles])).tolist() == [0]
    assert max(int(queue.held(np.arange(run.cycles)).max()) for queue in found) == 3 == found[0].slots


def test_a_queue_is_drawn():
    queue = Queue("q", 3, pushes=np.array([0, 1, 4]), pops=np.array([2, 3, 5]))
    assert queue.held(np.arange(8)).tolist() == [0, 1, 2, 1, 0, 1, 0, 0]


@pytest.mark.parametrize("most_events", [10**9, 40])
def test_counters_say_what_the_queues_hold_and_what_was_broadcast(most_events):
    config, workload = load_arch("eie", pes=2, queue_depth=3), load_workload("nt-we", scale=0.02)
    recorded = timeline.record(config, workload, window=(5, 60), most_events=most_events)
    printed = timeline.to_dict(recorded)
    trace = simulate(config, workload, trace_cycles=60).run.trace
    passes = find("eie").layout(config.arch, workload.layer)
    truth = {f"PE {k}": queue.held(np.arange(61)) for k, queue in enumerate(queues.queues(config.arch, passes))}
    sent = np.concatenate([[0], np.cumsum(trace[-1] == ord(ControlLetter.BROADCAST))])
    truth["broadcasts of control"] = sent
    assert recorded.width == (1 if most_events == 10**9 else 16)
    series = {}
    for event in printed["traceEvents"]:
        if event["ph"] == "C":
            (value,) = event["args"].values()
            series.setdefault(event["name"], {})[round(event["ts"] * 800)] = value
    assert series.keys() == truth.keys()
    for name, values in series.items():
        looked = range(5, 60, recorded.width)
        by_cycle = pd.Series(values).reindex(range(5, 60)).ffill()
        assert [by_cycle[cycle] for cycle in looked] == truth[name][list(looked)].tolist()
        assert all(one != after for one, after in pairwise(values.values()))


@pytest.mark.parametrize("clock_mhz", [1, 200, 333.3, 800, 1000, 1500, 4000])
def test_every_cycle_has_a_nanosecond_of_its_own(clock_mhz):
    times = [perfetto.nanoseconds(cycle, clock_mhz) for cycle in range(5000)]
    assert min(after - one for one, after in pairwise(times)) >= 1
    if clock_mhz <= 1000:
        assert times[-1] == pytest.approx(4999 * 1000 / clock_mhz, abs=0.5)


def test_a_cycle_below_a_nanosecond_is_said_to_be_stretched():
    config = load_arch("eie", pes=1, clock_mhz=1600.0)
    printed = timeline.to_dict(timeline.record(config, load_workload("nt-we", scale=0.01), window=(0, 9)))
    assert printed["otherData"]["time"].startswith("a cycle is 0.625 ns, drawn as 1 ns")


@given(st.integers(1, 400))
def test_the_limit_holds_or_is_refused(most_events):
    config, workload = load_arch("eie", pes=2), load_workload("nt-we", scale=0.02)
    lines = 3 + 3  # tracks; a counter for the broadcasts and each queue
    if most_events < lines:
        with pytest.raises(InputError, match=f"events: at most {most_events} are asked for; expected 6 or more"):
            timeline.record(config, workload, most_events=most_events)
        return
    recorded = timeline.record(config, workload, most_events=most_events)
    assert recorded.events <= most_events
    whole = recorded.window[1]
    assert recorded.width == 1 or lines * -(-whole // (recorded.width // 2)) > most_events
    assert (f"bins of {recorded.width:,} cycles" in recorded.note()) == (recorded.width > 1)


def test_a_window_beyond_the_end_ends_there():
    config, workload = load_arch("eie", pes=2), load_workload("nt-we", scale=0.01)
    whole = timeline.record(config, workload)
    cycles = whole.result.run.cycles
    cut = timeline.record(config, workload, window=(cycles - 1, 10 * cycles))
    assert cut.window == (cycles - 1, cycles)
    assert [spans[-1].name for spans in cut.spans] == [spans[-1].name for spans in whole.spans]
    with pytest.raises(InputError, match=f"window begins at cycle {cycles}; expected one of the run's {cycles} cycles"):
        timeline.record(config, workload, window=(cycles, cycles + 1))


@pytest.mark.parametrize("window", [(-1, 4), (4, 4), (5, 4)])
def test_windows_that_cannot_be(window):
    with pytest.raises(InputError, match=f"window: it is {window[0]}:{window[1]}; expected FIRST:LAST with 0"):
        timeline.record(load_arch("eie"), load_workload("nt-we", scale=0.01), window=window)


def test_a_trace_too_large_for_memory_is_refused(monkeypatch):
    monkeypatch.setattr(recording, "MOST_LETTERS", 100)
    with pytest.raises(InputError, match="the trace of 65 units has .* cycles; expected at most 2"):
        timeline.record(load_arch("eie"), load_workload("nt-we", scale=0.01))


def test_a_machine_without_tracks_is_refused(monkeypatch):
    monkeypatch.delattr(Eie, "tracks")
    with pytest.raises(InputError, match="eie: it does not say what its trace shows; expected a machine with `tracks`"):
        timeline.record(load_arch("eie"), load_workload("nt-we", scale=0.01))


def test_the_command_writes_the_file(tmp_path):
    path = tmp_path / "trace.json"
    arguments = ["trace", "eie", "nt-we", "--scale", "0.02", "--seed", "3", "-o", str(path), "--window", "2:50"]
    done = CliRunner().invoke(app, [*arguments, "--events", "60", "--set", "pes=4"])
    assert done.exit_code == 0, done.output
    printed = json.loads(path.read_text())
    recorded = timeline.record(
        load_arch("eie", pes=4), load_workload("nt-we", seed=3, scale=0.02), window=(2, 50), most_events=60
    )
    assert printed == json.loads(json.dumps(timeline.to_dict(recorded)))
    assert recorded.width > 1
    assert recorded.note() in " ".join(done.output.split())


BAD = {
    "another ending": (["-o", "a.txt"], "a.txt: it ends with '.txt'; expected a name that ends with .json"),
    "no window": (["-o", "a.json", "--window", "5"], "--window is '5'; expected FIRST:LAST, cycles"),
    "words": (["-o", "a.json", "--window", "a:b"], "--window is 'a:b'; expected FIRST:LAST, cycles"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case):
    options, sentence = BAD[case]
    done = CliRunner().invoke(app, ["trace", "eie", "nt-we", *options])
    assert isinstance(done.exception, InputError), done.output
    assert sentence in str(done.exception)


def test_all_our_machines_are_told():
    assert all("tracks" in vars(type(machine)) for machine in registry.machines().values())


@pytest.mark.parametrize("most", [100_000, 400])
def test_a_track_says_what_decides_each_cycle(most):
    """The path covers the window without gaps; in bins, each span's cycles are those of its parts."""
    config = load_arch("eie", pes=4)
    recorded = timeline.record(config, load_workload("alexnet-fc7", scale=0.02), most_events=most)
    ends = [span.begin + span.cycles for span in recorded.path]
    assert [span.begin for span in recorded.path] == [0, *ends[:-1]]
    assert ends[-1] == recorded.result.cycles
    assert all(sum(span.spent.values()) == span.cycles for span in recorded.path)
    assert recorded.events <= most
    named = [event for event in timeline.to_dict(recorded)["traceEvents"] if event["ph"] == "X"]
    assert len(named) == sum(map(len, recorded.spans)) + len(recorded.path)


@pytest.mark.parametrize("most", [100_000, 1_500])
def test_the_path_of_a_network_is_that_of_its_layers_one_after_the_other(most):
    """One track; in the window it covers each layer's cycles, and there are no more events than asked for."""
    config = load_arch("scnn")
    model = open_for(config, "alexnet", WorkloadOptions(scale=0.03))
    network = timeline.record_network(config, model, window=(100, 2_000), most_events=most)
    events = timeline.network_to_dict(network)["traceEvents"]
    (track,) = (one for one in events if one["ph"] == "M" and one["args"].get("name") == "critical path")
    spans = [
        one["args"] for one in events if one["ph"] == "X" and (one["pid"], one["tid"]) == (track["pid"], track["tid"])
    ]
    ends = [one["cycle"] + one["cycles"] for one in spans]
    assert [one["cycle"] for one in spans] == [100, *ends[:-1]]
    assert ends[-1] == min(2_000, network.parts[-1].begin + network.parts[-1].cycles)
    assert network.events <= most
    assert (
        len([one for one in events if one["ph"] == "M" and one["args"].get("name") == "scnn_8x8: critical path"]) == 1
    )
