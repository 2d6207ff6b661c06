"""The pages of a network on one machine, and of a workload on several."""

from typing import Any

from simulator.html import pictures
from simulator.html.common import configuration, doubts, options, origin, versions
from simulator.html.paper import published
from simulator.html.parts import Block, Facts, Grid, Page, Picture, Section, make_grid
from simulator.plots.words import label

COLUMNS = (
    "layer", "kind", "weight_density", "activation_density", "operations", "cycles", "time_us", "energy_uj",
    "edp_uj_us", "dram_bytes",
)  # fmt: skip
RATIOS = ("speedup", "energy_ratio")
DRAWN = ("time_us", "energy_uj")


def tell_network(told: dict[str, Any]) -> Page:
    """All that `run --json` says of a network."""
    total, rows = told["total"], told["layers"]
    lead = (
        f"{len(total['layers'])} of {len(rows)} layers ran: {total['time_us']:,.4g} µs and {total['energy_uj']:,.4g} "
        "µJ in total."
    )
    inputs = "computed: each layer sees what the one before it puts out" if told.get("computed") else "drawn"
    run: list[tuple[str, Any, str]] = [(key, told[key], "") for key in ("workload", "machine", "config")]
    sections = (
        Section("What was run", (Facts((*run, ("inputs", inputs, ""), *options(told))),)),
        Section("Total", (_total(total, told.get("dram", "")),)),
        doubts(told, _wrong({told["config"]: told})),
        Section("Layers", (_drawing({told["config"]: rows}), _layers({told["config"]: rows}, ()))),
        published(told),
        configuration({told["config"]: told}),
        versions(told),
    )
    title = f"{told['workload']} on {told['config']}{origin(told)}"
    return Page(title, lead, tuple(one for one in sections if one is not None), told)


def tell_comparison(told: dict[str, Any]) -> Page:
    """All that `compare --json` says."""
    machines, common = told["machines"], told["common_layers"]
    lead = (
        f"{len(told['layers'])} layers on {len(machines)} machines, of which {len(common)} ran on all of them. "
        f"Ratios are {told['baseline']} over the machine: above 1, the machine is faster or needs less."
    )
    run: list[tuple[str, Any, str]] = [
        ("workload", told["workload"], ""),
        ("baseline", told["baseline"], ""),
        ("layers that ran on all machines", ", ".join(common) or "none", ""),
    ]
    rows = {name: one["layers"] for name, one in machines.items()}
    sections = (
        Section("What was run", (Facts((*run, *options(told))), _machines(machines))),
        Section("Totals over the layers that all machines ran", (_totals(machines),)),
        doubts(told, _wrong(machines)),
        Section("Layers", (_drawing(rows), _layers(rows, RATIOS))),
        published(told),
        configuration(machines),
        versions(told),
    )
    title = f"{told['workload']} on {', '.join(machines)}"
    return Page(title, lead, tuple(one for one in sections if one is not None), told)


def _wrong(machines: dict[str, Any]) -> tuple[str, ...]:
    """Sentences on outputs that differ from the reference kernel's."""
    found = [
        (name, row["layer"])
        for name, one in machines.items()
        for row in one["layers"]
        if row["output_matches_reference"] is False
    ]
    return tuple(f"{name}: the output of {layer} DIFFERS from the reference kernel's" for name, layer in found)


def _total(total: dict[str, Any], dram: str) -> Facts:
    remarks = {"dram_bytes": dram, "edp_uj_us": "the total's energy times the total's time"}
    keys = ("cycles", "time_us", "energy_uj", "edp_uj_us", "dram_bytes", "output_matches_reference")
    return Facts(tuple((label(key), total[key], remarks.get(key, "")) for key in keys))


def _machines(machines: dict[str, Any]) -> Grid:
    rows = [(name, one["config"], one["node_nm"], one["clock_mhz"], one["dram"]) for name, one in machines.items()]
    return make_grid("Machines", ("name", "configuration", "node (nm)", "clock (MHz)", "DRAM bytes are"), rows)


def _totals(machines: dict[str, Any]) -> Grid:
    keys = ("cycles", *DRAWN, "edp_uj_us", "dram_bytes", *RATIOS)
    rows = [(name, *((one["common_total"] or {}).get(key) for key in keys)) for name, one in machines.items()]
    return make_grid("", ("machine", *map(label, keys)), rows)


def _drawing(rows: dict[str, list[dict[str, Any]]]) -> Block:
    names = [row["layer"] for row in next(iter(rows.values()))]
    series = {key: {name: [row[key] for row in own] for name, own in rows.items()} for key in DRAWN}
    drawing = pictures.to_svg(pictures.layers(names, series), "layers")
    return Picture(drawing, "Time and energy of each layer, on logarithmic axes; layers that did not run have no dot.")


def _layers(rows: dict[str, list[dict[str, Any]]], more: tuple[str, ...]) -> Grid:
    """A line for each layer, and machine if there are several; the notes say why one did not run."""
    keys = (*COLUMNS, *more)
    lines = [
        (*([name] if len(rows) > 1 else []), *(row[key] for key in keys), _remark(row))
        for name, own in rows.items()
        for row in own
    ]
    heads = (*(["machine"] if len(rows) > 1 else []), *map(label, keys), "remark")
    return make_grid("Layer by layer", heads, lines)


def _remark(row: dict[str, Any]) -> str:
    if row["reason"]:
        return "did not run"
    return "does not fit" if row["violations"] else ""
