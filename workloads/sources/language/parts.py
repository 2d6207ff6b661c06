"""The parts of a language model: products, attention, states and experts, block after block, with their sizes."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from workloads.sources.language.network import AttentionSizes, ExpertSizes, LanguageModel, MambaSizes, MlpSizes


class Product(NamedTuple):
    """A matrix that every token is multiplied with."""

    inputs: int
    outputs: int


class Attention(NamedTuple):
    """Queries on keys of the context, or of a text of `keys` tokens."""

    sizes: AttentionSizes


class State(NamedTuple):
    """A step of the states of Mamba-2."""

    sizes: MambaSizes


class Experts(NamedTuple):
    """Routed experts, of inputs of the model's width or of the latent one."""

    sizes: ExpertSizes
    inputs: int


Shape: TypeAlias = Product | Attention | State | Experts


class Part(NamedTuple):
    """A layer of a language model."""

    name: str  # such as `mamba-in`
    block: int  # its number in the pattern; of drafts, from 0 on again; of the head, the one after the last
    shape: Shape
    about: str
    draft: bool = False
    last: bool = False  # needed for the last token of a prompt only


def parts_of(model: LanguageModel) -> Iterator[Part]:
    """All parts in running order, drafts last."""
    yield from _blocks(model, model.pattern.value, False)
    if model.vocabulary is not None:
        yield _head(model, len(model.pattern.value))
    if model.drafts is not None:
        width, pattern = model.width.value, model.drafts.pattern.value
        yield Part("draft-in", 0, Product(2 * width, width), "draft: in", True)
        yield from _blocks(model, pattern, True)
        if model.vocabulary is not None:
            yield _head(model, len(pattern))._replace(draft=True, about="draft: head")


def _head(model: LanguageModel, block: int) -> Part:
    assert model.vocabulary is not None
    return Part("head", block, Product(model.width.value, model.vocabulary.value), "head", last=True)


def _blocks(model: LanguageModel, pattern: str, draft: bool) -> Iterator[Part]:
    begin = "draft: " if draft else ""
    for number, letter in enumerate(pattern):
        for name, shape, about in _block(model, letter):
            yield Part(name, number, shape, f"{begin}{about}", draft)


def _block(model: LanguageModel, letter: str) -> Iterator[tuple[str, Shape, str]]:
    width = model.width.value
    if letter == "M":
        assert model.mamba is not None
        yield from _mamba(width, model.mamba)
    elif letter == "*":
        assert model.attention is not None
        yield from _attention(width, model.attention)
    elif letter == "x":
        assert model.cross_attention is not None
        yield from _cross_attention(width, model.cross_attention)
    elif letter == "E":
        assert model.experts is not None
        yield from _experts(width, model.experts)
    else:
        assert model.mlp is not None
        yield from _mlp(width, model.mlp)


def _mamba(width: int, sizes: MambaSizes) -> Iterator[tuple[str, Shape, str]]:
    inner = sizes.heads.value * sizes.head_width.value
    shared = 2 * sizes.groups.value * sizes.state_width.value
    yield "mamba-in", Product(width, 2 * inner + shared + sizes.heads.value), "Mamba in"
    yield "state", State(sizes), "Mamba states"
    yield "mamba-out", Product(inner, width), "Mamba out"


def _attention(width: int, sizes: AttentionSizes) -> Iterator[tuple[str, Shape, str]]:
    queries, keys = (heads.value * sizes.head_width.value for heads in (sizes.heads, sizes.key_heads))
    yield "attention-in", Product(width, queries + 2 * keys), "attention in"
    yield "attention", Attention(sizes), "attention"
    yield "attention-out", Product(queries, width), "attention out"


def _cross_attention(width: int, sizes: AttentionSizes) -> Iterator[tuple[str, Shape, str]]:
    queries = sizes.heads.value * sizes.head_width.value
    yield "cross-in", Product(width, queries), "text in"
    yield "cross-attention", Attention(sizes), "text attention"
    yield "cross-out", Product(queries, width), "text out"


def _experts(width: int, sizes: ExpertSizes) -> Iterator[tuple[str, Shape, str]]:
    yield "router", Product(width, sizes.experts.value), "router"
    inputs = width if sizes.latent is None else sizes.latent.value
    if sizes.latent is not None:
        yield "latent-down", Product(width, inputs), "latent down"
    yield "experts", Experts(sizes, inputs), "experts"
    if sizes.latent is not None:
        yield "latent-up", Product(inputs, width), "latent up"
    if sizes.shared_width is not None:
        up = (2 if sizes.gated else 1) * sizes.shared_width.value
        yield "shared-up", Product(width, up), "shared up"
        yield "shared-down", Product(sizes.shared_width.value, width), "shared down"


def _mlp(width: int, sizes: MlpSizes) -> Iterator[tuple[str, Shape, str]]:
    yield "mlp-up", Product(width, (2 if sizes.gated else 1) * sizes.width.value), "MLP up"
    yield "mlp-down", Product(sizes.width.value, width), "MLP down"
