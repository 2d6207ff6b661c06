"""What decides a point's identity, and what does not."""

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.configurations import formats
from support.paths import ROOT

from simulator.core.registry import find
from simulator.sweeps import identity
from simulator.sweeps.identity import Resolver, code_version, digest, digest_of_words
from simulator.sweeps.points import make_point
from simulator.sweeps.sources import check_source
from simulator.sweeps.workers.layout_cache import Layouts, array_bytes, read, watch
from workloads.errors import InputError
from zeroskip import load_arch, load_workload


def name(machine="eie", workload="alexnet-fc7", **settings):
    return Resolver().resolve(make_point(machine, workload, list(settings.items()))).identity


def test_what_says_the_same_is_the_same():
    assert name() == name(seed=0, scale=1.0, engine="numba", pes=64) == name("eie_64pe")
    assert name(weight_density=0.5) == name(density=0.5)
    assert name(row_scale=0.5) != name(column_scale=0.5)


@pytest.mark.parametrize(
    "settings",
    [
        {"pes": 32}, {"clock_mhz": 700}, {"node_nm": 28}, {"seed": 1}, {"scale": 0.5}, {"density": 0.09},
        {"activation_density": 0.3}, {"engine": "simpy"}, {"row_scale": 0.2}, {"weights.row_scale": 0.3},
        {"machine": "ese"}, {"workload": "alexnet-fc6"}, {"inputs": 100}, {"bias": 0},
    ],
)  # fmt: skip
def test_whatever_decides_a_result_changes_the_identity(settings):
    assert name(**settings) != name()


def test_a_changed_price_is_another_point(tmp_path):
    own = tmp_path / "eie_64pe.yaml"
    text = (ROOT / "arch_configs" / "eie_64pe.yaml").read_text()
    own.write_text(text)
    assert name(str(own)) == name()
    own.write_text(text.replace("multiplies: {value: 0.7503", "multiplies: {value: 0.7504"))
    assert name(str(own)) != name()


def test_a_changed_file_is_another_point_and_a_moved_one_is_not(tmp_path):
    layer = tmp_path / "layer.npz"
    np.savez(layer, weight=np.eye(4), activation=np.ones(4))
    first = name(workload=str(layer))
    (tmp_path / "folder").mkdir()
    assert name(workload=shutil.copy(layer, tmp_path / "folder")) == first
    np.savez(layer, weight=2 * np.eye(4), activation=np.ones(4))
    assert name(workload=str(layer)) != first


def test_a_pair_of_files_is_what_both_hold(tmp_path):
    first, second = (tmp_path / f"{one}.mtx" for one in "ab")
    pair, text = f"{first}@{second}", "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1\n"
    first.write_text(text)
    with pytest.raises(InputError, match=r"b\.mtx: there is no such file"):
        check_source(pair)
    second.write_text(text)
    check_source(pair)
    before = name("gamma", pair)
    second.write_text(text.replace("1 1 1", "1 1 2"))
    assert name("gamma", pair) != before


def test_a_changed_recipe_is_another_point(tmp_path):
    own = tmp_path / "own.yaml"
    text = (ROOT / "workloads" / "zoo" / "alexnet.yaml").read_text()
    own.write_text(text)
    first, other = name(workload=f"{own}:alexnet-fc7"), name(workload=f"{own}:alexnet-fc8")
    own.write_text(text.replace("value: 0.327", "value: 0.328"))
    assert name(workload=f"{own}:alexnet-fc7") != first
    assert name(workload=f"{own}:alexnet-fc8") == other


def test_a_changed_source_is_another_version(tmp_path, monkeypatch):
    first, point = code_version("simulator.machines.eie"), name()
    for package in identity.PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))

    class Spec:
        def __init__(self, name):
            self.submodule_search_locations = [str(tmp_path / name)]

    monkeypatch.setattr(identity, "find_spec", Spec)
    try:
        code_version.cache_clear()
        assert code_version("simulator.machines.eie") == first
        changed = tmp_path / "simulator" / "machines" / "eie" / "engine" / "run.py"
        changed.write_text(changed.read_text() + "\n")
        code_version.cache_clear()
        assert code_version("simulator.machines.eie") != first
        assert name() != point
    finally:
        code_version.cache_clear()


@pytest.mark.parametrize(
    ("machine", "workload", "settings", "expected"),
    [
        ("eie", "alexnet-fc7", {"pes": 0}, "pes is 0"),
        ("eie", "alexnet-fc7", {"pess": 1}, "alexnet-fc7 on eie: pess is an unknown key; expected pes"),
        ("eie", "alexnet-fc7", {"engine": "fast"}, "engine is 'fast'"),
        ("eye", "alexnet-fc7", {}, "eye: there is no such configuration"),
        ("eie", "alexnet-fc9", {}, "alexnet-fc9: there is no such workload"),
        ("eie", "alexnet-fc7", {"density": 0.1, "weight_density": 0.2}, "expected one of them, as they are the same"),
        ("eie", "alexnet", {"layer": "fc9"}, "layer is 'fc9'"),
        ("eie", "no.npz", {}, "no.npz: there is no such file"),
    ],
)
def test_what_cannot_be_resolved(machine, workload, settings, expected):
    with pytest.raises(InputError, match=expected):
        name(machine, workload, **settings)


LAYERS = {"eie": "alexnet-fc8", "ese": "google-lstm", **dict.fromkeys(("scnn", "dcnn", "eyeriss_v2"), "vgg16-conv4_2")}
CHANGES = {
    "eie": {
        "pes": (1, 4),
        "queue_depth": (1, 8),
        "index_bits": (2, 4),
        "batching": (0, 1),
        "activation_registers": (2, 64),
        "spmat_width_bits": (32, 64),
        "activation_sram_width_bits": (16, 64),
        "scan_fill": (2, 3),
    },
    "ese": {
        "pes": (4, 32),
        "channels": (32, 64),
        "queue_depth": (4, 8),
        "line_bits": (256, 512),
        "pointer_bits": (8, 16),
    },
    "scnn": {
        "rows": (2, 4),
        "banks": (16, 32),
        "queue_depth": (4, 8),
        "iaram_bytes": (64, 10240),
        "index_bits": (2, 4),
        "skip_weights": (0, 1),
        "dram_bytes_per_kcycle": (500, 50000),
    },
    "dcnn": {"rows": (2, 4), "sram_bytes": (2048, 1 << 21), "index_bits": (2, 4), "group_channels": (4, 8)},
    "eyeriss_v2": {
        "cluster_rows": (2, 8),
        "tile_outputs": (4, 16),
        "weight_words": (16, 96),
        "prefetch": (0, 1),
        "ideal_mesh": (0, 1),
        "bubble": (0, 1),
        "input_buffer_bytes": (64, 73728),
        "sum_buffer_bytes": (300, 122880),
    },
}


@pytest.mark.parametrize("machine", LAYERS)
def test_a_kept_layout_is_the_one_that_would_be_made(machine):
    found, config = find(machine), load_arch(machine)
    plain = config.arch
    known = {key: values for key, values in CHANGES[machine].items() if key in plain._fields}
    assert len(known) >= 4
    layer = load_workload(LAYERS[machine], scale=0.06, formats=formats(config)).layer
    layouts, archs = Layouts(found, layer), []

    @given(st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in known.items()}))
    def check(changes):
        arch = load_arch(machine, **changes, **({"dram": "none"} if machine == "ese" else {})).arch
        archs.append(arch)
        kept, fresh = layouts.find(arch), found.layout(arch, layer)
        assert repr(kept) == repr(fresh)
        assert same(kept, fresh)

    check()
    assert layouts.made < len(set(archs))  # some number decides no layout


def same(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def test_reading_leaves_a_trace():
    arch = load_arch("scnn").arch
    watched = watch(arch)
    assert read(watched) == {}
    assert watched.pes == arch.pes
    assert read(watched) == {"rows": arch.rows, "columns": arch.columns}
    assert tuple(watched) == tuple(arch)
    assert read(watched) == arch._asdict()


def test_the_oldest_layouts_go_first():
    layer = load_workload("alexnet-fc8", scale=0.05).layer
    eie = find("eie")
    room = sum(array_bytes(eie.layout(load_arch("eie", pes=pes).arch, layer)) for pes in (1, 2, 4))
    layouts = Layouts(eie, layer, most_bytes=room - 1)
    for pes in (1, 2, 1, 4, 1, 2):
        layouts.find(load_arch("eie", pes=pes).arch)
    assert layouts.made == 4  # 1, 2, 4 and, as it had gone, 2 again
    assert layouts.bytes < room


@given(st.lists(st.text("0123456789abcdef_.", min_size=1), min_size=1, max_size=5))
def test_words_have_the_hash_of_their_list(words):
    assert digest_of_words(*words) == digest(words)


@pytest.mark.parametrize("workload", ["alexnet-fc9", "none.npz", "alexnet:conv9x"])
def test_a_workload_that_does_not_exist_is_refused_before_anything_runs(workload):
    with pytest.raises(InputError, match="expected "):
        check_source(workload)
