"""A full disk: every kind of output is there whole, or the older file stays; a sentence, and exit code 2."""

import pytest

from faults.places import fill, full_disk, small_disk
from faults.running import is_sentence, run, shell
from zeroskip import open_store

OLD = b"what was there before\n" * 3
OUTPUTS = {
    "page": ("report {files}/result.json -o", "out.html"),
    "png": ("plot {files}/result.json energy -o", "out.png"),
    "svg": ("plot {files}/result.json energy -o", "out.svg"),
    "pdf": ("plot {files}/result.json energy -o", "out.pdf"),
    "timeline": ("trace eie {files}/one.npz -o", "out.json"),
    "points": ("results {files}/store.db --parquet", "out.parquet"),
    "front": ("pareto {files}/store.db --minimise time_us,area_mm2 --parquet", "out.parquet"),
    "action counts": ("export {files}/result.json --accelergy", "out"),
    "reports": ("export {files}/image.json --scalesim", "out"),
    "requests": ("requests scnn vgg16-conv4_2 --scale 0.03 --set dram=lpddr4_3200 -o", "out"),
    "compressed": ("compress {files}/net.npz --density 0.3 -o", "out.safetensors"),
    "study": ("study deep-compression -o", "out"),
}
SLOW = {"study": pytest.param("study", marks=pytest.mark.slow)}
"""It trains a network."""
DATA = {
    "run --json": "zeroskip run eie {files}/one.npz --json",
    "results --csv": "zeroskip results {files}/store.db --csv",
    "list": "zeroskip list",
}


def held(folder):
    """Every file of a folder, by its path."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("what", [SLOW.get(name, name) for name in OUTPUTS])
def test_the_older_file_stays(files, tmp_path, monkeypatch, capsys, what):
    arguments, name = OUTPUTS[what]
    old = {} if name == "out" else {name: OLD}
    with full_disk(tmp_path / "full", **old) as disk:
        before = held(disk)
        found = run(monkeypatch, capsys, *arguments.format(files=files).split(), disk / name)
        assert is_sentence(*found), found
        assert str(disk / name) in found[2]
        assert held(disk) == before


def test_one_onnx_network(tmp_path, monkeypatch, capsys):
    pytest.importorskip("onnx")
    from support.own_networks import mlp

    path = mlp(tmp_path / "net.onnx", 20, 20, 20, 2)
    with full_disk(tmp_path / "full", **{"out.onnx": OLD}) as disk:
        before = held(disk)
        found = run(monkeypatch, capsys, "compress", path, "--density", 0.5, "-o", disk / "out.onnx")
        assert is_sentence(*found), found
        assert held(disk) == before


@pytest.mark.parametrize("what", DATA)
def test_what_is_printed_to_a_full_device(files, tmp_path, what):
    done = shell(f"{DATA[what].format(files=files)} > /dev/full", tmp_path)
    assert is_sentence(done.returncode, "", done.stderr.decode()), done.stderr
    assert b"No space left on device" in done.stderr


def test_a_store_on_a_disk_that_becomes_full_keeps_what_is_stored(files, tmp_path, monkeypatch, capsys):
    with small_disk(tmp_path / "full", 1024) as disk:
        store = disk / "s.db"
        command = ["sweep", "eie", files / "one.npz", "--jobs", 1, "--store", store, "--over"]
        found = run(monkeypatch, capsys, *command, "pes=1,2")
        assert found[0] == 0, found
        fill(disk)
        found = run(monkeypatch, capsys, *command, "pes=1:64:64")
        assert is_sentence(*found), found
        assert "s.db: the disk is full or fails" in found[2]
        (disk / "filler").unlink()  # SQLite needs room for reading too
        assert {1, 2} <= set(open_store(store).frame()["pes"])
        assert run(monkeypatch, capsys, *command, "pes=1:64:64")[0] == 0
        assert len(open_store(store).frame()) == 64
