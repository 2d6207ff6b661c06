"""Language models that run in part, or with options that fit no layer of shapes: a sentence, no wrong number."""

from pathlib import Path

import pytest

import zeroskip as zs
from simulator.cli.compare import _refuse_unused
from tests.support.language import SMALL, write_small
from workloads.errors import InputError, refuse
from workloads.sources.language import layers
from workloads.sources.language.parts import Part
from workloads.sources.language.precision import Forms
from workloads.sources.language.shapes import Making, make_shape


@pytest.fixture
def partial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model whose second Mamba block is refused when its projection is made, and others run."""

    def make(making: Making, part: Part, title: str, forms: Forms) -> object:
        if title == "2-mamba-in":
            refuse(title, "nosuch", "another")
        return make_shape(making, part, title, forms)

    monkeypatch.setattr(layers, "make_shape", make)
    return write_small(tmp_path, SMALL.replace('"ME*-"', '"MEM*-"'))


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


def run_with(path: Path, **settings: float | str) -> list[str]:
    """The notes of a run on the tensor engine with these settings."""
    return zs.run(zs.load_arch("tensor", **settings), path, context=8).notes()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"two_of_four": 1}, "two_of_four does nothing here: weights of a language model are dense"),
        ({"skip_thousandths": 50}, "skip_thousandths does nothing here: without values, no block of keys is skipped"),
        (
            {"cache_format": "fp16"},
            "cache_format fp16 does nothing here: the model's precision map has keys and values in fp8",
        ),
        ({"state_format": "bf16"}, "state_format bf16 does nothing here: the model's precision map has states in fp16"),
    ],
)
def test_a_setting_that_is_not_obeyed_is_noted(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    """And only then: with the map's own formats and nothing skipped, there is no such note."""
    path = write_small(tmp_path)
    assert sum(note.endswith(sentence) for note in run_with(path, **settings)) == 1
    assert not any("does nothing" in note for note in run_with(path, cache_format="fp8", state_format="fp16"))


def test_obeyed_settings_are_not_noted(tmp_path: Path) -> None:
    """Without an entry of the map, keys, values and states are as the machine has them."""
    notes = run_with(write_small(tmp_path), weight_format="fp8", cache_format="fp16", state_format="bf16")
    assert not any("does nothing" in note for note in notes)
    assert sum("has no precision map for fp8: all parts but" in note for note in notes) == 1


def test_variants_share_the_map_of_their_base(tmp_path: Path) -> None:
    """`nvfp4-a16` has the exceptions of `nvfp4`, and a note says so."""
    (note,) = (one for one in run_with(write_small(tmp_path), weight_format="nvfp4-a16") if "precision map for" in one)
    assert note.endswith("no precision map for nvfp4-a16: that for nvfp4 counts, a format of the same base")
    assert note.startswith("Mamba in, Mamba states, Mamba out and 12 more - ")
