"""Objects of other packages: what cannot join a table is refused by the name of its entry point."""

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from workloads import plugins
from workloads.errors import InputError, Interrupted
from workloads.plugins import with_plugins
from workloads.study import Study

OURS = (Study("memory", "a table", lambda *_: {}),)
GROUP = "zeroskip.studies"


def join(monkeypatch, *values):
    points = EntryPoints(EntryPoint("x", value, GROUP) for value in values)
    monkeypatch.setattr(plugins, "installed", lambda: points)
    return with_plugins(OURS, GROUP, Study)


@pytest.fixture
def module(monkeypatch, tmp_path):
    """Modules for entry points: one of studies, and one that ends the program."""
    (tmp_path / "leaves.py").write_text("import sys\n\nsys.exit(0)\n")
    (tmp_path / "leaps.py").write_text("class Leap(BaseException):\n    pass\n\n\nraise Leap('too far')\n")
    (tmp_path / "halts.py").write_text("from workloads.errors import Interrupted\n\nraise Interrupted\n")
    (tmp_path / "theirs.py").write_text(
        "from workloads.study import Study\n"
        'THEIRS, TAKEN, UNNAMED = (Study(name, "a table", lambda *_: {}) for name in ("theirs", "memory", ""))\n'
    )
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("module")
def test_other_packages_join_the_table(monkeypatch):
    assert list(join(monkeypatch)) == ["memory"]
    assert list(join(monkeypatch, "theirs:THEIRS")) == ["memory", "theirs"]


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("theirs:TAKEN", "its name is 'memory', which is taken; expected another one"),
        ("theirs:UNNAMED", "its name is ''; expected a word"),
        ("leaves:X", "0; expected a Study"),
        ("theirs:Study", "it is <class 'workloads.study.Study'>; expected a Study"),
        ("nowhere:X", "No module named 'nowhere'; expected a Study"),
        ("theirs:x:y z", "it is no name of an object; expected MODULE:OBJECT"),
        ("leaps:X", "too far; expected a Study"),
    ],
)
def test_what_cannot_join_is_named(value, sentence, monkeypatch):
    with pytest.raises(InputError) as raised:
        join(monkeypatch, value)
    assert str(raised.value) == f"entry point x = {value}: {sentence}"


@pytest.mark.usefixtures("module")
def test_ctrl_c_during_an_import_ends_the_command(monkeypatch):
    with pytest.raises(Interrupted):
        join(monkeypatch, "halts:X")


def test_entry_points_that_are_no_text_are_said_of_their_package(monkeypatch, tmp_path):
    package = tmp_path / "odd-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1\n")
    (package / "entry_points.txt").write_bytes(b"[zeroskip.studies]\nx = \xff:X\n")
    monkeypatch.syspath_prepend(tmp_path)
    plugins.installed.cache_clear()
    try:
        with pytest.raises(InputError, match=r"entry points: those of .*odd-1\.dist-info cannot be read .*; expected"):
            plugins.installed()
    finally:
        plugins.installed.cache_clear()
