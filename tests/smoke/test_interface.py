"""The Python interface: names, results, stores, pictures, pages."""

import importlib

import numpy as np
import pytest

import zeroskip as zs

PACKAGES = ("kernels_ref", "simulator.cli.commands", "simulator.html", "simulator.plots", "simulator.timeline")
EXTRAS = ("distributed", "h5py", "onnx", "onnxruntime", "PIL.Image", "pyarrow", "skimage.data")
SMALL = {"scale": 0.05}


@pytest.fixture(scope="module")
def result():
    return zs.simulate("eie", "alexnet-fc8", **SMALL)


@pytest.mark.parametrize("name", [*zs.__all__, "__version__"])
def test_a_public_name_is_there(name):
    assert getattr(zs, name) is not None


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_imported(name):
    assert importlib.import_module(name)


@pytest.mark.parametrize("name", EXTRAS)
def test_an_optional_library_is_imported(name):
    pytest.importorskip(name.partition(".")[0])
    assert importlib.import_module(name)


def test_a_result_is_shown_and_becomes_a_row(result):
    assert result.cycles > 0
    assert "alexnet-fc8" in str(result)
    assert result.to_frame().shape[0] == 1
    assert result._repr_html_()


@pytest.mark.parametrize("ending", [".json", ".csv", ".html"])
def test_a_result_is_written(result, ending, tmp_path):
    result.save(tmp_path / f"result{ending}")
    assert (tmp_path / f"result{ending}").stat().st_size > 100


@pytest.mark.parametrize("kind", ["energy", "latency", "roofline"])
def test_a_picture(result, kind):
    assert result.plot(kind) is not None


def test_a_comparison():
    assert zs.compare(["eie", "dcnn"], "alexnet-fc8", **SMALL).ratios("eie", "alexnet-fc8").speedup > 0


def test_a_sweep_in_memory():
    assert zs.sweep("eie", "alexnet-fc8", {"pes": [4, 8]}, fixed=SMALL).to_frame()["cycles"].is_monotonic_decreasing


def test_a_store_is_written_by_two_processes_and_read(tmp_path):
    space = {"pes": [4, 8], "queue_depth": "1,8"}
    done = zs.sweep("eie", "alexnet-fc8", space, fixed=SMALL, store=tmp_path / "own.db", jobs=2)
    assert (done.points, done.failed) == (4, 0)
    store = zs.open_store(tmp_path / "own.db")
    assert np.isfinite(store.to_frame()["time_us"]).all()
    assert len(store.pareto(minimise=["time_us", "energy_uj"])) >= 1


def test_a_trace_has_letters():
    shown = zs.show(zs.simulate(zs.load_arch("eie", pes=2), "alexnet-fc8", scale=0.02, trace_cycles=20))
    assert "PE" in str(shown)


def test_a_wrong_name_is_one_sentence():
    with pytest.raises(zs.InputError, match="expected"):
        zs.load_arch("no-such-machine")
