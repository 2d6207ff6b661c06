"""Language models over contexts as a table for a terminal."""

from rich.console import Console
from rich.markup import escape

from simulator.cli.tables.result import make_table
from simulator.results.text import short
from simulator.run.contexts import Contexts

HEADS = ("batch", "tokens/s", "J/token", "ms a step", "DRAM GB a step")


def print_contexts(console: Console, found: Contexts) -> None:
    """Print a row for each context, machine and model, then what was run."""
    table = make_table("language models over contexts", "context", "machine", "model", "weights in")
    several = len({row.workload for row in found.rows}) > 1
    for head in (*HEADS, *(["ratio"] if several else [])):
        table.add_column(head, justify="right")
    shown = 0
    for row in found.rows:
        figures = (
            f"{row.batch:,}",
            f"{row.tokens_per_s:,.1f}",
            short(row.joules_per_token, 4),
            f"{row.time_us / 1000:,.4g}",
            f"{row.dram_bytes / 1e9:,.4g}",
            *([f"{row.ratio:.2f}x"] if several else []),
        )
        table.add_row(
            f"{row.context:,}" if row.context != shown else "",
            escape(row.machine),
            escape(row.workload),
            row.weight_format,
            *figures,
        )
        shown = row.context
    console.print(table)
    if several:
        console.print(f" ratio: tokens a second over those of {escape(found.rows[0].workload)}\n", highlight=False)
    for note in found.notes():
        console.print(f" [yellow]note[/]  {escape(note)}", highlight=False)
    right = found.output_matches_reference
    colour, text = ("green", "equal") if right else ("red", "DIFFER from")
    console.print(f" [{colour}]outputs of samples {text} the reference kernels'[/], bit for bit\n", highlight=False)
