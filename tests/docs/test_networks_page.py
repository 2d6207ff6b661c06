"""The page of real networks: what its rows must show, whatever the figures are; and, slowly, that they still do."""

import json

import pandas as pd
import pytest
from support.paths import ROOT

from simulator.config.load import load_arch
from simulator.core.registry import machines
from workloads.sources.pretrained.networks import read_real
from workloads.sources.pretrained.onnx_models import ONNX_MODELS

ROWS = json.loads((ROOT / "docs" / "validation" / "networks.json").read_text("utf-8"))["rows"]
TOLERANCE = 1e-5
"""Of a tensor's greatest magnitude."""


def test_every_network_has_a_row_for_each_machine_and_runs_on_one():
    names = dict.fromkeys(row["network"] for row in ROWS)
    assert set(names) >= set(ONNX_MODELS) | {"opennsfw", "ddddocr"}
    kept = {row["machine"] for row in ROWS}
    known = {load_arch(one.default).name: name for name, one in machines().items()}
    assert kept <= set(known)
    for name in names:
        rows = [row for row in ROWS if row["network"] == name]
        assert len({row["machine"] for row in rows}) == len(rows) == len(kept)
        assert any(row["ran"] for row in rows)
    page = (ROOT / "docs" / "networks.md").read_text("utf-8")
    for name in set(known) - kept:
        assert f"`{known[name]}`" in page.partition("Not in this run: ")[2].partition("\n")[0]


def test_every_row_says_why_layers_did_not_run():
    for row in ROWS:
        assert row["ran"] == row["layers"] or row["not_run"], row
        assert len(row["reasons"]) == row["left_out"]


def test_outputs_are_equal_and_imported_layers_are_onnxruntimes():
    assert all(row["equal"] for row in ROWS if row["ran"])
    assert all(0 < row["float_error"] <= TOLERANCE for row in ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["opennsfw", "ddddocr", *ONNX_MODELS])
def test_imported_layers_compute_what_onnxruntime_computes(name):
    for sample in (0, 1):
        errors = read_real(name, sample).in_float.layer_errors()
        assert all(error is not None and error <= TOLERANCE for error in errors.values()), errors


def test_the_network_shown_by_layer_is_the_one_of_the_rows():
    frame = pd.read_csv(ROOT / "docs" / "validation" / "opennsfw.csv")
    assert frame["output_matches_reference"].all()
    for machine in ("scnn_8x8", "dcnn"):
        (row,) = (one for one in ROWS if (one["network"], one["machine"]) == ("opennsfw", machine))
        layers = frame[frame["config"] == machine]
        assert (len(layers), layers["cycles"].sum()) == (row["ran"], row["cycles"])
        assert layers["energy_uj"].sum() == pytest.approx(row["energy_uj"])
