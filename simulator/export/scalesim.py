"""Results as CSV files with the names of SCALE-Sim's reports: a row for each layer, units in the columns' names."""

import csv
import io
from collections.abc import Callable, Iterable

from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.results.result import MICRO, PICO
from simulator.results.stored_energy import Layer, Stored
from workloads.document_types import Document

Row = Document


def scalesim_files(stored: Stored) -> dict[str, str]:
    """File name -> text of each of the three reports."""
    reports: dict[str, Callable[[Layer], Row]] = {
        "COMPUTE_REPORT.csv": _compute,
        "ACCESS_REPORT.csv": _accesses,
        "ENERGY_REPORT.csv": _energy,
    }
    return {name: _csv([_row(layer, report) for layer in stored.layers]) for name, report in reports.items()}


def _row(layer: Layer, report: Callable[[Layer], Row]) -> Row:
    return {"LayerID": layer.number, "Layer": layer.name, **report(layer)}


def _compute(layer: Layer) -> Row:
    """Stall cycles are the cycles of the run less those of a machine that never waits."""
    fields = layer.form
    return {
        "Total Cycles": fields.cycles,
        "Theoretical Cycles": fields.theoretical_cycles,
        "Stall Cycles": fields.cycles - fields.theoretical_cycles,
        "Overall Util %": 100 * fields.theoretical_cycles / fields.cycles,
        "Compute Util %": 100 * fields.load_balance,
        "Multiplies (operations)": fields.multiplies,
        "Time (us)": fields.time_us,
    }


def _accesses(layer: Layer) -> Row:
    """Every event of the machine by name, and the bytes moved between DRAM and chip."""
    fields = layer.form
    return {**{f"{name} (events)": count for name, count in fields.counts.items()}, "DRAM (bytes)": fields.dram_bytes}


def _energy(layer: Layer) -> Row:
    parts, time_us = by_component(layer.lines), layer.form.time_us
    total = parts.pop(TOTAL)
    return {
        **{f"{name} (pJ)": energy for name, energy in parts.items()},
        "Total (pJ)": total,
        "Average Power (mW)": total * PICO / (time_us * MICRO) * 1000,
        "Energy x Time (uJ x us)": total * PICO / MICRO * time_us,
    }


def _csv(rows: Iterable[Row]) -> str:
    """The rows as CSV; columns are those of any row, in the order of their first appearance."""
    rows = list(rows)
    columns = dict.fromkeys(name for row in rows for name in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
