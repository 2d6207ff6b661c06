"""Names for the rows of a frame of results, and a choice of rows where there are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.results.fit import with_fits

if TYPE_CHECKING:
    import pandas as pd

MOST_SERIES = 8
"""Lines of a picture."""
ASKED = (
    "density", "seed", "scale", "granularity", "input", "sample", "steps", "prune", "engine", "clock_mhz", "node_nm",
)  # fmt: skip
"""Settings of a point that can differ where the machine and the layer are the same."""


def layer_of(frame: pd.DataFrame) -> pd.Series:
    """The layer of each row: `layer` of a network's rows, else `workload`."""
    if "layer" not in frame or frame["layer"].isna().all():
        return frame["workload"].astype(str)
    return frame["layer"].fillna(frame["workload"]).astype(str)


def machine_of(frame: pd.DataFrame) -> pd.Series:
    """The machine of each row: its `name` in a comparison, else its configuration."""
    if "name" not in frame:
        return frame["config"].astype(str)
    return frame["name"].fillna(frame["config"]).astype(str)


def energy_of(frame: pd.DataFrame) -> pd.Series:
    """The energy of each row in uJ: `energy_uj`, or `energy_pj.total`."""
    return frame["energy_uj"] if "energy_uj" in frame else frame["energy_pj.total"] / 1e6


def differing(frame: pd.DataFrame, without: tuple[str, ...] = ()) -> list[str]:
    """Columns of the configuration, but `without`, in which machines of the same name differ."""
    chosen = [column for column in map(str, frame.columns) if column.startswith("arch.") or column == "clock_mhz"]
    groups = frame.groupby(machine_of(frame))
    return [column for column in chosen if column not in without and groups[column].nunique().max() > 1]


def _describe(values: pd.Series, column: str) -> pd.Series:
    """`KEY=VALUE` for each row of a column."""
    key = column.removeprefix("arch.")
    return values.map(lambda value: f"{key}={value:g}" if isinstance(value, int | float) else f"{key}={value}")


def labels(frame: pd.DataFrame, without: tuple[str, ...] = ()) -> pd.Series:
    """A name for each row: its layer, its machine, and the machine's numbers but `without`, where rows differ in them.

    Where rows differ in none of these, the name is the layer.
    """
    parts = [layer_of(frame), machine_of(frame), *(_describe(frame[key], key) for key in differing(frame, without))]
    varied = [part for part in parts if part.nunique() > 1] or parts[:1]
    found = varied[0].copy()
    for part in varied[1:]:
        found = found + ", " + part
    return found


def full_names(frame: pd.DataFrame) -> pd.Series:
    """A name for each row: that of `labels`, with what else rows of one name differ in.

    First the measured densities, then what was asked for: see `asked_for`.
    """
    names = labels(frame)
    for column, what in (("weight_density", "weights"), ("activation_density", "activations")):
        if _separates(frame, column, names):
            names = names + frame[column].map(lambda share: f", {100 * share:.3g} %") + f" of {what}"
    for column in asked_for(frame):
        if _separates(frame, column, names):
            known = frame[column].notna()
            names = names.where(~known, names + ", " + _describe(frame[column], column))
    return names


def asked_for(frame: pd.DataFrame) -> list[str]:
    """Columns of what a sweep can ask for: those of ASKED, and the axes of a store, which are before all others."""
    columns = [str(column) for column in frame]
    origins = [columns.index(name) for name in ("machine", "config", "workload") if name in columns]
    axes = columns[: min(origins, default=0)]
    return list(dict.fromkeys(name for name in (*ASKED, *axes) if name in frame and name not in ("layer", "name")))


def _separates(frame: pd.DataFrame, column: str, names: pd.Series) -> bool:
    """Whether rows of one name differ in a column, a missing value being one."""
    if column not in frame or not names.duplicated().any():
        return False
    return bool(frame[column].groupby(names).nunique(dropna=False).max() > 1)


def bar_names(frame: pd.DataFrame) -> pd.Series:
    """A name for each row, see `full_names`; a row that does not fit its machine says so."""
    return full_names(frame) + with_fits(frame)["fits"].map({True: "", False: " (does not fit)"})


def largest(frame: pd.DataFrame, by: str, most: int) -> tuple[pd.DataFrame, str]:
    """The `most` rows with the largest value in column `by`, in the frame's order.

    Also returns a sentence, which is empty where no row is left out.
    """
    if len(frame) <= most:
        return frame, ""
    kept = frame.loc[frame[by].nlargest(most).index.sort_values()]
    return kept, f"the {most} largest of {len(frame):,} results"
