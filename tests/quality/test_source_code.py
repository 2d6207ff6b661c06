"""What the checks of docstrings and words find in small sources."""

import subprocess
import sys
from textwrap import dedent

import pytest
from support.code.source_code import (
    arrays_without_shape,
    banned_words,
    compiled_without_shape,
    lines_with_any,
    silent_raisers,
    switches_on_kind,
)
from support.code.syntax import read_source
from support.paths import ROOT


def messages(check, text, path="simulator/example.py"):
    return [found.message for found in check([read_source(path, dedent(text))])]


@pytest.mark.parametrize(
    "body",
    [
        "raise InputError('x')",
        "refuse('x', 'y', 'z')",
        "return _check()",
        "return _first()",
        "if 1: return [refuse_layer('x') for _ in 'ab']",
        "try:\n        raise KeyError\n    except KeyError:\n        raise InputError from None",
    ],
)
def test_an_exception_that_leaves_must_be_named(body):
    text = f'''
def _check(): refuse("x", "y", "z")
def _first(): return _second()
def _second(): return _first() or _check()
def public():
    """A sentence.{{}}"""
    {body}
'''
    assert messages(silent_raisers, text.format("")) == ["public raises InputError"]
    assert messages(silent_raisers, text.format(" InputError where it does not fit.")) == []


@pytest.mark.parametrize(
    "body",
    [
        "return 1",
        "try:\n        raise InputError\n    except ValueError:\n        return 1",
        "try:\n        raise UnicodeDecodeError\n    except (OSError, ValueError):\n        return 1",
        "try:\n        raise InputError\n    except BaseException as error:\n        print(error)",
        "return other.refuse()",
    ],
)
def test_what_is_caught_does_not_leave(body):
    text = f'''
class InputError(ValueError): "An error."
def public():
    """A sentence."""
    {body}
'''
    assert messages(silent_raisers, text) == []


def test_methods_raise_too_and_private_nested_and_commands_are_left_out():
    text = '''
    class Public:
        def method(self):
            """A sentence."""
            self._check()
        def _check(self): raise RuntimeError
    class _Private:
        def method(self): raise RuntimeError
    def _private(): raise RuntimeError
    @app.command("list")
    def command(): raise RuntimeError
    def registered(): raise RuntimeError
    COMMANDS = {"a": "example:registered", "b": "other:unregistered"}
    def unregistered(): raise RuntimeError
    '''
    raisers = ["Public.method raises RuntimeError", "unregistered raises RuntimeError"]
    assert messages(silent_raisers, text) == raisers


@pytest.mark.parametrize(
    ("signature", "docstring", "lacks"),
    [
        ("a: np.ndarray", "A sentence.", " shape and dtype"),
        ("a: dict[str, tuple[np.ndarray, int]] | None", "int8 weights.", " shape"),
        ("a: 'np.ndarray'", "Weights [rows, columns].", " dtype"),
        ("a: np.ndarray", "float32 [rows, columns].", None),
        ("a: np.ndarray", "A scalar of int64.", None),
        ("a: np.ndarray,  # uint8 [units, cycles]\n", "A sentence.", None),
        ("a: int", "A sentence.", None),
    ],
)
def test_arrays_have_shape_and_dtype(signature, docstring, lacks):
    expected = [] if lacks is None else [f"public has arrays without{lacks}"]
    assert messages(arrays_without_shape, f'def public({signature}):\n    """{docstring}"""') == expected
    assert messages(arrays_without_shape, f'def _private({signature}):\n    """{docstring}"""') == []


def test_compiled_functions_have_shapes():
    text = """
    @njit
    def _first(a): return a
    @numba.njit(cache=True)
    def second(a):
        "A sentence."
    @njit(cache=True)
    def third(a):
        "Adds. a: int16 [rows]."
    @njit(cache=True)
    def fourth(a, b):
        "Adds two scalars."
    """
    expected = ["_first is compiled and has no docstring", "second is compiled and has no shapes"]
    assert messages(compiled_without_shape, text) == expected


def test_words_are_found_in_names_and_texts():
    text = '''
    from a import tell_all
    class ToldFile: pass
    def use(tells, *, hotel, foretold, storyteller):
        """What it
        tells."""
        told, told.tell = tells, file.tell(self._study.tell)
        f(told=f"of which {told}")  # one beside another, and so  many
    '''
    identifiers = ["tell_all", "ToldFile", "tells", "tell", "told", "told"]
    texts = ['"tells"', '"beside"', '"of which"', '"so many"']
    assert sorted(messages(banned_words, text)) == sorted([f"the identifier {name}" for name in identifiers] + texts)
    lines = [found.line for found in banned_words([read_source("a.py", dedent(text))]) if found.message == '"tells"']
    assert lines == [6]


def test_any_and_switches_are_counted():
    text = '''
    from typing import Any  # Any of these
    def f(layer: Any, kind: str) -> "None":
        """Any layer."""
        if isinstance(layer, (CompressedLstm, str)) or isinstance(layer, int): return 1
        if kind == "convolution" or kind in ("LSTM", "x"): return 2
        if kind == wanted: return 3
        if kind == REFRESH or array.dtype.kind == "f": return 4
        match layer:
            case kinds.Lstm(): return 5
    '''
    assert [found.line for found in lines_with_any([read_source("a.py", dedent(text))])] == [2, 3]
    assert [found.line for found in switches_on_kind([read_source("a.py", dedent(text))])] == [5, 6, 7, 10]
    assert messages(switches_on_kind, text, "workloads/kinds/lstm/recipe.py") == []


def test_command_prints_findings_and_totals(tmp_path):
    folder = tmp_path / "simulator" / "plots"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("told = 1\n")
    command = [sys.executable, "-m", "support.code.source_code", "simulator/plots", "--root", tmp_path]
    done = subprocess.run(command, cwd=ROOT / "tests", capture_output=True, text=True, check=True)
    first, *_, total = done.stdout.splitlines()
    assert first == "simulator/plots/a.py:1: banned word: the identifier told"
    assert total.split() == ["total", "0", "0", "0", "1", "0", "0"]
