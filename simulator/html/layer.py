"""The page of one layer on one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import plots
from simulator.core.registry import machines
from simulator.html import pictures
from simulator.html.common import configuration, title_of, title_suffix, versions, violations_and_notes
from simulator.html.paper import published
from simulator.html.parts import Block, Facts, Page, Picture, Section, make_grid
from simulator.plots.words import label
from workloads.document_types import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

FIGURES = (
    ("cycles", ""),
    ("time_us", "of one inference"),
    ("theoretical_us", "if nothing ever waited"),
    ("load_balance", ""),
    ("energy_uj", "of one inference"),
    ("edp_uj_us", ""),
    ("power_mw", "mean over the run"),
    ("frames_per_s", "a frame is one inference"),
    ("frames_per_j", ""),
    ("gops", "operations on what is not zero"),
    ("gops_dense_equivalent", "operations of the dense layer"),
    ("dram_bytes", "moved between DRAM and chip"),
    ("area_mm2", ""),
    ("dsp_slices", ""),
    ("block_rams", ""),
    ("distance_from_float", "of the output from float64 with the same kept weights: words and tables"),
)
"""The most important figures, each with a remark on its meaning."""
VERDICTS = {True: "equals", False: "DIFFERS FROM", None: "was not compared with"}
RUN = (
    "workload",
    "workload_source",
    "seed",
    "machine",
    "config",
    "engine",
    "inputs",
    "outputs",
    "voices",
    "time_steps",
)


def layer_page(content: Document) -> Page:
    """The page of a layer. content: what `run --json` printed."""
    verdict = VERDICTS[content.get("output_matches_reference")]
    energy_uj = content["energy_pj"]["total"] / 1e6
    lead = (
        f"{content['cycles']:,} cycles, {content['time_us']:,.4g} µs and {energy_uj:,.4g} µJ; "
        f"the output {verdict} the reference kernel's, bit for bit."
        f"{''.join(f' {sentence}.' for sentence in content.get('lead', ()))}"
    )
    sections = [
        Section("What was run", (_run(content),)),
        Section("Result", (_figures(content),)),
        violations_and_notes(content),
        Section("Where the time goes", tuple(_time(content))),
        Section("Where the energy goes", tuple(_energy(content))),
        published(content),
        configuration({content["config"]: content}),
        versions(content),
    ]
    title = f"{title_of(content)} on {content['config']}{title_suffix(content)}"
    return Page(title, lead, tuple(one for one in sections if one is not None), content)


def _run(content: Document) -> Facts:
    lines = [(label(key), content[key], "") for key in RUN if content.get(key) is not None]
    shares = [(label(key), f"{share:.2%}", "not zero") for key, share in content.items() if key.endswith("_density")]
    return Facts((*lines, *shares))


def _figures(content: Document) -> Facts:
    known = {**content, "energy_uj": content["energy_pj"]["total"] / 1e6}
    if known["area_mm2"] is None:  # an FPGA's
        del known["area_mm2"]
    known = {**known, **{key: f"{known[key]:.2%}" for key in ("load_balance", "distance_from_float") if key in known}}
    machine = machines().get(content["machine"])
    own = {} if machine is None else {"load_balance": f"of the PEs' cycles {machine.work}"}
    return Facts(tuple((label(key), known[key], own.get(key, remark)) for key, remark in FIGURES if key in known))


def _time(content: Document) -> list[Block]:
    units = group_reasons(content)
    rows = [
        (kind, label(name), cycles, 100 * cycles / (sum(spent.values()) or 1))
        for kind, spent in units.items()
        for name, cycles in spent.items()
    ]
    caption = "What each kind of unit spends its cycles on; names of narrow parts are in the table."
    blocks: list[Block] = [
        Picture(pictures.to_svg(pictures.reasons(units), "reasons"), caption),
        make_grid("Cycles by reason", ("unit", "reason", "cycles", "share (%)"), rows),
    ]
    for number, table in enumerate(content.get("tables", [])):
        blocks += _machine_table(number, table)
    return blocks


def _machine_table(number: int, table: Document) -> list[Block]:
    """A table that the machine adds to its result; a schedule is drawn too."""
    import pandas as pd

    grid = make_grid(table["title"], table["columns"], table["rows"])
    if not {"slot", "cycles", *(f"{part} cycles" for part in plots.GANTT_PARTS)} <= set(table["columns"]):
        return [grid]
    axes = plots.schedule(pd.DataFrame(table["rows"], columns=table["columns"]), "")
    drawing = pictures.to_svg(axes.figure, f"schedule{number}")
    return [Picture(drawing, f"The {table['title']}: what each part of the machine does in each slot."), grid]


def _energy(content: Document) -> list[Block]:
    parts = {name: pj for name, pj in content["energy_pj"].items() if name != "total"}
    total = content["energy_pj"]["total"] or 1
    rows = [(label(name), pj / 1e3, 100 * pj / total) for name, pj in parts.items()]
    blocks: list[Block] = [
        Picture(pictures.to_svg(pictures.energy(parts), "energy"), "Energy of one inference by component."),
        make_grid("Energy by component", ("component", "energy (nJ)", "share (%)"), rows),
    ]
    lines = content.get("energy_lines")
    if lines:
        columns = tuple(lines[0])
        cells = [[line[key] for key in columns] for line in lines]
        blocks.append(make_grid("Each addend of the energy", [label(key) for key in columns], cells))
    counts = [(label(name), count) for name, count in content["counts"].items()]
    return [*blocks, make_grid("Events", ("event", "times"), counts)]


def group_reasons(content: Document) -> Mapping[str, Mapping[str, int]]:
    """Cycles by kind of unit, then by reason.

    The result's `reason_units` give the reasons of each kind, or the machine's where it has none.
    """
    cycles = content["cycles_by_reason"]
    machine = machines().get(content["machine"])
    units = content.get("reason_units") or (machine.reason_units if machine else {"all units": tuple(cycles)})
    return {kind: {name: cycles[name] for name in names if name in cycles} for kind, names in units.items()}
