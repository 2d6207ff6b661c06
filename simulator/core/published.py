"""Published figures and the simulated ones: rows, errors, summaries."""

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from workloads.document_types import Document


class PublishedFigure(NamedTuple):
    """One figure of a paper; `published` is None where no published value is at hand."""

    paper: str
    table: str
    row: str
    quantity: str
    published: float | None
    simulated: float
    error_percent: float | None
    mark: str  # how the published value is known; "fitted": the model was made to agree with it


class Summary(NamedTuple):
    """How far a table's simulated figures are from the published ones."""

    table: str
    quantity: str
    figures: int
    mean_absolute_error_percent: float
    geometric_mean_error_percent: float  # of simulated / published: the bias that is left when errors cancel


@cache
def read_published(package: str) -> Document:
    """The content of a package's published.yaml: `paper`, and `tables`."""
    found: Document = yaml.safe_load((files(package) / "published.yaml").read_text("utf-8"))
    return found


def compare_figure(
    paper: str, table: str, row: str, quantity: str, published: float | None, simulated: float, mark: str
) -> PublishedFigure:
    """Put the two figures side by side."""
    error = None if published is None else 100 * (simulated / published - 1)
    return PublishedFigure(paper, table, row, quantity, published, simulated, error, mark)


def summarise(rows: Sequence[PublishedFigure]) -> list[Summary]:
    """A summary for each table and quantity that has published figures, and one over all that was not fitted."""
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    free = []
    for row in rows:
        if row.error_percent is not None:
            fitted = row.mark == "fitted"
            groups[row.table, f"{row.quantity}{' (fitted)' if fitted else ''}"].append(row.error_percent)
            free += [] if fitted else [row.error_percent]
    if len(groups) > 1 and free:
        groups["all", "but fitted"] = free
    return [_summary(table, quantity, errors) for (table, quantity), errors in groups.items()]


def _summary(table: str, quantity: str, errors: list[float]) -> Summary:
    logs = [math.log1p(error / 100) for error in errors]
    return Summary(
        table=table,
        quantity=quantity,
        figures=len(errors),
        mean_absolute_error_percent=math.fsum(map(abs, errors)) / len(errors),
        geometric_mean_error_percent=100 * math.expm1(math.fsum(logs) / len(logs)),
    )
