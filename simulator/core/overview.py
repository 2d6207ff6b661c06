"""A line for each table and quantity of a paper: how far its figures are off, by class."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.core.published import CLASSES, PREDICTED, PublishedFigure, Summary, class_of, summarise

UNCLASSIFIED_NAME = "not classified"
NAMES = (*CLASSES, UNCLASSIFIED_NAME)


class Overview(NamedTuple):
    """One table and quantity; `by_class` has the classes that occur in it, `kept_back` counts rows without a value."""

    table: str
    quantity: str
    by_class: Mapping[str, Summary]
    kept_back: int

    def cells(self) -> list[str]:
        """Figures and mean error of each class; of what is predicted, bias and lost cycles too."""
        free = self.by_class.get(PREDICTED)
        found = [
            "-" if free is None else f"{free.figures}: {free.mean_absolute_error_percent:.1f} %",
            "-" if free is None else f"{free.geometric_mean_error_percent:+.1f} %",
            "-" if free is None or free.lost_percent is None else f"{free.lost_percent:.0f} %",
        ]
        for name in NAMES:
            one = self.by_class.get(name)
            if name != PREDICTED:
                found.append("-" if one is None else f"{one.figures}: {one.mean_absolute_error_percent:.1f} %")
        return [*found, str(self.kept_back or "-")]


COLUMNS = (
    "table",
    "quantity",
    "predicted",
    "bias",
    "lost",
    *(name for name in NAMES if name != PREDICTED),
    "no value",
)
"""Of `lines`: bias and lost cycles are of what is predicted; a class has its figures and their mean error."""


def overview(rows: Sequence[PublishedFigure]) -> list[Overview]:
    """A line for each table and quantity, in order; the last one is over all that is predicted."""
    found: dict[tuple[str, str], dict[str, Summary]] = {(row.table, row.quantity): {} for row in rows}
    for one in summarise(rows):
        if one.table != "all":
            found[one.table, one.quantity][one.figure_class or UNCLASSIFIED_NAME] = one
    kept_back = dict.fromkeys(found, 0)
    for row in rows:
        kept_back[row.table, row.quantity] += row.published is None
    lines = [Overview(*key, by_class, kept_back[key]) for key, by_class in found.items()]
    free = [row for row in rows if class_of(row) == PREDICTED and row.published is not None]
    if len(lines) > 1 and free:
        total = summarise(free)[-1]._replace(lost_percent=None)
        lines.append(Overview("all", PREDICTED, {PREDICTED: total}, sum(kept_back.values())))
    return lines


def lines(rows: Sequence[PublishedFigure]) -> list[list[str]]:
    """The overview as cells under COLUMNS; the columns of classes that do not occur are "-" throughout."""
    return [[one.table, one.quantity, *one.cells()] for one in overview(rows)]


def used_columns(cells: Sequence[Sequence[str]]) -> list[int]:
    """The places of the columns in which some line has more than "-"."""
    return [place for place in range(len(COLUMNS)) if any(line[place] != "-" for line in cells)]


def draws_of(rows: Sequence[PublishedFigure]) -> str:
    """A sentence about draws, seeds and configurations."""
    counts = Counter((row.draws, str(row.seeds)) for row in rows if row.seeds)
    configs = list(dict.fromkeys(row.configuration for row in rows if row.configuration))
    drawn = "; ".join(
        ("" if len(counts) == 1 else f"{count} rows: ")
        + (f"one draw, seed {seeds.partition('.')[0]}" if draws == 1 else f"means of {draws} draws, seeds {seeds}")
        for (draws, seeds), count in counts.items()
    )
    return f"{drawn or 'nothing is drawn'}{'; on ' + ' / '.join(configs) if configs else ''}"
