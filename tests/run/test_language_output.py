"""What commands print of language models: formats, names, what energies are worth, tokens a second in stores."""

import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

import zeroskip as zs
from simulator.cli import app
from simulator.cli.tables.contexts import print_contexts
from simulator.cli.tables.model import print_model
from simulator.machines.tensor import PRICES_ARE_GUESSES
from simulator.plots.roofs import _roofs, _work_out
from tests.support.language import SMALL, write_small


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two Mamba blocks in two formats."""
    return write_small(tmp_path, SMALL.replace('"ME*-"', '"MM*E-"'))


def lines(print_it: object, what: object) -> list[str]:
    """Printed on a wide terminal."""
    written = io.StringIO()
    print_it(Console(file=written, width=300), what)  # type: ignore[operator]
    return written.getvalue().splitlines()


def row(printed: list[str], name: str) -> str:
    """The line of a table that begins with a name."""
    return next(line for line in printed if line.strip().startswith(f"{name}  "))


def test_a_run_shows_formats_and_what_joules_are_worth(path: Path) -> None:
    """Each row its format, the heading that of the weights; a sort in two formats shows both."""
    printed = lines(print_model, zs.run("tensor", path, context=8))
    assert "tiny, weights in nvfp4, on tensor, prices at 45 nm, 1000 MHz" in printed[0]
    for name, form in (("Mamba in", "nvfp4, fp8"), ("attention", "fp8"), ("Mamba states", "fp16"), ("head", "bf16")):
        assert re.search(rf"(product|attention|space) +{form} +[0-9]", row(printed, name)), name
    assert sum(PRICES_ARE_GUESSES in line for line in printed) == 1


def test_contexts_show_formats_and_what_joules_are_worth(path: Path) -> None:
    """The sentence once for all machines that it is about."""
    found = zs.compare_contexts(["tensor"], [path], [8, 9], formats=["fp8", "nvfp4"])
    assert [row.weight_format for row in found.rows] == ["fp8", "nvfp4"] * 2
    printed = lines(print_contexts, found)
    assert sum(f"tensor fp8, tensor nvfp4: {PRICES_ARE_GUESSES}" in line for line in printed) == 1
    assert any("weights in" in line for line in printed)


def test_json_of_networks_has_what_is_to_be_read_first(path: Path) -> None:
    """As that of a layer; machines with published prices have nothing to say."""
    content = zs.run("tensor", path, context=8).to_dict()
    assert content["lead"] == [PRICES_ARE_GUESSES]
    assert {one["layer"]: one["number_format"] for one in content["layers"]}["Mamba in"] == "nvfp4, fp8"
    plain = zs.run("eie", "alexnet", scale=0.01).to_dict()
    assert plain["lead"] == []
    assert "number_format" not in plain["layers"][-1]
    compared = zs.compare(["tensor", "eie"], "alexnet-fc8", scale=0.01)
    assert f"tensor: {PRICES_ARE_GUESSES}" in compared.notes()


def test_stores_have_tokens_a_second(path: Path, tmp_path: Path) -> None:
    """As a run gives them; a store of another network lacks the columns."""
    axes = {"batch": [1, 3]}
    zs.sweep("tensor", path, {**axes, "context": [8]}, store=tmp_path / "s.db", jobs=1)
    stored = zs.open_store(tmp_path / "s.db").frame()
    for frame in (stored, zs.sweep("tensor", zs.open_model(path, context=8), axes).to_frame()):
        for batch, one in zip((1, 3), frame.to_dict("records"), strict=True):
            alone = zs.run("tensor", path, batch=batch, context=8)
            assert one["tokens_per_s"] == pytest.approx(alone.tokens_per_s, rel=1e-12)
            assert one["joules_per_token"] == pytest.approx(alone.joules_per_token, rel=1e-12)
    printed = CliRunner().invoke(app, ["results", str(tmp_path / "s.db")]).output
    assert "tokens_per_s" in printed
    assert "joules_per_token" in printed
    zs.sweep("eie", "alexnet-fc8", {"pes": [4]}, store=tmp_path / "e.db", jobs=1, fixed={"scale": 0.01})
    assert "tokens_per_s" not in zs.open_store(tmp_path / "e.db").frame()


def test_side_paths_and_lists_show_whole_names(path: Path) -> None:
    """Also on a terminal of 80 columns."""
    written = io.StringIO()
    print_model(Console(file=written, width=80), zs.run("tensor", path, context=8, lora=2))
    assert "attention out B" in written.getvalue()
    assert "A and B: the two matrices of a side path of rank 2 in bf16" in written.getvalue()
    assert "..." not in written.getvalue()
    listed = CliRunner().invoke(app, ["list"], env={"COLUMNS": "80"}).output
    assert "gpt2-medium-step-pruned" in listed


def test_roofs_that_look_alike_are_one(path: Path) -> None:
    """Peaks that differ after the digits that a label shows."""
    content = json.loads(json.dumps(zs.run("tensor_h200", path, context=8).to_dict()))
    frame = pd.json_normalize(content["layers"]).assign(machine="tensor", config="tensor_h200", workload="tiny")
    texts = [f"{roof['peak']:,.4g} {roof['bandwidth']:,.3g}" for roof in _roofs(_work_out(frame))]
    assert len(texts) == len(set(texts)) > 1


def test_load_balance_of_a_state_space_is_that_of_its_unit() -> None:
    """Whose share of cycles it is, in words; the array does nothing there."""
    run = CliRunner().invoke(app, ["run", "tensor", "nemotron3-nano-state-space", "--scale", "0.1"]).output
    assert re.search(r"load balance +[0-9.]+% +of cycles the vector unit updates states", run)
    assert ", 1 step, " in run
