"""From a part of a language model to a compressed layer of its shapes, which takes no memory.

Time and counts need no values.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.drawing import generator
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.options import Formats, WorkloadOptions
from workloads.sources.language.network import LanguageModel, Precision
from workloads.sources.language.parts import Attention, Experts, Part, Product, State
from workloads.sources.language.task import PREFILL, Task

ROUTER_FORMAT = "bf16"
"""Of routers, whatever the model's format: published ones compute in FP32."""
SIDE_FORMAT = "bf16"
"""Of side paths (LoRA)."""
MOST_CHOICES = 1 << 28
"""Tokens times experts: drawing them takes seconds."""
STATE_FORMAT = "fp32"
"""Of states, where neither the model nor the machine says it."""


class Making(NamedTuple):
    """What decides the layers of a model, but for the machine's formats."""

    name: str
    model: LanguageModel
    task: Task
    options: WorkloadOptions

    def precision(self, form: str) -> Precision:
        """What the model has in other formats, where its weights are in the format `form`."""
        return self.model.precision.get(form, Precision(source="all parts in one format"))


class Forms(NamedTuple):
    """The formats of one part."""

    weight: str
    attention: AttentionFormat
    state: str

    def of_kinds(self) -> dict[str, Any]:
        """As options have them, by kind."""
        from workloads.kinds.state_space.format import StateSpaceFormat

        return {
            "matrix product": ProductFormat(self.weight),
            "experts": ProductFormat(self.weight),
            "attention": self.attention,
            "state space": StateSpaceFormat(self.state),
        }


def forms_of(making: Making, part: Part, formats: Formats) -> Forms:
    """The formats of a part on a machine that wants `formats`: the model's own where its precision map has them."""
    form = formats.get("matrix product", ProductFormat()).weight_format
    precision = making.precision(form)
    attention = formats.get("attention", AttentionFormat())
    state = getattr(formats.get("state space"), "state_format", STATE_FORMAT)
    return Forms(
        weight=_weight_format(making.model, part, form, precision),
        attention=attention if precision.cache is None else attention._replace(cache_format=precision.cache),
        state=state if precision.state is None else precision.state,
    )


def _weight_format(model: LanguageModel, part: Part, form: str, precision: Precision) -> str:
    if part.name == "router":
        return ROUTER_FORMAT
    if "lora" in part.name:
        return SIDE_FORMAT
    following = "" if part.draft else model.pattern.value[part.block + 1 : part.block + 2]
    for one in precision.exceptions:
        if part.name in one.parts and (following == "*" or not one.before_attention):
            return one.format
    return form


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
