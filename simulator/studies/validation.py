"""The published figures of a paper and the simulated ones: what `validate` gives, in Python and on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from simulator.core.published import PublishedFigure, summarise
from simulator.core.registry import find_paper
from workloads.errors import refuse
from workloads.path_texts import path_text

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from matplotlib.figure import Figure

OTHERS = ("energy", "dram", "scaling")
"""In place of a machine: figures of energy over all machines, of DRAM, and of scaling to other nodes."""
NOT_DRAWN = ("dram", "scaling")
MOST_DRAWS = 30


class Validation(NamedTuple):
    """Published figures, each with the simulated one, its error and its class."""

    what: str
    rows: tuple[PublishedFigure, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row for each figure, as `validate --csv` prints it."""
        import pandas as pd

        return pd.DataFrame(self.rows).astype({"draws": "Int64"})

    def summary(self) -> pd.DataFrame:
        """A row for each table, quantity and class: figures, mean absolute error, bias, error of what is lost."""
        import pandas as pd

        return pd.DataFrame(summarise(self.rows))

    def plot(self, kind: str = "published") -> Figure:
        """A picture: `published` (curves with the published points) or `errors`. InputError for another kind."""
        from simulator.display.pictures import draw
        from simulator.results.files import StoredFile

        return draw(StoredFile(Path(self.what), "rows", self.to_frame()), kind)


def validate(
    machine: str, *, seed: int | None = None, draws: int | None = None, data: str | PathLike[str] | None = None
) -> Validation:
    """Simulate the published figures of a machine's paper, or those of `energy`, `dram` or `scaling`.

    >>> found = validate("scaling")
    >>> found.rows[0].table, round(found.rows[0].published, 3), round(found.rows[0].simulated, 3)
    ('Table V, 28 nm', 0.667, 0.42)

    seed: of the first draw of the layers (default 0). draws: layers are drawn this often, at most 30, and figures are
    means (default: the machine's). data: the path of real data, EIE's FC8 or Eyeriss v2's masks, compared with
    others' simulators. InputError where the machine has no published figures, or an argument does not fit.
    """
    if not isinstance(machine, str):
        refuse("validate", f"machine is of type {type(machine).__name__}", "the name of a machine")
    for name, value, least, most in (("seed", seed, 0, 2**63 - MOST_DRAWS), ("draws", draws, 1, MOST_DRAWS)):
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            refuse("validate", f"{name} is {value!r:.60}", f"an integer from {least} to {most}")
        if data is not None or machine in NOT_DRAWN:
            refuse("validate", f"{name} is {value} where nothing is drawn", "none")
    file = None if data is None else Path(path_text("validate: data", data, "the path of a file"))
    return Validation(machine, tuple(published_figures(machine, seed or 0, draws, file)))


def published_figures(machine: str, seed: int, draws: int | None, data: Path | None) -> Iterable[PublishedFigure]:
    """The rows that are asked for. InputError where there are none of that name, or the data are of no use."""
    from simulator.studies import dram_figures, energy_figures, scaling_figures

    if data is not None and (machine in OTHERS or find_paper(machine).of_data is None):
        refuse("--data", f"it is {str(data)!r:.60} with {machine}", "a machine whose authors published data, as eie")
    if machine == "dram":
        return dram_figures.rows()
    if machine == "scaling":
        return scaling_figures.rows()
    if machine == "energy":
        return energy_figures.rows(seed, draws or energy_figures.DRAWS)
    paper = find_paper(machine)
    if data is not None and paper.of_data is not None:
        return paper.of_data(data)
    return paper.figures(seed, draws or paper.draws)
