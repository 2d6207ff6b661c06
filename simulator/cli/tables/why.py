"""The tables of `why`."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from simulator.cli.console import console
from simulator.cli.tables.result import make_table
from simulator.config.load import describe_changes
from simulator.results.stacks import CycleStack, FreeUnit, PathResult
from simulator.results.text import counted, short
from simulator.results.why import Change, LayerWhy, Why

MOST_PATHS, MOST_UNITS, MOST_CHANGES = 8, 3, 12
"""Rows that are shown of what decides the end, of PEs, and of changes."""
PE = "PE "
ORDER = (
    "a part is what the run gains when it is made ideal after all parts below it, so that they add up; alone: what it "
    "gains while all else stays; where these differ, parts interact"
)


def print_why(found: Why, per_layer: bool) -> None:
    """Print a stack, the path of a single layer, and the changes."""
    config = found.config
    changes = f" ({escape(describe_changes(config.changes))})" if config.changes else ""
    title = f" [bold]{escape(found.workload)}[/] on [bold]{escape(config.name)}[/]{changes}"
    console().print(f"\n{title}: {counted(found.cycles, 'cycle')}", highlight=False)
    console().print(_stack_table("where the cycles come from", found.total))
    console().print(f" [dim]{ORDER}[/]", highlight=False)
    if found.network and per_layer:
        console().print(_layer_table(found.layers))
    if not found.network and found.layers[0].path is not None:
        _print_path(found.cycles, found.layers[0].path)
    if found.changes is not None:
        _print_changes(found.changes)
    for sentence in found.impossible:
        console().print(f" [dim]not possible  {escape(sentence)}[/]", highlight=False)
    for sentence in found.sentences:
        console().print(f" note  {sentence}", highlight=False, markup=False)
    engine, analysis = sum(one.engine_s for one in found.layers), sum(one.analysis_s for one in found.layers)
    console().print(
        f" [dim]engine and layout {engine:.3g} s; with stack and path {analysis:.3g} s, "
        f"{counted(found.total.runs, 'simulation')}[/]\n",
        highlight=False,
    )


def _stack_table(title: str, stack: CycleStack) -> Table:
    """A row for each part; parts of no cycles are there too, as a mechanism that costs nothing is an answer."""
    table = make_table(title, "part")
    for head in ("cycles", "%", "alone", "uJ"):
        table.add_column(head, justify="right")
    for head in ("found", "what it is"):
        table.add_column(head)
    for part in stack.parts:
        share = f"{100 * part.cycles / stack.cycles:.1f}" if stack.cycles else "-"
        energy = "-" if part.energy_pj is None else short(part.energy_pj / 1e6, 4)
        style = "bold" if part is stack.parts[0] else "dim" if not part.cycles and not part.energy_pj else ""
        alone = "" if part.alone is None else f"{part.alone:,}"
        table.add_row(part.name, f"{part.cycles:,}", share, alone, energy, part.how, escape(part.about), style=style)
    table.add_section()
    whole = "-" if stack.energy_pj is None else short(stack.energy_pj / 1e6, 4)
    table.add_row("all", f"{stack.cycles:,}", "100.0", "", whole, "", "the run")
    return table


def _layer_table(layers: Sequence[LayerWhy]) -> Table:
    """A row for each layer, a column for each part that has cycles anywhere."""
    stacks = [one.stack for one in layers]
    names = [part.name for part in stacks[0].parts if any(stack.part(part.name).cycles for stack in stacks)]
    table = make_table("layer by layer, cycles", "layer")
    for head in ("all", *names):
        table.add_column(head, justify="right")
    for one in layers:
        cells = [f"{one.stack.part(name).cycles:,}" for name in names]
        table.add_row(escape(one.layer), f"{one.stack.cycles:,}", *cells)
    return table


def _print_path(cycles: int, found: PathResult) -> None:
    """What decides the end, and the units whose absence would change it."""
    table = make_table("what decides the end: a longest path through the run", "what", "unit")
    table.add_column("cycles", justify="right")
    table.add_column("%", justify="right")
    rows = found.rows()
    rest = sum(spent for _, _, spent in rows[MOST_PATHS:])
    more = [(f"{len(rows) - MOST_PATHS} more", "", rest)] if rest else []
    for what, unit, spent in [*rows[:MOST_PATHS], *more]:
        table.add_row(what, unit, f"{spent:,}", f"{100 * spent / cycles:.1f}")
    console().print(table)
    if found.units:
        _print_units(cycles, found.units)


def _print_units(cycles: int, units: Sequence[FreeUnit]) -> None:
    table = make_table("if one of them were free", "unit", "what is free")
    for head in ("on the path", "slack", "cycles", "saved", "run again"):
        table.add_column(head, justify="right")
    pes = [unit for unit in units if unit.name.startswith(PE)]
    known = sorted(
        (unit for unit in pes if unit.free_cycles is not None),
        key=lambda unit: (unit.free_cycles or 0, -unit.path_cycles, unit.slack),
    )
    for unit in [*(unit for unit in units if unit not in pes), *known[:MOST_UNITS]]:
        free = unit.free_cycles
        gain = ("-", "-") if free is None else (f"{free:,}", f"{cycles - free:,}")
        again = "-" if unit.simulated is None else "the same" if unit.simulated == free else f"{unit.simulated:,}"
        table.add_row(unit.name, unit.means, f"{unit.path_cycles:,}", f"{unit.slack:,}", *gain, again)
    console().print(table)
    slack = sorted(unit.slack for unit in pes)
    if slack:
        critical = sum(one == 0 for one in slack)
        console().print(
            f" [dim]{counted(critical, 'PE')} of {len(slack)} without slack; median slack "
            f"{counted(slack[len(slack) // 2], 'cycle')}, most {slack[-1]:,}[/]",
            highlight=False,
        )


def _print_changes(changes: Sequence[Change]) -> None:
    """The changes that save cycles, the most first, each simulated; then the one that costs the most."""
    table = make_table("what if: one change each, simulated", "change", "from", "to")
    for head in ("cycles", "saved", "uJ saved", "mm2 more", "saved / mm2", "saved / nJ"):
        table.add_column(head, justify="right")
    shown = [change for change in changes if change.cycles_saved or change.energy_saved_pj]
    for change in shown[:MOST_CHANGES]:
        area, per_area, per_energy = change.area_added_mm2, change.saved_per_mm2, change.saved_per_nj
        table.add_row(
            change.key,
            str(change.before),
            str(change.after),
            f"{change.cycles:,}",
            f"{change.cycles_saved:,}",
            short(change.energy_saved_pj / 1e6, 4),
            *("-" if value is None else short(value, 4) for value in (area, per_area, per_energy)),
        )
    console().print(table)
    idle = [change.key for change in changes if change not in shown]
    if idle:
        console().print(f" [dim]no change at all by one step in {', '.join(idle)}[/]", highlight=False)
    for change in shown[:MOST_CHANGES]:
        if change.note:
            console().print(f" [dim]{change.key}: {escape(change.note)}[/]", highlight=False)
