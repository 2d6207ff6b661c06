"""Results as tables for a terminal."""

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulator.cli.tables.fitting import FittingTable
from simulator.config.formats import WEIGHT_FORMAT
from simulator.config.load import describe_changes
from simulator.core.machine import Table as Extra
from simulator.core.registry import find
from simulator.results.result import Result
from simulator.results.text import counted, fixed, short
from workloads.compression.shared import CODEBOOK
from workloads.document_types import Cell, Document
from workloads.kinds import kind_of


def print_result(console: Console, result: Result) -> None:
    """Print one simulation."""
    content = result.to_dict()
    layer = result.workload.layer
    changes = f" ({escape(describe_changes(content['changes']))})" if content["changes"] else ""
    console.print()
    console.print(
        f" [bold]{escape(content['title'])}[/] on [bold]{escape(content['config'])}[/]{changes}: "
        f"{kind_of(layer).shape_in_words(layer)}{_densities(kind_of(layer).densities(layer))}",
        highlight=False,
    )
    for sentence in content["lead"]:
        console.print(f" [yellow]{escape(sentence)}[/]", highlight=False)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 1))
    for name, value, remark in _figures(content):
        table.add_row(f"[dim]{name}[/]", value, f"[dim]{remark}[/]")
    console.print(table, highlight=False)
    for extra in result.tables:
        console.print(_extra(extra))
    console.print(_reasons(result))
    console.print(_energy(content))
    if content["at_node"]:
        console.print(make_node_table(content["at_node"]))
    for kind, sentences in (("does not fit", content["violations"]), ("note", content["notes"])):
        for sentence in sentences:
            console.print(f" [yellow]{kind}[/]  {escape(sentence)}", highlight=False)
    colour, text = ("green", "equals") if result.output_matches_reference else ("red", "DIFFERS FROM")
    console.print(f" [{colour}]output {text} the reference kernel[/], bit for bit\n", highlight=False)


def _densities(shares: Mapping[str, float]) -> str:
    """`, 9.0% of weights and 35.1% of activations non-zero`, or `, 0.1% sent`; nothing where the kind has none."""
    shown = " and ".join(f"{share:.1%} of {what}s" for what, share in shares.items() if what != "sent")
    sent = f", {shares['sent']:.1%} sent" if "sent" in shares else ""
    return (f", {shown} non-zero" if shown else "") + sent


def _figures(content: Document) -> list[tuple[str, str, str]]:
    return [
        ("cycles", f"{content['cycles']:,}", f"{content['time_us']:.4g} us at {content['clock_mhz']:g} MHz"),
        ("theoretical", f"{content['theoretical_us']:.4g} us", "if nothing ever waited"),
        ("load balance", f"{content['load_balance']:.1%}", _working(content)),
        ("multiplies", f"{content['multiplies']:,}", _entries(content)),
        (
            "throughput",
            f"{fixed(content['gops'], 1)} GOP/s",
            f"{fixed(content['gops_dense_equivalent'], 0)} GOP/s on the dense layer",
        ),
        ("inferences", f"{fixed(content['frames_per_s'], 0)} /s", f"{fixed(content['frames_per_j'] or 0, 0)} /J"),
        (
            "power",
            f"{fixed(content['power_mw'], 1)} mW",
            _extent(content),
        ),
        (
            "DRAM",
            f"{content['dram_bytes']:,} bytes",
            f"energy x time: {content['edp_uj_us']:,.4g} uJ x us",
        ),
        *_weights(content),
        *_attention(content),
        *_state_space(content),
        *_experts(content),
        *_distance(content),
    ]


def _working(content: Document) -> str:
    """What units do in the cycles of the load balance."""
    if "state_error" in content:
        return "of cycles the vector unit updates states"
    return f"of the PEs' cycles {find(content['machine']).work}"


def _attention(content: Document) -> list[tuple[str, str, str]]:
    """Which blocks of keys attention skips, and how far its output is from a softmax in float64; else nothing."""
    if "skipped_share" not in content:
        return []
    counts, lost = content["counts"], ""
    if content.get("softmax_error") is not None:
        lost = f"output off by {content['softmax_error']:.2%} from a softmax of the same numbers"
    skipped = f"{counts['blocks_skipped']:,} of {counts['blocks']:,} skipped"
    return [("key blocks", skipped, lost)]


def _state_space(content: Document) -> list[tuple[str, str, str]]:
    """What the format of states loses, and how far y is from float64; else nothing."""
    if "state_error" not in content:
        return []
    lost = ""
    if content.get("step_error") is not None:
        lost = f"y is off by {content['step_error']:.1e} from float64"
    moved = content["counts"]["dram_state_bytes"]
    rounding = f", rounded by {content['state_error']:.1e}" if content["state_error"] else ""
    return [("states", f"{moved:,} bytes moved{rounding}", lost)]


def _experts(content: Document) -> list[tuple[str, str, str]]:
    """How many experts a layer touches, and how many numbers between their matrices are zero; else nothing."""
    if "experts_touched" not in content:
        return []
    active = content.get("hidden_density")
    zeros = "" if active is None else f"{1 - active:.1%} of the numbers between the matrices are zero"
    return [("experts", f"{content['experts_touched']:.0f} touched", zeros)]


def _weights(content: Document) -> list[tuple[str, str, str]]:
    """What the weights take and lose in a number format; nothing of a codebook, or where the machine has no choice."""
    form = content["arch"].get(WEIGHT_FORMAT, CODEBOOK)
    if form == CODEBOOK or "bits_per_weight" not in content:
        return []
    lost = "" if content.get("weight_error") is None else f"error {content['weight_error']:.2%}"
    return [("weights", f"{form}, {content['bits_per_weight']:.3f} bits", lost)]


def _entries(content: Document) -> str:
    """What they are among, in the machine's words: entries with padding, or products, gated ones among them."""
    if "entries" not in content:
        return ""
    every, idle = find(content["machine"]).products
    return f"{content['entries']:,} {every}, {content['padding_entries']:,} of them {idle}"


def _extent(content: Document) -> str:
    """How large the machine is, as far as its configuration says it, and the nodes of area and prices."""
    prices, node = content["prices_nm"], content["node_nm"]
    if content["area_mm2"] is not None:
        other = "" if prices == node else f", energies by prices of {prices:g} nm"
        return f"{content['area_mm2']:.1f} mm2 at {node:g} nm{other}"
    size = f"{content['dsp_slices']:,} DSP slices" if "dsp_slices" in content else "no area given"
    return f"{size}, prices at {prices:g} nm"


FROM_FLOAT = "of the output from float64 by words and tables, without what pruning takes"


def _distance(content: Document) -> list[tuple[str, str, str]]:
    """Of an LSTM: what the output is worth."""
    if "distance_from_float" not in content:
        return []
    sequences = f"{counted(content['voices'], 'voice')}, {counted(content['time_steps'], 'time step')}"
    return [("distance", f"{content['distance_from_float']:.2%}", f"{FROM_FLOAT} ({sequences})")]


def _extra(extra: Extra) -> Table:
    """What only this machine reports; numbers to the right, those of a column `X cycles` in brackets after X."""
    columns = list(extra.columns)
    paired = _paired(columns)
    table = make_table(escape(f"{extra.title}{' (in brackets: cycles)' if paired else ''}"))
    shown = [column for column in columns if column not in paired]
    for column in shown:
        numbers = all(not isinstance(row[columns.index(column)], str) for row in extra.rows)
        table.add_column(column, justify="right" if numbers else "left")
    for row in extra.rows:
        cells = dict(zip(columns, row, strict=True))
        table.add_row(*(_cell(cells[column], cells.get(f"{column} cycles")) for column in shown))
    return table


def _paired(columns: Sequence[str]) -> list[str]:
    """The columns that say how many cycles another column's content takes."""
    return [f"{column} cycles" for column in columns if f"{column} cycles" in columns]


def _cell(value: Cell, cycles: Cell) -> str:
    if isinstance(value, float):
        return short(value)
    if not isinstance(value, str):
        return f"{value:,}"
    return f"{escape(value)} ({cycles:,})" if value and cycles else escape(value)


def _reasons(result: Result) -> Table:
    """Cycles by reason: those of a kind of unit add up to the cycles of all its units."""
    table = make_table("cycles by reason", "unit", "reason")
    table.add_column("cycles", justify="right")
    table.add_column("share", justify="right")
    for kind, reasons in result.reasons.items():
        whole, label = sum(reasons.values()), kind
        for reason, cycles in reasons.items():
            style = "" if cycles else "dim"
            table.add_row(label, reason.replace("_", " "), f"{cycles:,}", f"{cycles / whole:.1%}", style=style)
            label = ""
        table.add_section()
    return table


def _energy(content: Document) -> Table:
    energy = dict(content["energy_pj"])
    total = energy.pop("total")
    table = make_table("energy", "component")
    table.add_column("nJ", justify="right")
    table.add_column("share", justify="right")
    for name, picojoules in energy.items():
        share = f"{picojoules / total:.1%}" if total else "-"
        style = "" if picojoules else "dim"
        table.add_row(escape(name.replace("_", " ")), fixed(picojoules / 1000, 1), share, style=style)
    table.add_section()
    table.add_row("total", fixed(total / 1000, 1), "")
    return table


def make_node_table(content: Document) -> Table:
    """Energy and area at another node, under each scaling set and as a range."""
    table = make_table(f"at {content['node_nm']:g} nm, same cycles and clock", "scaling set")
    for column in ("energy nJ", "factor", "area mm2", "factor", "clock could be"):
        table.add_column(column, justify="right")
    for name, one in content["sets"].items():
        energy, area = one["energy_pj"]["total"] / 1000, one["area_mm2"]["total"]
        factors = f"{one['energy_factor']:.3f}", f"{one['area_factor']:.3f}"
        headroom = f"{one['frequency_headroom']:.2f} x"
        shown = "-" if area is None else fixed(area, 2)
        table.add_row(name, fixed(energy, 1), factors[0], shown, factors[1], headroom)
    table.add_section()
    energy, area = content["energy_pj"], content["area_mm2"]
    areas = "-" if area is None else f"{fixed(area['low'], 2)} - {fixed(area['high'], 2)}"
    energies = f"{fixed(energy['low'] / 1000, 1)} - {fixed(energy['high'] / 1000, 1)}"
    table.add_row("range", energies, "", areas, "", "")
    for name in content["out_of_reach"]:
        table.add_row(name, "out of reach", style="dim")
    return table


def make_table(title: str, *columns: str) -> Table:
    """A table in the style of all; names are never wrapped but shortened, and numbers are never cut."""
    table = FittingTable(box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
