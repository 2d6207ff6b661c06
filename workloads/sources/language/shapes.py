"""From a part of a language model to a compressed layer of its shapes, which takes no memory.

Time and counts need no values.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.kinds.drawing import generator
from workloads.options import WorkloadOptions
from workloads.sources.language.network import ExpertSizes, LanguageModel
from workloads.sources.language.parts import Attention, Experts, Part, Product, State
from workloads.sources.language.precision import Forms
from workloads.sources.language.task import PREFILL, Task

MOST_CHOICES = 1 << 26
"""Tokens times experts of a layer: drawing them takes seconds."""
MOST_CHOSEN = 1 << 24
"""Tokens times chosen experts of a layer: each takes eight bytes."""
MOST_DRAWN_EACH = 1 << 20
"""Tokens times experts, from which on one draw is that of all layers of a sort: their loads differ little then."""
MOST_WEIGHTS, MOST_PRODUCTS, MOST_STATES = 1 << 33, 1 << 46, 1 << 34
"""Numbers of a matrix or of a layer's experts, their products with all tokens, and numbers of states: timing them takes
seconds."""


class Making(NamedTuple):
    """What decides the layers of a model, but for the machine's formats."""

    name: str
    model: LanguageModel
    task: Task
    options: WorkloadOptions


def make_shape(making: Making, part: Part, title: str, forms: Forms) -> Any:
    """The compressed layer, called `title`. InputError where it is larger than its kind allows."""
    maker: Callable[[Making, Part, str, Forms], Any] = MAKERS[type(part.shape)]
    return maker(making, part, title, forms)._replace(own_format=True)


def rows_of(task: Task, part: Part) -> int:
    """Tokens that a part computes at once: of a draft one of each sequence, of a prompt's head the last ones."""
    only_one = part.draft or (part.last and task.step == PREFILL)
    return task.sequences if only_one else task.rows


def _product(making: Making, part: Part, title: str, forms: Forms) -> Any:
    from workloads.kinds.matrix_product.shapes import product_of_shape

    assert isinstance(part.shape, Product)
    _check_product(making, part.shape, rows_of(making.task, part))
    return product_of_shape(title, forms.weight, rows_of(making.task, part), part.shape.inputs, part.shape.outputs)


def _attention(making: Making, part: Part, title: str, forms: Forms) -> Any:
    from workloads.kinds.attention.shapes import attention_of_shape

    assert isinstance(part.shape, Attention)
    sizes, task = part.shape.sizes, making.task
    queries = rows_of(task, part) // task.sequences
    keys = task.keys if sizes.keys is None else sizes.keys.value
    heads, key_heads = task.sequences * sizes.heads.value, task.sequences * sizes.key_heads.value
    causal = making.model.causal and sizes.keys is None
    width = sizes.head_width.value
    return attention_of_shape(title, forms.attention, heads, key_heads, queries, keys, width, causal)


def _state(making: Making, part: Part, title: str, forms: Forms) -> Any:
    from workloads.kinds.state_space.shapes import state_space_of_shape

    assert isinstance(part.shape, State)
    sizes, task = part.shape.sizes, making.task
    sized = (sizes.heads, sizes.head_width, sizes.state_width, sizes.groups, sizes.taps)
    heads, width, wide, groups, taps = (one.value for one in sized)
    steps, states = rows_of(task, part) // task.sequences, task.sequences * heads * width * wide
    if states > MOST_STATES:
        what = f"its states are {states:,} numbers"
        refuse(making.name, what, f"at most {MOST_STATES:,}, with fewer sequences")
    return state_space_of_shape(title, forms.state, task.sequences, heads, width, wide, groups, taps, steps)


def _check_product(making: Making, shape: Product, tokens: int) -> None:
    """Refuse a matrix that would take too long (InputError)."""
    weights, where = shape.inputs * shape.outputs, making.name
    what = f"it is a matrix of {shape.inputs:,} x {shape.outputs:,}"
    if weights > MOST_WEIGHTS:
        refuse(where, what, f"at most {MOST_WEIGHTS:,} numbers")
    if tokens * weights > MOST_PRODUCTS:
        refuse(where, f"{what} for {tokens:,} tokens", f"at most {MOST_PRODUCTS // weights:,} tokens")


def _check_choices(making: Making, sizes: ExpertSizes, tokens: int) -> None:
    """Refuse choices of experts that would take too long or too much memory (InputError)."""
    experts, chosen, where = sizes.experts.value, sizes.chosen.value, making.name
    if tokens * experts > MOST_CHOICES:
        what = f"{tokens:,} tokens choose among {experts:,} experts"
        refuse(where, what, f"at most {MOST_CHOICES // experts:,} tokens at once")
    if tokens * chosen > MOST_CHOSEN:
        refuse(where, f"{tokens:,} tokens choose {chosen:,} experts each", f"at most {MOST_CHOSEN // chosen:,} tokens")


def drawn_each(making: Making, part: Part) -> bool:
    """Whether the choices of experts of a part are drawn for each of its layers."""
    assert isinstance(part.shape, Experts)
    return rows_of(making.task, part) * part.shape.sizes.experts.value <= MOST_DRAWN_EACH


def choose_experts(making: Making, part: Part, rng: np.random.Generator) -> np.ndarray:
    """Which experts each token of a step chooses, int64 [tokens, chosen].

    InputError where drawing them would take too long or too much memory.
    """
    from workloads.kinds.experts.router import draw_choice

    assert isinstance(part.shape, Experts)
    sizes, tokens = part.shape.sizes, rows_of(making.task, part)
    _check_choices(making, sizes, tokens)
    return draw_choice(tokens, sizes.experts.value, sizes.chosen.value, sizes.routing.value, rng)


def _experts(making: Making, part: Part, title: str, forms: Forms) -> Any:
    from workloads.distinct import distinct
    from workloads.kinds.experts.layer import DrawnHidden
    from workloads.kinds.experts.shapes import experts_of_shape

    assert isinstance(part.shape, Experts)
    sizes, rng = part.shape.sizes, generator(title, making.options.seed)
    choice = choose_experts(making, part, rng)
    count, width = sizes.experts.value, sizes.width.value
    weights = len(distinct(choice)) * part.shape.inputs * width
    if weights > MOST_WEIGHTS:
        what = f"an up-projection of all its chosen experts has {weights:,} numbers"
        refuse(making.name, what, f"at most {MOST_WEIGHTS:,}")
    draw = rng.random((len(distinct(choice)), width), dtype=np.float32)
    drawn = DrawnHidden(sizes.active.value, draw)
    return experts_of_shape(title, forms.weight, choice, count, part.shape.inputs, width, sizes.gated, drawn)


MAKERS: dict[type, Callable[[Making, Part, str, Forms], Any]] = {
    Product: _product,
    Attention: _attention,
    State: _state,
    Experts: _experts,
}
"""Shape of a part -> what makes a layer of it."""
KINDS: dict[type, str] = {
    Product: "matrix product", Attention: "attention", State: "state space", Experts: "experts",
}  # fmt: skip
"""Shape of a part -> the kind of its layer."""
