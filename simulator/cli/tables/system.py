"""A step on several chips as tables for a terminal."""

from rich.console import Console
from rich.markup import escape

from simulator.cli.tables.result import make_table
from simulator.results.system_result import PARTS, SystemResult
from simulator.results.text import short


def print_system(console: Console, found: SystemResult) -> None:
    """Print a row for each number of chips, the layers of the last one, then what was run."""
    on = f", chips of {found.chip}" if found.chip else ""
    title = f"{escape(found.workload)}, {found.step}, on {escape(found.system)}{escape(on)}"
    table = make_table(title, "chips", "exchange" if found.step == "training" else "split")
    tokens = any(row.tokens_per_s is not None for row in found.rows)
    for head in ("ms", "speed-up", *(_head(part) for part in PARTS), "chips mJ", "links mJ", "links MB"):
        table.add_column(head, justify="right")
    if tokens:
        table.add_column("tokens/s", justify="right")
    for row in found.rows:
        shares = [f"{getattr(row, part) / row.time_us:.1%}" if row.time_us else "-" for part in PARTS]
        speedup = "-" if row.speedup is None else f"{row.speedup:.2f}x"
        energy = "-" if row.chips_uj is None else short(row.chips_uj / 1e3, 5)
        figures = [f"{row.time_us / 1e3:,.5g}", speedup, *shares, energy, short(row.links_uj / 1e3, 4)]
        given = [] if not tokens else ["-" if row.tokens_per_s is None else f"{row.tokens_per_s:,.1f}"]
        overlap = ", overlapped" if row.overlap and row.chips > 1 else ""
        table.add_row(f"{row.chips:,}", f"{row.exchange}{overlap}", *figures, f"{row.link_bytes / 1e6:,.4g}", *given)
    console.print(table)
    _print_layers(console, found)
    for note in found.notes():
        console.print(f" [yellow]note[/]  {escape(note)}", highlight=False)
    if found.chip:
        right = found.output_matches_reference
        colour, text = ("green", "equal") if right else ("red", "DIFFER from")
        console.print(f" [{colour}]outputs of samples {text} the reference kernels'[/], bit for bit\n", highlight=False)


def _head(part: str) -> str:
    return part.removesuffix("_us")


def _print_layers(console: Console, found: SystemResult) -> None:
    last = found.rows[-1]
    title = f"layers on {last.chips:,} chips" + (f", {last.exchange}" if last.chips > 1 else "")
    table = make_table(title, "layers", "exchange after each")
    for head in ("count", "compute us", "slowest us", "bytes each", "exchanges us"):
        table.add_column(head, justify="right")
    for row in found.layers:
        exchange = (f"{row.bytes:,}", short(row.exchange_us, 4)) if row.exchange else ("-", "-")
        times = short(row.compute_us, 5), short(row.most_us, 5)
        table.add_row(escape(row.layer), row.exchange or "-", f"{row.layers:,}", *times, *exchange)
    console.print(table)
