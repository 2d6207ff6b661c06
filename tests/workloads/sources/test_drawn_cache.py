"""Large drawn layers on disk: the same as drawn anew, whatever happens to the files."""

import os

import numpy as np
import pytest

from simulator.config.load import load_arch
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.model import load_workload
from workloads.options import WorkloadOptions
from workloads.records import put_together, take_apart
from workloads.sources import drawn_cache

LAYERS = {"nt-wd": 0.4, "vgg16-conv3_2": 0.5, "google-lstm": 0.3}
"""One of each kind, at a scale."""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(drawn_cache.FOLDER, str(tmp_path))
    monkeypatch.setenv(drawn_cache.SWITCH, "1")
    monkeypatch.setattr(drawn_cache, "LEAST_WEIGHTS", 1 << 10)
    return tmp_path / "drawn"


def same(one, other):
    """Whether two values are equal in all types, dtypes and bits."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            same(one[key], other[key])
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            same(*pair)
    else:
        assert one == other or one != one


@pytest.mark.parametrize("name", LAYERS)
def test_a_kept_layer_is_the_one_that_was_drawn(name, folder, monkeypatch):
    drawn = load_workload(name, scale=LAYERS[name])
    (file,) = folder.iterdir()
    monkeypatch.setattr(drawn_cache, "take_apart", None)  # it is not written again
    again = load_workload(name, scale=LAYERS[name])
    same(again, drawn)
    assert list(folder.iterdir()) == [file]
    monkeypatch.setenv(drawn_cache.SWITCH, "0")
    same(load_workload(name, scale=LAYERS[name]), drawn)


def test_all_that_decides_a_layer_is_in_its_name(folder):
    changes = (
        {}, {"seed": 1}, {"scale": 0.3}, {"density": 0.05}, {"recipe": {"row_scale": 0.1}},
        {"activation_density": 0.9}, {"formats": {"fully connected": FullyConnectedFormat(5)}},
    )  # fmt: skip
    for number, change in enumerate(changes, 1):
        load_workload("nt-wd", **{"scale": 0.4, **change})
        assert len(list(folder.iterdir())) == number, change
    load_workload("nt-we", scale=0.4)
    load_workload("nt-wd", scale=0.4)
    assert len(list(folder.iterdir())) == len(changes) + 1


def test_changed_sources_draw_anew(folder, monkeypatch):
    load_workload("nt-wd", scale=0.4)
    monkeypatch.setattr(drawn_cache, "_sources", lambda: "others")
    load_workload("nt-wd", scale=0.4)
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None])
def test_a_damaged_file_is_written_anew(folder, content):
    drawn = load_workload("nt-wd", scale=0.4)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    file.write_bytes(bytes(flipped) if content is None else content)
    same(load_workload("nt-wd", scale=0.4), drawn)
    assert file.read_bytes() == whole


def test_where_nothing_can_be_kept_layers_are_drawn(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(drawn_cache.FOLDER, str(tmp_path / "file"))
    monkeypatch.setenv(drawn_cache.SWITCH, "1")
    monkeypatch.setattr(drawn_cache, "LEAST_WEIGHTS", 1)
    assert load_workload("nt-wd", scale=0.2).layer.inputs > 0
    monkeypatch.delenv(drawn_cache.FOLDER)
    monkeypatch.setattr("pathlib.Path.home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert load_workload("nt-wd", scale=0.2).layer.inputs > 0


def test_the_oldest_go_first_and_used_ones_stay(folder, monkeypatch):
    monkeypatch.setattr(drawn_cache, "MOST_BYTES", 1 << 40)
    for seed in range(3):
        load_workload("nt-wd", scale=0.4, seed=seed)
        for path in folder.iterdir():
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 100))
    oldest, second, _ = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    load_workload("nt-wd", scale=0.4, seed=0)  # the oldest is used
    monkeypatch.setattr(drawn_cache, "MOST_BYTES", 3.5 * oldest.stat().st_size)
    load_workload("nt-wd", scale=0.4, seed=3)
    assert oldest.exists()
    assert not second.exists()
    assert len(list(folder.iterdir())) == 3


def test_records_are_those_of_our_package_alone():
    arch = load_arch("eie").arch
    with pytest.raises(TypeError, match="is no plain value, array or record"):
        take_apart(arch)
    with pytest.raises(TypeError):
        take_apart({"a": np.float32(1)})
    with pytest.raises(TypeError):
        take_apart(np.array([None]))
    document, arrays = take_apart((WorkloadOptions()._replace(formats={}, recipe={}), 1.5, None, {"a": np.arange(3)}))
    same(
        put_together(document, arrays),
        (WorkloadOptions()._replace(formats={}, recipe={}), 1.5, None, {"a": np.arange(3)}),
    )
    with pytest.raises(ValueError, match=r"expected a record of workloads\."):
        put_together({"os:system": ["true"]}, {})
