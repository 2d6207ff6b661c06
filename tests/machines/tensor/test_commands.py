"""The tensor engine in the commands: formats, tokens, sweeps, other machines."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from simulator.cli import app
from workloads.errors import InputError
from zeroskip import load_arch, run


@pytest.fixture
def layer(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "layer.npz"
    np.savez(path, weight=rng.standard_normal((24, 80), np.float32), activation=rng.standard_normal(80, np.float32))
    return str(path)


def answer(*arguments):
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize(("form", "bits"), [("nvfp4", 4.5), ("fp8", 8), ("int4-g16", 5), ("bf16", 16)])
def test_run_in_a_format(layer, form, bits):
    found = answer("run", "tensor", layer, "--format", form)
    assert found["output_matches_reference"]
    assert found["bits_per_weight"] == pytest.approx(bits, abs=0.02)
    assert (found["inputs"], found["outputs"], found["counts"]["dram_output_bytes"]) == (80, 24, 4 * 24)


def test_a_run_says_first_what_its_energies_are_worth(layer):
    shown = " ".join(CliRunner().invoke(app, ["run", "tensor_b200", layer]).stdout.split())
    sentence = (
        "Prices are guesses of public simulators for 45 nm, so that only ratios between runs mean something: "
        "no joule, no watt"
    )
    assert shown.index(sentence) < shown.index("inferences")
    assert answer("run", "tensor_b200", layer)["lead"] == [sentence]
    assert answer("run", "eie", layer)["lead"] == []


@pytest.mark.parametrize(("tokens", "words"), [(1, "1 token of 80 inputs"), (5, "5 tokens of 80 inputs")])
def test_tokens_are_counted_in_words(layer, tokens, words):
    assert words in " ".join(CliRunner().invoke(app, ["run", "tensor", layer, "--tokens", str(tokens)]).stdout.split())


def test_tokens_make_a_matrix_product(layer):
    found = answer("run", "tensor", layer, "--tokens", 5)
    assert found["output_matches_reference"]
    assert found["counts"]["dram_output_bytes"] == 4 * 5 * 24
    refused = CliRunner().invoke(app, ["run", "eie", layer, "--tokens", "5"])
    assert refused.exit_code != 0


def test_compare_with_eie_in_several_formats(layer):
    shown = CliRunner().invoke(app, ["compare", layer, "--machines", "eie,tensor", "--formats", "nvfp4,codebook4"])
    assert shown.exit_code == 0, shown.output
    assert "outputs equal the reference kernels', bit for bit" in " ".join(shown.stdout.split())
    for name in ("eie nvfp4", "eie codebook4", "tensor nvfp4", "tensor codebook4"):
        assert name in shown.stdout


def test_more_steps_than_a_run_may_have():
    small = {"rows": 1, "columns": 1, "tile_k": 64}
    what = "it takes 4,096,000 steps of tile_k places; expected at most 2,097,152, with larger tiles"
    with pytest.raises(InputError, match=what):
        run(load_arch("tensor", **small), np.zeros((1000, 4096), np.float32), tokens=64)


def test_a_sweep_over_tokens_and_formats_has_a_roofline(layer, tmp_path):
    store, picture = tmp_path / "s.db", tmp_path / "r.png"
    over = ["--over", "tokens=1,8", "--over", "weight_format=fp8,nvfp4", "--store", str(store)]
    done = CliRunner().invoke(app, ["sweep", "tensor", layer, *over])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(app, ["plot", str(store), "roofline", "-o", str(picture)]).exit_code == 0
    assert picture.stat().st_size > 0
