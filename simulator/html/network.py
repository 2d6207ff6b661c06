"""The pages of a network on one machine, and of a workload on several."""

from simulator.html import pictures
from simulator.html.common import configuration, options, title_of, title_suffix, versions, violations_and_notes
from simulator.html.paper import published
from simulator.html.parts import Block, Facts, Grid, Page, Picture, Section, Sentences, make_grid
from simulator.plots.words import label, part_name
from simulator.results.fit import FITS, row_fits
from workloads.distance import Distance, describe_distance
from workloads.document_types import Document

COLUMNS = (
    "layer", "shape", "kind", "weight_density", "activation_density", "operations", "cycles", "time_us", "energy_uj",
    "edp_uj_us", "dram_bytes",
)  # fmt: skip
KIND = 3
"""Columns up to the kind, which the number format follows where there is one."""
INPUTS = {
    "computed": "computed: each layer sees what the one before it puts out",
    "captured": "captured: what each layer saw when the network was run in floating point",
    "drawn": "drawn",
    "given": "given",
    "of shapes": "none: layers have shapes and no values",
}
RATIOS = ("speedup", "energy_ratio")
SQNR = "output_sqnr_db"
DRAWN = ("time_us", "energy_uj")


def network_page(content: Document) -> Page:
    """The page of a network on one machine. content: what `run --json` printed."""
    total, rows = content["total"], content["layers"]
    lead = (
        f"{_count(rows, ran=True)} of {_count(rows)} layers ran: {total['time_us']:,.4g} µs and "
        f"{total['energy_uj']:,.4g} µJ in total.{''.join(f' {sentence}.' for sentence in content.get('lead', ()))}"
    )
    inputs = content.get("inputs", "computed" if content.get("computed") else "drawn")
    run: list[tuple[str, object, str]] = [(key, content[key], "") for key in ("workload", "machine", "config")]
    sections = (
        Section("What was run", (Facts((*run, ("inputs", _inputs(inputs), ""), *options(content))),)),
        Section("Total", (_total(total, content.get("dram", "")),)),
        _of_tokens(content),
        _network_output({"": content}),
        violations_and_notes(content, _wrong({content["config"]: content})),
        Section("Layers", (_drawing({content["config"]: rows}), _layers({content["config"]: rows}, ()))),
        _left_out({content["config"]: rows}),
        published(content),
        configuration({content["config"]: content}),
        versions(content),
    )
    title = f"{title_of(content)} on {content['config']}{title_suffix(content)}"
    return Page(title, lead, tuple(one for one in sections if one is not None), content)


def _count(rows: list[Document], ran: bool = False) -> int:
    """How many layers rows are of; a row may be of several of one sort. ran: only those that ran."""
    return sum(row.get("layers", 1) for row in rows if not (ran and row["reason"]))


def _inputs(inputs: str) -> str:
    """Where the inputs of layers come from, in words: a known one, and what it is from."""
    known, begin, origin = inputs.partition(" from ")
    return f"{INPUTS.get(known, known)}{',' if begin else ''}{begin}{origin}"


def comparison_page(content: Document) -> Page:
    """The page of a workload on several machines. content: what `compare --json` printed."""
    machines, common = content["machines"], content["common_layers"]
    lead = (
        f"{len(content['layers'])} layers on {len(machines)} machines; {len(common)} of the layers ran on "
        f"{_all_of(machines)}. "
        f"Ratios are {content['baseline']} over the machine: above 1, the machine is faster or needs less."
    )
    run: list[tuple[str, object, str]] = [
        ("workload", content["workload"], ""),
        ("baseline", content["baseline"], ""),
        (f"layers that ran on {_all_of(machines)}", ", ".join(common) or "none", ""),
    ]
    rows = {name: one["layers"] for name, one in machines.items()}
    sections = (
        Section("What was run", (Facts((*run, *options(content))), _machines(machines))),
        Section(f"Totals over the layers that {_all_of(machines)} ran", (_totals(machines),)),
        _network_output(machines),
        violations_and_notes(content, _wrong(machines)),
        Section("Layers", (_drawing(rows), _layers(rows, RATIOS))),
        _left_out(rows),
        published(content),
        configuration(machines),
        versions(content),
    )
    title = f"{title_of(content)} on {', '.join(machines)}"
    return Page(title, lead, tuple(one for one in sections if one is not None), content)


def _all_of(machines: Document) -> str:
    """The machines whose layers are compared: all but those that ran no layer, which are named."""
    idle = [name for name, one in machines.items() if all(row["reason"] for row in one["layers"])]
    return f"all machines but {', '.join(idle)}" if idle else "all machines"


def _wrong(machines: Document) -> tuple[str, ...]:
    """A sentence for each output that differs from the reference kernel's."""
    found = [
        (name, row["layer"])
        for name, one in machines.items()
        for row in one["layers"]
        if row["output_matches_reference"] is False
    ]
    return tuple(f"{name}: the output of {layer} DIFFERS from the reference kernel's" for name, layer in found)


def _network_output(machines: Document) -> Section | None:
    """How far compression moves the network's outputs; None where it is not known.

    machines: name -> content of its result; a name that is not empty begins its sentences.
    """
    sentences = tuple(
        f"{name}: {sentence}" if name else sentence
        for name, content in machines.items()
        for sentence in (describe_distance(Distance(**one)) for one in content.get("network_output", ()))
    )
    return Section("The network's output", (Sentences(sentences),)) if sentences else None


def _total(total: Document, dram: str) -> Facts:
    remarks = {"dram_bytes": dram, "edp_uj_us": "the total's energy times the total's time"}
    keys = ("cycles", "time_us", "energy_uj", "edp_uj_us", "dram_bytes", "output_matches_reference")
    return Facts(tuple((label(key), total[key], remarks.get(key, "")) for key in keys))


def _of_tokens(content: Document) -> Section | None:
    """What a language model's run gives a second and costs a token, and its bytes by part; None: it is none."""
    if not content.get("tokens"):
        return None
    facts = Facts(
        (
            ("tokens a second", content["tokens_per_s"], "of all sequences"),
            ("joules a token", content["joules_per_token"], "by the prices of the configuration"),
            ("tokens", content["tokens"], "that one run of all layers gives"),
        )
    )
    whole = sum(content["bytes_by_part"].values()) or 1
    parts = [(part_name(name), size, size / whole) for name, size in content["bytes_by_part"].items() if size]
    grid = make_grid("", ("what", "bytes of DRAM", "share"), parts)
    return Section("Tokens", (facts, *([grid] if parts else [])))


def _machines(machines: Document) -> Grid:
    rows = [(name, one["config"], one["node_nm"], one["clock_mhz"], one["dram"]) for name, one in machines.items()]
    return make_grid("Machines", ("name", "configuration", "node (nm)", "clock (MHz)", "DRAM bytes are"), rows)


def _totals(machines: Document) -> Grid:
    keys = ("cycles", *DRAWN, "edp_uj_us", "dram_bytes", *RATIOS)
    rows = [(name, *((one["common_total"] or {}).get(key) for key in keys)) for name, one in machines.items()]
    return make_grid("", ("machine", *map(label, keys)), rows)


def _drawing(rows: dict[str, list[Document]]) -> Block:
    names = [row["layer"] for row in next(iter(rows.values()))]
    series = {key: {name: [row[key] for row in layers] for name, layers in rows.items()} for key in DRAWN}
    drawing = pictures.to_svg(pictures.layers(names, series), "layers")
    return Picture(drawing, "Time and energy of each layer, on logarithmic axes; layers that did not run have no dot.")


def _layers(rows: dict[str, list[Document]], more: tuple[str, ...]) -> Grid:
    """A table with a row for each layer and machine; without the machine's name where there is only one.

    rows: machine -> its layers. more: further keys to show. The next section says why a layer did not run.
    """
    judged = any(row.get(SQNR) is not None for layers in rows.values() for row in layers)
    joined = any("layers" in row for layers in rows.values() for row in layers)
    stated = ["number_format"] if any("number_format" in row for layers in rows.values() for row in layers) else []
    keys = (
        *COLUMNS[:KIND],
        *stated,
        *COLUMNS[KIND:],
        *(["layers"] if joined else []),
        *([SQNR] if judged else []),
        *more,
    )
    lines = [
        (*([name] if len(rows) > 1 else []), *(row.get(key) for key in keys), *_verdict(row))
        for name, layers in rows.items()
        for row in layers
    ]
    heads = (*(["machine"] if len(rows) > 1 else []), *map(label, keys), FITS, "remark")
    return make_grid("Layer by layer", heads, lines)


def _verdict(row: Document) -> tuple[bool | None, str]:
    """Whether a layer fits its machine, None where it did not run; and a remark on that."""
    if row["reason"]:
        return None, "did not run"
    fits = row_fits(row)
    return fits, "" if fits else "does not fit"


def _left_out(rows: dict[str, list[Document]]) -> Section | None:
    """The layers that did not run, and why; None where all ran. rows: machine -> its layers."""
    lines = [(name, row["layer"], row["reason"]) for name, layers in rows.items() for row in layers if row["reason"]]
    if not lines:
        return None
    return Section("What did not run", (make_grid("", ("machine", "layer", "why"), lines),))
