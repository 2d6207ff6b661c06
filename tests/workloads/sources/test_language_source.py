"""Language models as a source: names, files, layers, formats of a precision map, and options that do not fit."""

from pathlib import Path

import pytest

from tests.support.language import SMALL, write_small
from workloads.errors import InputError
from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.model import load_workload, open_model
from workloads.options import Formats
from workloads.sources.language.network import read_networks
from workloads.sources.language.precision import entry_for
from workloads.workload import Layer, Model

NVFP4: Formats = {"matrix product": ProductFormat("nvfp4"), "attention": AttentionFormat("bf16", 4, 8)}
LAYERS = 15


def layer(model: Model, name: str) -> Layer:
    """One of the layers."""
    return next(one for one in model.layers if one.name == name)


def test_a_model_has_its_layers_in_running_order(tmp_path: Path) -> None:
    """With the number of the block, and a sort that rows are joined by."""
    model = open_model(write_small(tmp_path), batch=2, context=16)
    names = [one.name for one in model.layers]
    assert (model.name, model.tokens, len(names)) == ("tiny", 2, LAYERS)
    assert names[:4] == ["0-mamba-in", "0-state", "0-mamba-out", "1-router"]
    assert names[-1] == "4-head"
    assert all(one.group for one in model.layers)
    assert "one step of 2 sequences, on a context of 16 tokens, that of the step included" in model.notes


def test_drafts_run_once_for_each_token(tmp_path: Path) -> None:
    """Three drafts are three times the draft's layers, one draft after the other; a step verifies four tokens each."""
    path = write_small(tmp_path)
    model = open_model(path, drafts=3, context=16)
    drafts = [one.name for one in model.layers if one.name.startswith("draft")]
    assert len(drafts) == 3 * 7
    assert [int(name[5]) for name in drafts] == [0] * 7 + [1] * 7 + [2] * 7
    parts = ["0-draft-in", "0-attention-in", "0-attention", "0-attention-out", "1-mlp-up", "1-mlp-down", "2-head"]
    assert [name.removeprefix("draft1-") for name in drafts[7:14]] == parts
    assert model.tokens == 1 + 0.5 + 0.25 + 0.125
    assert layer(model, "0-mamba-in").load(NVFP4).layer.tokens == 4
    assert layer(model, "draft0-0-draft-in").load(NVFP4).layer.tokens == 1


def test_a_prompt_computes_all_its_tokens_and_the_head_of_the_last(tmp_path: Path) -> None:
    """Two prompts of sixteen tokens."""
    model = open_model(write_small(tmp_path), step="prefill", batch=2, context=16)
    assert model.tokens == 32
    assert layer(model, "0-mamba-in").load(NVFP4).layer.tokens == 32
    assert layer(model, "4-head").load(NVFP4).layer.tokens == 2
    attention = layer(model, "2-attention").load(NVFP4).layer
    assert (attention.heads, attention.queries, attention.keys, attention.causal) == (8, 16, 16, True)


def test_a_precision_map_gives_parts_their_formats(tmp_path: Path) -> None:
    """The head, the router, the Mamba block before attention; with a format that no map knows, all but the router."""
    text = SMALL.replace('"ME*-"', '"MM*-"').replace("active: {value: 0.5", "active: {value: 0.5")
    model = open_model(write_small(tmp_path, text), context=16)
    forms = {name: layer(model, name).load(NVFP4).layer.form for name in ("0-mamba-in", "1-mamba-in", "4-head")}
    assert forms == {"0-mamba-in": "nvfp4", "1-mamba-in": "fp8", "4-head": "bf16"}
    assert layer(model, "2-attention").load(NVFP4).layer.key.form.name == "fp8"
    other: Formats = {**NVFP4, "matrix product": ProductFormat("mxfp8")}
    assert {layer(model, name).load(other).layer.form for name in forms} == {"mxfp8"}
    assert layer(model, "2-attention").load(other).layer.key.form.name == "bf16"


@pytest.mark.parametrize("form", ["nvfp4-a16", "nvfp4-four-over-six", "nvfp4-16x16"])
def test_a_variant_of_a_format_has_the_map_of_its_base(tmp_path: Path, form: str) -> None:
    """The exceptions, the cache and the states; what is no exception is in the variant."""
    model = open_model(write_small(tmp_path), context=16)
    formats: Formats = {**NVFP4, "matrix product": ProductFormat(form)}
    assert layer(model, "4-head").load(formats).layer.form == "bf16"
    assert layer(model, "3-mlp-up").load(formats).layer.form == form
    assert layer(model, "2-attention").load(formats).layer.key.form.name == "fp8"
    assert layer(model, "0-state").load(formats).layer.state_format == "fp16"


def test_an_entry_of_the_same_base_counts() -> None:
    """A group of 64 takes the map of a group of 128, and a map's own entry counts before that of its base."""
    model = read_networks("file", SMALL.replace("nvfp4:", "int4-g128:"))["tiny"]
    assert [entry_for(model, form) for form in ("int4-g64", "int4-g128", "int8")] == ["int4-g128", "int4-g128", None]
    more = SMALL.replace("  precision:\n", "  precision:\n    nvfp4-a16: {source: test, cache: int8}\n")
    model = read_networks("file", more)["tiny"]
    found = [entry_for(model, form) for form in ("nvfp4", "nvfp4-a16", "nvfp4-division")]
    assert found == ["nvfp4", "nvfp4-a16", "nvfp4"]


def test_layers_of_shapes_have_a_sample_with_values(tmp_path: Path) -> None:
    """In the same format, and small."""
    one = layer(open_model(write_small(tmp_path), context=16), "3-mlp-up").load(NVFP4)
    assert (one.layer.form, one.sample.form) == ("nvfp4", "nvfp4")
    assert one.sample.weight.code.any()
    assert not one.layer.weight.code.any()


def test_side_paths_of_a_rank_follow_their_projections(tmp_path: Path) -> None:
    """Two thin matrices in BF16 after each projection, but not after routers and heads."""
    model = open_model(write_small(tmp_path), lora=2, context=16)
    names = [one.name for one in model.layers]
    assert names[:3] == ["0-mamba-in", "0-mamba-in-lora-a", "0-mamba-in-lora-b"]
    assert not any("router-lora" in name or "head-lora" in name for name in names)
    thin = layer(model, "0-mamba-in-lora-a").load(NVFP4).layer
    assert (thin.inputs, thin.outputs, thin.form) == (8, 2, "bf16")


def test_a_matrix_is_drawn_with_values(tmp_path: Path) -> None:
    """By its name, with what squared ReLU leaves of its input."""
    path = write_small(tmp_path)
    one = load_workload(f"{path}:tiny/shared-down")
    assert (one.layer.inputs, one.layer.outputs) == (11, 8)
    assert load_workload(f"{path}:expert-down", activation_density=0.25).layer.activation_density < 0.4
    assert load_workload("nemotron3-nano/expert-down", scale=0.05).kind == "fully connected"


def test_one_layer_of_a_step(tmp_path: Path) -> None:
    """By its number and name."""
    model = open_model(f"{write_small(tmp_path)}:tiny/3-mlp-up", batch=5)
    assert (model.network, model.name, [one.name for one in model.layers]) == (False, "tiny/3-mlp-up", ["3-mlp-up"])


def test_sizes_can_be_changed(tmp_path: Path) -> None:
    """As those of a recipe, by key; InputError for what there is not."""
    path = write_small(tmp_path)
    model = open_model(path, recipe={"vocabulary": 50}, context=16)
    assert layer(model, "4-head").load(NVFP4).layer.outputs == 50
    with pytest.raises(InputError, match="tiny: vocabular is no key of its recipe; expected vocabulary"):
        open_model(path, recipe={"vocabular": 50})


BAD_FILES = (
    (
        "    nvfp4:",
        "    nosuch:",
        "tiny: precision.nosuch is an unknown key; expected a number format, one of codebook4,",
    ),
    (
        "format: bf16",
        "format: fp9",
        "tiny: precision.nvfp4.exceptions.0.format is 'fp9'; expected a number format, one",
    ),
    ("cache: fp8", "cache: fp9", "tiny: precision.nvfp4.cache is 'fp9'; expected a number format, one of codebook4,"),
    ("[head]", "[]", "tiny: precision.nvfp4.exceptions.0.parts is []; expected a list of 1 or more"),
    ("[head]", "[heads]", "tiny: precision.nvfp4.exceptions.0.parts.0 is 'heads'; expected 'mamba-in', "),
    ('"ME*-"', '"MZ"', "tiny: pattern.value is 'MZ'; expected letters of M (Mamba-2), E (experts), * (attention), x "),
    ("uniform", "zipf:11", "tiny: experts.routing.value is 'zipf:11'; expected uniform, every, or zipf:S with S of at"),
    ("tiny:", '"a/b":', "a model's name is 'a/b'; expected printable characters without /, : and commas, and no "),
    ("tiny:", '"":', "a model's name is ''; expected printable characters"),
    ("tiny:", '"a\\nb":', "a model's name is 'a\\nb'; expected printable characters"),
    ("tiny:", f"{'a' * 101}:", "a model's name has 101 characters; expected at most 100"),
)


@pytest.mark.parametrize(("old", "new", "sentence"), BAD_FILES)
def test_a_wrong_file_is_refused_when_it_is_read(old: str, new: str, sentence: str) -> None:
    """In one sentence, in words and not in regular expressions."""
    assert old in SMALL
    with pytest.raises(InputError) as raised:
        read_networks("file", SMALL.replace(old, new))
    assert str(raised.value).startswith(f"file: {sentence}")
    assert "\n" not in str(raised.value)


BAD = (
    ({"tokens": 3}, "tiny: tokens is 3; expected none for layers without values; matrices have them: "),
    ({"layer": "5-none"}, "tiny: layer is '5-none'; expected one of mamba-in, "),
    ({"layer": "mlp-up", "batch": 2}, "tiny/mlp-up: batch is 2; expected none, as it is one matrix"),
    ({"step": "train"}, "step is 'train'; expected decode or prefill"),
    ({"batch": 0}, "batch is 0; expected a whole number, 1 or more"),
)


@pytest.mark.parametrize(("options", "sentence"), BAD)
def test_options_that_do_not_fit_are_one_sentence(tmp_path: Path, options: dict[str, object], sentence: str) -> None:
    """With what is expected."""
    with pytest.raises(InputError) as raised:
        open_model(write_small(tmp_path), **options)
    assert str(raised.value).startswith(sentence)


def test_only_language_models_have_steps() -> None:
    """Of any other source, the option is refused."""
    with pytest.raises(InputError, match="alexnet: batch is 3; expected none, as it is no language model"):
        open_model("alexnet", batch=3)


def test_several_models_of_a_file_are_chosen_by_name(tmp_path: Path) -> None:
    """And none of them runs by chance."""
    path = write_small(tmp_path, SMALL + SMALL.replace("tiny:", "other:"))
    assert open_model(f"{path}:other", context=16).name == "other"
    with pytest.raises(InputError, match=r"layer is ''; expected .*tiny.yaml:NAME with one of tiny, other"):
        open_model(path)
