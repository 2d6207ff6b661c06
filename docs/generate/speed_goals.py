"""What the measured times are to be, which of these goals are reached, and what limits the others."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from docs.generate.markdown import table

Figure = dict[str, Any]

HEAD = """## Goals

Of each goal, the worst of its figures on this page. The reason of a goal that is missed was found by profiling.

"""
IMPORTS = (
    "imports: a layer of any kind loads the tables of all kinds and sources; the simulator's own modules take most of "
    "it, the command line's libraries (typer, rich, pydantic, YAML) the rest"
)
SERVED = "the bank of every product is looked at, which takes three times the kernel; the layout takes once the kernel"


class Goal(NamedTuple):
    """A limit of all figures whose description matches a pattern."""

    task: str
    pattern: str
    measure: Callable[[Figure], float]
    limit: float
    unit: str
    limited_by: str
    """Why it is missed; empty where it is reached."""
    least: bool = False
    """Whether a figure is to be at least the limit, not at most."""

    def row(self, figures: Sequence[Figure]) -> tuple[str, ...] | None:
        """Task, figure, goal, outcome; None where nothing of it was measured."""
        found = [self.measure(one) for one in figures if fnmatchcase(one["what"], self.pattern)]
        if not found:
            return None
        worst = min(found) if self.least else max(found)
        reached = worst >= self.limit if self.least else worst <= self.limit
        if reached == bool(self.limited_by):
            raise ValueError(f"{self.task}: {worst:.4g} with a goal of {self.limit:g}: does its reason still hold?")
        sign = "at least" if self.least else "at most"
        outcome = "reached" if reached else f"missed: {self.limited_by}"
        return self.task, f"{worst:,.4g}{self.unit}", f"{sign} {self.limit:,g}{self.unit}", outcome


def _seconds(one: Figure) -> float:
    return float(one["seconds"])


def _ratio(one: Figure) -> float:
    return float(one["ratio"])


def _lines(one: Figure) -> float:
    """Seconds of 100 million lines."""
    return 1e8 * float(one["seconds"]) / int(one["units"])


def _points(one: Figure) -> float:
    """Points of a second; the description begins with their number."""
    return float(one["what"].split()[0].replace(",", "")) / float(one["seconds"])


def _microseconds(one: Figure) -> float:
    return 1e6 / _points(one)


GOALS = (
    Goal("a run of EIE, over loading Python's libraries", "*eie alexnet-fc7`", _ratio, 1.2, " x", IMPORTS),
    Goal("a run of EIE, the first time", "*the first time*", _seconds, 5, " s", ""),
    Goal("a run of EIE on VGG-16's fc6", "*eie vgg16-fc6`", _seconds, 0.7, " s", IMPORTS),
    Goal("SCNN on VGG-16, over the kernel", "SCNN, the 13*apart", _ratio, 3, " x", SERVED),
    Goal("SCNN on VGG-16's conv5_3", "SCNN, vgg16-conv5_3*", _seconds, 0.12, " s", ""),
    Goal(
        *("100 million lines of DRAM in sequence", "* M consecutive lines", _lines, 4, " s"),
        "the slowest is HBM3E: more of its lines than of others are served one by one, as activates of its short rows "
        "come between them",
    ),
    Goal(
        *("100 million random lines of DRAM", "* random lines", _lines, 25, " s"),
        "the slowest is DDR4: each command moves the limits of two ranks with 32 banks",
    ),
    Goal("the layout of AlexNet's fc6 on 4,096 PEs", "alexnet-fc6 on *", _seconds, 0.4, " s", ""),
    Goal(
        *("small EIE points a second", "*points of 64 x 64", _points, 2500, ""),
        "the start of client and worker, and prices, totals, identity and store of each point, none of which takes "
        "most of the time",
        least=True,
    ),
    Goal("the sweep's client for a point", "*the client alone", _microseconds, 80, " us", ""),
    Goal(
        *("ESE with its output, over the kernel", "ESE, *with output", _ratio, 1.3, " x"),
        "the output alone takes as long as the kernel, for it is the same sum",
    ),
    Goal(
        *("ESE's timing, over the kernel", "ESE, *alone", _ratio, 0.7, " x"),
        "deliveries from DRAM, slot by slot, and Python between them",
    ),
)
"""In the order of the page."""


def goals(figures: Sequence[Figure]) -> str:
    """The section of the page."""
    rows = [row for goal in GOALS if (row := goal.row(figures)) is not None]
    return HEAD + table(("what", "measured", "goal", "outcome"), rows, ("measured", "goal")) + "\n"
