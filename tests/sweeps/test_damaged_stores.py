"""Stores that are valid SQLite with damaged contents: a sentence, or an answer, from every command that reads them."""

import json
import shutil
import sqlite3
import time
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from simulator.cli.commands import app
from workloads.errors import InputError
from zeroskip import sweep

COMMANDS = (
    ["results"],
    ["results", "--layers"],
    ["results", "--by", "pes"],
    ["results", "--where", "cycles > 5"],
    ["results", "--csv"],
    ["results", "--json"],
    ["pareto", "--minimise", "cycles,energy_uj"],
    ["report", "-o", "page.html"],
    ["plot", "energy", "-o", "picture.png"],
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
CELLS = [("point", "parameters"), ("point", "results"), ("form", "parameters"), ("form", "names")]


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("stores") / "good.db"
    sweep("eie", "alexnet-fc8", {"pes": [1, 2], "scale": [0.02]}, store=path)
    return path


def run(path, command, folder):
    """The exit code and what was printed; the only exception is that of a sentence."""
    words = [str(folder / word) if word.endswith((".html", ".png")) else word for word in command]
    done = CliRunner().invoke(app, [words[0], str(path), *words[1:]])
    assert done.exception is None or isinstance(done.exception, InputError | SystemExit), (command, done.exc_info)
    return done


def damaged(good, folder, statement, *values):
    path = folder / "damaged.db"
    shutil.copy(good, path)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(statement, values)
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE point SET results = '{'", ()),
        ("UPDATE point SET results = '[1]'", ()),
        ("UPDATE point SET parameters = 'null'", ()),
        ("UPDATE point SET results = ?", ('{"cycles": {"a": 1}}',)),
        ("UPDATE point SET results = ?", ('{"cycles": "many", "time_us": null}',)),
        ("UPDATE point SET results = ?", ("9" * 5000,)),
        ("UPDATE point SET results = ?", ("[" * 100_000,)),
        ("UPDATE point SET layers = 'x'", ()),
        ("UPDATE point SET layers = '[1]'", ()),
        ("UPDATE point SET parameters = x'ff00ff'", ()),
        ("UPDATE point SET parameters = cast(x'ff00ff' AS TEXT)", ()),
        ("UPDATE point SET error = 5, results = NULL", ()),
        ("UPDATE point SET results = NULL", ()),
        ("UPDATE point SET elapsed_s = 'long', finished_at = 3", ()),
        ("UPDATE point SET parameters = json_remove(parameters, '$.pes')", ()),
        ("UPDATE point SET parameters = json_set(parameters, '$.scan_fill', json('null')) WHERE seed IS NOT 3", ()),
        ("UPDATE point SET parameters = json_set(parameters, '$.pes', -5, '$.scan_fill', 1e308)", ()),
        ("UPDATE point SET parameters = json_set(parameters, '$.machine', json('null'))", ()),
        ("DELETE FROM point", ()),
        ("DELETE FROM name", ()),
        ("UPDATE OR REPLACE name SET name = x'00ff'", ()),
        ("DROP TABLE name", ()),
        ("ALTER TABLE point DROP COLUMN code", ()),
        ("UPDATE point SET results = '[]'", ()),
        ("UPDATE point SET results = json_set(results, '$[5]', json('{}'))", ()),
        ("UPDATE point SET results = json_set(results, '$[5]', json('null'), '$[6]', 'x', '$[0]', 1e300)", ()),
        ("UPDATE point SET results = ?", (f"[{'9' * 400}]",)),
        ("UPDATE point SET results = '[Infinity' || substr(results, instr(results, ','))", ()),
        ("UPDATE point SET results = '[NaN' || substr(results, instr(results, ','))", ()),
        ("UPDATE point SET form = NULL", ()),
        ("UPDATE point SET form = 77", ()),
        ("UPDATE point SET form = 'x'", ()),
        ("UPDATE point SET form = x'00ff'", ()),
        ("DELETE FROM form", ()),
        ("DROP TABLE form", ()),
        ("DROP TABLE claim", ()),
        ("UPDATE form SET names = '{'", ()),
        ("UPDATE form SET names = '[]'", ()),
        ("UPDATE form SET names = 5", ()),
        ("UPDATE form SET names = x'ff00ff'", ()),
        ("UPDATE form SET names = json_set(names, '$[0]', 3)", ()),
        ("UPDATE form SET names = json_set(names, '$[0]', json_extract(names, '$[1]'))", ()),
        ("UPDATE form SET parameters = '[1]'", ()),
        ("UPDATE form SET parameters = json_set(parameters, '$.clock_mhz', json('[]'))", ()),
        ("UPDATE form SET parameters = json_remove(parameters, '$.machine')", ()),
    ],
    ids=lambda one: one[:50] if isinstance(one, str) else "",
)
def test_each_command_says_what_is_wrong_or_answers(good, statement, values, command, tmp_path):
    run(damaged(good, tmp_path, statement, *values), command, tmp_path)


def go_on(path):
    return sweep("eie", "alexnet-fc8", {"pes": [1, 2, 4], "scale": [0.02]}, store=path, jobs=1)


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE form SET parameters = '['", "the parameters of form 1 cannot be read"),
        ("UPDATE form SET parameters = '[1]'", "the parameters of form 1 cannot be read"),
        ("UPDATE form SET names = '7'", "the names of form 1 cannot be read"),
        ("UPDATE form SET names = '{}'", "the names of form 1 cannot be read"),
        ("UPDATE form SET names = '[[1]]'", "the names of form 1 cannot be read"),
        ("UPDATE form SET parameters = cast(x'ff00ff' AS TEXT)", "Could not decode to UTF-8"),
        ("DROP TABLE form", "no such table"),
        ("DROP TABLE claim", "no such table"),
        ("DROP TABLE sweep", "no such table"),
    ],
)
def test_a_sweep_that_goes_on_in_a_damaged_store_says_so(good, statement, complaint, tmp_path):
    with pytest.raises(InputError, match=complaint) as caught:
        go_on(damaged(good, tmp_path, statement))
    assert "; expected " in str(caught.value)


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("INSERT INTO claim VALUES (9, 9, 'x')", ()),
        ("INSERT INTO sweep VALUES (7, 'a b 1 1', 1e300)", ()),
        ("INSERT INTO sweep VALUES (8, x'ff', 'seen')", ()),
        ("INSERT INTO sweep VALUES (8, ?, 'seen')", ("a b 1 1",)),
        ("UPDATE point SET form = 77", ()),
    ],
)
def test_what_no_sweep_wrote_about_sweeps_keeps_none_from_its_points(good, statement, values, tmp_path):
    done = go_on(damaged(good, tmp_path, statement, *values))
    assert (done.points, done.known, done.run) == (3, 2, 1)


def test_claims_that_are_no_texts_are_of_no_point(good, tmp_path):
    path = damaged(good, tmp_path, "INSERT INTO sweep VALUES (8, 'elsewhere x 1 1', ?)", time.time())
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("INSERT INTO claim VALUES (10, 8, x'00ff')")
    assert go_on(path).run == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_json_in_any_cell(good, data, tmp_path):
    table, what = data.draw(st.sampled_from(CELLS))
    with closing(sqlite3.connect(good)) as file:
        found = json.loads(file.execute(f"SELECT {what} FROM {table}").fetchone()[0])
    places = [*(found if isinstance(found, dict) else range(len(found)))]
    for name in data.draw(st.lists(st.sampled_from(places), max_size=3)) if places else ():
        found[name] = data.draw(VALUES)
    text = json.dumps(found if data.draw(st.booleans()) else data.draw(VALUES))
    path = damaged(good, tmp_path, f"UPDATE {table} SET {what} = ?", text)
    for command in data.draw(st.lists(st.sampled_from(COMMANDS), min_size=1, max_size=2)):
        run(path, command, tmp_path)


def test_a_condition_that_no_point_meets_is_said(good):
    done = run(good, ["results", "--where", "pes > 1000"], good.parent)
    assert done.output.strip() == "no rows: nothing in the store meets what was asked for"
