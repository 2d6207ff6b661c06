"""Small layers with values, of the kinds and formats of a language model's parts, to compare their outputs."""

from typing import Any

import numpy as np

from workloads.kinds import find_kind
from workloads.kinds.attention.layer import Attention
from workloads.kinds.drawing import generator
from workloads.kinds.matrix_product.layer import MatrixProduct
from workloads.options import WorkloadOptions
from workloads.sources.language.parts import Attention as AttentionPart
from workloads.sources.language.parts import Experts as ExpertsPart
from workloads.sources.language.parts import Part, Product
from workloads.sources.language.parts import State as StatePart
from workloads.sources.language.precision import Forms
from workloads.sources.language.shapes import KINDS

TOKENS, INPUTS, OUTPUTS, WIDTH, KEYS = 3, 80, 40, 16, 48
"""Sizes of samples: more than a block of any format, and not a multiple of most."""
HEADS, EXPERTS, STATE, GROUPS, TAPS = 4, 3, 8, 2, 4


def make_sample(part: Part, title: str, forms: Forms, seed: int) -> Any:
    """A compressed layer with drawn values, of the kind of `part` and in its formats."""
    rng = generator(title, seed)
    kind = find_kind(KINDS[type(part.shape)])
    makers = {Product: _product, AttentionPart: _attention, StatePart: _state, ExpertsPart: _experts}
    layer = makers[type(part.shape)](part, title, rng)
    options = WorkloadOptions().with_formats(forms.of_kinds())
    return kind.compress(layer, None, options)._replace(own_format=True)


def _product(part: Part, title: str, rng: np.random.Generator) -> MatrixProduct:  # noqa: ARG001
    return MatrixProduct(title, _normal(rng, OUTPUTS, INPUTS), None, _normal(rng, TOKENS, INPUTS), False)


def _attention(part: Part, title: str, rng: np.random.Generator) -> Attention:
    assert isinstance(part.shape, AttentionPart)
    shared = HEADS if part.shape.sizes.heads.value == part.shape.sizes.key_heads.value else HEADS // 2
    query, key, value = (
        _normal(rng, heads, rows, WIDTH) for heads, rows in ((HEADS, TOKENS), (shared, KEYS), (shared, KEYS))
    )
    return Attention(title, query, key, value, part.shape.sizes.keys is None)


def _state(part: Part, title: str, rng: np.random.Generator) -> Any:  # noqa: ARG001
    from workloads.kinds.state_space.layer import StateSpace, token_width

    channels = HEADS * WIDTH + 2 * GROUPS * STATE
    return StateSpace(
        name=title,
        activation=_normal(rng, 2, 1, token_width(HEADS, WIDTH, STATE, GROUPS)),
        state=_normal(rng, 2, HEADS, WIDTH, STATE),
        window=_normal(rng, 2, channels, TAPS - 1),
        weight=_normal(rng, channels, TAPS),
        bias=_normal(rng, channels),
        time_bias=_normal(rng, HEADS),
        decay=np.exp(_normal(rng, HEADS)),
        skip=_normal(rng, HEADS),
    )


def _experts(part: Part, title: str, rng: np.random.Generator) -> Any:
    from workloads.distinct import distinct
    from workloads.kinds.experts.layer import Expert, Experts
    from workloads.kinds.experts.router import draw_choice

    assert isinstance(part.shape, ExpertsPart)
    chosen = min(2, part.shape.sizes.chosen.value)
    choice = draw_choice(TOKENS, EXPERTS, chosen, "uniform", rng)
    gated = part.shape.sizes.gated

    def one() -> Expert:
        up, down = _normal(rng, OUTPUTS, INPUTS), _normal(rng, INPUTS, OUTPUTS)
        return Expert(up, down, _normal(rng, OUTPUTS, INPUTS) if gated else None)

    weights = tuple(one() for _ in distinct(choice))
    share = rng.random(choice.shape, dtype=np.float32)
    return Experts(title, _normal(rng, TOKENS, INPUTS), choice, share, EXPERTS, weights)


def _normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Normal values, float32 [shape]."""
    return rng.standard_normal(shape, dtype=np.float32)
