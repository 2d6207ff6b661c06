"""Whatever is wrong with a file or an option: one sentence with file, key, value and what was expected."""

import pickle
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.damage import damage

import zeroskip as zs
from simulator.cli import main
from simulator.config.load import load_arch, parse_changes, shipped
from simulator.core.registry import machines
from workloads.errors import InputError
from workloads.model import load_workload
from workloads.sources.named_arrays import read_npz
from workloads.sources.zoo.recipes import read_recipes

MACHINES = ", ".join(machines())
GOOD = {
    "weight": np.array([[0.5, 0, -1], [0, 2, 0]], np.float32),
    "bias": np.array([0.1, 0.2], np.float32),
    "activation": np.array([1, 0, 2], np.float64),
    "relu": np.array(True),
}
CODED = {
    "weight_code": np.array([[1, 0, 2], [0, 3, 0]], np.uint8),
    "bias_code": np.array([0, 1], np.uint8),
    "codebook": np.array([0, -1, 1, 2], np.float32),
    "activation": np.array([1, 0, 2], np.float32),
}


def changed(base, **changes):
    return {key: value for key, value in {**base, **changes}.items() if value is not None}


def test_good_files_are_read(tmp_path):
    np.savez(tmp_path / "float.npz", **GOOD)
    np.savez_compressed(tmp_path / "coded.npz", **CODED)
    layer, coded = (read_npz(tmp_path / f"{name}.npz").layers[0].read().layer for name in ("float", "coded"))
    np.testing.assert_array_equal(layer.weight, GOOD["weight"])
    assert layer.relu
    assert layer.activation.dtype == np.float32
    np.testing.assert_array_equal(coded.weight_code, CODED["weight_code"])
    assert not coded.relu


BAD_ARRAYS = {
    "no weight": (changed(GOOD, weight=None), "it has no weight (it has bias, activation, relu)"),
    "nothing": ({}, "it has no weight (it has nothing)"),
    "unknown key": (changed(GOOD, wieght=GOOD["weight"]), "it has an unknown key wieght"),
    "nan": (changed(GOOD, activation=np.array([1, np.nan, 2])), "activation[1] is nan (1 such values)"),
    "infinite": (changed(GOOD, weight=np.full((2, 3), np.inf)), "weight[0, 0] is inf (6 such values)"),
    "beyond float32": (changed(GOOD, bias=np.array([1e300, 0])), "bias[0] is 1e+300"),
    "integers": (changed(GOOD, weight=np.ones((2, 3), int)), "weight has dtype int64; expected floating point"),
    "complex": (changed(GOOD, weight=np.ones((2, 3), complex)), "weight has dtype complex128"),
    "text": (changed(GOOD, bias=np.array(["a", "b"])), "bias has dtype <U1"),
    "vector weight": (changed(GOOD, weight=np.ones(3)), "weight has shape [3]; expected [outputs, inputs], not empty"),
    "empty weight": (changed(GOOD, weight=np.ones((0, 3))), "weight has shape [0, 3]"),
    "scalar": (changed(GOOD, activation=np.float64(1)), "activation has shape []"),
    "long activation": (
        changed(GOOD, activation=np.ones(4)),
        "activation has length 4; expected 3, the number of inputs",
    ),
    "short bias": (changed(GOOD, bias=np.ones(1)), "bias has length 1; expected 2, the number of outputs"),
    "relu number": (changed(GOOD, relu=np.array(1)), "relu has dtype int64 and shape []; expected one boolean"),
    "code too high": (
        changed(CODED, weight_code=np.full((2, 3), 4, np.uint8)),
        "weight_code has the code 4; expected codes below the codebook's 4 levels",
    ),
    "bias code too high": (changed(CODED, bias_code=np.array([0, 9])), "bias_code has the code 9"),
    "negative code": (changed(CODED, weight_code=np.full((2, 3), -1)), "weight_code has values from -1 to -1"),
    "float code": (
        changed(CODED, weight_code=np.ones((2, 3))),
        "weight_code has dtype float64; expected integer codes",
    ),
    "level zero": (changed(CODED, codebook=np.ones(4)), "codebook[0] is 1.0; expected 0"),
    "long codebook": (changed(CODED, codebook=np.zeros(257)), "codebook has 257 levels; expected at most 256"),
    "no codebook": (changed(CODED, codebook=None), "it has no codebook"),
    "both forms": ({**CODED, "weight": GOOD["weight"]}, "it has an unknown key weight"),
}


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_bad_arrays(case, tmp_path):
    arrays, complaint = BAD_ARRAYS[case]
    path = tmp_path / "layer.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError) as error:
        read_npz(path)
    assert str(error.value).startswith(f"{path}: {complaint}")
    assert "; expected " in str(error.value)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("the pickle was loaded",))


def test_pickles_are_never_loaded(tmp_path):
    path = tmp_path / "layer.npz"
    np.savez(path, weight=np.array([Bomb()], dtype=object), activation=np.ones(1))
    with pytest.raises(
        InputError, match="weight cannot be read .* pickled objects are never loaded.; expected an .npz archive"
    ):
        read_npz(path)
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(
        InputError, match="it cannot be read .* pickled objects are never loaded.; expected an .npz archive"
    ):
        read_npz(path)


def test_files_that_are_no_archives(tmp_path):
    with pytest.raises(InputError, match="there is no such file; expected an .npz archive"):
        read_npz(tmp_path / "none.npz")
    path = tmp_path / "layer.npz"
    for content in (b"", b"PK\x03\x04 no archive", b"\x93NUMPY", b"some text"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="layer.npz: it .*; expected "):
            read_npz(path)
    with path.open("wb") as file:
        np.save(file, np.ones(3))
    with pytest.raises(InputError, match="it holds a single array; expected an .npz archive of named arrays"):
        read_npz(path)


@given(st.data())
def test_a_damaged_file_is_refused_in_a_sentence_or_still_a_layer(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "layer.npz"
    np.savez_compressed(path, **data.draw(st.sampled_from([GOOD, CODED])))
    damage(data, path)
    try:
        read_npz(path)
    except InputError as error:
        assert re.fullmatch(r".*layer\.npz: .*; expected .*", str(error))


EIE = shipped()["eie_64pe"]
BAD_CONFIGS = {
    "no yaml": ("machine: [", "it is no YAML"),
    "a list": ("- 1", "it holds list; expected a mapping"),
    "nothing": ("", "it is empty; expected a mapping"),
    "a comment": ("# nothing\n---\n", "it is empty; expected a mapping"),
    "unknown part": (EIE + "\ncolour: red", "colour is an unknown key"),
    "unknown machine": (EIE.replace("machine: eie", "machine: tpu"), "machine is 'tpu'; expected one of eie"),
    "unknown arch key": (EIE.replace("  pes:", "  pse:"), "arch.pes is missing (it has pse)"),
    "missing arch key": (re.sub(r"  queue_depth:.*\n", "", EIE), "arch.queue_depth is missing"),
    "no source": (re.sub(r"pes: {value: 64, source: .*}", "pes: {value: 64}", EIE), "arch.pes.source is missing"),
    "empty source": (
        re.sub(r"pes: {value: 64, source: .*}", "pes: {value: 64, source: ''}", EIE),
        "arch.pes.source is ''",
    ),
    "bare number": (re.sub(r"pes: {value: 64, source: .*}", "pes: 64", EIE), "arch.pes is 64"),
    "zero PEs": (
        EIE.replace("pes: {value: 64", "pes: {value: 0"),
        "arch.pes is 0; expected an integer from 1 to 16384",
    ),
    "half a PE": (
        EIE.replace("pes: {value: 64", "pes: {value: 0.5"),
        "arch.pes.value is 0.5; expected a valid integer",
    ),
    "text": (EIE.replace("pes: {value: 64", "pes: {value: many"), "arch.pes.value is 'many'; expected a valid integer"),
    "yes": (EIE.replace("batching: {value: 0", "batching: {value: yes"), "arch.batching.value is True"),
    "nan price": (
        EIE.replace("value: 0.7503", "value: .nan"),
        "energy_pj.multiplies.value is nan; expected a finite number",
    ),
    "negative price": (EIE.replace("value: 640", "value: -1"), "energy_pj.dram_words.value is -1"),
    "no clock": (EIE.replace("clock_mhz: {value: 800", "clock_mhz: {value: 0"), "clock_mhz.value is 0"),
    "event without price": (re.sub(r"    padding: .*\n", "", EIE), "technology.energy_pj.padding is missing"),
    "price without event": (EIE.replace("multiplies: {", "multiplys: {"), "energy_pj."),
    "two prices": (
        EIE.replace("by: spmat_width_bits", "by: spmat_width_bits\n      value: 3"),
        "either a value, or a table",
    ),
    "price by nothing": (EIE.replace("by: spmat_width_bits", "by: colour"), "spmat_row_reads.by is 'colour'"),
    "unknown unit": (
        EIE.replace('per: lnzd_node, source: "paper, section VI"', "per: node, source: x"),
        "per is 'node'",
    ),
}


@pytest.mark.parametrize("case", BAD_CONFIGS)
def test_bad_configurations(case, tmp_path):
    text, complaint = BAD_CONFIGS[case]
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        load_arch(str(path))
    assert str(error.value).startswith(f"{path}: ")
    assert complaint in str(error.value)
    assert "; expected " in str(error.value)


def test_an_own_configuration_is_read(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(EIE.replace("pes: {value: 64", "pes: {value: 16"))
    config = load_arch(str(path), queue_depth=4)
    assert (config.name, config.arch.pes, config.arch.queue_depth) == ("own", 16, 4)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (["pez=3"], "pez is an unknown key (set by the user); expected pes"),
        (["pes=0"], "pes is 0 (set by the user); expected an integer from 1 to 16384"),
        (["pes=2.5"], "pes is 2.5 (set by the user); expected an integer from 1 to 16384"),
        (["pes=1e9"], "pes is 1000000000.0 (set by the user)"),
        (["pes"], "--set pes: it is no setting; expected KEY=VALUE"),
        (["pes=many"], "pes is many (set by the user); expected an integer from 1 to 16384"),
        (["clock_mhz=fast"], "clock_mhz is fast (set by the user); expected a number from 1e-06 to 1e+09"),
        (["dram=ddr"], "dram is ddr (set by the user); expected one of ddr3_1600, ddr4_2400, "),
        (["dram=3"], "dram is 3 (set by the user); expected one of ddr3_1600"),
        (["clock_mhz=-5"], "clock_mhz is -5 (set by the user); expected a number from 1e-06 to 1e+09"),
        (["clock_mhz=nan"], "clock_mhz is nan (set by the user); expected a number from"),
        (["spmat_width_bits=4"], "spmat_width_bits is 4; expected at least weight_bits + index_bits = 8"),
    ],
)
def test_bad_settings(settings, complaint):
    with pytest.raises(InputError) as error:
        _simulate(load_arch("eie", **parse_changes(settings)))
    assert complaint in str(error.value)


def _simulate(config):
    from zeroskip import simulate

    return simulate(config, load_workload("nt-we", scale=0.02))


RECIPE = """
mine:
  about: a layer of a user
  inputs: {value: 40, source: mine}
  outputs: {value: 30, source: mine}
  bias: true
  relu: false
  weight_density: {value: 0.2, source: mine}
  weights: trained-fc
  activations: {distribution: normal, density: {value: 0.5, source: mine}}
"""


def test_an_own_recipe_is_drawn(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(RECIPE)
    workload = load_workload(str(path))
    assert workload.name == "mine"
    assert workload.layer.weight_density == 240 / 1200
    assert load_workload(f"{path}:mine").layer.weight_density == 0.2
    with pytest.raises(InputError, match="layer is 'yours'; expected .*own.yaml:LAYER with one of mine"):
        load_workload(f"{path}:yours")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("value: 0.2", "value: -0.2", "mine: weight_density.value is -0.2; expected greater than or equal to 0"),
        ("value: 40", "value: 0", "mine: inputs.value is 0"),
        ("bias: true", "bias: 1", "mine: bias is 1; expected a valid boolean"),
        (
            "weights: trained-fc",
            "weights: nothing",
            "mine: weights is 'nothing'; expected a mapping or one of trained-fc",
        ),
        ("about: a layer of a user", "", "mine: about is missing"),
        ("normal", "uniform", "mine: activations.distribution is 'uniform'"),
    ],
)
def test_bad_recipes(old, new, complaint):
    with pytest.raises(InputError) as error:
        read_recipes("own.yaml", RECIPE.replace(old, new))
    assert str(error.value).startswith(f"own.yaml: {complaint}")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["run", "eie", "nowhere.npz"], "nowhere.npz: there is no such file; expected an .npz archive"),
        (
            ["run", "eie", "alexnet-fc9"],
            "alexnet-fc9: there is no such workload; "
            "expected a file (.npz, .yaml, .safetensors, .onnx, .mtx, .smtx) or one of alexnet-fc",
        ),
        (
            ["run", "tpu", "nt-we"],
            f"tpu: there is no such configuration; expected a .yaml file, a machine ({MACHINES}) or",
        ),
        (["run", "eie", "nt-we", "--set", "pes=0"], "pes is 0 (set by the user); expected an integer from 1 to 16384"),
        (["run", "eie", "nt-we", "--density", "-0.5"], "density is -0.5; expected a number from 0 to 1"),
        (["run", "eie", "nt-we", "--density", "nan"], "density is nan; expected a number from 0 to 1"),
        (["run", "eie", "nt-we", "--scale", "0"], "scale is 0.0; expected a number above 0 and at most 1"),
        (["run", "eie", "nt-we", "--seed", "-1"], "seed is -1; expected a whole number, 0 or more"),
        (
            ["run", "eie", "nt-we", "--engine", "verilog", "--scale", "0.1"],
            "engine is 'verilog'; expected one of numba, simpy",
        ),
        (
            ["run", "tensor", "nt-we", "--format", ""],
            "weight_format is '' (set by the user); expected one of codebook4",
        ),
        (["run", "eie", "nt-we", "--json", "--csv"], "both --json and --csv are given; expected one of them"),
        (["run", "none.yaml", "nt-we"], "none.yaml: there is no such file; expected a configuration in YAML"),
        (["check", "eie", "none.yaml"], "none.yaml: there is no such file; expected a YAML file of recipes"),
        (["validate", "tpu"], "machine is 'tpu'; expected one of eie"),
    ],
)
def test_the_command_line_says_it_in_a_sentence_and_exits_with_2(arguments, complaint, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["zeroskip", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    found = capsys.readouterr()
    assert stop.value.code == 2
    assert found.out == ""
    assert found.err.startswith("zeroskip: ")
    assert complaint in found.err
    assert "Traceback" not in found.err
    assert found.err.count("\n") == 1


FIRST = f"it is a workload; expected a machine or a configuration first ({MACHINES} or a .yaml file)"


@pytest.mark.parametrize("workload", ["net.onnx", "a/net.onnx:fc1", "m.npz", "t.safetensors", "m.mtx", "nt-we"])
@pytest.mark.parametrize(
    "command",
    [
        ["run"],
        ["check"],
        ["trace"],
        ["trace", "-o", "a.json"],
        ["requests"],
        ["run", "--seed", "3"],
        ["sweep"],
        ["sweep", "--over", "pes=1,2"],
        ["run", "eie"],
        ["sweep", "eie", "--over", "pes=1,2"],
        ["check", "eie", "--set", "pes=4"],
    ],
)
def test_a_workload_in_place_of_the_machine(command, workload, capsys, monkeypatch):
    name, *others = command
    monkeypatch.setattr("sys.argv", ["zeroskip", name, workload, *others])
    with pytest.raises(SystemExit) as stop:
        main()
    found = capsys.readouterr()
    assert (stop.value.code, found.out) == (2, "")
    assert found.err.startswith(f"zeroskip: {workload}: {FIRST}")
    assert found.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["ablate", "nt-we", "--machine", "m.npz"], ["compare", "nt-we", "--machines", "m.npz,eie"]]
)
def test_a_workload_as_an_option_of_machines(arguments, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["zeroskip", *arguments])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err.startswith(
        "zeroskip: m.npz: it is a workload; expected a .yaml file, a machine (eie,"
    )


@pytest.mark.parametrize("arguments", [["run", "eie"], ["run"], ["run", "own.yaml"], ["run", "net.onnx", "--nothing"]])
def test_what_else_is_missing_is_said_with_the_usage(arguments, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["zeroskip", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("zeroskip: run: ")
    assert "; expected `zeroskip run [OPTIONS] " in line


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        (["run", "eie", "nt-we", "--tokens", "0"], "run: invalid value for '--tokens'"),
        (["run", "eie", "nt-we", "--scale", "\N{ARABIC-INDIC DIGIT ZERO}.x"], "run: invalid value for '--scale'"),
        (["nothing"], "the command line: no such command 'nothing'"),
        (["--nothing"], "the command line: no such option"),
        (["compress", "nt-we", "--index-bits", "4", "--index-bits", "5"], "--index-bits: it is given 2 times"),
        (["report", "e.json", "-o", "e.html", "--output", "f.html"], "--output: it is given 2 times; expected one"),
        (["inspect", "w.npz", "--json", "--json"], "--json: it is given 2 times; expected one"),
    ],
)
def test_what_the_command_line_itself_refuses_is_one_sentence(arguments, start, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["zeroskip", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"zeroskip: {start}")
    assert "; expected " in line


def test_a_workload_in_place_of_the_machine_in_python():
    layer = zs.load_workload("nt-we", scale=0.02)
    for workload in ("net.onnx", "nt-we", Path("m.npz"), zs.open_model("nt-we"), layer):
        for call in (
            lambda one: zs.run(one, "eie"),
            lambda one: zs.simulate(one, "eie"),
            lambda one: zs.check(one, "eie"),
            lambda one: zs.compare(one, ["eie", "dcnn"]),
            lambda one: zs.compare([one], "eie"),
            lambda one: zs.sweep(one, "eie", {"pes": [1]}),
            lambda one: zs.sweep(one, "eie", {"pes": [1]}, store="own.db"),
        ):
            with pytest.raises(zs.InputError, match=re.escape(FIRST)):
                call(workload)


def test_the_examples_here_are_what_they_seem():
    assert yaml.safe_load(EIE)["machine"] == "eie"
    assert all(text != EIE for text, _ in BAD_CONFIGS.values())
