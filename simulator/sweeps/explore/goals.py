"""What a search is after: figures to minimise or to maximise, within limits."""

import math
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from simulator.results.conditions import check_column
from simulator.results.fit import FITS
from simulator.results.pareto_points import AREA, Objectives, is_number
from simulator.sweeps.axes import shown
from simulator.sweeps.explore.limits import Limit, parse_limits
from workloads.document_types import Document
from workloads.errors import refuse

MOST_OBJECTIVES, MOST_NAMES = 4, 100
"""Of a search, and as given, empty ones among them."""
REFUSED, MISFIT, BEYOND = "refused", "does not fit", "beyond"
"""Why a point takes no part: the machine refuses it, a capacity is exceeded, a limit is."""


class Verdict(NamedTuple):
    """What a search makes of a point. costs: of the objectives, less is better; empty where the point takes no part."""

    costs: tuple[float, ...]
    excess: float = 0.0  # how far the point is from taking part; 0 where it does
    why: str | None = None


class Goals(NamedTuple):
    """Objectives and constraints."""

    objectives: Objectives
    limits: tuple[Limit, ...]
    fits: bool

    @property
    def limited(self) -> tuple[str, ...]:
        """Figures that only limits name; calculations are left out."""
        named = (one.left for one in self.limits if one.left.isidentifier())
        return tuple(dict.fromkeys(name for name in named if name not in self.objectives.names))

    @property
    def uses_area(self) -> bool:
        """Whether an objective or a limit is the area, or is computed from it."""
        return any(AREA in name for name in (*self.objectives.names, *(one.left for one in self.limits)))

    def judge(self, row: Document) -> Verdict:
        """The verdict on a row of a store. InputError where the row has figures, and an objective is none of them."""
        if row.get("error") is not None:
            return Verdict((), math.inf, f"{REFUSED}: {row['error']}")
        for name in self.objectives.names:
            _check_figure(name, row)
        over = {one.text: one.excess(row, row) for one in self.limits}
        beyond = [text for text, excess in over.items() if excess]
        if self.fits and not row[FITS]:
            return Verdict((), 1.0 + sum(over.values()), f"{MISFIT}: {row.get('violations', '')}")
        if beyond:
            return Verdict((), sum(over.values()), f"{BEYOND} {' and '.join(beyond)}")
        return Verdict(tuple(map(float, self.objectives.costs(row))))


def make_goals(minimise: Any, maximise: Any, limits: Any, fits: bool) -> Goals:
    """Objectives and limits, checked. InputError where there is no objective, one is there twice, or are too many."""
    less, more = _names("minimise", minimise), _names("maximise", maximise)
    count = len(less) + len(more)
    if not count:
        refuse("explore", "no objective is given", "figures to minimise or to maximise, such as time_us,energy_uj")
    if len({*less, *more}) < count:
        refuse("explore", f"an objective is given twice among {', '.join((*less, *more))}", "each once")
    if count > MOST_OBJECTIVES:
        refuse("explore", f"{count} objectives are given", f"at most {MOST_OBJECTIVES}")
    return Goals(Objectives(less, more), parse_limits(limits), fits)


def costs_of(verdicts: Iterable[Verdict], count: int) -> np.ndarray:
    """The costs of points, float64 [points, objectives]; infinite where a point takes no part."""
    none = (math.inf,) * count
    return np.array([one.costs or none for one in verdicts], np.float64).reshape(-1, count)


def _names(argument: str, given: Any) -> tuple[str, ...]:
    """Names out of `A,B` or a list of them."""
    listed = given.split(",") if isinstance(given, str) else given
    names: list[Any] = list(islice(listed, MOST_NAMES + 1)) if isinstance(listed, Iterable) else [None]
    if not all(isinstance(name, str) for name in names) or len(names) > MOST_NAMES:
        refuse("explore", f"{argument} is {shown(given)}", f"names of figures, at most {MOST_NAMES}")
    return tuple(name.strip() for name in names if name.strip())


def _check_figure(name: str, row: Document) -> None:
    """InputError where a point that ran has no finite number of this name."""
    if name not in row and name == AREA:
        refuse("explore", f"a point has no {name}, as its configuration gives no area", "other figures")
    if not is_number(row.get(name)):
        check_column("explore", name, [key for key, value in row.items() if is_number(value)])
    if not math.isfinite(row[name]):
        refuse("explore", f"{name} is {row[name]} at a point", "a figure that is finite at all points")
