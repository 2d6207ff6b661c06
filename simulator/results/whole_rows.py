"""Rows of a store as they were before they became small: parameters and figures by name, checked."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

from simulator.results.stored_json import stored_cells, stored_names, stored_values
from workloads.document_types import Document
from workloads.errors import refuse
from workloads.yaml_files import shorten


class Form(NamedTuple):
    """What many points have in common."""

    parameters: Document
    names: tuple[str, ...]  # of the figures


class WholeRows:
    """Reads the cells of one open store; a form is read when the first point has it."""

    def __init__(self, path: Path, file: sqlite3.Connection):
        self._path, self._file = path, file
        self._forms: dict[object, Form] = {}

    def parameters(self, point: str, form: object, text: object) -> Document:
        """All parameters of a point by name. InputError where they cannot be read."""
        found = stored_cells(self._path, point, "parameters", text)
        return found if form is None else {**self._form(point, form).parameters, **found}

    def figures(self, point: str, form: object, text: object) -> Document:
        """The figures of a point by name, none where it has no results. InputError where they cannot be read."""
        if not text:
            return {}
        if form is None:
            return stored_cells(self._path, point, "results", text)
        return stored_values(self._path, point, self._form(point, form).names, text)

    def _form(self, point: str, number: object) -> Form:
        if number not in self._forms:
            where = "SELECT parameters, names FROM form WHERE number = ?"
            row = self._file.execute(where, (number,)).fetchone()
            if row is None:
                refuse(
                    self._path,
                    f"the form of point {shorten(str(point), 16)} is missing ({shorten(repr(number), 30)})",
                    "what `zeroskip sweep` wrote",
                )
            common = stored_cells(self._path, point, "form", row[0])
            self._forms[number] = Form(common, stored_names(self._path, point, "form", row[1]))
        return self._forms[number]
