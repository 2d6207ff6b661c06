"""Language models as data: parameters, what a sequence keeps, the parts of a step, and bad files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.language import SMALL
from workloads.errors import InputError
from workloads.options import WorkloadOptions
from workloads.sources.language.network import LanguageModel, read_networks
from workloads.sources.language.parameters import blocks_in_words, count_parameters, total_of
from workloads.sources.language.parts import parts_of
from workloads.sources.language.source import language_models
from workloads.sources.language.task import accepted, make_task

PUBLISHED = {  # billions of parameters, of those that a token uses, and with the embedding
    "nemotron3-nano": (31.58, 3.23, 3.58),
    "qwen3-30b-a3b": (30.53, 3.04, None),
    "nemotron3-super": (120.6, None, None),
    "nemotron3-ultra": (550, 55, None),
    "llama2-7b": (6.74, None, None),
}
BLOCKS = {
    "nemotron3-nano": "23 mamba, 23 experts, 6 attention",
    "nemotron3-super": "40 mamba, 40 experts, 8 attention",
    "nemotron3-ultra": "48 mamba, 48 experts, 12 attention",
    "qwen3-30b-a3b": "48 experts, 48 attention",
}


def tiny(changes: str = "", old: str = "") -> LanguageModel:
    """The small model, with a part of its text changed."""
    assert old in SMALL
    return read_networks("tiny.yaml", SMALL.replace(old, changes, 1) if old else SMALL)["tiny"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_equal_the_published_ones(name: str) -> None:
    """Within half a digit of the published figure."""
    found = count_parameters(language_models()[name])
    for size, published in zip(found[:3], PUBLISHED[name], strict=True):
        if published is not None:
            digit = 0.005 if published < 100 and published != 55 else 1.0 if published > 200 or published == 55 else 0.1
            assert size / 1e9 == pytest.approx(published, abs=digit)


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_as_many_as_published(name: str) -> None:
    """Of each sort."""
    assert blocks_in_words(language_models()[name]) == BLOCKS[name]


def test_what_a_sequence_keeps_equals_the_formulas() -> None:
    """Keys and values of each attention, and a state of each Mamba block: 48 MB in FP32 for Nano."""
    nano, qwen = (count_parameters(language_models()[name]) for name in ("nemotron3-nano", "qwen3-30b-a3b"))
    assert nano.cache_elements == 6 * 2 * 2 * 128 == 3072
    assert nano.state_elements == 23 * 64 * 64 * 128
    assert round(4 * nano.state_elements / 1e6) == 48
    assert (qwen.cache_elements, qwen.state_elements) == (48 * 2 * 4 * 128, 0)


def test_parameters_of_a_small_model_by_hand() -> None:
    """Each block of the small model, matrix by matrix."""
    found = count_parameters(tiny())
    channels = 10 + 2 * 7
    mamba = 8 * (2 * 10 + 2 * 7 + 2) + 10 * 8 + channels * (4 + 1) + 3 * 2 + 10
    expert = 2 * 4 * 9
    experts = 8 * 6 + 8 * 4 + 4 * 8 + 2 * 8 * 11
    attention = 8 * (12 + 2 * 6) + 12 * 8
    mlp = 8 * 32 + 16 * 8
    same = mamba + experts + attention + mlp + 5 * 8
    assert found.total == same + 6 * expert + 2 * 800
    assert found.active == same + 2 * expert + 800
    assert found.active_with_embedding == found.active + 800
    assert (found.cache_elements, found.state_elements, found.window_elements) == (12, 70, channels * 3)


def test_a_tied_embedding_counts_once() -> None:
    """Where the head is the embedding, the total has it once."""
    loose, tied = count_parameters(tiny()), count_parameters(tiny("  tied: true\n  attention:", "  attention:"))
    assert loose.total - tied.total == 800
    assert tied.active_with_embedding == tied.active == loose.active


@given(st.integers(1, 6), st.integers(1, 40))
def test_experts_grow_the_total_and_not_what_a_token_uses(chosen: int, width: int) -> None:
    """The total grows with all experts, the active part with those that are chosen."""
    text = SMALL.replace("chosen: {value: 2", f"chosen: {{value: {chosen}").replace(
        "width: {value: 9", f"width: {{value: {width}"
    )
    found = count_parameters(read_networks("tiny.yaml", text)["tiny"])
    assert found.total - found.active == (6 - chosen) * 2 * 4 * width + 800


def test_parts_of_a_model_in_running_order() -> None:
    """Blocks in the order of the pattern, the head last; every part is counted."""
    every = list(parts_of(tiny()))
    parts = [part for part in every if not part.draft]
    assert [part.name for part in every if part.draft] == [
        "draft-in", "attention-in", "attention", "attention-out", "mlp-up", "mlp-down", "head",
    ]  # fmt: skip
    assert [part.name for part in parts] == [
        "mamba-in", "state", "mamba-out",
        "router", "latent-down", "experts", "latent-up", "shared-up", "shared-down",
        "attention-in", "attention", "attention-out", "mlp-up", "mlp-down", "head",
    ]  # fmt: skip
    assert sum(map(total_of, parts)) + 5 * 8 + 800 == count_parameters(tiny()).total


def test_drafts_give_the_tokens_before_the_first_wrong_one() -> None:
    """Five drafts of probability p give 1 + p + ... + p^5 tokens; without any, one."""
    model = language_models()["nemotron3-super"]
    assert model.drafts is not None
    right = model.drafts.accepted.value
    assert accepted(model, 5) == pytest.approx((1 - right**6) / (1 - right))
    task = make_task("super", model, WorkloadOptions(batch=3, drafts=5, context=100))
    assert (task.rows, task.each, task.tokens) == (18, 6, pytest.approx(3 * accepted(model, 5)))


BAD_TASKS = (
    ({"drafts": 2, "step": "prefill"}, "drafts is 2; expected 0 for a prompt"),
    ({"batch": 1 << 21}, "batch is 2,097,152 of 1 token each; expected at most 131,072 tokens at once"),
    ({"context": 1 << 25}, "context is 33,554,432; expected at most 16,777,216"),
)


@pytest.mark.parametrize(("options", "sentence"), BAD_TASKS)
def test_a_step_that_cannot_be_is_one_sentence(options: dict[str, int], sentence: str) -> None:
    """With its bound."""
    with pytest.raises(InputError, match=f"^tiny: {sentence}"):
        make_task("tiny", tiny(), WorkloadOptions(**options))  # type: ignore[arg-type]


def test_drafts_need_layers_that_draft() -> None:
    """Nano has none."""
    with pytest.raises(InputError, match="drafts is 2; expected 0 for a model without layers that draft tokens"):
        make_task("nano", language_models()["nemotron3-nano"], WorkloadOptions(drafts=2))


BAD_FILES = (
    ("key_heads: {value: 2", "key_heads: {value: 3", "key_heads that divide 4 heads"),
    ("chosen: {value: 2", "chosen: {value: 7", "chosen of at most 6 experts"),
    ('"ME*-"', '"MEQ"', "pattern.value"),
    ('"ME*-"', '"MEx"', "cross_attention, as its pattern has x"),
    ("routing: {value: uniform", "routing: {value: best", "routing.value"),
    ("groups: {value: 1", "groups: {value: 3", "groups that divide 2 heads"),
)


@pytest.mark.parametrize(("old", "new", "words"), BAD_FILES)
def test_a_bad_file_is_one_sentence(old: str, new: str, words: str) -> None:
    """It names the file, the model and what was expected."""
    with pytest.raises(InputError) as raised:
        tiny(new, old)
    assert str(raised.value).startswith("tiny.yaml: tiny")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
