"""Tables fit the terminal: names are shortened in the middle, numbers never; a network's table is readable."""

import io
import json
import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from safetensors.numpy import save_file
from support import own_networks
from typer.testing import CliRunner

from simulator.cli import app
from simulator.cli.tables.model import print_model
from simulator.cli.tables.result import _distance, make_table
from simulator.config.load import load_arch
from simulator.plots import sweeps
from simulator.results.model_result import LayerRow, ModelResult
from simulator.results.text import DIGITS, fixed, short, shorten_middle
from workloads.errors import InputError

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14)


def digits(text):
    """Significant digits of a number's text; zeros before the point that only fill places do not count."""
    plain = text.partition("e")[0].lstrip("-").replace(",", "")
    return len(plain.replace(".", "").strip("0") if "." not in plain else plain.replace(".", "").lstrip("0"))


@given(FINITE, st.integers(0, 6))
def test_a_number_has_at_most_six_digits(value, decimals):
    for text in (fixed(value, decimals), short(value)):
        assert digits(text) <= DIGITS, text
    assert math.isclose(float(short(value).replace(",", "")), value, rel_tol=1e-5)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1234567.0, "1,234,570"), (0.58, "0.58"), (12.3456789, "12.3457"), (1e-9, "1e-09"), (3e20, "3e+20")],
)
def test_numbers_are_short(value, text):
    assert short(value) == text


def test_decimals_beyond_the_sixth_digit_are_not_shown():
    assert [fixed(value, 1) for value in (12.34, 123456.78, 1234567.8)] == ["12.3", "123,457", "1,234,570"]


@given(st.text(min_size=1, max_size=60), st.integers(5, 60))
def test_a_name_keeps_its_ends(name, width):
    shown = shorten_middle(name, width)
    assert len(shown) <= max(width, 5)
    if len(name) <= width:
        assert shown == name
    else:
        begin, end = shown.split("...")[0], shown[len(shown) - (width - 3) // 2 :]
        assert name.startswith(begin)
        assert name.endswith(end)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=5),
    st.integers(20, 120),
)
def test_no_number_is_ever_cut(rows, width):
    table = make_table("", "layer")
    for head in ("the first of the columns", "b"):
        table.add_column(head, justify="right")
    for length, one, two in rows:
        table.add_row("x" * length, f"{one:,}", f"{two:,}")
    out = io.StringIO()
    Console(file=out, width=width).print(table)
    lines = [line.split() for line in out.getvalue().splitlines()]
    shown = [line[1:] for line in lines if len(line) == 3 and line[0].startswith("x")]
    assert shown == [[f"{one:,}", f"{two:,}"] for _, one, two in rows]


LONG = "model/block_1/re_lu_3/Relu;model/block_1/batch_normalization_3/FusedBatchNormV3;model/conv2d_5/Conv2D"


def test_long_names_are_shortened_at_80_columns(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    save_file(
        {f"{LONG}.weight": np.random.default_rng(0).normal(size=(8, 24)).astype(np.float32)}, tmp_path / "l.safetensors"
    )
    made = tmp_path / "c.safetensors"
    shown = CliRunner().invoke(app, ["compress", str(tmp_path / "l.safetensors"), "-o", str(made)]).stdout
    (row,) = [line for line in shown.splitlines() if "..." in line]
    begin, end = re.match(r" (\S+)\.\.\.(\S+)", row).groups()
    assert LONG.startswith(begin)
    assert f"{LONG}.weight".endswith(end) or LONG.endswith(end)
    assert row.split()[1:3] == ["192", "100.0%"]
    assert max(map(len, shown.splitlines()[:6])) <= 80
    inspected = CliRunner().invoke(app, ["inspect", str(made)]).stdout
    (row,) = [line for line in inspected.splitlines() if "8 x 24" in line]
    assert row.split()[-5:] == ["codebook", "16", "4", "no", "no"]
    assert len(row) <= 80


def many(count):
    """A network of so many layers, with long names; one does not fit, one did not run."""
    figures = {"operations": 1, "time_us": 1234.5, "energy_uj": 12345.678, "edp_uj_us": 1.0, "dram_bytes": 7}
    shares = {"weight": 0.3, "activation": 0.45}
    rows = [
        LayerRow(f"stage_{n}/unit_{n}/bottleneck/convolution_{n}/kernel", "convolution", shares,
                 shape="512>2048, 1x1/2, 112x112", cycles=1_234_567 + n, output_matches_reference=True, **figures)
        for n in range(count)
    ]  # fmt: skip
    rows[3] = rows[3]._replace(violations=("the OARAM is too small",))
    rows.append(LayerRow("pool", "pooling", reason="no pooling layers run"))
    return ModelResult(load_arch("scnn"), "net", tuple(rows))


@pytest.mark.parametrize("width", [80, 100])
def test_a_network_of_53_layers_is_readable(width):
    out, result = io.StringIO(), many(53)
    print_model(Console(file=out, width=width), result)
    lines = out.getvalue().splitlines()
    rows = [line.split() for line in lines if line.startswith(" stage_")]
    assert len(rows) == 53
    assert [row[-4] for row in rows] == [f"{1_234_567 + n:,}" for n in range(53)]
    assert [row[-1] for row in rows].count("no") == 1
    assert rows[3][-1] == "no"
    assert all(row[-3:-1] == ["1,234.5", "12,346"] and row[-6:-4] == ["30.0", "45.0"] for row in rows)
    assert max(len(line) for line in lines if line.startswith(" stage_")) <= max(width, 100)
    assert "pool - did not run: no pooling layers run" in out.getvalue()
    (total,) = [line for line in lines if line.startswith(" 53 of 54 layers")]
    assert total.split()[4:] == [f"{sum(1_234_567 + n for n in range(53)):,}", "65,428", "654,320", "no"]


def test_a_convolution_is_headed_with_channels_kernel_and_plane():
    arguments = ["run", "scnn", "alexnet-conv2", "--scale", "0.2"]
    flat = " ".join(CliRunner().invoke(app, arguments).stdout.split())
    assert re.search(r"alexnet-conv2 on scnn_8x8: \d+ channels to \d+, kernel 5 x 5, plane \d+ x \d+, ", flat)
    rows = json.loads(CliRunner().invoke(app, ["run", "scnn", "alexnet", "--scale", "0.05", "--json"]).stdout)["layers"]
    assert all(row["shape"] for row in rows)
    assert re.fullmatch(r"\d+>\d+, 11x11/4, \d+x\d+", rows[0]["shape"])


def test_a_note_that_names_its_layer_names_it_once():
    rows = (LayerRow("lstm.forward", "LSTM", notes=("lstm.forward: its state starts at 0", "it is drawn")),)
    notes = ModelResult(load_arch("ese"), "net", rows, True).notes()
    assert notes == ["lstm.forward - its state starts at 0", "lstm.forward - it is drawn"]


@pytest.mark.parametrize(("voices", "text"), [(1, "(1 voice, 1 time step)"), (2, "(2 voices, 1 time step)")])
def test_one_voice_is_no_voices(voices, text):
    content = {"voices": voices, "time_steps": 1, "distance_from_float": 0.01}
    ((_, _, remark),) = _distance(content)
    assert remark.endswith(text)


@pytest.mark.parametrize(
    ("options", "words"), [([], "no pruning"), (["--density", "0.5"], "magnitude pruning to density 0.5")]
)
def test_the_method_of_a_compressed_network(tmp_path, options, words):
    save_file({"fc.weight": np.ones((4, 6), np.float32)}, tmp_path / "l.safetensors")
    made = tmp_path / "c.safetensors"
    CliRunner().invoke(app, ["compress", str(tmp_path / "l.safetensors"), "-o", str(made), *options])
    inspected = json.loads(CliRunner().invoke(app, ["inspect", str(made), "--json"]).stdout)
    assert inspected["method"] == f"{words}, k-means to 4 bits, from l.safetensors"


def test_how_weights_were_made_is_a_note_and_nothing_left_out(tmp_path):
    tensors = {"fc.weight_orig": np.ones((4, 6), np.float32), "fc.weight_mask": np.ones((4, 6), np.float32)}
    save_file(tensors, tmp_path / "l.safetensors")
    sentence = "fc: fc.weight is made of fc.weight_orig and fc.weight_mask"
    content = json.loads(CliRunner().invoke(app, ["compress", str(tmp_path / "l.safetensors"), "--json"]).stdout)
    assert (content["skipped"], content["notes"]) == ([], [sentence])
    shown = " ".join(CliRunner().invoke(app, ["compress", str(tmp_path / "l.safetensors")]).stdout.split())
    assert f"note {sentence}" in shown
    assert "left out" not in shown


@pytest.mark.parametrize("ending", [".onnx", ".npz"])
def test_inspect_names_the_files_that_it_takes(tmp_path, ending):
    (tmp_path / f"net{ending}").write_bytes(b"x")
    refused = CliRunner().invoke(app, ["inspect", str(tmp_path / f"net{ending}")]).exception
    assert isinstance(refused, InputError)
    expected = f"it is an {ending} file; expected a .safetensors file that `zeroskip compress` wrote"
    assert str(refused) == f"{tmp_path / f'net{ending}'}: {expected}"


WORDS = {
    "eie": ("issue an entry", "entries", "padding"),
    "ese": ("issue an entry", "entries", "padding"),
    "scnn": ("multiply", "products", "gated"),
    "dcnn": ("multiply", "products", "gated"),
    "dcnn_opt": ("multiply", "products", "gated"),
    "eyeriss_v2": ("multiply", "products", "gated"),
}


@pytest.mark.parametrize("machine", WORDS)
def test_a_result_is_described_in_the_words_of_its_machine(machine, tmp_path):
    work, every, idle = WORDS[machine]
    layer = "google-lstm" if machine == "ese" else "nt-we"
    command = ["run", machine, layer, "--scale", "0.02"]
    shown = CliRunner().invoke(app, command).stdout
    assert f"of the PEs' cycles {work}" in shown
    assert re.search(rf"\d {every}, [\d,]+ of them {idle}\b", shown)
    for other in {word for words in WORDS.values() for word in words[1:]} - {every, idle}:
        assert f"{other}," not in shown
        assert f"of them {other}" not in shown
    (tmp_path / "r.json").write_text(CliRunner().invoke(app, [*command, "--json"]).stdout)
    made = CliRunner().invoke(app, ["report", str(tmp_path / "r.json"), "-o", str(tmp_path / "r.html")])
    assert made.exit_code == 0, made.output
    assert f"of the PEs&#x27; cycles {work}" in (tmp_path / "r.html").read_text()


def test_the_padding_picture_has_the_words_of_the_machines():
    frame = pd.DataFrame({"machine": ["dcnn"], "units.pe": [4], "entries": [10], "padding_entries": [5]})
    frame = frame.assign(config="x", workload="y")
    assert sweeps.padding(frame, "").get_ylabel() == "gated (% of all products)"
    assert sweeps.padding(frame.assign(machine="eie"), "").get_ylabel() == "padding (% of all entries)"
    both = pd.concat([frame, frame.assign(machine="ese")])
    assert sweeps.padding(both, "").get_ylabel() == "padding (% of all entries)"


@pytest.mark.parametrize(
    ("machine", "network", "heading", "note"),
    [
        (
            "scnn",
            own_networks.cnn,
            "in>out, kernel, plane",
            "shapes are channels in>out (g: groups), kernel (/: stride",
        ),
        (
            "dcnn",
            own_networks.cnn,
            "in>out, kernel, plane",
            "shapes are channels in>out (g: groups), kernel (/: stride",
        ),
        ("eie", own_networks.mlp, "inputs x outputs", None),
    ],
)
def test_columns_of_layers_say_what_they_count(machine, network, heading, note, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    shown = CliRunner().invoke(app, ["run", machine, str(network(tmp_path / "net.onnx"))]).stdout
    assert heading in shown
    assert ("note  shapes are" in shown) == (note is not None)
    assert note is None or note in shown
    assert "note  % of weights and activations: those that are not zero" in shown
    assert "note  SQNR: of what a layer puts out where the network has its compressed weights" in shown


def test_numbers_in_brackets_are_named():
    shown = CliRunner().invoke(app, ["run", "ese", "google-lstm", "--scale", "0.02"]).stdout
    assert "schedule of a time step of google-lstm (in brackets: cycles)" in shown
