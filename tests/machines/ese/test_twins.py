"""ESE's laws on random machines and LSTMs: model and engine are equal, and both obey."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lstm_layers import TINY, above, cases, drawn
from support.paths import EXAMPLES
from support.shuffled import Shuffled

from simulator.core.run import chain, first_difference
from simulator.machines.ese.arch import REASON_UNITS, Letter
from simulator.machines.ese.engine import run as engine
from simulator.machines.ese.layout.streams import feed, layout
from simulator.machines.ese.model import units as model
from workloads.kinds import reference_output
from workloads.workload import Workload
from zeroskip import load_arch, simulate


def reference(lstm):
    return reference_output(lstm)


def run_layers(runner, arch, lstm, trace_cycles=0):
    """One layer after the other, each fed with what the one below put out."""
    runs = []
    for streams in layout(arch, lstm):
        fed = feed(streams, runs[-1].output) if runs else streams
        runs.append(runner.run(arch, fed, trace_cycles))
    return chain(runs)


@settings(max_examples=2 * EXAMPLES)
@given(cases(layers=(1, 2)))
def test_model_and_engine_are_equal_and_compute_what_the_reference_kernel_computes(case):
    arch, lstm = case
    printed, fast = (run_layers(runner, arch, lstm, 10**6) for runner in (model, engine))
    assert first_difference(printed, fast) is None
    np.testing.assert_array_equal(printed.output, reference(lstm))
    assert printed.trace.shape == (arch.channels * (arch.pes + 3) + 2, printed.cycles)


def test_a_cell_that_only_grows_saturates():
    # every gate is open: c is almost 1 after a step and would be almost 2 after the next, but stays
    arch = TINY._replace(table_points=4096)
    lstm = drawn(0, arch, 1, 3, projection=False, most=1)
    (layer,) = lstm.layers
    layer = layer._replace(sigmoid=np.full(4096, 32767, np.int16), cell_gate="sigmoid", cell_bits=15, tanh_bits=14)
    lstm = above([layer], lstm.activation)
    m = (32767 * int(layer.tanh[4096 * 3 // 4]) + (1 << 14)) >> 15  # 1 is three quarters of the way from -2 to 2
    assert reference(lstm).tolist() == [m] * 3
    for runner in (model, engine):
        assert run_layers(runner, arch, lstm).output.tolist() == [m] * 3


@settings(max_examples=EXAMPLES // 2)
@given(cases(), st.integers(0, 1 << 30))
def test_the_order_of_processes_within_a_cycle_does_not_matter(case, seed):
    arch, lstm = case
    (streams,) = layout(arch, lstm)
    calm, shaken = engine.run(arch, streams, 10**6), model.run_in(Shuffled(seed), arch, streams, 10**6)
    assert first_difference(calm, shaken) is None


def rows_of(arch, trace):
    """The trace's rows by kind of unit."""
    counts = {"PE": arch.channels * arch.pes, "memory": 2}
    begin, found = 0, {}
    for kind in ("PE", "feeder", "assembler", "element-wise", "memory"):
        end = begin + counts.get(kind, arch.channels)
        found[kind], begin = trace[begin:end], end
    assert begin == len(trace)
    return found


LETTERS = {
    "PE": (Letter.MULTIPLY + Letter.PADDING, *"ew.-"),
    "feeder": tuple("bf_"),
    "assembler": tuple("a_"),
    "element-wise": tuple("x_"),
    "memory": tuple("df_"),
}
"""Of each kind's reasons, in their order."""


@given(cases())
def test_every_cycle_of_every_unit_has_one_reason_and_its_letter(case):
    arch, lstm = case
    run = engine.run(arch, *layout(arch, lstm), 10**6)
    rows = rows_of(arch, run.trace)
    for kind, reasons in REASON_UNITS.items():
        assert set(sum(getattr(run.reasons, name) for name in reasons).tolist()) == {run.cycles}
        for letters, name in zip(LETTERS[kind], reasons, strict=True):
            spent = np.isin(rows[kind], [ord(letter) for letter in letters]).sum(axis=1)
            np.testing.assert_array_equal(spent, getattr(run.reasons, name), err_msg=name)
    np.testing.assert_array_equal((rows["PE"] == ord("p")).sum(axis=1), run.counts.padding)


def naive_entries(arch, matrix):
    """Entries and padding entries of each PE: walk the rows of each column and bridge what an index cannot say."""
    entries, padding = np.zeros((2, arch.pes), np.int64)
    for begin, end in zip(matrix.columns.start[:-1], matrix.columns.start[1:], strict=True):
        skipped = np.zeros(arch.pes, np.int64)
        stored = set(matrix.columns.row[begin:end].tolist())
        for row in range(matrix.outputs):
            k = row % arch.pes
            if row in stored:
                bridges = skipped[k] // (1 << arch.index_bits)
                padding[k] += bridges
                entries[k] += bridges + 1
                skipped[k] = 0
            else:
                skipped[k] += 1
    return entries, padding


def lines_of(arch, bits):
    return -(-bits // arch.line_bits)


def packed_lines(arch, entries):
    """Each PE's entries fill whole units, and all units whole lines."""
    each = arch.unit_bits // (arch.weight_bits + arch.index_bits)
    return lines_of(arch, arch.unit_bits * sum(-(-int(n) // each) for n in entries))


@given(cases())
def test_counts_are_formulas_over_the_layer(case):
    arch, lstm = case
    (layer,), (voices, steps, _) = lstm.layers, lstm.activation.shape
    counts = engine.run(arch, *layout(arch, lstm)).counts
    matrices = list(layer.matrices.values())
    columns, rows = sum(one.inputs for one in matrices), sum(one.outputs for one in matrices)
    held = [naive_entries(arch, one) for one in matrices]
    entries, padding = (steps * sum(part) for part in zip(*held, strict=True))
    works = np.arange(arch.channels) < voices

    def channels(times):
        return [steps * times if work else 0 for work in works]

    def pes(each):
        return np.concatenate([each if work else 0 * each for work in works])

    assert counts.broadcasts.tolist() == channels(columns)
    for name in ("queue_pushes", "queue_pops"):
        np.testing.assert_array_equal(getattr(counts, name), pes(np.full(arch.pes, steps * columns)))
    assert counts.pointer_reads.tolist() == [steps * columns] * arch.pes
    np.testing.assert_array_equal(counts.weight_reads, entries)
    np.testing.assert_array_equal(counts.entries, pes(entries))
    np.testing.assert_array_equal(counts.padding, pes(padding))
    for name in ("multiplies", "accumulator_reads", "accumulator_writes"):
        np.testing.assert_array_equal(getattr(counts, name), pes(entries - padding))
    assert counts.multiplies.sum() == voices * steps * sum(one.columns.row.size for one in matrices)
    assert counts.assembled.tolist() == channels(rows)

    peepholes = 3 * (layer.peephole is not None)
    assert counts.element_multiplies.tolist() == channels(layer.cells * (peepholes + 2 + 1))  # c, m
    assert counts.element_additions.tolist() == channels(layer.cells * (4 * 2 + peepholes + 1))  # four gates; c
    assert counts.table_lookups.tolist() == channels(layer.cells * (4 + 1))  # four gates; h
    assert counts.state_reads.tolist() == channels(layer.cells * (4 * 3 + 3 * peepholes + 4 + 1 + 2))  # gates, c, h, m
    assert counts.state_writes.tolist() == channels(layer.cells * (4 + peepholes + 3))

    weights = sum(packed_lines(arch, each) for each, _ in held)
    pointers = sum(lines_of(arch, (one.inputs + 1) * arch.pes * arch.pointer_bits) for one in matrices)
    cells = (4 + peepholes) * lines_of(arch, 16 * layer.cells)
    vectors = pointers + cells + lines_of(arch, 16 * voices * layer.inputs)
    assert counts.dram_weight_lines.tolist() == [steps * weights]
    assert counts.dram_vector_lines.tolist() == [steps * vectors]
    assert counts.buffer_lines.tolist() == [steps * (weights + vectors)]
    assert counts.dram_output_lines.tolist() == [lines_of(arch, 16 * voices * steps * layer.outputs)]


@given(cases())
def test_a_voice_hears_nothing_of_the_others_and_costs_no_cycle_but_its_input(case):
    arch, lstm = case
    (streams,) = layout(arch, lstm)
    together = engine.run(arch, streams)
    for voice, output in enumerate(together.output.reshape(lstm.exact.shape)):
        alone = engine.run(arch, *layout(arch, lstm._replace(activation=lstm.activation[voice : voice + 1])))
        np.testing.assert_array_equal(alone.output, output.ravel())
        assert alone.cycles <= together.cycles


@given(cases())
def test_timing_alone_is_the_same_timing(case):
    arch, lstm = case
    (streams,) = layout(arch, lstm)
    whole, timed = engine.run(arch, streams, 50), engine.run_without_output(arch, streams, 50)
    assert timed.output.size == 0
    assert first_difference(whole._replace(output=timed.output), timed) is None


@settings(max_examples=EXAMPLES // 2)
@given(cases(), st.integers(0, 200))
def test_a_short_trace_is_the_beginning_of_the_long_one(case, cycles):
    arch, lstm = case
    (streams,) = layout(arch, lstm)
    whole = engine.run(arch, streams, 10**6)
    for runner in (model, engine):
        np.testing.assert_array_equal(runner.run(arch, streams, cycles).trace, whole.trace[:, :cycles])


@given(cases(layers=(2, 2)))
def test_a_layer_is_fed_with_what_the_one_below_put_out(case):
    arch, lstm = case
    config = load_arch("ese")._replace(arch=arch)
    both = simulate(config, Workload("two", "drawn", 0, lstm)).run
    np.testing.assert_array_equal(both.output, reference(lstm))

    below = engine.run(arch, *layout(arch, lstm._replace(layers=lstm.layers[:1])))
    voices, steps, _ = lstm.activation.shape
    top = above(lstm.layers[1:], below.output.reshape(voices, steps, -1))
    assert first_difference(chain([below, engine.run(arch, *layout(arch, top))]), both) is None


def never_slower(case, key, values):
    """Cycles do not grow along the values of a key, without refreshes, of which a faster machine may meet one more."""
    arch, lstm = case
    arch = arch._replace(dram=arch.dram and arch.dram._replace(refi=1 << 20))
    cycles = []
    for value in values:
        changed = arch._replace(**{key: value})
        cycles.append(engine.run_without_output(changed, *layout(changed, lstm)).cycles)
    assert cycles == sorted(cycles, reverse=True)


@given(cases())
def test_deeper_queues_never_take_longer(case):
    never_slower(case, "queue_depth", range(1, 10))


@settings(max_examples=EXAMPLES // 2)
@given(cases())
def test_more_lanes_and_shorter_pipelines_never_take_longer(case):
    never_slower(case, "element_lanes", range(1, 10))
    never_slower(case, "element_pipeline", range(9, -1, -1))
    never_slower(case, "pipeline_cycles", range(9, -1, -1))


@given(cases())
def test_faster_lines_and_wider_paths_never_take_longer(case):
    case = case[0]._replace(dram=None), case[1]
    never_slower(case, "line_cycles", range(5, 0, -1))
    wide = case[0].line_bits
    never_slower(case, "input_path_bits", [bits for bits in range(1, wide + 1) if wide % bits == 0])


@given(cases())
def test_deeper_fifos_stall_less_and_take_as_long(case):
    # the slow lines come last, so two slots keep the buffer's side busy
    arch, lstm = case
    runs = []
    for depth in (2, 3, 5, 64):
        changed = arch._replace(fifo_lines=depth, dram=None)
        runs.append(engine.run_without_output(changed, *layout(changed, lstm)))
    assert len({run.cycles for run in runs}) == 1
    stalled = [int(run.reasons.fifo_full.sum()) for run in runs]
    assert stalled == sorted(stalled, reverse=True)
    assert stalled[-1] == 0


def test_each_of_these_laws_has_a_machine_on_which_it_counts():
    # `never_slower` would hold as well if nothing mattered
    lstm = drawn(3, TINY, 1, 1, most=40)
    for key, worse, better in [
        ("queue_depth", 1, 8),
        ("element_lanes", 1, 4),
        ("element_pipeline", 9, 0),
        ("pipeline_cycles", 9, 0),
        ("line_cycles", 3, 1),
        ("input_path_bits", 1, 16),
    ]:
        slow, fast = TINY._replace(**{key: worse}), TINY._replace(**{key: better})
        runs = [engine.run_without_output(arch, *layout(arch, lstm)).cycles for arch in (slow, fast)]
        assert runs[0] > runs[1], key
