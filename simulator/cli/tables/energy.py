"""Where energy comes from, as tables for a terminal; JSON and CSV have all digits, to do the sums again."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulator.cli.tables.result import make_table
from simulator.pricing.energy import Line, by_component
from simulator.pricing.technology import TOTAL
from simulator.results.audit import SUMMATION, network_energy
from simulator.results.stored_energy import Stored
from simulator.results.text import short


def print_energy(console: Console, stored: Stored) -> None:
    """Print the lines of each layer by component, and what the layers add up to."""
    for layer in stored.layers:
        console.print(_lines(escape(f"energy of {layer.name} on {stored.config}"), layer.lines))
    if len(stored.layers) > 1:
        table = make_table(f"energy of the {len(stored.layers)} layers", "component")
        table.add_column("energy (pJ)", justify="right", no_wrap=True)
        for name, picojoules in network_energy(stored).items():
            table.add_row(escape(name), short(picojoules), style="bold" if name == TOTAL else "")
        console.print(table)
    for name, reason in stored.left_out.items():
        console.print(f" [yellow]note[/]  {escape(name)} did not run: {escape(reason)}", highlight=False)
    console.print(f" [yellow]note[/]  {SUMMATION}", highlight=False)


def _lines(title: str, lines: Sequence[Line]) -> Table:
    """A section for each component, headed by its total."""
    table = make_table(title)
    table.add_column("component, event", overflow="fold")
    for column in ("count", "price (pJ)", "energy (pJ)"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("source of the price", overflow="fold")
    energy = by_component(lines)
    for component in [name for name in energy if name != TOTAL]:
        table.add_row(escape(component), "", "", short(energy[component]), "", style="bold")
        for line in (line for line in lines if line.component == component):
            numbers = f"{line.times:,}", short(line.pj_each), short(line.energy_pj)
            table.add_row(f"  {escape(line.event)}", *numbers, escape(line.source), style="" if line.times else "dim")
        table.add_section()
    table.add_row(TOTAL, "", "", short(energy[TOTAL]), "", style="bold")
    return table
