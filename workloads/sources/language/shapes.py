"""From a part of a language model to a compressed layer of its shapes, which takes no memory.

Time and counts need no values.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.kinds.drawing import generator
from workloads.options import WorkloadOptions
from workloads.sources.language.network import LanguageModel
from workloads.sources.language.parts import Attention, Experts, Part, Product, State
from workloads.sources.language.precision import Forms
from workloads.sources.language.task import PREFILL, Task

MOST_CHOICES = 1 << 28
"""Tokens times experts: drawing them takes seconds."""


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
    steps = rows_of(task, part) // task.sequences
    return state_space_of_shape(title, forms.state, task.sequences, heads, width, wide, groups, taps, steps)


def _experts(making: Making, part: Part, title: str, forms: Forms) -> Any:
    from workloads.kinds.experts.layer import DrawnHidden
    from workloads.kinds.experts.router import distinct, draw_choice
    from workloads.kinds.experts.shapes import experts_of_shape

    assert isinstance(part.shape, Experts)
    sizes, rng = part.shape.sizes, generator(title, making.options.seed)
    tokens = rows_of(making.task, part)
    if tokens * sizes.experts.value > MOST_CHOICES:
        what = f"{tokens:,} tokens choose among {sizes.experts.value:,} experts"
        refuse(f"{making.name}: {title}", what, f"tokens x experts of at most {MOST_CHOICES:,}")
    choice = draw_choice(tokens, sizes.experts.value, sizes.chosen.value, sizes.routing.value, rng)
    count, width = sizes.experts.value, sizes.width.value
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
