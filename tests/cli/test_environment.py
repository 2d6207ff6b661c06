"""Variables and files of whoever starts a command: nonsense in them is nothing, or one sentence."""

import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader

import numpy as np
import pytest
from support.paths import ROOT

from kernels_ref.checked_cache import MODULE
from simulator.core.threads import VARIABLE, threads
from workloads.errors import InputError
from zeroskip import run

LAYER = ("run", "eie", "alexnet-fc8", "--scale", "0.01", "--json")


def zeroskip(folder, *arguments, **environment):
    command = [sys.executable, "-m", "simulator.cli", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("variable", "value", "arguments"),
    [
        ("NUMBA_NUM_THREADS", "0", LAYER),
        ("NUMBA_NUM_THREADS", "abc", LAYER),
        ("COLUMNS", "²", ("list",)),
        ("LINES", "²", ("list",)),
        ("TERMINAL_WIDTH", "abc", ("list", "--help")),
        ("TERMINAL_WIDTH", "-5", ("list", "--help")),
    ],
)
def test_a_variable_of_nonsense_is_none(variable, value, arguments, tmp_path):
    done = zeroskip(tmp_path, *arguments, **{variable: value})
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("value", ["abc", "0", "-1", "٣", "", "1" * 5000])
def test_a_number_of_threads_that_is_none(value, monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(InputError, match=f"{VARIABLE} is .*; expected an integer from 1 to 9999"):
        threads()
    if value == "abc":
        assert zeroskip(tmp_path, "list").returncode == 2


@pytest.mark.parametrize("content", ["- a\n", "nonsense: [\n", "disable_jit: 1\n"])
def test_a_file_of_numba_in_the_folder_is_not_read(content, tmp_path):
    (tmp_path / ".numba_config.yaml").write_text(content)
    text = "import zeroskip, numba\nassert not numba.config.DISABLE_JIT\nimport yaml"
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": ""},
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    path = tmp_path_factory.mktemp("result") / "e.json"
    run("eie", "alexnet-fc8", scale=0.01).save(path)
    return path


def picture(folder, result, ending, **environment):
    done = zeroskip(folder, "plot", result, "energy", "-o", f"p{ending}", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return (folder / f"p{ending}").read_bytes()


def test_pictures_are_the_same_whatever_the_folder_and_the_environment_say(result, tmp_path):
    plain = {ending: picture(tmp_path, result, ending) for ending in (".svg", ".pdf")}
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nbackend: foo\npatch.linewidth: 9\n")
    assert picture(tmp_path, result, ".svg", MPLBACKEND="nonsense") == plain[".svg"]
    for date in ("abc", "9" * 30):
        assert picture(tmp_path, result, ".pdf", SOURCE_DATE_EPOCH=date) == plain[".pdf"]


def test_a_file_of_matplotlib_that_is_no_text_is_a_sentence(result, tmp_path):
    (tmp_path / "matplotlibrc").write_bytes(b"\xff\xfe")
    done = zeroskip(tmp_path, "report", result, "-o", "p.html")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("zeroskip: matplotlibrc: matplotlib cannot read its settings (")
    assert line.endswith("; expected a file in UTF-8, or none")


def test_warnings_of_libraries_are_printed_where_they_are_asked_for_alone(tmp_path):
    """numpy warns of a header as Python 2 wrote it, of lengths that end with L."""
    np.save(tmp_path / "clip.npy", np.zeros((4, 16, 16), np.uint8))
    content = (tmp_path / "clip.npy").read_bytes()
    (tmp_path / "clip.npy").write_bytes(content.replace(b"(4, 16, 16)", b"(4L,16, 16)"))
    command = ("study", "frame-differences", "--source", "clip.npy", "--json")
    quiet, loud = zeroskip(tmp_path, *command), zeroskip(tmp_path, *command, PYTHONWARNINGS="default")
    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert loud.returncode == 0
    assert "created on Python 2" in loud.stderr


def test_numba_keeps_its_own_loader():
    """Whoever asks its module for sources asks the loader of Python, not what watches the import."""
    import kernels_ref.fixed_point  # noqa: F401 - imports Numba

    found = sys.modules[MODULE]
    assert isinstance(found.__spec__.loader, SourceFileLoader)


def test_a_working_folder_that_is_gone_is_a_sentence(tmp_path):
    (tmp_path / "here").mkdir()
    run_there = f"cd here && rmdir ../here && {sys.executable} -m simulator.cli sweep eie alexnet-fc8 --store s.db"
    done = subprocess.run(
        ["sh", "-c", run_there],
        cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "the working folder does not exist any more" in done.stderr
