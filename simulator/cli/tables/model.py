"""Networks and comparisons as tables for a terminal."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulator.cli.tables.fitting import LEAST
from simulator.cli.tables.result import make_node_table, make_table
from simulator.config.formats import WEIGHT_FORMAT
from simulator.config.load import Config, describe_changes
from simulator.core.registry import find
from simulator.plots.words import part_name
from simulator.results.model_result import LayerRow, ModelResult, Total
from simulator.results.text import short
from simulator.run.compare import Comparison, Ratios
from workloads.distance import describe_distance
from workloads.kinds import find_kind
from workloads.kinds.kind import AnyKind
from workloads.words import noun

LONG = 8
"""Letters from which on what a density is of is shortened in a heading."""
FIGURES = ("time us", "energy uJ", "EDP uJ x us", "DRAM bytes")


def print_model(console: Console, result: ModelResult) -> None:
    """Print a network's layers and their total."""
    changes = escape(describe_changes(result.config.changes))
    given = f"weights in {result.config.written[WEIGHT_FORMAT]}" if result.tokens else f"inputs {result.inputs}"
    title = f"{result.title}, {given}, on {_describe(result.config)}" + (f" ({changes})" if changes else "")
    kinds = list(dict.fromkeys(what for row in result.rows for what in row.densities))
    shares = [f"{what}s %" if len(what) < LONG else f"{what[:3]}. %" for what in kinds]
    table = make_table(escape(title), "layer")
    forms = [find_kind(name) for name in dict.fromkeys(row.form for row in result.rows if row.form)]
    heads = list(dict.fromkeys(form.shape_head for form in forms))
    table.add_column(escape(heads[0]) if len(heads) == 1 else "shape", no_wrap=True)
    stated = ["format"] if any(row.number_format for row in result.rows) else []
    for head in ("kind", *stated):
        table.add_column(head)
    judged = ["SQNR dB"] if result.network_output else []
    joined = ["layers"] if any(row.layers > 1 for row in result.rows) else []
    _columns(table, (*shares, "cycles", *FIGURES[:2], "fits", *judged, *joined))
    for row in (row for row in result.rows if row.reason is None):
        cells = [
            *_layer_cells(row, kinds, stated),
            *(_decibels(row) for _ in judged),
            *(f"{row.layers}" for _ in joined),
        ]
        table.add_row(escape(row.layer), *cells, style="" if row.output_matches_reference else "red")
    table.add_section()
    total = result.total()
    figures = [f"{total.cycles:,}", *_figures(total)[:2], _fits(row for row in result.rows if row.reason is None)]
    table.add_row(_over(result), "", "", *[""] * len(stated + kinds), *figures, style="bold")
    console.print(table)
    more = zip(FIGURES[2:], _figures(total)[2:], strict=True)
    console.print(f" total of {', '.join(f'{name}: {value}' for name, value in more)}", highlight=False)
    _print_tokens(console, result)
    _print_outputs(console, result)
    at_node = result.at_node
    if at_node:
        console.print(make_node_table(at_node))
    _print_notes(console, result.lead + result.notes())
    _print_notes(console, list(_describe_columns(result, kinds, forms)))
    _print_notes(console, [_meaning(result.config), "EDP of the total: the total's energy times the total's time"])
    _print_verdict(console, [row.layer for row in result.rows if row.output_matches_reference is False])


def _print_tokens(console: Console, result: ModelResult) -> None:
    """What a language model's run gives a second and costs a token, and its bytes of DRAM by what they are."""
    speed, price = result.tokens_per_s, result.joules_per_token
    if speed is None or price is None:
        return
    unit = noun(result.tokens, "token")
    console.print(
        f" [bold]{speed:,.1f} tokens/s[/], {short(price, 4)} J/token: {short(result.tokens, 6)} {unit} in "
        f"{result.time_us / 1000:,.4g} ms",
        highlight=False,
    )
    whole = sum(result.bytes_by_part.values())
    parts = sorted(result.bytes_by_part.items(), key=lambda part: -part[1])
    shown = (f"{part_name(name)} {short(size / 1e6, 4)} MB ({size / whole:.1%})" for name, size in parts if size)
    console.print(f" DRAM by part: {', '.join(shown)}", highlight=False)


def _describe_columns(result: ModelResult, densities: Sequence[str], forms: Sequence[AnyKind]) -> Iterator[str]:
    """What the columns of a network's table show, a sentence each, as far as their headings do not say it."""
    for about in dict.fromkeys(form.shape_about or form.shape_head for form in forms):
        if len(forms) > 1 or about != forms[0].shape_head:
            yield f"shapes are {about}"
    if densities:
        shares = " and ".join(f"{what}s" for what in densities)
        yield f"% of {shares}: those that are not zero"
    if result.network_output:
        yield "SQNR: of what a layer puts out where the network has its compressed weights and computes in float"


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print a comparison: each layer on each machine, then totals, each with the layers over which it runs."""
    base, machines = comparison.baseline, list(comparison.results)
    for name, result in comparison.results.items():
        console.print(f" [bold]{escape(name)}[/]  {escape(_describe(result.config))}", highlight=False)
    ratios = f"speed-up over {base}", f"energy of {base} / this"
    heads = (*FIGURES, *map(escape, ratios))
    table = _columns(make_table(f"{escape(comparison.title)}, layer by layer", "layer", "name"), heads)
    for layer in comparison.layers:
        for machine in machines:
            cells = [*_cells(comparison.row(machine, layer)), *_ratios(comparison.ratios(machine, layer))]
            table.add_row(escape(layer) if machine == machines[0] else "", escape(machine), *cells)
        table.add_section()
    console.print(table)
    _print_formats(console, comparison)
    _print_totals(console, comparison, heads)
    for machine, result in comparison.results.items():
        if result.single is None:  # a single layer has the sentence among its notes
            _print_outputs(console, result, f"{machine}: ")
    _print_notes(console, comparison.notes())
    whose: dict[str, list[str]] = {}
    for name, result in comparison.results.items():
        whose.setdefault(_meaning(result.config), []).append(name)
    meanings = [f"{', '.join(names)}: {meaning}" for meaning, names in whose.items()]
    _print_notes(console, [*meanings, f"{_conditions(comparison)}; EDP of a total: its energy times its time"])
    wrong = [name for name, result in comparison.results.items() if not result.total().output_matches_reference]
    _print_verdict(console, wrong)


def _conditions(comparison: Comparison) -> str:
    """At which clock and node machines are compared."""
    pairs = [result.config.technology for result in comparison.results.values()]
    clocks, nodes = {one.clock_mhz for one in pairs}, {one.node_nm for one in pairs}
    clock = f"a clock of {clocks.pop():g} MHz" if len(clocks) == 1 else "their own clock"
    node = f"{nodes.pop():g} nm" if len(nodes) == 1 else "their own node"
    return f"machines are compared at {clock} and {node}"


def _print_formats(console: Console, comparison: Comparison) -> None:
    """What number formats take and lose, where the machines differ in them."""
    forms = {name: result.config.written.get(WEIGHT_FORMAT) for name, result in comparison.results.items()}
    if not set(forms.values()) - {None, "codebook"}:
        return
    table = _columns(make_table("weights in their number formats", "layer", "name"), ("bits a weight", "error %"))
    for layer in comparison.layers:
        for machine in comparison.results:
            details = comparison.row(machine, layer).details or {}
            bits, error = details.get("bits_per_weight"), details.get("weight_error")
            cells = "-" if bits is None else f"{bits:.3f}", "-" if error is None else f"{100 * error:.2f}"
            table.add_row(escape(layer) if machine == next(iter(forms)) else "", escape(machine), *cells)
        table.add_section()
    console.print(table)
    meaning = (
        "bits a weight: codes of the weights that are stored, and all scales or the codebook, over all weights; no "
        "zero counts and no pointers; error: |w' - w| / |w| of the weights that were kept"
    )
    console.print(f" {meaning}\n", highlight=False)


def _print_outputs(console: Console, result: ModelResult, begin: str = "") -> None:
    """How far compression moves the network's outputs, a sentence each. begin: of each sentence."""
    for output in result.network_output:
        console.print(f" {begin}{describe_distance(output)}", highlight=False, markup=False)


def _print_totals(console: Console, comparison: Comparison, heads: Sequence[str]) -> None:
    """The totals over what all machines ran, and, apart from them, each machine's own."""
    if len(comparison.layers) > 1 and comparison.common:
        number = len(comparison.common)
        every = "all machines" if not comparison.idle else f"all machines but {', '.join(map(escape, comparison.idle))}"
        title = f"total over the {number} layers that {every} ran" if number > 1 else f"the layer that {every} ran"
        table = _columns(make_table(title, "name"), heads)
        for machine in comparison.results:
            total, ratios = comparison.common_total(machine), _ratios(comparison.total_ratios(machine))
            table.add_row(escape(machine), *(["-"] * 4 if total is None else _figures(total)), *ratios)
        console.print(table)
        console.print(f" over {escape(', '.join(comparison.common))}\n", highlight=False)
    elif len(comparison.layers) > 1:
        what = "no layer ran on all machines"
        if all(result.ran for result in comparison.results.values()):
            what += " with the same work"
        console.print(f" {what}: there is no total to compare\n", highlight=False)
    if len(comparison.common) < len(comparison.layers) > 1:
        table = _columns(make_table("each machine's own total (unlike sums: not to be compared)", "name"), FIGURES)
        table.add_column("over")
        for machine, result in comparison.results.items():
            cells = _figures(result.total()) if result.ran else ["-"] * 4
            table.add_row(escape(machine), *cells, _over(result))
        console.print(table)


def _columns(table: Table, names: Sequence[str]) -> Table:
    for name in names:
        table.add_column(name, justify="right")
    return table


def _cells(row: LayerRow) -> list[str]:
    return ["-"] * 4 if row.reason else _figures(row)


def _figures(of: LayerRow | Total) -> list[str]:
    """Time, energy, their product, DRAM."""
    values = (of.time_us, of.energy_uj, of.edp_uj_us)
    return [*("-" if value is None else short(value, 5) for value in values), f"{of.dram_bytes:,}"]


def _ratios(ratios: Ratios) -> Iterator[str]:
    return ("-" if value is None else f"{value:.2f}x" for value in ratios)


def _layer_cells(row: LayerRow, densities: Sequence[str], stated: Sequence[str]) -> list[str]:
    """Shape, kind, format, the share of non-zeros of each of `densities`, cycles, time, energy, whether it fits.

    stated: the heading of the format's column, where there is one.
    """
    formats = [row.number_format or "-" for _ in stated]
    shares = (row.densities.get(what) for what in densities)
    shown = ["-" if share is None else f"{100 * share:.1f}" for share in shares]
    return [row.shape or "-", row.kind, *formats, *shown, f"{row.cycles:,}", *_figures(row)[:2], _fits([row])]


def _decibels(row: LayerRow) -> str:
    return "-" if row.output_sqnr_db is None else short(row.output_sqnr_db, 3)


def _fits(rows: Iterable[LayerRow]) -> str:
    return "[red]no[/]" if any(row.violations for row in rows) else "yes"


def _print_verdict(console: Console, wrong: Sequence[str]) -> None:
    """Whether outputs are right. wrong: the layers or machines where they are not."""
    colour, text = ("red", f"DIFFER on {', '.join(wrong)} from") if wrong else ("green", "equal")
    console.print(f" [{colour}]outputs {escape(text)} the reference kernels'[/], bit for bit\n", highlight=False)


def _over(result: ModelResult) -> str:
    ran, whole = (sum(row.layers for row in rows) for rows in ([r for r in result.rows if not r.reason], result.rows))
    text = f"{ran} of {whole} layers"
    return text if len(text) <= LEAST else f"{ran} of {whole}"


def _describe(config: Config) -> str:
    technology = config.technology
    prices, clock = technology.energy_node_nm, f"{technology.clock_mhz:g} MHz"
    if not technology.area_um2:  # the node is that of the prices alone
        return f"{config.name}, prices at {prices:g} nm, {clock}"
    other = f" (energies: prices of {prices:g} nm)" if prices != technology.node_nm else ""
    return f"{config.name}, {technology.node_nm:g} nm{other}, {clock}"


def _meaning(config: Config) -> str:
    return f"DRAM bytes are {find(config.machine).dram_contents}"


def _print_notes(console: Console, notes: Sequence[str]) -> None:
    for note in notes:
        console.print(f" [yellow]note[/]  {escape(note)}", highlight=False)
