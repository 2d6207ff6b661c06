"""Collectives on several chips, as the command `system` prints them."""

from typing import TYPE_CHECKING

from simulator.cli.console import console, put_out
from workloads.errors import refuse
from workloads.words import counted

if TYPE_CHECKING:
    from simulator.system.report import CollectiveRow
    from simulator.system.system_file import System

ENGINES = "numba", "simpy"
MOST_BYTES = 1 << 40


def show(
    name: str, size: int | None, collective: str, engine: str, settings: list[str], as_json: bool, as_csv: bool
) -> None:
    """Run collectives and print them. InputError where something is unknown or out of range."""
    import pandas as pd

    if engine not in ENGINES:
        refuse(f"--engine {engine[:60]}", "there is no such engine", " or ".join(ENGINES))
    if size is None:
        refuse(f"system {name[:60]}", "it has neither a workload nor --bytes", "SYSTEM WORKLOAD, or SYSTEM --bytes N")
    if not 1 <= size <= MOST_BYTES:
        refuse(f"--bytes {size}", "it is out of range", f"1 to {MOST_BYTES}")
    from simulator.config.load import parse_changes
    from simulator.system.report import collective_rows
    from simulator.system.system_file import load_system

    if engine == "numba":
        from simulator.system.engine import run_engine as run
    else:
        from simulator.system.model import run_model as run
    loaded = load_system(name, parse_changes(settings))
    rows, left_out = collective_rows(loaded, collective, size, run)
    documents = [row._asdict() for row in rows]
    flat = [{**row._asdict(), "spent_ps": None, **_spent(row)} for row in rows]
    put_out(
        as_json,
        as_csv,
        lambda: {
            "system": loaded.name, "bytes": size, "collectives": documents, "left_out": left_out,
            "sources": loaded.sources,
        },
        lambda: pd.DataFrame(flat).drop(columns="spent_ps"),
        lambda: _print(loaded, size, rows, left_out),
        lambda: left_out,
    )  # fmt: skip


def _spent(row: "CollectiveRow") -> dict[str, int]:
    return {f"{reason.replace(' ', '_')}_ps": ps for reason, ps in row.spent_ps.items()}


def _print(system: "System", size: int, rows: "list[CollectiveRow]", left_out: list[str]) -> None:
    """A table: a line a collective."""
    from rich.markup import escape

    from simulator.cli.tables.result import make_table

    title = f"{escape(system.name)}: {counted(size, 'byte')} on {counted(system.network.chips, 'chip')}, "
    title += system.network.topology
    table = make_table(title, "collective")
    for column in ("time us", *rows[0].spent_ps, "MB of links", "waits us", "links uJ"):
        table.add_column(column, justify="right")
    for row in rows:
        whole = sum(row.spent_ps.values()) or 1
        shares = [f"{ps / whole:.1%}" for ps in row.spent_ps.values()]
        moved = f"{row.link_bytes / 1e6:,.3f}", f"{row.link_wait_ps / 1e6:,.2f}", f"{row.link_pj / 1e6:,.2f}"
        table.add_row(row.collective, f"{row.time_ps / 1e6:,.2f}", *shares, *moved)
    console().print(table)
    for sentence in left_out:
        console().print(f" left out  {sentence}", highlight=False, markup=False)
