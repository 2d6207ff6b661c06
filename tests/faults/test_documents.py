"""Documents that no command wrote, and conditions that would take all memory: a sentence, at once."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from faults.running import is_sentence, run
from simulator.results.conditions import Condition

READERS = (
    ["plot", "{path}", "energy", "-o", "out.svg"],
    ["plot", "{path}", "latency", "-o", "out.svg"],
    ["plot", "{path}", "roofline", "-o", "out.svg"],
    ["report", "{path}", "-o", "out.html"],
    ["explain", "{path}"],
    ["export", "{path}", "--accelergy", "out"],
)


def refused(monkeypatch, capsys, arguments, path):
    found = run(monkeypatch, capsys, *(word.format(path=path) for word in arguments))
    assert is_sentence(*found), (arguments, found)
    assert len(found[2]) < 700
    return found[2]


@pytest.mark.parametrize("arguments", READERS, ids=lambda one: " ".join(one[:3:2]))
@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"a":' * 100_000 + "1" + "}" * 100_000, '{"a": [' * 50_000, "9" * 5000]
)
def test_deep_and_long_documents(tmp_path, monkeypatch, capsys, arguments, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep.json").write_text(text)
    refused(monkeypatch, capsys, arguments, "deep.json")
    assert [path.name for path in tmp_path.iterdir()] == ["deep.json"]


@pytest.mark.parametrize("arguments", READERS, ids=lambda one: " ".join(one[:3:2]))
@pytest.mark.parametrize("digits", [400, 4299, 5000])
def test_integers_beyond_any_number(files, tmp_path, monkeypatch, capsys, arguments, digits):
    monkeypatch.chdir(tmp_path)
    result = json.loads((files / "result.json").read_text())
    text = json.dumps({**result, "cycles": "HUGE", "counts": {**result["counts"], "multiplies": "HUGE"}})
    (tmp_path / "huge.json").write_text(text.replace('"HUGE"', "9" * digits))
    assert f"an integer has {digits:,} digits" in refused(monkeypatch, capsys, arguments, "huge.json")


def test_integers_beyond_any_number_in_a_store(files, tmp_path, monkeypatch, capsys):
    with closing(sqlite3.connect(tmp_path / "s.db")) as store:
        with closing(sqlite3.connect(files / "store.db")) as old:
            old.backup(store)
        results = json.loads(store.execute("SELECT results FROM point").fetchone()[0])
        huge = json.dumps([*results[:-1], "HUGE"]).replace('"HUGE"', "9" * 400)
        store.execute("UPDATE point SET results = ?", [huge])
        store.commit()
    for arguments in (
        ["results", "{path}"],
        ["plot", "{path}", "energy", "-o", "o.svg"],
        ["report", "{path}", "-o", "o"],
    ):
        refused(monkeypatch, capsys, arguments, tmp_path / "s.db")


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.9, 0.999])
def test_archives_that_end_early(files, tmp_path, monkeypatch, capsys, share):
    monkeypatch.chdir(tmp_path)
    content = (files / "one.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(content[: int(share * len(content))])
    for arguments in (["run", "eie", "{path}"], ["plot", "{path}", "weights", "-o", "out.svg"]):
        refused(monkeypatch, capsys, arguments, "cut.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["cut.npz"]


CONDITIONS = (
    "'a'*99999999999",
    "'%99999999999d' % pes",
    "'%z' % pes",
    "workload * 99999999999 == 'a'",
    "[1]*9999999999 == pes",
    "pes ** 99999 == 1",
    "1 << 99999999999",
    f"pes == {'9' * 5000}",
    f"pes == {'(' * 5000}1{')' * 5000}",
    f"pes == {'-' * 50_000}1",
    "*".join(["pes"] * 20_000) + " > 1",
    "f'{pes:99999999999}' == 'a'",
    "'{:99999999999}'.format(pes)",
    "",
)


@pytest.mark.parametrize("text", CONDITIONS, ids=lambda text: text[:30])
def test_conditions_that_would_take_all_memory(files, monkeypatch, capsys, text):
    refused(
        monkeypatch,
        capsys,
        ["results", "{path}", "--where", text.replace("{", "{{").replace("}", "}}")],
        files / "store.db",
    )


@pytest.mark.parametrize(
    "text",
    ["x * 99999999999 == x", "x % x == x", "'%99999999999d' % x == x", "'%z' % x == x", "x % 'a' == x", "-x == x"],
)
@pytest.mark.parametrize("value", ["a", "%99999999999d", "%z", None, True, 3, 2.5, np.int64(4)])
def test_a_column_of_numbers_and_texts_is_never_repeated_or_formatted(text, value):
    condition = Condition(text, ["x"])
    condition({"x": value})


def test_texts_are_put_together():
    assert Condition("x + 'b' == 'ab'", ["x"])({"x": "a"})


def test_a_condition_that_no_point_meets_is_said(files, monkeypatch, capsys):
    code, output, _ = run(monkeypatch, capsys, "results", files / "store.db", "--where", "pes > 1000")
    assert (code, output.strip()) == (0, "no rows: nothing in the store meets what was asked for")


def test_a_seed_may_have_any_number_of_digits(files, tmp_path, monkeypatch, capsys):
    result = json.loads((files / "result.json").read_text())
    (tmp_path / "seed.json").write_text(json.dumps({**result, "seed": 10**400}))
    for arguments in (["explain"], ["report", "-o", tmp_path / "page.html"]):
        assert run(monkeypatch, capsys, arguments[0], tmp_path / "seed.json", *arguments[1:])[0] == 0
