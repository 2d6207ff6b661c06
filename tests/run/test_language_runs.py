"""A step of a small language model on the tensor engine: rows, tokens, bytes, and what other commands make of it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import zeroskip as zs
from simulator.cli import app
from simulator.results.model_result import ModelResult
from tests.support.language import SMALL, write_small
from workloads.errors import InputError


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model, with two blocks of experts."""
    return write_small(tmp_path_factory.mktemp("language"), SMALL.replace('"ME*-"', '"MEE*-"'))


@pytest.fixture(scope="module")
def result(path: Path) -> ModelResult:
    """Three sequences on a context of twenty tokens."""
    return zs.run("tensor", path, batch=3, context=20)


def test_a_row_is_a_sort_of_layers(result: ModelResult) -> None:
    """Layers of one sort are one row with their number; totals are over all of them."""
    layers = {row.layer: row.layers for row in result.rows}
    assert layers["experts"] == layers["router"] == 2
    assert layers["attention"] == layers["head"] == 1
    assert sum(layers.values()) == 15 + 6
    assert result.total().cycles == sum(row.cycles or 0 for row in result.rows)
    assert result.output_matches_reference is True


def test_rows_are_the_sums_of_single_layers(path: Path, result: ModelResult) -> None:
    """Each layer alone takes what it takes in the whole step; the experts are drawn for each."""
    alone = [zs.run("tensor", f"{path}:tiny/{block}-experts", batch=3, context=20) for block in (1, 2)]
    (row,) = (one for one in result.rows if one.layer == "experts")
    assert row.cycles == sum(one.cycles for one in alone)
    assert row.dram_bytes == sum(one.total().dram_bytes for one in alone)


def test_bytes_by_part_add_up(result: ModelResult) -> None:
    """To the bytes of DRAM; keys, values and states by formula."""
    parts = result.bytes_by_part
    assert sum(parts.values()) == result.total().dram_bytes
    assert parts["dram_key_bytes"] == parts["dram_value_bytes"] == 3 * 2 * 20 * 3  # FP8: sequences, heads, keys, width
    states, window = 2 * 2 * 5 * 7, 2 * 3 * (10 + 14)  # FP16 [heads, width, state width], BF16 [taps - 1, channels]
    assert parts["dram_state_bytes"] == 3 * 2 * (states + window)


def test_tokens_a_second_and_joules(result: ModelResult) -> None:
    """A token of each sequence in the time of the step."""
    assert result.tokens == 3
    assert result.tokens_per_s == pytest.approx(3e6 / result.time_us)
    assert result.joules_per_token == pytest.approx(result.energy_uj * 1e-6 / 3)
    content = result.to_dict()
    assert content["tokens"] == 3
    assert content["options"]["batch"] == 3
    assert "tokens" not in zs.run("eie", "alexnet", scale=0.01).to_dict()


def test_both_witnesses_agree_on_every_sort(path: Path) -> None:
    """Of each sort, a small layer with values, on model, engine and kernel."""
    rows = zs.check("tensor", path, batch=2, context=20)
    assert {row.kind for row in rows if row.reason is None} == {"matrix product", "attention", "experts", "state space"}
    assert not any(row.difference for row in rows)


def test_machines_without_the_kinds_say_so(path: Path) -> None:
    """In a sentence, and a matrix of the model runs on them."""
    with pytest.raises(InputError, match="tiny: none of its layers ran"):
        zs.run("eie", path)
    assert zs.run("eie", f"{path}:tiny/expert-down", activation_density=0.5).output_matches_reference is True


def test_models_over_contexts(path: Path) -> None:
    """A row for each context and machine; longer contexts read more keys."""
    found = zs.compare_contexts(["tensor"], [path], [16, 64], batch=2)
    short, long = found.rows
    assert (short.context, long.context, short.batch, short.ratio) == (16, 64, 2, 1.0)
    assert long.bytes_by_part["dram_key_bytes"] == 4 * short.bytes_by_part["dram_key_bytes"]
    assert list(found.to_frame()["tokens_per_s"]) == [short.tokens_per_s, long.tokens_per_s]
    with pytest.raises(InputError, match="alexnet: context is 16; expected none, as it is no language model"):
        zs.compare_contexts(["tensor"], ["alexnet"], [16])


def test_commands(path: Path, tmp_path: Path) -> None:
    """run, compare over contexts, check, plot and report."""
    runner = CliRunner()

    def run(*words: str) -> str:
        done = runner.invoke(app, words, env={"COLUMNS": "140"})
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    shown = run("run", "tensor", str(path), "--step", "decode", "--batch", "3", "--context", "20")
    assert "tokens/s" in shown
    assert "DRAM by part: " in shown
    for words, kind in (
        (("run", "tensor", str(path), "--context", "20", "--json"), "bytes"),
        (("compare", str(path), "--machines", "tensor", "--context", "16,32", "--json"), "contexts"),
    ):
        file = tmp_path / f"{kind}.json"
        file.write_text(json.dumps(json.loads(run(*words))))
        run("plot", str(file), kind, "-o", str(tmp_path / f"{kind}.svg"))
        run("report", str(file), "-o", str(tmp_path / f"{kind}.html"))
    assert "model" in run("compare", str(path), "--machines", "tensor", "--context", "16:32:2")
    assert "equal" in run("check", "tensor", str(path), "--context", "16")
