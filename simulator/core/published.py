"""Published figures and the simulated ones: rows, classes, errors, summaries."""

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from workloads.document_types import Document

REPRODUCED, PREDICTED, CALIBRATED, GIVEN = CLASSES = ("reproduced", "predicted", "calibrated", "given")
"""reproduced: another simulator's number on the same data. predicted: nothing was made to agree with it. calibrated:
the model, a price or a distribution was made to agree with it, or with a figure that implies it. given: an input, true
by definition, or the paper's arithmetic on its printed values."""
LOSSES = frozenset({"load_balance_percent", "real_over_total_work_percent", "utilisation_percent"})
"""Quantities near 100 %: what is lost, 100 less the figure, is compared too."""


class PublishedFigure(NamedTuple):
    """One figure of a paper; `published` is None where no published value is known here."""

    paper: str
    table: str
    row: str
    quantity: str
    published: float | None
    simulated: float  # the mean of the draws
    error_percent: float | None
    mark: str  # how the published value is known; "fitted": the model was made to agree with it
    figure_class: str | None = None  # one of CLASSES; None: not yet classified
    reason: str | None = None  # why it is of this class
    deviation: float | None = None  # standard deviation over the draws; None: one draw, or nothing drawn
    draws: int | None = None
    seeds: str | None = None  # first and last, "0..9"
    uncertainty: float | None = None  # of the published value, in its unit: plus or minus
    configuration: str | None = None


class Standing(NamedTuple):
    """What a published value is compared as."""

    figure_class: str | None = None
    reason: str | None = None
    uncertainty: float | None = None  # plus or minus, in the value's unit
    uncertainty_percent: float | None = None  # of the value, where that is how it is known
    configuration: str | None = None
    mark: str | None = None  # how the published value is known


UNCLASSIFIED = Standing()


class Summary(NamedTuple):
    """How far a table's simulated figures are from the published ones."""

    table: str
    quantity: str
    figures: int
    mean_absolute_error_percent: float
    geometric_mean_error_percent: float  # of simulated / published: the bias that is left when errors cancel
    figure_class: str | None = None
    lost_percent: float | None = None  # mean |simulated - published| / (100 - published); None: no share near 100 %


@cache
def read_published(package: str) -> Document:
    """The content of a package's published.yaml: `paper`, `tables`, and the data of `fits`."""
    found: Document = yaml.safe_load((files(package) / "published.yaml").read_text("utf-8"))
    return found


def standing(table: Document, row: str) -> Standing:
    """The class, reason, uncertainty and configuration of a row of a table of published.yaml.

    The table's keys `class`, `reason`, `mark`, `uncertainty`, `uncertainty_percent` and `configuration` hold for all
    rows; each entry of `except` has others for the rows, layers (before the comma) or points (after it) that it names.
    """
    found = table
    for case in table.get("except", ()):
        layer, _, point = row.partition(", ")
        names = {row, layer, point}
        if names & set(map(str, case["rows"])):
            found = {**table, **case}
    known = {key: found.get(key) for key in ("reason", "uncertainty", "uncertainty_percent", "configuration", "mark")}
    return Standing(found.get("class"), **known)


def used_by(fits: Sequence[Document], table: str, quantity: str, row: str) -> list[str]:
    """The names of the fits, as in published.yaml, that used the published value of a row."""
    layer, _, point = row.partition(", ")
    return [
        fit["name"]
        for fit in fits
        for used in fit["used"]
        if used.get("table", table) == table
        and used.get("quantity", quantity) == quantity
        and {row, layer, point} & set(map(str, used.get("rows", (row,))))
    ]


def compare_figure(
    paper: str,
    table: str,
    row: str,
    quantity: str,
    published: float | None,
    simulated: float | Sequence[float],
    mark: str,
    known: Standing = UNCLASSIFIED,
    first_seed: int | None = None,
) -> PublishedFigure:
    """Put the two figures side by side. simulated: one figure, or those of all draws, from `first_seed` on."""
    drawn = simulated if isinstance(simulated, Sequence) else (simulated,)
    mean = drawn[0] if len(drawn) == 1 else math.fsum(drawn) / len(drawn)
    error = 100 * (mean / published - 1) if published else None
    return PublishedFigure(
        paper,
        table,
        row,
        quantity,
        published,
        mean,
        error,
        known.mark or mark,
        figure_class=known.figure_class,
        reason=known.reason,
        deviation=statistics.stdev(drawn) if len(drawn) > 1 else None,
        draws=None if first_seed is None else len(drawn),
        seeds=None if first_seed is None else f"{first_seed}..{first_seed + len(drawn) - 1}",
        uncertainty=_uncertainty(published, known),
        configuration=known.configuration,
    )


def _uncertainty(published: float | None, known: Standing) -> float | None:
    """Plus or minus, in the unit of the published value; None: it is not known."""
    if published is None or known.uncertainty_percent is None:
        return None if published is None else known.uncertainty
    return abs(published) * known.uncertainty_percent / 100


def summarise(rows: Sequence[PublishedFigure]) -> list[Summary]:
    """A summary for each table, quantity and class that has published figures, and one over all that is predicted."""
    groups: dict[tuple[str, str, str | None], list[PublishedFigure]] = defaultdict(list)
    for row in rows:
        if row.error_percent is not None:
            groups[row.table, row.quantity, class_of(row)].append(row)
    free = [row for row in rows if row.error_percent is not None and class_of(row) == PREDICTED]
    if len(groups) > 1 and free:
        groups["all", PREDICTED, PREDICTED] = free
    return [_summary(*key, chosen) for key, chosen in groups.items()]


def class_of(row: PublishedFigure) -> str | None:
    """The class of a row; one that is marked "fitted" is calibrated."""
    return CALIBRATED if row.figure_class is None and row.mark == "fitted" else row.figure_class


def lost_percent(row: PublishedFigure) -> float | None:
    """By how much the lost share differs, relative to the published one; None where there is none."""
    if row.published is None or row.quantity not in LOSSES or row.published >= 100:
        return None
    return 100 * abs(row.simulated - row.published) / (100 - row.published)


def _summary(table: str, quantity: str, figure_class: str | None, rows: Sequence[PublishedFigure]) -> Summary:
    errors = [row.error_percent for row in rows if row.error_percent is not None]
    logs = [math.log1p(error / 100) for error in errors]
    lost = [share for share in map(lost_percent, rows) if share is not None and table != "all"]
    return Summary(
        table=table,
        quantity=quantity,
        figures=len(errors),
        mean_absolute_error_percent=math.fsum(map(abs, errors)) / len(errors),
        geometric_mean_error_percent=100 * math.expm1(math.fsum(logs) / len(logs)),
        figure_class=figure_class,
        lost_percent=math.fsum(lost) / len(lost) if lost else None,
    )
