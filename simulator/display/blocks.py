"""The short form of a result: a few facts, one table, sentences. It is rendered as text or as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from simulator.config.load import Config, describe_changes
from simulator.html.parts import Block, Facts, Grid, Sentences, make_grid
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.results.model_result import LayerRow, ModelResult, Total
from simulator.results.result import Result
from workloads.distance import describe_distance
from workloads.kinds import kind_of

if TYPE_CHECKING:
    from simulator.run.compare import Comparison

    AnyResult: TypeAlias = Result | ModelResult | Comparison

MOST_ROWS = 32
"""Layers that are shown."""
MOST_SENTENCES = 12
WORDS = {None: "not compared", True: "equal", False: "DIFFERENT"}
VERDICTS = {
    None: "not compared",
    True: "equal to the reference kernel's",
    False: "DIFFERENT from the reference kernel's",
}


def summarise(result: AnyResult) -> tuple[str, list[Block]]:
    """A title, and what a reader wants to know first."""
    if isinstance(result, Result):
        return _result(result)
    if isinstance(result, ModelResult):
        return _result(result.single) if result.single is not None else _model(result)
    return _comparison(result)


def _result(result: Result) -> tuple[str, list[Block]]:
    layer, clock = result.workload.layer, result.config.technology.clock_mhz
    shares = [f"{share:.1%} of {what}s" for what, share in kind_of(layer).densities(layer).items()]
    facts = Facts(
        (
            ("layer", f"{layer.inputs} x {layer.outputs}, {result.workload.kind or kind_of(layer).name}", ""),
            *((("not zero", " and ".join(shares), ""),) if shares else ()),
            ("cycles", f"{result.cycles:,}", ""),
            ("time", f"{result.time_us:,.5g} us at {clock:g} MHz", ""),
            ("energy", f"{result.energy_uj:,.5g} uJ", ""),
            ("output", VERDICTS[result.output_matches_reference], ""),
        )
    )
    energy = by_component(result.energy)
    total = energy.pop(TOTAL)
    rows = [(name, round(pj / 1000, 4), f"{pj / total:.1%}" if total else "-") for name, pj in energy.items() if pj]
    title = f"{result.workload.title} on {_machine(result.config)}"
    return title, [facts, Grid("energy", ("component", "nJ", "share"), tuple(rows)), *_sentences(result.notes())]


def _model(result: ModelResult) -> tuple[str, list[Block]]:
    total = result.total()
    facts = Facts(
        (
            ("layers", f"{len(result.ran)} of {len(result.rows)} ran, inputs {result.inputs}", ""),
            ("cycles", f"{total.cycles:,}", ""),
            ("time", f"{total.time_us:,.5g} us at {result.config.technology.clock_mhz:g} MHz", ""),
            ("energy", f"{total.energy_uj:,.5g} uJ", ""),
            ("outputs", VERDICTS[total.output_matches_reference if result.ran else None], ""),
            *(("network output", describe_distance(one), "") for one in result.network_output),
        )
    )
    columns = ("layer", "kind", "cycles", "time us", "energy uJ", "output")
    ran = [
        (row.layer, row.kind, row.cycles, *_pair(row), WORDS[row.output_matches_reference])
        for row in result.rows
        if row.reason is None
    ]
    grid = _cut("", columns, ran)
    return f"{result.title} on {_machine(result.config)}", [facts, grid, *_sentences(result.notes())]


def _comparison(comparison: Comparison) -> tuple[str, list[Block]]:
    base, machines = comparison.baseline, comparison.results
    columns = ("layer", "machine", "time us", "energy uJ", f"speed-up over {base}", f"energy of {base} / this")
    rows: list[tuple[object, ...]] = []
    for layer in comparison.layers:
        for name in machines:
            ratios = comparison.ratios(name, layer)
            rows.append((layer, name, *_pair(comparison.row(name, layer)), *map(_ratio, ratios)))
    if len(comparison.common) > 1:
        over = f"{len(comparison.common)} layers"
        for name in machines:
            total = comparison.common_total(name)
            pair = (None, None) if total is None else _pair(total)
            rows.append((over, name, *pair, *map(_ratio, comparison.total_ratios(name))))
    ran = [result.output_matches_reference for result in machines.values() if result.ran]
    facts = Facts((("outputs", VERDICTS[all(ran)], ""),))
    title = f"{comparison.title} on {', '.join(machines)}"
    return title, [facts, _cut("", columns, rows), *_sentences(comparison.notes())]


def _cut(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Grid:
    """The first rows, and how many more there are."""
    return make_grid(title, columns, rows[:MOST_ROWS])._replace(left_out=max(0, len(rows) - MOST_ROWS))


def _sentences(notes: Iterable[str]) -> list[Block]:
    every = list(notes)
    more = [f"{len(every) - MOST_SENTENCES} more: `notes()`"] if len(every) > MOST_SENTENCES else []
    return [Sentences((*every[:MOST_SENTENCES], *more))] if every else []


def _machine(config: Config) -> str:
    return f"{config.name} ({describe_changes(config.changes)})" if config.changes else config.name


def _pair(of: LayerRow | Total) -> tuple[float | None, float | None]:
    """Time and energy, five digits of each."""
    time, energy = (None if value is None else float(f"{value:.5g}") for value in (of.time_us, of.energy_uj))
    return time, energy


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}x"
