"""Laws of GAMMA: counts by formulas, bounds of cycles and of bytes."""

import re
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.gamma_machines import PLAIN, machines, product
from support.paths import EXAMPLES

from simulator.core.run import totals
from simulator.core.trace import show
from simulator.machines.gamma import MACHINE, layout
from simulator.machines.gamma.layout import MOST_CYCLES
from workloads.errors import InputError
from workloads.kinds import reference_output

ELEMENT = 12
sizes = st.integers(1, 12), st.integers(1, 30), st.integers(1, 30)
densities = st.sampled_from([0.1, 0.4, 1.0])


def run(arch, layer):
    (streams,) = MACHINE.layout(arch, layer)
    found = MACHINE.run_engine(arch, streams, output=False)
    return found, totals(found.counts), streams


def terms_of(layer):
    """Of each row of A, its elements with a row of B that is not empty."""
    sizes = np.diff(layer.right.starts)
    rows = np.split(layer.left.columns, layer.left.starts[1:-1])
    return [int(np.count_nonzero(sizes[row])) for row in rows]


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(machines, st.integers(0, 1 << 30), *sizes, densities, densities)
def test_products_merges_and_elements(arch, seed, rows, inner, columns, left, right):
    layer = product(seed, rows, inner, columns, left, right)
    found, counts, streams = run(arch, layer)
    a = np.zeros((rows, inner), np.int64)
    a[np.repeat(np.arange(rows), np.diff(layer.left.starts)), layer.left.columns] = 1
    b = np.zeros((inner, columns), np.int64)
    b[np.repeat(np.arange(inner), np.diff(layer.right.starts)), layer.right.columns] = 1
    pairs = a @ b
    assert counts["multiplies"] == pairs.sum() == layer.products
    assert counts["output_elements"] == np.count_nonzero(pairs)
    assert counts["merges"] == counts["multiplies"] + counts["partial_elements"]
    assert counts["additions"] == counts["merges"] - counts["output_elements"] - counts["partial_elements"]
    assert counts["a_elements"] == a.sum()
    assert counts["dram_a_bytes"] == ELEMENT * a.sum()
    assert counts["dram_output_bytes"] == ELEMENT * np.count_nonzero(pairs)
    assert counts["cache_consumes"] == counts["cache_writes"]
    terms = terms_of(layer)
    partial = sum(ceil(max(0, one - arch.radix) / (arch.radix - 1)) for one in terms)
    assert np.count_nonzero(streams.parent >= 0) == partial
    assert streams.tasks == partial + sum(one > 0 for one in terms)
    assert int(found.reasons.merge.sum()) == counts["merges"]


def lines_read(arch, layer):
    """Lines of B that every element of A reads, one after the other, and how many different ones there are."""
    size, found = arch.line_elements, []
    for row in layer.left.columns.tolist():
        begin, end = layer.right.starts[row : row + 2].tolist()
        found += range(begin // size, (end - 1) // size + 1) if end > begin else []
    return found


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(machines, st.integers(0, 1 << 30), *sizes, densities, densities)
def test_bounds_of_traffic_and_time(arch, seed, rows, inner, columns, left, right):
    layer = product(seed, rows, inner, columns, left, right)
    found, counts, _ = run(arch, layer)
    lines, size = lines_read(arch, layer), arch.line_elements
    used = sum(min(size, layer.right.entries - line * size) for line in set(lines))
    assert counts["cache_reads"] == len(lines)
    assert ELEMENT * used <= counts["dram_b_bytes"]
    assert counts["cache_fetches"] <= counts["cache_reads"] + counts["cache_consumes"]
    moved = MACHINE.dram_bytes(arch, found.counts)
    assert moved >= ELEMENT * (layer.left.entries + used + counts["output_elements"])
    assert found.cycles >= ceil(8000 * moved / arch.dram_bits_per_kcycle)
    assert found.cycles >= ceil(counts["merges"] / arch.pes)
    accesses = sum(counts[f"cache_{what}"] for what in ("fetches", "reads", "consumes", "writes"))
    assert found.cycles >= ceil(accesses / arch.cache_banks)


def test_with_room_for_all_of_it_each_line_comes_once():
    arch = PLAIN._replace(cache_bytes=1 << 20)
    layer = product(3, 20, 30, 40)
    _, counts, _ = run(arch, layer)
    assert counts["dram_b_bytes"] == ELEMENT * layer.right.entries
    assert counts["dram_partial_bytes"] == counts["spills"] == 0
    entries = int(reference_output(layer)[layer.left.rows])
    moved = sum(counts[name] for name in MACHINE.byte_parts)
    assert moved == ELEMENT * (layer.left.entries + layer.right.entries + entries)


def test_a_row_of_one_term_as_a_drawing():
    """A = [[2]], B = [[1, 1, 1]]: A's line arrives, the task is given, one line is read, one fetched and read."""
    arch = PLAIN._replace(pes=1, dram_latency=2)
    layer = product(0, 1, 1, 3, 1.0, 1.0)
    (streams,) = MACHINE.layout(arch, layer)
    found = MACHINE.run_engine(arch, streams, 100)
    drawing = """
....wwwwmmm...
....aa........
d...ddd....ddd
"""
    assert "\n" + show(found.trace) + "\n" == drawing


def test_a_dram_that_would_take_minutes_is_refused():
    layer = product(0, 60, 60, 60, 1.0, 1.0)
    bits = 8 * ELEMENT * (60 * 60 + 60 * 60)  # of A and of the product
    least = -(-1000 * bits // MOST_CYCLES)
    sentence = f"DRAM may move bytes for {1000 * bits // (least - 1):,} cycles; expected at most 268,435,456"
    with pytest.raises(InputError, match=re.escape(sentence)):
        MACHINE.layout(PLAIN._replace(dram_bits_per_kcycle=least - 1), layer)
    MACHINE.layout(PLAIN._replace(dram_bits_per_kcycle=least), layer)


def test_more_merges_than_can_be_simulated_are_refused(monkeypatch):
    layer = product(0, 3, 20, 30, 1.0, 1.0)
    merges = run(PLAIN, layer)[1]["merges"]  # every column is full: the bound is what happens
    assert merges > layer.products  # partial rows are merged, too
    monkeypatch.setattr(layout, "MOST_MERGES", merges)
    MACHINE.layout(PLAIN, layer)
    monkeypatch.setattr(layout, "MOST_MERGES", merges - 1)
    sentence = f"its mergers take up to {merges:,} elements; expected at most {merges - 1:,}"
    with pytest.raises(InputError, match=re.escape(sentence)):
        MACHINE.layout(PLAIN, layer)
