"""Language models that run in part, or with options that fit no layer of shapes: a sentence, no wrong number."""

from pathlib import Path

import pytest

import zeroskip as zs
from simulator.cli.compare import _refuse_unused
from tests.support.language import SMALL, write_small
from workloads.errors import InputError


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    """A model whose Mamba blocks before attention have a format that does not exist, and others run."""
    text = SMALL.replace('"ME*-"', '"MEM*-"').replace("format: fp8, before", "format: nosuch, before")
    return write_small(tmp_path, text)


def test_a_step_in_part_gives_no_tokens_a_second(partial: Path) -> None:
    """Layers of one sort may run and not run: the total is of those that ran, and no speed is stated."""
    result = zs.run("tensor", partial, context=8)
    ran = [row for row in result.rows if row.reason is None]
    assert {row.layer for row in result.rows if row.reason} & {row.layer for row in ran}
    assert result.cycles == sum(row.cycles or 0 for row in ran)
    assert result.tokens_per_s is None
    assert result.joules_per_token is None
    assert "tokens_per_s" not in result.to_dict()


def test_contexts_name_the_layer_that_does_not_run(partial: Path) -> None:
    """In place of ratios of a model in part."""
    with pytest.raises(InputError, match=r"with a context of 8, .* does not run on tensor \(.*nosuch"):
        zs.compare_contexts(["tensor"], [partial], [8, 16])


def test_contexts_keep_notes_of_layers(tmp_path: Path) -> None:
    """Only the sentence with the context itself is left out."""
    path = write_small(tmp_path)
    config = zs.load_arch("tensor", operand_capacity=1)
    found = zs.compare_contexts([config], [path], [8, 16]).notes()
    assert not any("context of" in note for note in found)
    for note in zs.run(config, path, context=8).notes():
        assert "context of" in note or any(one.endswith(note) for one in found)


def test_an_input_as_a_list_is_refused(tmp_path: Path) -> None:
    """As arrays have no one truth."""
    with pytest.raises(InputError, match="activation is given"):
        zs.run("tensor", write_small(tmp_path), context=8, activation=[1, 2])


def test_shapes_are_not_calibrated(tmp_path: Path) -> None:
    """Attention without values skips nothing at any threshold."""
    with pytest.raises(InputError, match="a shape and no values"):
        zs.calibrate(write_small(tmp_path), context=8)


def test_contexts_take_no_layer_and_no_baseline() -> None:
    """They are refused, not ignored."""
    _refuse_unused(None, ())
    with pytest.raises(InputError, match="--baseline tensor"):
        _refuse_unused("tensor", ())
    with pytest.raises(InputError, match="--layer head"):
        _refuse_unused(None, ["head"])


def test_an_exponent_is_checked_with_the_file(tmp_path: Path) -> None:
    """And not layer by layer, which would run all but the experts."""
    path = write_small(tmp_path)
    with pytest.raises(InputError, match="S of at most 10"):
        zs.run("tensor", path, context=8, recipe={"routing": "zipf:10.1"})
