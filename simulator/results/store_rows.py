"""A store's points as rows of results: with the columns of `Result.to_frame` that a store does not keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.config.architecture import limits_of
from simulator.core.machine import AnyMachine
from simulator.core.registry import machines
from simulator.hardware.component import Component
from workloads.document_types import Document

if TYPE_CHECKING:
    import pandas as pd


ANY_CYCLE_PS = 1000
"""Parts that decide how many units a machine has do not depend on its clock."""


def as_results(frame: pd.DataFrame) -> pd.DataFrame:
    """The points that ran, with `arch.KEY`, `units.UNIT` and `reason_units.KIND`, which follow from their parameters.

    frame: of a store, columns `machine`, `cycles` and the machines' parameters. Points of machines that are not
    installed stay as they are.
    """
    import pandas as pd

    if "machine" not in frame or "cycles" not in frame:
        return frame
    has_run = frame["cycles"].notna()
    ran = frame if has_run.all() else frame[has_run]  # a copy of a large table is large
    if ran["machine"].nunique(dropna=False) == 1:
        return _complete(str(ran["machine"].iloc[0]), ran).reset_index(drop=True)
    parts = [_complete(str(machine), rows) for machine, rows in ran.groupby("machine", sort=False, dropna=False)]
    return pd.concat(parts).loc[ran.index].reset_index(drop=True) if parts else ran


def _complete(machine: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Points of one machine."""
    import pandas as pd

    known = machines()
    if machine not in known:
        return rows
    part = known[machine]
    keys = [key for key in part.arch_type._fields if key in rows]
    reasons = {f"reason_units.{kind}": "; ".join(names) for kind, names in part.reason_units.items()}
    if not keys:
        return rows.assign(**reasons)
    settings = rows[keys].drop_duplicates()
    numbers = settings.astype(object).where(settings.notna(), None)  # NaN does not equal itself
    records = numbers.itertuples(index=False, name=None)
    units = pd.DataFrame([_units(part, dict(zip(keys, values, strict=True))) for values in records])
    which = rows.groupby(keys, sort=False, dropna=False).ngroup()
    counts = units.iloc[which.to_numpy()].set_axis(rows.index).add_prefix("units.")
    return pd.concat([rows, rows[keys].add_prefix("arch."), counts], axis=1).assign(**reasons)


def _units(part: AnyMachine, values: Document) -> dict[str, int]:
    """How many of each part the machine has; components that may be left out, as a memory, do not decide it.

    Nothing where a damaged or an older store lacks a number of the architecture, or has one that is beyond its limits.
    """
    numbers: dict[str, object] = {}
    for key, limit in limits_of(part).items():
        value = values.get(key)
        if isinstance(limit, Component):
            numbers[key] = None if limit.optional else _part(limit, value)
            if numbers[key] is None and not limit.optional:
                return {}
        elif isinstance(value, int | float) and limit[0] <= value <= limit[1]:  # False for NaN
            numbers[key] = int(value)
        else:
            return {}
    return part.units(part.arch_type(**numbers))


def _part(declared: Component, name: object) -> object:
    """A part of this name; None where there is none."""
    if not isinstance(name, str) or not declared.has(name):
        return None
    return declared.load(name, ANY_CYCLE_PS)
