"""How rows become small: what many points have in common is written once, as a form."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from simulator.results.stored_json import stored_cells, stored_names
from workloads.document_types import Cell, Fields

encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
FORMED = ("machine", "config", "workload")
"""Points with other values of these get another form, as most of their parameters differ."""
FormKey = tuple[tuple[str, ...], tuple[str, ...], tuple[Cell, ...]]


class Record(NamedTuple):
    """A point that was run, or that failed."""

    id: str
    parameters: Fields
    results: str | None  # JSON: the values of the figures
    names: tuple[str, ...]  # of the figures, as many
    layers: str | None  # JSON
    error: str | None
    code: str
    configuration: str
    elapsed_s: float


class Compact(NamedTuple):
    """The cells of a row that depend on its form."""

    parameters: str
    form: int | None


class Forms:
    """The forms of a store that is written."""

    def __init__(self, path: Path, file: sqlite3.Connection):
        self._path, self._file = path, file
        self._known: dict[FormKey, tuple[int, Fields]] | None = None

    def read(self) -> dict[FormKey, tuple[int, Fields]]:
        """The forms that are there, by what points have in common. InputError where one is damaged."""
        if self._known is None:
            found: dict[FormKey, tuple[int, Fields]] = {}
            for number, parameters, names in self._file.execute("SELECT number, parameters, names FROM form"):
                common = stored_cells(self._path, number, "parameters", parameters)
                found[_key(stored_names(self._path, number, "names", names), common)] = number, common
            self._known = found
        return self._known

    def compact(self, record: Record) -> Compact:
        """The parameters of a record as they are stored; a new form is written. In a transaction of the caller."""
        if record.results is None:
            return Compact(encode(record.parameters), None)
        number, common = self._find(record)
        return Compact(encode(differences(record.parameters, common)), number)

    def _find(self, record: Record) -> tuple[int, Fields]:
        known, key = self.read(), _key(record.names, record.parameters)
        if key not in known:
            values = encode(record.parameters), encode(record.names)
            number = self._file.execute("INSERT INTO form (parameters, names) VALUES (?, ?)", values).lastrowid or 0
            known[key] = number, record.parameters
        return known[key]


def differences(parameters: Fields, common: Fields) -> Fields:
    """The parameters whose value, or its type, is another one than in `common`, which has the same names."""
    return {
        name: value
        for name, value in parameters.items()
        if value != (other := common[name]) or type(value) is not type(other)
    }


def _key(names: Sequence[str], parameters: Fields) -> FormKey:
    return tuple(names), tuple(parameters), tuple(parameters.get(name) for name in FORMED)
