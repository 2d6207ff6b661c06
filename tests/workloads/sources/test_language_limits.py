"""Sizes of language models that would take too long or too much memory: a sentence, at once."""

from pathlib import Path
from time import process_time

import pytest

import zeroskip as zs
from tests.support.language import SMALL, write_small
from workloads.errors import InputError
from workloads.model import open_model
from workloads.sources.language.shapes import MOST_CHOSEN
from workloads.sources.language.task import MOST_TOKENS

MANY = SMALL.replace("experts: {value: 6,", "experts: {value: 1024,").replace(
    "chosen: {value: 2,", "chosen: {value: 512,"
)
TOO_MUCH = (
    (SMALL, {"batch": MOST_TOKENS + 1}, "0-mamba-in", "at most 131,072 tokens at once"),
    (
        MANY,
        {"batch": 1 << 17},
        "1-experts",
        "131,072 tokens choose among 1,024 experts; expected at most 65,536 tokens",
    ),
    (MANY, {"batch": 1 << 16}, "1-experts", "65,536 tokens choose 512 experts each; expected at most 32,768 tokens"),
    (
        SMALL,
        {"recipe": {"vocabulary": 1 << 22, "width": 1 << 12}},
        "4-head",
        "it is a matrix of 4,096 x 4,194,304; expected at most 8,589,934,592 numbers",
    ),
    (
        SMALL,
        {"batch": 1 << 17, "recipe": {"vocabulary": 1 << 17, "width": 1 << 13}},
        "4-head",
        "it is a matrix of 8,192 x 131,072 for 131,072 tokens; expected at most 65,536 tokens",
    ),
    (
        SMALL.replace("head_width: {value: 5,", "head_width: {value: 16384,"),
        {"batch": 1 << 17},
        "0-state",
        "its states are 30,064,771,072 numbers; expected at most 17,179,869,184, with fewer sequences",
    ),
    (
        SMALL,
        {"batch": 64, "recipe": {"latent": 1 << 18, "experts.width": 1 << 18}},
        "1-experts",
        "an up-projection of all its chosen experts has 412,316,860,416 numbers; expected at most 8,589,934,592",
    ),
)


@pytest.mark.parametrize(("text", "options", "layer", "sentence"), TOO_MUCH)
def test_what_would_take_too_long_is_refused(
    tmp_path: Path, text: str, options: dict[str, object], layer: str, sentence: str
) -> None:
    """With the most that can be."""
    path, began = write_small(tmp_path, text), process_time()
    with pytest.raises(InputError) as raised:
        zs.run("tensor_h200", f"{path}:tiny/{layer}", context=16, **options)
    assert sentence in str(raised.value)
    assert str(raised.value).startswith("tiny: ")
    assert process_time() - began < 10


def test_widths_are_bounded_with_the_file(tmp_path: Path) -> None:
    """A vocabulary may be larger."""
    with pytest.raises(InputError, match=r"width\.value is 262145; expected less than or equal to 262144"):
        open_model(write_small(tmp_path, SMALL.replace("width: {value: 8,", "width: {value: 262145,")))


def test_choices_of_many_tokens_are_drawn_once(tmp_path: Path) -> None:
    """Layers of one sort are then alike; of few tokens, each layer has its own choices, and so no other is like it."""
    text = SMALL.replace('"ME*-"', '"EE"').replace("experts: {value: 6,", "experts: {value: 1024,")
    path = write_small(tmp_path, text)

    def alike(batch: int) -> set[str]:
        model = open_model(path, context=8, batch=batch)
        return {one.like for one in model.layers if one.name.endswith("-experts")}

    assert alike(1024) == {""}
    assert len(alike(1025)) == 1
    assert alike(1025) != {""}
    assert MOST_CHOSEN * 8 < 1 << 28
