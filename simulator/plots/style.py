"""The look of all pictures: colours, sizes, labels at the ends of lines, notes about what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple

from simulator.results.text import counted, fixed, without_controls
from workloads.errors import refuse
from workloads.whole_files import write_whole

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
"""Distinct for colour-blind readers, and in print (Okabe and Ito)."""
OTHER = "#999999"
"""The colour of everything beyond COLOURS."""
HEAT = "cividis"
"""A colour map of even steps, for colour-blind readers and in grey too."""
SMALL = 8.5
"""The smallest text, in points: readable where the picture is printed in full size."""
LOOK: Any = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
}
DOTS_PER_INCH, SCREEN_DOTS_PER_INCH = 150, 90
MOST_NAMES = 16
"""Points with a name."""
NAME_WIDTH, NAME_HEIGHT = 0.22, 0.035
"""Assumed size of a name, as shares of the axes."""


class Label(NamedTuple):
    """A name for the end of a line."""

    text: str
    y: float  # of the line's last point
    colour: str


class Shown(NamedTuple):
    """A picture that a notebook displays."""

    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return "<picture>"


def panels(rows: int, columns: int, width: float, height: float, share: bool = False) -> list[list[Axes]]:
    """Axes in `rows` and `columns` on a new figure of `width` x `height` inches. share: use the same scales on all."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(width, height), layout="constrained")
        drawn = figure.subplots(rows, columns, squeeze=False, sharex=share, sharey=share)
    return [list(line) for line in drawn]


def one(width: float, height: float) -> Axes:
    """Axes on a new figure of `width` x `height` inches."""
    return panels(1, 1, width, height)[0][0]


def figure_of(axes: Axes) -> Figure:
    """The figure that axes belong to; TypeError where it is no `Figure`, as for a subfigure."""
    from matplotlib.figure import Figure

    figure = axes.figure
    if not isinstance(figure, Figure):
        raise TypeError("the axes do not belong to a Figure")
    return figure


def colour(number: int) -> str:
    """The colour of the `number`-th item, from 0; OTHER after the last colour."""
    return COLOURS[number] if number < len(COLOURS) else OTHER


def grid(axes: Axes, axis: str) -> None:
    """Draw thin grid lines. axis: x, y or both."""
    axes.grid(True, axis=axis, color="0.9", linewidth=0.6)  # type: ignore[arg-type]


def number(value: float) -> str:
    """A number as text: three significant digits, or the digits before the point, at most six, from 1000 on."""
    return fixed(value, 0) if value >= 1000 else f"{value:.3g}"


def name(axes: Axes, title: str, size: float = 11) -> None:
    """Write a title above the left end of the axes. size: in points."""
    axes.set_title(title, loc="left", fontsize=size)


def logarithmic(axes: Axes, which: str) -> None:
    """Make the axis `which`, x or y, logarithmic, with plain numbers as ticks, not powers. Call it after drawing."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    axis = axes.xaxis if which == "x" else axes.yaxis
    most = float(axis.get_data_interval()[1])
    if getattr(axes, f"get_autoscale{which}_on")() and 1e280 < most < float("inf"):  # a margin would be no number
        axes.set(**{f"{which}lim": (float(axis.get_minpos()) / 2, most)})
    axes.set(**{f"{which}scale": "log"})
    low, high = map(float, axis.get_view_interval())
    powers = LogLocator(subs=(1, 2, 5) if high < 200 * low else (1,))
    axis.set_major_locator(MaxNLocator(5) if high < 5 * low else powers)
    axis.set_major_formatter("{x:,g}")
    axis.set_minor_formatter(NullFormatter())


def of_pes(axes: Axes, pes: int) -> None:
    """Make the y axis that of PEs, the first on top, with whole numbers as ticks."""
    from matplotlib.ticker import MaxNLocator

    axes.set_ylim(pes, 0)
    axes.yaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
    axes.set_ylabel("PE")


def note(axes: Axes, sentences: Sequence[str]) -> None:
    """Write the sentences that are not empty below the picture: what it leaves out or adds up."""
    text = "; ".join(sentence for sentence in sentences if sentence)
    if text:
        figure_of(axes).supxlabel(text, x=0.01, ha="left", fontsize=SMALL, color="0.35")


def hollow(axes: Axes, x: pd.Series, y: pd.Series, colour: str, size: float) -> None:
    """Make the markers of points hollow: what they show does not fit its machine. size: in points."""
    if len(x):
        axes.plot(x, y, "o", color=colour, markerfacecolor="white", markersize=size, zorder=4)


def misfits(count: int) -> str:
    """A sentence about hollow markers; an empty string for none."""
    found = counted(count, "result that does not fit its machine", "results that do not fit their machine")
    return f"hollow: {found}" if count else ""


def label_ends(axes: Axes, labels: Sequence[Label], gap: float = 0.055) -> None:
    """Write names to the right of the axes, each at the height of its line.

    gap: the least distance of two names, as a share of the axes' height. Limits and scales of the axes must be final.
    """
    if not labels:
        return
    axes.autoscale_view()
    low, high = axes.transAxes.transform((0, 0))[1], axes.transAxes.transform((0, 1))[1]
    heights = [(axes.transData.transform((1, label.y))[1] - low) / (high - low) for label in labels]
    order = sorted(range(len(labels)), key=lambda i: heights[i])
    placed: list[float] = []
    for i in order:
        placed.append(max(heights[i], placed[-1] + gap) if placed else heights[i])
    excess = max(0.0, placed[-1] - 1.0)
    for i, height in zip(order, placed, strict=True):
        place = (1.01, height - excess)
        text = labels[i].text
        axes.annotate(text, place, xycoords="axes fraction", color=labels[i].colour, va="center", fontsize=9)


def name_points(axes: Axes, points: Sequence[tuple[float, float, str]], below: bool = False) -> None:
    """Write names above or below points (x, y, name), except where a name would cover another one.

    At most MOST_NAMES points are named, in order. Limits and scales of the axes must be final.
    """
    named: list[tuple[float, float]] = []
    for x, y, text in points:
        across, up = axes.transAxes.inverted().transform(axes.transData.transform((x, y)))
        near = any(abs(across - a) < NAME_WIDTH and abs(up - b) < NAME_HEIGHT for a, b in named)
        if len(named) < MOST_NAMES and not near:
            side, shift = ("left", 5) if across < 0.85 else ("right", -5)
            axes.annotate(
                text, (x, y), (shift, -11 if below else 4), textcoords="offset points", ha=side, fontsize=SMALL
            )
            named.append((across, up))


def legend(
    axes: Axes, place: Literal["outside right upper", "outside upper right", "outside lower center"], columns: int = 1
) -> None:
    """Write the names of the colours outside the panels, for pictures whose lines or bars have no labels."""
    handles, names = axes.get_legend_handles_labels()
    figure_of(axes).legend(handles, names, loc=place, ncols=columns, frameon=False, fontsize=9)


def save(axes: Axes | list[Axes], path: Path) -> None:
    """Write the picture of the axes to a file; its ending decides the format. The same axes give the same bytes.

    The file is there whole or not at all. InputError where the system refuses to write it, or where its
    numbers cannot be drawn.
    TypeError where the axes belong to no `Figure`, see `figure_of`.
    """
    figure = figure_of(axes[0] if isinstance(axes, list) else axes)
    dates = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix)
    written = BytesIO()  # matplotlib's PDF writer fails in its own way where the disk is full
    write_figure(figure, written, format=path.suffix[1:], dpi=DOTS_PER_INCH, metadata=dates)
    write_whole(path, written.getvalue())


def write_figure(figure: Figure, target: Path | IO[Any], salt: str = "zeroskip", **options: Any) -> None:
    """Write a figure whose texts are drawn as they are: a name with `$` in it is no formula.

    salt: of the ids in an SVG; options: of `Figure.savefig`. OSError where the system refuses to write, InputError
    where the numbers cannot be drawn.
    """
    import matplotlib
    import numpy as np

    with (
        matplotlib.rc_context({"svg.hashsalt": salt, "svg.fonttype": "path", "text.parse_math": False}),
        np.errstate(all="ignore"),  # of ticks beyond the largest number, and of none
    ):
        try:
            _take_texts_as_they_are(figure)
            figure.savefig(target, **options)
        except (ArithmeticError, TypeError) as error:  # of ticks between infinite numbers, integers beyond 64 bits
            refuse("picture", f"its numbers cannot be drawn ({error})", "finite numbers")


def _take_texts_as_they_are(figure: Figure) -> None:
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
        text.set_text(without_controls(text.get_text()))
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        names = [label.get_text() for label in axis.get_majorticklabels()]
        plain = [without_controls(name) for name in names]
        if plain != names:
            axis.set_ticks(axis.get_majorticklocs(), plain)


def show(axes: Axes | list[Axes]) -> Shown:
    """The picture of the axes for a notebook, as the last expression of a cell.

    TypeError where the axes belong to no `Figure`, see `figure_of`.
    """
    return Shown(png(figure_of(axes[0] if isinstance(axes, list) else axes)))


def png(figure: Figure) -> bytes:
    """The picture as a notebook shows it, even where nothing has imported pyplot. InputError as in `write_figure`."""
    written = BytesIO()
    write_figure(figure, written, format="png", dpi=SCREEN_DOTS_PER_INCH)
    return written.getvalue()
