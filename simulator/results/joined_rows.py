"""Rows of layers of one sort, joined to one: a language model has hundreds of layers of a dozen sorts."""

import math
from collections.abc import Iterator, Sequence

from simulator.pricing.energy import Line, by_component
from simulator.results.result import MICRO, PICO
from simulator.results.rows import LayerRow
from workloads.document_types import Document

SUMS = ("theoretical_cycles", "entries", "padding_entries", "multiplies")
"""Of a row's details: numbers that add up."""
MAPPINGS = ("counts", "cycles_by_reason")
"""Of a row's details: numbers by name that add up."""
MEANS = ("load_balance",)
"""Of a row's details: shares of a run's cycles."""


def join_groups(rows: Sequence[LayerRow], groups: Sequence[str]) -> list[LayerRow]:
    """A row for each group and reason not to run, where its first layer is; layers of the group "" stay as they are."""
    found: dict[object, list[LayerRow]] = {}
    for number, (row, group) in enumerate(zip(rows, groups, strict=True)):
        found.setdefault((group, row.reason) if group else number, []).append(row)
    return [join_rows(str(key[0]), same) if isinstance(key, tuple) else same[0] for key, same in found.items()]


def join_rows(name: str, rows: Sequence[LayerRow]) -> LayerRow:
    """The sum of rows of layers of one sort that ran; shapes and densities are those of the first."""
    first = rows[0]._replace(layer=name, layers=len(rows), result=None)
    if first.reason is not None:
        return first
    details = _join_details([row.details or {} for row in rows], [row.cycles or 0 for row in rows])
    time, energy = math.fsum(row.time_us or 0 for row in rows), details["energy_pj"]["total"] * PICO / MICRO
    return first._replace(
        **{key: sum(getattr(row, key) for row in rows) for key in ("operations", "cycles", "dram_bytes")},
        time_us=time,
        energy_uj=energy,
        edp_uj_us=time * energy,
        output_matches_reference=_all_equal([row.output_matches_reference for row in rows]),
        number_format=", ".join(dict.fromkeys(row.number_format for row in rows if row.number_format)),
        notes=tuple(dict.fromkeys(note.removeprefix(f"{row.layer}: ") for row in rows for note in row.notes)),
        violations=tuple(dict.fromkeys(one for row in rows for one in row.violations)),
        details=details,
    )


def _all_equal(verdicts: Sequence[bool | None]) -> bool | None:
    """False where any output differs, None where any was not compared."""
    return False if False in verdicts else None if None in verdicts else True


def _join_details(details: Sequence[Document], cycles: Sequence[int]) -> Document:
    """Sums and means of what runs of one configuration report; what else they report is that of the first."""
    joined = dict(details[0])
    for key in SUMS:
        if key in joined:
            joined[key] = sum(one[key] for one in details)
    for key in MAPPINGS:
        joined[key] = {name: sum(one[key][name] for one in details) for name in joined[key]}
    for key in MEANS:
        joined[key] = sum(one[key] * spent for one, spent in zip(details, cycles, strict=True)) / max(1, sum(cycles))
    lines = [_join_lines([Line(**line) for line in same]) for same in _same_events(details)]
    joined["energy_lines"] = [line._asdict() for line in lines]
    joined["energy_pj"] = by_component(lines)
    roofs = [one["roofline"] for one in details]
    sums = {key: sum(roof[key] for roof in roofs) for key in ("operations", "bytes")}
    joined["roofline"] = {**roofs[0], **sums}
    return joined


def _same_events(details: Sequence[Document]) -> Iterator[tuple[Document, ...]]:
    """The lines of each event of all runs."""
    return zip(*(one["energy_lines"] for one in details), strict=True)


def _join_lines(lines: Sequence[Line]) -> Line:
    """One event of several runs, at its one price."""
    times = sum(line.times for line in lines)
    return lines[0]._replace(times=times, energy_pj=times * lines[0].pj_each)
