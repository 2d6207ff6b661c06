"""The selection unit's model and engine are equal, and their cycles and counts are those of formulas."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.gradients import PLAIN, layers, machines
from support.paths import EXAMPLES
from support.twin_laws import check_order_and_length, check_twins

from kernels_ref.gradient import Sample, send
from simulator.machines.selection.arch import REASON_UNITS
from simulator.machines.selection.engine import run as engine
from simulator.machines.selection.engine.values import Values, message
from simulator.machines.selection.layout import layout
from simulator.machines.selection.model import units as model
from workloads.compression.gradients.messages import LONGEST, PAIR, decode, encode
from workloads.kinds import reference_output


def ceil(dividend, divisor):
    return -(-dividend // divisor)


class Work:
    """What a layer asks for: thresholds, candidates, what is sent, in plain loops."""

    def __init__(self, layer):
        sample = Sample(layer.start, layer.stride, layer.samples, layer.top)
        found = send(layer.gradient, layer.velocity, layer.residual, layer.momentum, layer.wanted, sample)
        self.sent, self.words = found.places.tolist(), found.words.size
        u = np.float32(layer.momentum) * layer.velocity + layer.gradient
        self.size = np.abs(layer.residual + u)
        drawn = sorted(self.size[layer.start + layer.stride * k] for k in range(layer.samples))
        self.threshold = drawn[-layer.top] if layer.wanted < layer.elements else np.float32(0)
        self.candidates = [self.passing()]
        while self.threshold and 10 * len(self.candidates[-1]) < 8 * layer.wanted and len(self.candidates) < 11:
            self.threshold = np.float32(self.threshold * np.float32(0.8))
            self.candidates.append(self.passing())
        self.crowded = 10 * len(self.candidates[-1]) > 13 * layer.wanted
        self.samples = layer.samples if layer.wanted < layer.elements else 0

    def passing(self):
        return [k for k, one in enumerate(self.size) if one and one >= self.threshold]

    def looked_at(self, layer):
        last = self.candidates[-1]
        return len(last) if len(self.sent) < layer.wanted else last.index(self.sent[-1]) + 1

    def cuts(self):
        return self.words // 3 - len(self.sent)


@given(machines, layers)
def test_model_and_engine_are_equal_and_right(arch, layer):
    (streams,) = layout(layer)
    slow, fast = model.run(arch, streams, 10**6), engine.run(arch, streams, 10**6)
    check_twins(slow, fast, layer, REASON_UNITS)


@settings(max_examples=EXAMPLES // 2)
@given(machines, layers, st.integers(0, 1 << 30))
def test_order_and_length_of_the_trace_do_not_matter(arch, layer, seed):
    (streams,) = layout(layer)
    check_order_and_length(model, partial(engine.run, output=False), arch, streams, seed)


@given(machines, layers)
def test_counts(arch, layer):
    work, counts = Work(layer), engine.run(arch, *layout(layer)).counts
    passes, last = len(work.candidates), len(work.candidates[-1])
    ranks = ceil(31, arch.bins.bit_length() - 1) if work.crowded else 0
    found = {name: int(value.sum()) for name, value in counts._asdict().items()}
    assert 0 <= found.pop("bin_updates") <= ranks * last
    assert ranks <= found.pop("bin_reads") <= ranks * arch.bins
    del found["stream_cycles"]  # see the next test
    assert found == {
        "momentum_multiplies": layer.elements,
        "additions": 2 * layer.elements,
        "comparisons": passes * layer.elements,
        "sample_pushes": work.samples,
        "sample_pops": work.samples,
        "queue_comparisons": work.samples * layer.top,
        "candidate_writes": sum(map(len, work.candidates)),
        "candidate_reads": ranks * last + work.looked_at(layer),
        "pairs": work.words // 3,
        "cuts": work.cuts(),
        "dram_read_bytes": 12 * layer.elements + 4 * passes * layer.elements,
        "dram_write_bytes": 8 * layer.elements + 8 * len(work.sent),
    }


@given(machines, layers)
def test_cycles_of_the_memory_the_stream_and_the_encoder(arch, layer):
    work, run = Work(layer), engine.run(arch, *layout(layer))
    spent = {name: int(value.sum()) for name, value in run.reasons._asdict().items()}
    beats = [range(first, min(first + arch.lanes, layer.elements)) for first in range(0, layer.elements, arch.lanes)]
    cycles = [sum(ceil(len(one) * size, arch.dram_bytes_per_cycle) for one in beats) for size in (20, 4)]
    assert spent["transfer"] == cycles[0] + len(work.candidates) * cycles[1]
    sampled = {layer.start + layer.stride * k for k in range(work.samples)}
    assert spent["accumulate"] == sum(max(1, len(sampled & set(one))) for one in beats)
    assert spent["compare"] == sum(max(1, len(set(c) & set(one))) for c in work.candidates for one in beats)
    assert int(run.counts.stream_cycles[0]) == spent["accumulate"] + spent["compare"]
    assert spent["insert"] == work.samples * arch.insert_cycles
    assert spent["zero_write"] == spent["emit"] == len(work.sent) * ceil(8, arch.dram_bytes_per_cycle)
    assert spent["left_out"] == work.looked_at(layer) - len(work.sent)
    assert spent["cut"] == work.cuts()
    encoder = sum(spent[name] for name in ("rank", "find_bin", "left_out", "cut", "emit"))
    assert run.cycles >= spent["accumulate"] + spent["compare"] + encoder
    assert run.cycles == spent["stream_idle"] + sum(
        spent[n] for n in ("accumulate", "compare", "starved", "samples_full")
    )


@given(layers)
def test_a_wide_memory_and_a_fast_queue_leave_the_stream_alone(layer):
    """A pass is a fill of one beat and the stream's own cycles, then the last sample's way into the queue."""
    arch = PLAIN._replace(lanes=4, dram_bytes_per_cycle=1 << 16, sample_slots=64, beat_slots=64)
    work, run = Work(layer), engine.run(arch, *layout(layer))
    spent = {name: int(value.sum()) for name, value in run.reasons._asdict().items()}
    assert spent["starved"] == 1 + len(work.candidates)
    assert spent["samples_full"] == 0
    encoder = sum(spent[name] for name in ("rank", "find_bin", "left_out", "cut", "emit"))
    after = run.cycles - encoder - spent["accumulate"] - spent["compare"] - spent["starved"]
    assert 0 <= after <= 1 + (work.samples > 0)


@given(layers)
def test_the_message_is_the_encoders(layer):
    """Values and 16-bit runs: those of the trainer's encoder on what was sent, bit for bit."""
    output = engine.run(PLAIN, *layout(layer)).output
    words = layer.message_of(output)
    assert words.size % 3 == 0
    sent = decode(words.view(PAIR), layer.elements)
    places = np.flatnonzero(sent)
    assert encode(places, sent[places]).tobytes() == words.tobytes()


def test_a_run_of_many_zeros_is_cut():
    residual = np.zeros(200_000, np.float32)
    residual[[3, 199_999]] = 1, -2
    from support.gradients import given as written

    layer = written(residual, 2, stride=199_999, samples=1, start=3)
    run = engine.run(PLAIN._replace(lanes=64), *layout(layer), 0)
    assert run.counts.cuts.tolist() == [3]
    np.testing.assert_array_equal(run.output, reference_output(layer))


@pytest.mark.parametrize("zeros", [LONGEST - 1, LONGEST, LONGEST + 1, LONGEST + 2, 2 * LONGEST + 1, 2 * LONGEST + 2])
def test_runs_at_the_longest_are_cut_as_by_the_encoder(zeros):
    """A word for each run, and one more for each whole 65,536 zeros."""
    residual = np.zeros(zeros + 3, np.float32)
    residual[[0, zeros + 1]] = 1, -2
    values = Values(residual, residual, [], [], False, np.array([0, zeros + 1]))
    words = message(values)
    assert words.size == 3 * (2 + zeros // (LONGEST + 1))
    assert encode(values.places, residual[values.places]).tobytes() == words.tobytes()
