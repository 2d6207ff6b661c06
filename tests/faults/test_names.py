"""Names that are no UTF-8, and systems whose language is ASCII: files are read and written under them all the same."""

import json
import os
import shutil

import pytest

from faults.running import run, shell
from simulator.results.files import read_document
from workloads.errors import InputError
from zeroskip import open_store

ODD = os.fsdecode(b"n\xff\xe9t")
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def odd(files, tmp_path, monkeypatch):
    """A layer in a file whose name is no UTF-8, in the current folder."""
    monkeypatch.chdir(tmp_path)
    try:
        shutil.copy(files / "one.npz", tmp_path / f"{ODD}.npz")
    except OSError:
        pytest.skip("the file system takes UTF-8 only")
    shutil.copy(files / "net.npz", tmp_path / "net.npz")
    return tmp_path


def test_a_layer_its_result_and_all_that_is_made_of_it(odd, monkeypatch, capsys):
    code, output, errors = run(monkeypatch, capsys, "run", "eie", f"{ODD}.npz", "--json")
    assert (code, errors) == (0, "")
    (odd / f"{ODD}.json").write_text(output)
    for arguments, made in (
        (("report", f"{ODD}.json", "-o"), f"{ODD}.html"),
        (("plot", f"{ODD}.json", "energy", "-o"), f"{ODD}.svg"),
        (("plot", f"{ODD}.json", "energy", "-o"), f"{ODD}.png"),
        (("trace", "eie", f"{ODD}.npz", "-o"), f"{ODD}_trace.json"),
        (("compress", "net.npz", "--density", "0.5", "-o"), f"{ODD}.safetensors"),
        (
            ("requests", "scnn", "vgg16-conv4_2", "--scale", "0.03", "--set", "dram=lpddr4_3200", "-o"),
            f"{ODD}_requests",
        ),
        (("export", f"{ODD}.json", "--accelergy"), f"{ODD}_counts"),
    ):
        code, output, errors = run(monkeypatch, capsys, *arguments, made)
        assert code == 0, errors
        assert (odd / made).exists(), made
    assert "n\\xff\\xe9t" in (odd / f"{ODD}.html").read_text("utf-8")
    run(monkeypatch, capsys, "compress", f"{ODD}.npz", "--density", "0.5", "-o", "out.safetensors")
    code, output, errors = run(monkeypatch, capsys, "inspect", "out.safetensors")
    assert (code, errors) == (0, "")
    assert "n\\xff\\xe9t" in output


@pytest.mark.usefixtures("odd")
def test_a_store_of_it_and_all_that_is_read_of_that(monkeypatch, capsys):
    store = f"{ODD}.db"
    command = ["sweep", "eie", f"{ODD}.npz", "--over", "pes=1,2", "--jobs", 1, "--store", store]
    assert run(monkeypatch, capsys, *command)[0] == 0
    for arguments in ((), ("--csv",), ("--json",), ("--by", "pes"), ("--parquet", f"{ODD}.parquet")):
        code, output, errors = run(monkeypatch, capsys, "results", store, *arguments)
        assert (code, errors) == (0, ""), arguments
        assert output
    assert set(open_store(store).frame()["pes"]) == {1, 2}
    assert run(monkeypatch, capsys, "report", store, "-o", "page.html")[0] == 0
    assert run(monkeypatch, capsys, "plot", store, "energy", "-o", "picture.svg")[0] == 0
    code, _, errors = run(monkeypatch, capsys, *command[:2], f"no{ODD}.npz", *command[3:])
    assert (code in (1, 2), "Traceback" in errors) == (True, False)


def test_halves_of_characters_that_are_no_bytes_are_no_names(tmp_path):
    (tmp_path / "a.json").write_text('{"workload": "\\ud800"}')
    with pytest.raises(InputError, match="it is no JSON"):
        read_document(str(tmp_path / "a.json"))


CYCLES = "zeroskip run eie {name}.npz --json"


def test_in_ascii_a_name_of_other_letters_gives_the_same(files, tmp_path):
    found = []
    for environment in ({}, ASCII):
        shutil.copy(files / "one.npz", tmp_path / "näß.npz")
        done = shell(CYCLES.format(name="näß"), tmp_path, **environment)
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout)["cycles"])
    assert found[0] == found[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["näß", os.fsdecode(b"n\xff\xe9t")])
@pytest.mark.parametrize(
    "command",
    [
        "zeroskip run eie '{name}.npz'",
        "zeroskip trace eie '{name}.npz' -o 't{name}.json'",
        "zeroskip sweep eie '{name}.npz' --over pes=1,2 --jobs 1 --store 's{name}.db'",
        "zeroskip sweep eie '{name}.npz' --over pes=1,2 --jobs 2",
        "zeroskip compress '{name}.npz' --density 0.5 -o 'c{name}.safetensors'",
        "zeroskip report '{name}.json' -o '{name}.html'",
        "zeroskip plot '{name}.json' energy -o '{name}.svg'",
        "zeroskip results '{name}.db' --csv",
        "zeroskip results '{name}.db' --parquet '{name}.parquet'",
    ],
)
def test_every_command_in_ascii(files, tmp_path, name, command):
    for kind, ending in (("one.npz", "npz"), ("result.json", "json"), ("store.db", "db")):
        shutil.copy(files / kind, tmp_path / f"{name}.{ending}")
    done = shell(command.format(name=name), tmp_path, **ASCII)
    assert done.returncode == 0, done.stderr
