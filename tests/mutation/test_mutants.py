"""The faults that mutation testing puts in."""

import ast
import json
import random

import pytest
from support.paths import ROOT

from tests.mutation import __main__ as command
from tests.mutation import trial
from tests.mutation.__main__ import sample
from tests.mutation.mutants import mutants
from tests.mutation.rooms import MACHINES, ROOMS, sources
from tests.mutation.trial import KILLED, LATE, SURVIVED, Effort, try_mutant

TEXT = '''"""Not 1 text."""

def f(a: int = 3, b: tuple[int, 2] = None) -> None:
    """Nor 2."""
    if a < 2 and not b:
        a += min(a, 1)
    call(a)
    raise ValueError(f"{a + 1}")
'''


def test_every_operator_constant_and_statement_of_the_code_is_changed_once():
    found = [(one.line, one.before, one.after) for one in mutants("f.py", TEXT)]
    assert sorted(found) == [
        (3, "3", "(4)"),
        (5, "2", "(3)"),
        (5, "a < 2", "(a <= 2)"),
        (5, "a < 2 and not b", "(a < 2 or not b)"),
        (5, "not b", "(b)"),
        (6, "1", "(2)"),
        (6, "a += min(a, 1)", "pass"),
        (6, "min(a, 1)", "(max(a, 1))"),
        (7, "call(a)", "pass"),
    ]


def test_each_mutant_differs_from_its_file_and_can_be_read():
    for room in ROOMS:
        path = random.Random(1).choice(sources(ROOT, room))
        source = (ROOT / path).read_text("utf-8")
        found = mutants(path, source)
        for one in found:
            assert ast.dump(ast.parse(one.source)) != ast.dump(ast.parse(source)), one[:4]
        assert len({one.id for one in found}) == len(found)


def test_a_sample_depends_on_its_seed_alone_and_takes_rooms_in_turn():
    first, again, other = ([one.id for _, one in sample(ROOT, 40, seed)] for seed in (1, 1, 2))
    assert first == again != other
    assert len(set(first)) == 40
    turns = [room.name for room in (*ROOMS, *ROOMS)]
    assert [room.name for room, _ in sample(ROOT, len(turns), 1)] == turns


def test_a_change_of_one_file_keeps_what_is_drawn_of_the_others(tmp_path):
    room = ROOMS[0]._replace(sources=("*.py",))
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.py").write_text("".join(f"{name}{i} = {i} + {i}\n" for i in range(20)))
    before = drawn(tmp_path, room, 60)
    (tmp_path / "b.py").write_text("b = 1 - 1\n" * 30)
    after = drawn(tmp_path, room, 60)
    assert {one for one in before if one.path != "b.py"} == {one for one in after if one.path != "b.py"}
    assert len(before) == 60
    assert [one.path for one in before[:3]] == [one.path for one in after[:3]]


def drawn(root, room, count):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "ROOMS", (room,))
        return [mutant for _, mutant in sample(root, count, 1)]


def test_every_machine_is_tried():
    assert set(MACHINES) == {path.name for path in (ROOT / "simulator" / "machines").iterdir() if path.is_dir()} - {
        "__pycache__"
    }


def test_a_fault_is_killed_by_the_tests_that_see_it_and_taken_out_again(tmp_path):
    (tmp_path / "source.py").write_text("def f():\n    return 1 + 1\n\n\ndef g():\n    return 3\n")
    (tmp_path / "test_it.py").write_text("from source import f\n\n\ndef test_f():\n    assert f() == 2\n")
    room = ROOMS[0]._replace(tests=("test_it.py",), names="")
    before = (tmp_path / "source.py").read_text()
    outcomes = {one.before: try_mutant(tmp_path, room, one, Effort(tmp_path)) for one in mutants("source.py", before)}
    assert {name: one.outcome for name, one in outcomes.items()} == {"1 + 1": KILLED, "1": KILLED, "3": SURVIVED}
    assert outcomes["1 + 1"].witness == "test_it.py::test_f"
    assert (tmp_path / "source.py").read_text() == before


def test_tests_that_take_too_much_processor_time_are_late(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "GRACE", 3)
    (tmp_path / "source.py").write_text("STOPS = 1\n\n\ndef f():\n    while STOPS != 1:\n        pass\n")
    (tmp_path / "test_it.py").write_text("from source import f\n\n\ndef test_f():\n    f()\n")
    room = ROOMS[0]._replace(tests=("test_it.py",), names="")
    (one,) = [one for one in mutants("source.py", (tmp_path / "source.py").read_text()) if one.line == 1]
    assert try_mutant(tmp_path, room, one, Effort(tmp_path)).outcome == LATE


def test_a_rooms_names_choose_its_own_tests_and_laws_of_its_configurations(tmp_path):
    (tmp_path / "tests" / "machines" / "eie").mkdir(parents=True)
    (tmp_path / "tests" / "laws").mkdir()
    (tmp_path / "tests" / "machines" / "eie" / "test_own.py").write_text("def test_own():\n    pass\n")
    text = "import pytest\n\n\n@pytest.mark.parametrize('name', ['scnn_8x8', 'eie_64pe'])\ndef test_law(name):\n"
    (tmp_path / "tests" / "laws" / "test_laws.py").write_text(text + "    assert name == 'eie_64pe'\n")
    (room,) = [one for one in ROOMS if one.name == "eie"]
    passed, _, _ = trial.run_tests(tmp_path, room, Effort(tmp_path))
    assert passed
    assert trial.run_tests(tmp_path, room._replace(name="all", names=""), Effort(tmp_path))[0] is False
    times = json.loads((tmp_path / "eie.json").read_text())
    assert sorted(times) == ["tests/laws/test_laws.py::test_law[eie_64pe]", "tests/machines/eie/test_own.py::test_own"]


def test_slow_tests_are_left_out_where_that_is_asked_for(tmp_path):
    (tmp_path / "source.py").write_text("A = 1\nB = 2\n")
    (tmp_path / "test_it.py").write_text(
        "import source\n\n\ndef test_a():\n    assert source.A == 1\n\n\ndef test_b():\n    assert source.B == 2\n"
    )
    room = ROOMS[0]._replace(tests=("test_it.py",), names="")
    (tmp_path / f"{room.name}.json").write_text(json.dumps({"test_it.py::test_a": 0.5, "test_it.py::test_b": 9.0}))
    assert Effort(tmp_path).usual(room) == 9.5
    assert Effort(tmp_path, 5).usual(room) == 0.5
    faults = mutants("source.py", (tmp_path / "source.py").read_text())
    for most, expected in ((5, [KILLED, SURVIVED]), (float("inf"), [KILLED, KILLED])):
        assert [try_mutant(tmp_path, room, one, Effort(tmp_path, most)).outcome for one in faults] == expected
