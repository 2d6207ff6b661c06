"""A store's points as rows of results: with the columns of `Result.to_frame` that a store does not keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.config.architecture import limits_of
from simulator.core.machine import AnyMachine
from simulator.core.registry import machines
from simulator.hardware.component import Component
from workloads.document_types import Cell, Document

if TYPE_CHECKING:
    import pandas as pd


def as_results(frame: pd.DataFrame) -> pd.DataFrame:
    """The points that ran, with `arch.KEY`, `units.UNIT` and `reason_units.KIND`, which follow from their parameters.

    frame: of a store, columns `machine`, `cycles` and the machines' parameters. Points of machines that are not
    installed stay as they are.
    """
    import pandas as pd

    if "machine" not in frame or "cycles" not in frame:
        return frame
    ran = frame[frame["cycles"].notna()]
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
    units = {values: _units(part, dict(zip(keys, values, strict=True))) for values in _settings(rows, keys)}
    added: list[Document] = []
    for values in _settings(rows, keys, each=True):
        numbers = {f"arch.{key}": value for key, value in zip(keys, values, strict=True)}
        added.append({**numbers, **{f"units.{unit}": count for unit, count in units[values].items()}})
    reasons = {f"reason_units.{kind}": "; ".join(names) for kind, names in part.reason_units.items()}
    return pd.concat([rows, pd.DataFrame(added, index=rows.index)], axis=1).assign(**reasons)


def _settings(rows: pd.DataFrame, keys: list[str], each: bool = False) -> list[tuple[Cell, ...]]:
    """The parameters that occur, or those of each row; None for one that is missing, as NaN does not equal itself."""
    found = rows[keys].astype(object).where(rows[keys].notna(), None)
    return list((found if each else found.drop_duplicates()).itertuples(index=False, name=None))


def _units(part: AnyMachine, values: Document) -> dict[str, int]:
    """How many of each part the machine has; components, which are given by name, do not decide it.

    Nothing where a damaged store lacks a number of the architecture, or has one that is beyond its limits.
    """
    numbers: dict[str, int | None] = {}
    for key, limit in limits_of(part).items():
        value = values.get(key)
        if isinstance(limit, Component):
            numbers[key] = None
        elif isinstance(value, int | float) and limit[0] <= value <= limit[1]:  # False for NaN
            numbers[key] = int(value)
        else:
            return {}
    return part.units(part.arch_type(**numbers))
