"""How many parameters a language model has, how many of them a token uses, and what a sequence keeps between steps."""

from typing import NamedTuple

from workloads.sources.language.network import LETTERS, LanguageModel
from workloads.sources.language.parts import Attention, Experts, Part, Product, State, parts_of


class Parameters(NamedTuple):
    """Of a model, without drafts unless they are counted."""

    total: int
    active: int  # of a token: with the head, without the embedding
    active_with_embedding: int
    cache_elements: int  # keys and values of a token of the context
    state_elements: int  # of Mamba's states, of a sequence
    window_elements: int  # of the windows of Mamba's convolutions, of a sequence


def count_parameters(model: LanguageModel) -> Parameters:
    """From the shapes: matrices, convolutions, norms, embedding and head."""
    counted = model.drafts is not None and model.drafts.counted
    parts = [part for part in parts_of(model) if counted or not part.draft]
    parts = [part for part in parts if not (part.draft and part.name == "head")]  # the drafts' head is the model's
    embedding = 0 if model.vocabulary is None else model.width.value * model.vocabulary.value
    norms = (len(model.pattern.value) + 1) * model.width.value
    once = -embedding if model.tied else 0  # the head is the embedding
    own = [part for part in parts if not part.draft]
    active = sum(map(active_of, own)) + norms
    whole = sum(map(total_of, parts)) + norms + embedding + once
    blocks = [part.shape for part in own]
    return Parameters(
        total=whole,
        active=active,
        active_with_embedding=active + embedding + once,
        cache_elements=sum(
            2 * one.sizes.key_heads.value * one.sizes.head_width.value
            for one in blocks
            if isinstance(one, Attention) and one.sizes.keys is None
        ),
        state_elements=sum(_state(one) for one in blocks if isinstance(one, State)),
        window_elements=sum(_channels(one) * (one.sizes.taps.value - 1) for one in blocks if isinstance(one, State)),
    )


def total_of(part: Part) -> int:
    """Parameters of a part."""
    shape = part.shape
    if isinstance(shape, Experts):
        return shape.sizes.experts.value * _expert(shape)
    return active_of(part)


def active_of(part: Part) -> int:
    """Parameters of a part that a token uses."""
    shape = part.shape
    if isinstance(shape, Product):
        return shape.inputs * shape.outputs
    if isinstance(shape, Experts):
        return shape.sizes.chosen.value * _expert(shape)
    if isinstance(shape, State):
        heads, inner = shape.sizes.heads.value, shape.sizes.heads.value * shape.sizes.head_width.value
        return _channels(shape) * (shape.sizes.taps.value + 1) + 3 * heads + inner
    return 0


def _expert(shape: Experts) -> int:
    return (3 if shape.sizes.gated else 2) * shape.inputs * shape.sizes.width.value


def _state(shape: State) -> int:
    return shape.sizes.heads.value * shape.sizes.head_width.value * shape.sizes.state_width.value


def _channels(shape: State) -> int:
    """That the convolution goes over."""
    sizes = shape.sizes
    return sizes.heads.value * sizes.head_width.value + 2 * sizes.groups.value * sizes.state_width.value


def blocks_in_words(model: LanguageModel) -> str:
    """How many blocks of each sort there are."""
    pattern = model.pattern.value
    words = {letter: key.replace("_", " ") for letter, key in LETTERS.items()}
    return ", ".join(f"{pattern.count(letter)} {word}" for letter, word in words.items() if letter in pattern)
