"""Which columns separate the points of a store: a table without one of them shows rows that look alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workloads.document_types import Cell, Document

MACHINE, CONFIG, WORKLOAD = "machine", "config", "workload"
FINISHED = "finished_at"


def varied_columns(rows: Iterable[Document], axes: Sequence[str], parameters: Sequence[str]) -> list[str]:
    """The axes, then every other parameter in which points of the same configuration and workload differ.

    rows: points as columns by name. axes: what any sweep of the store varies. parameters: all parameters, in order.
    `machine` and `workload` are added where points differ in them, `config` where points of one machine do. A column
    that only some points of a configuration have is one in which they differ. Where points with equal parameters are
    left, as of other sources or other contents of a file, `finished_at` is the last column.
    """
    groups: dict[tuple[Cell, ...], dict[str, set[Cell]]] = {}
    keys: list[tuple[Cell, ...]] = []
    for row in rows:
        values = groups.setdefault(_origin(row), {name: set() for name in parameters})
        for name, known in values.items():
            known.add(row.get(name))
        keys.append(tuple(row.get(name) for name in parameters))
    differ = {name for values in groups.values() for name, known in values.items() if len(known) > 1}
    again = [FINISHED] if len(set(keys)) < len(keys) else []
    others = (name for name in parameters if name in differ)
    return list(dict.fromkeys((*axes, *_named(list(groups)), *others, *again)))


def _origin(row: Document) -> tuple[Cell, ...]:
    return tuple(row.get(name) for name in (MACHINE, CONFIG, WORKLOAD))


def _named(origins: Sequence[tuple[Cell, ...]]) -> list[str]:
    """Which of machine, configuration and workload separate points; those that were never looked up have none."""
    known = [origin for origin in origins if origin[1] is not None]
    machines, workloads = ({origin[place] for origin in known} for place in (0, 2))
    configs = {origin[:2] for origin in known}
    differ = {MACHINE: len(machines) > 1, CONFIG: len(configs) > len(machines), WORKLOAD: len(workloads) > 1}
    return [name for name, several in differ.items() if several]
