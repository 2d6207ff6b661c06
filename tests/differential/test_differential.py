"""The differential tests find what is wrong, and find nothing in what is here."""

import json
import subprocess
import sys

import numpy as np
import pytest
from support.paths import ROOT

from differential import driver, encodings, references
from differential.architectures import MOST_PARTS, draw_arch, is_declared, parts
from differential.random_layers import draw_layer, generator
from simulator.config.architecture import components_of, limits_of
from simulator.core.registry import find, machines
from simulator.core.run import Run
from workloads.compression import huffman, relative_index
from workloads.kinds import kinds

SEED = 1
CASES = 20
MOST_CASES = 60
"""In which each fault must be found."""
NAMES = sorted(machines())


def run(name, count=CASES):
    return [driver.run_case(driver.Case(name, number, SEED)) for number in range(count)]


def first_difference(name, found_by=""):
    """The first difference of a machine that begins with `found_by`; None: there is none."""
    for number in range(MOST_CASES):
        outcome = driver.run_case(driver.Case(name, number, SEED))
        if outcome.difference is not None and outcome.difference.startswith(found_by):
            return outcome
    return None


@pytest.mark.parametrize("name", NAMES)
def test_nothing_differs(name):
    outcomes = run(name)
    assert [(one.case.command, one.difference) for one in outcomes if one.difference] == []
    assert sum(one.left_out is None for one in outcomes) > CASES / 2


def wrong_engine(monkeypatch, name, change):
    """The machine's engine with a fault in its runs, where they are longer than a few cycles."""
    machine = find(name)
    right = type(machine).run_engine

    def wrong(self, arch, streams, trace_cycles=0, output=True):
        found = right(self, arch, streams, trace_cycles, output)
        return change(found) if found.cycles > 8 else found

    monkeypatch.setattr(type(machine), "run_engine", wrong)


def one_cycle_more(found: Run) -> Run:
    return found._replace(cycles=found.cycles + 1)


def one_count_more(found: Run) -> Run:
    name = found.counts._fields[-1]
    return found._replace(counts=found.counts._replace(**{name: getattr(found.counts, name) + 1}))


def one_bit_of_the_output(found: Run) -> Run:
    return found._replace(output=with_wrong_bit(found.output))


def with_wrong_bit(output):
    """The output with another last bit of its last word or of its last number in floating point."""
    changed = output.copy()
    (changed.view(f"i{changed.itemsize}") if changed.dtype.kind == "f" else changed)[-1:] ^= 1
    return changed


def with_wrong_number(output):
    """A wrong last bit; in floating point, where the other computation has a tolerance, a number twice as far out."""
    if output.dtype.kind != "f":
        return with_wrong_bit(output)
    changed = output.copy()
    changed[-1:] += 1 + np.abs(changed[-1:])
    return changed


def one_letter(found: Run) -> Run:
    trace = found.trace.copy()
    trace[-1:, -1:] = ord("?")
    return found._replace(trace=trace)


@pytest.mark.parametrize("change", [one_cycle_more, one_count_more, one_bit_of_the_output, one_letter])
@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_engine_is_found(monkeypatch, name, change):
    wrong_engine(monkeypatch, name, change)
    found = first_difference(name)
    assert found is not None
    assert found.difference.startswith("model against engine: ")
    again = driver.run_case(found.case)  # as its command does
    assert again.difference == found.difference
    monkeypatch.undo()
    assert driver.run_case(found.case).difference is None


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_kernel_is_found(monkeypatch, name):
    for kind in {type(one) for one in kinds().values()}:
        right = kind.reference
        monkeypatch.setattr(kind, "reference", lambda self, layer, right=right: with_wrong_number(right(self, layer)))
    assert first_difference(name, "kernel against an independent computation: ") is not None


def test_twins_that_are_wrong_together_break_a_law(monkeypatch):
    eie = find("eie")
    for twin in ("run_engine", "run_model"):
        right = getattr(type(eie), twin)

        def wrong(self, arch, streams, *more, right=right, **options):
            found = right(self, arch, streams, *more, **options)
            return found._replace(reasons=found.reasons._replace(busy=found.reasons.busy + 1))

        monkeypatch.setattr(type(eie), twin, wrong)
    assert "the reasons of PE add up to" in first_difference("eie").difference


def test_a_wrong_encoder_is_found(monkeypatch):
    right = relative_index.encode

    def wrong(columns, banks, bits):
        found = right(columns, banks, bits)
        found.zeros[-1:] ^= 1
        return found

    monkeypatch.setattr(relative_index, "encode", wrong)
    found = first_difference("eie")
    assert found is not None
    assert found.difference.startswith("encoding: relative index")


def test_a_crash_is_a_difference(monkeypatch):
    def crash(*_, **__):
        raise IndexError("out of bounds")

    monkeypatch.setattr(type(find("eie")), "run_engine", crash)
    assert driver.run_case(driver.Case("eie", 0, SEED)).difference == "IndexError: out of bounds"


def test_words_of_a_canonical_code_are_read_without_a_table():
    symbols = np.random.default_rng(0).choice(9, 400, p=np.arange(1, 10) / 45).astype(np.uint8)
    length = huffman.code_lengths(huffman.count_symbols(symbols, 9))
    assert encodings.read_huffman(huffman.encode(symbols, length), length, 400) == symbols.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_architectures_are_possible_and_differ(name):
    machine = find(name)
    drawn = [draw_arch(machine, generator(2, name, number), 2, number) for number in range(40)]
    assert len(set(drawn)) > 30
    for arch in drawn:
        assert machine.problem(arch) is None
        assert parts(machine, arch) <= 3 * MOST_PARTS
        assert is_declared(machine, arch)
    for key in components_of(machine):
        optional = limits_of(machine)[key].optional
        assert {getattr(arch, key) is None for arch in drawn} == ({True, False} if optional else {False})


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_layers_of_every_kind_are_drawn_and_computed_apart_from_the_kernel(kind):
    assert kind in references.CHECKS
    ways = {draw_layer(kind, {}, generator(3, kind, number))[1] for number in range(30)}
    assert len(ways) == 3


def test_the_command_writes_a_summary(tmp_path):
    path = tmp_path / "differential.json"
    command = [sys.executable, "-m", "tests.differential", "--seconds", "1", "--seed", "5", "--machine", "eie"]
    done = subprocess.run([*command, "--json", path], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(path.read_text())
    assert (row["machine"], row["kind"], row["differences"], row["seed"]) == ("eie", "fully connected", 0, 5)
    assert row["cases"] > 0


def test_a_summary_keeps_the_rows_of_other_runs(tmp_path):
    path = tmp_path / "d.json"
    first, other = driver.Row("eie", "fully connected", 5, seed=1), driver.Row("ese", "LSTM", 3, seed=1)
    driver.write_json(path, [first, other])
    driver.write_json(path, [first._replace(cases=9), first._replace(seed=2)])
    kept = [(one["machine"], one["seed"], one["cases"]) for one in json.loads(path.read_text())]
    assert kept == [("eie", 1, 9), ("ese", 1, 3), ("eie", 2, 5)]
