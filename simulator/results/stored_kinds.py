"""Whether a column of a store holds numbers, texts or truths, which SQLite answers without a row being made."""

import json
from sqlite3 import Connection

from simulator.results.condition_kinds import NUMBER, TEXT, TRUTH, Kinds
from simulator.results.store_form import form_column

JSON_KINDS = {"integer": NUMBER, "real": NUMBER, "text": TEXT, "true": TRUTH, "false": TRUTH}
PLACES = """
SELECT number, json_type(parameters, ?), (SELECT max(key) FROM json_each(names) WHERE value = ?) FROM form
"""
"""Of each form, the kind of its parameter of this name, and which of its figures has the name."""
KINDS = """
WITH place (number, kind, path) AS
    (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?))
SELECT DISTINCT coalesce(json_type(parameters, ?), place.kind, json_type(results, coalesce(place.path, ?)))
FROM point LEFT JOIN place ON place.number = {form}
"""


def column_kinds(file: Connection, name: str) -> Kinds:
    """The kinds of a parameter's or a figure's values at all points of a store; none where it has no values."""
    form, path = form_column(file), f'$."{name}"'
    places = [] if form == "NULL" else file.execute(PLACES, (path, name)).fetchall()
    known = [(number, kind, None if place is None else f"$[{place}]") for number, kind, place in places]
    found = file.execute(KINDS.format(form=form), (json.dumps(known), path, path)).fetchall()
    return frozenset(JSON_KINDS[kind] for (kind,) in found if kind in JSON_KINDS)
