"""Corners that a careful user ran into."""

import json
import os
import subprocess
import sys
from time import process_time

import numpy as np
import pytest
from support.configurations import formats
from support.layers import PLAIN, drawn
from support.paths import ROOT

import zeroskip as public
from simulator.config.load import shipped
from simulator.machines.eie.layout.streams import layout, violations
from simulator.run.simulate import simulate as run_layer
from simulator.run.verify import check_output
from workloads.errors import InputError
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.yaml_files import parse_yaml
from zeroskip import load_arch, load_workload, simulate

EIE = shipped()["eie_64pe"]
RNG = np.random.default_rng(0)
ARRAYS = {"weight": RNG.standard_normal((30, 50)), "activation": np.maximum(0, RNG.standard_normal(50))}


def zeroskip(*arguments, **environment):
    command = [sys.executable, "-m", "simulator.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment})


def test_arrays_are_a_workload_and_are_checked():
    workload = load_workload(ARRAYS, density=0.2)
    assert workload.layer.weight_density == 0.2
    assert check_output(simulate(load_arch("eie"), workload)).output_matches_reference
    drawn = load_workload({"weight": ARRAYS["weight"]}, activation_density=0.4)
    assert drawn.notes == ("its input [50] is drawn, 40 % of it non-zero (--activation-density)",)
    assert drawn.layer.activation_density == 0.4
    apart = load_workload({"weight": ARRAYS["weight"]}, activation=ARRAYS["activation"], density=0.2)
    assert check_output(simulate(load_arch("eie"), apart)).output_matches_reference


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_any_width_of_codes_runs(bits):
    config = load_arch("eie", weight_bits=bits, spmat_width_bits=96)
    workload = load_workload(ARRAYS, formats=formats(config))
    result = simulate(config, workload)
    assert check_output(result).output_matches_reference
    assert workload.layer.codebook.size == 1 << bits


@pytest.mark.parametrize("bits", [-1, 0, 9, 20])
def test_codes_of_no_width(bits):
    with pytest.raises(InputError, match="weight_bits is .*; expected an integer from 1 to 8"):
        load_workload(ARRAYS, formats={"fully connected": FullyConnectedFormat(bits)})


def test_a_machine_of_other_bits_quantises_to_its_bits():
    done = zeroskip("run", "eie", "nt-we", "--scale", 0.1, "--set", "weight_bits=3", "--json")
    found = json.loads(done.stdout)
    assert (found["arch"]["weight_bits"], found["output_matches_reference"]) == (3, True)
    assert load_workload("nt-we", scale=0.1, formats=formats(load_arch("eie", weight_bits=3))).layer.codebook.size == 8


def test_small_numbers_keep_their_places():
    tiny = {"weight": ARRAYS["weight"] * 1e-12, "activation": ARRAYS["activation"] * 1e-12}
    plain, small = (simulate(load_arch("eie"), load_workload(arrays)) for arrays in (ARRAYS, tiny))
    assert small.run.cycles == plain.run.cycles
    assert small.to_dict()["notes"] == []
    assert np.count_nonzero(small.run.output)


def test_what_16_bits_cannot_hold_is_said():
    wide = ARRAYS["activation"].copy()
    wide[0] = 1e6
    result = simulate(load_arch("eie"), load_workload({**ARRAYS, "activation": wide, "bias": np.ones(30)}))
    lost, bias = result.to_dict()["notes"]
    assert lost.endswith("non-zero activations are rounded to zero in 16 bits")
    assert bias == "the bias' activation of 1.0 is rounded to 0 in 16 bits"


def test_a_bias_without_a_codebook_is_said():
    layer = load_workload({**ARRAYS, "bias": np.ones(30)}, density=0).layer
    assert layer.notes == ("all biases are zero, as no level of the codebook is near them",)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2",
        "a: {b: 1, b: 2}",
        "a: 2024-99-99",
        "a: " + "9" * 5000,
        "[" * 5000,
        "1: a",
        "- a",
        "{a: b",
        "!!python/object/apply:os.getcwd []",
    ],
)
def test_yaml_that_is_refused(text):
    with pytest.raises(InputError, match=r"file\.yaml: it.*; expected ") as error:
        parse_yaml("file.yaml", text)
    assert len(str(error.value)) < 400


def test_yaml_floats_without_a_point_are_numbers():
    assert parse_yaml("file.yaml", "a: 1e-3\nb: 1.5e+3\nc: e3") == {"a": 0.001, "b": 1500.0, "c": "e3"}


MANY_FACTORS = f"capacity: [{', '.join(['9'] * 10**5)}]"


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        (
            "capacity: [1000000, 1000000, spmat_bytes]",
            "capacity is more than 1,099,511,627,776; expected at most as many",
        ),
        (MANY_FACTORS, "capacity has 100,000 factors; expected at most 16"),
    ],
    ids=["a product", "factors"],
)
def test_sizes_of_arrays_that_are_too_large(new, complaint, tmp_path):
    path, old = tmp_path / "own.yaml", "capacity: spmat_bytes"
    text = shipped()["eie_cacti"]
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(InputError) as error:
        load_arch(path)
    assert str(error.value) == f"{path}: technology.srams.spmat.{complaint}"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("lnzd: {value: 0.023", "total: {value: 0.023", "static_mw: a component is 'total'"),
        ("component: dram", "component: total", "energy_pj: a component is 'total'"),
        ("{32: 13.65", "{0: 13.65", "table.0"),
        ("by: spmat_width_bits", "by: batching", "by is 'batching'; expected a positive number of the architecture"),
        ("pes: {value: 64, ", "pes: {value: 64, unit: x, ", "arch.pes.unit is an unknown key; expected value, source"),
        ("activation_bits: {value: 16", "activation_bits: {value: 8", "arch.activation_bits is 8; expected 16"),
    ],
)
def test_more_bad_configurations(old, new, complaint, tmp_path):
    path = tmp_path / "own.yaml"
    assert old in EIE
    path.write_text(EIE.replace(old, new))
    with pytest.raises(InputError) as error:
        load_arch(path)
    assert complaint in str(error.value)


def test_numpy_integers_and_paths_are_taken(tmp_path):
    (tmp_path / "own.yaml").write_text(EIE)
    np.savez(tmp_path / "own.npz", **ARRAYS)
    assert load_arch(tmp_path / "own.yaml", pes=np.int64(4)).arch.pes == 4
    assert load_workload(tmp_path / "own.npz").layer.inputs == 50


@pytest.mark.parametrize(
    "changes", [{"pes": None}, {"pes": "4"}, {"clock_mhz": "fast"}, {"clock_mhz": 10**400}, {"name": 5}]
)
def test_changes_that_are_no_numbers(changes):
    with pytest.raises(InputError, match="set by the user.*; expected "):
        load_arch("eie", **changes)


def test_a_pointer_must_reach_the_end_of_the_last_slice():
    (streams,) = layout(PLAIN._replace(pes=1), drawn(0, 1, 4, 1.0, 1.0, bias=False, relu=False))
    assert streams.pointer[-1, 0] == 4
    found = [violations(PLAIN._replace(pes=1, pointer_bits=bits), (streams,)) for bits in (2, 3)]
    assert found == [["pointers: PE 0 ends at entry 4, 2 bits reach 3 (pointer_bits=3 or more PEs are enough)"], []]


def test_a_trace_of_negative_length():
    with pytest.raises(InputError, match="trace_cycles is -1; expected 0 or more"):
        run_layer(load_arch("eie"), load_workload(ARRAYS), trace_cycles=-1)


def test_many_passes_do_not_take_long():
    config = load_arch("eie", pes=1, batching=1, activation_registers=1)
    simulate(config, load_workload("nt-we", scale=0.01))  # compiles what is compiled
    workload, began = load_workload("nt-we", scale=0.2), process_time()
    result = simulate(config, workload)
    assert process_time() - began < 10
    assert check_output(result).output_matches_reference


def test_public_names_are_listed():
    assert {"load_arch", "load_workload", "simulate", "Result"} <= set(dir(public))


def test_odd_names_do_not_break_the_display(tmp_path):
    path = tmp_path / "x[red]☃.npz"
    np.savez(path, **ARRAYS)
    done = zeroskip("run", "eie", path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "x[red]\\u2603" in done.stdout
    done = zeroskip("run", "eie", tmp_path / "x[/].npz")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no such file" in done.stderr
    done = zeroskip("run", "eie", tmp_path / f"{'x' * 300}.npz")
    assert done.returncode == 2


def test_figures_are_never_cut_on_a_narrow_terminal():
    done = zeroskip("run", "eie", "nt-we", "--scale", 0.1, COLUMNS="40")
    assert "…" not in done.stdout


def test_the_engine_is_checked_before_the_layer_is_drawn():
    done = zeroskip("run", "eie", "nowhere.npz", "--engine", "verilog")
    assert "engine is 'verilog'" in done.stderr


def test_a_full_disk_is_a_sentence():
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        command = [sys.executable, "-m", "simulator.cli", "list"]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No space left on device" in done.stderr


def test_a_layer_too_large_to_draw(tmp_path):
    path = tmp_path / "own.yaml"
    sizes = "inputs: {value: 4000000000, source: x}\n  outputs: {value: 2, source: x}"
    path.write_text(
        f"huge:\n  about: x\n  {sizes}\n  bias: false\n  relu: false\n  weights: trained-fc\n"
        "  weight_density: {value: 0.1, source: x}\n"
        "  activations: {distribution: normal, density: {value: 0.5, source: x}}\n"
    )
    with pytest.raises(
        InputError, match="huge: it has 4,000,000,000 inputs and 2 outputs; expected at most 16,777,216"
    ):
        load_workload(path)


def test_text_that_is_no_utf_8(tmp_path):
    (tmp_path / "own.yaml").write_bytes(b"\xff\xfe\x80")
    with pytest.raises(InputError, match="own.yaml: it cannot be read .*; expected a configuration in YAML"):
        load_arch(str(tmp_path / "own.yaml"))
