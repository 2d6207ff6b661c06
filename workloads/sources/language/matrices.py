"""The matrices of a language model as recipes of fully connected layers, which are drawn with values."""

from collections.abc import Mapping
from typing import Any

from workloads.kinds.kind import AnyRecipe
from workloads.sources.language.network import LanguageModel
from workloads.sources.language.parts import Experts, Product, parts_of
from workloads.sources.zoo.recipes import make_recipe

AFTER_RELU = ("expert-down", "shared-down")
"""Matrices that read what a squared ReLU leaves."""
DENSE = {"value": 1.0, "source": "chosen: a language model is not pruned; `density` prunes it"}


def matrix_recipes(source: object, model: LanguageModel) -> Mapping[str, AnyRecipe]:
    """A recipe for each sort of matrix, by its name: `mamba-in`, `expert-down`, `head`."""
    sizes: dict[str, tuple[int, int]] = {}
    for part in parts_of(model):
        shape = part.shape
        if isinstance(shape, Product):
            sizes.setdefault(part.name, (shape.inputs, shape.outputs))
        elif isinstance(shape, Experts):
            width = shape.sizes.width.value
            sizes.setdefault("expert-up", (shape.inputs, (2 if shape.sizes.gated else 1) * width))
            sizes.setdefault("expert-down", (width, shape.inputs))
    return {name: make_recipe(source, name, _content(model, name, *both)) for name, both in sizes.items()}


def _content(model: LanguageModel, name: str, inputs: int, outputs: int) -> dict[str, Any]:
    sparse = name in AFTER_RELU and model.experts is not None and not model.experts.gated
    density = model.experts.active.model_dump() if sparse and model.experts is not None else DENSE
    about = f"{name} of {model.about}" + (", after a squared ReLU" if sparse else "")
    return {
        "about": about,
        "inputs": {"value": inputs, "source": "sizes of the model"},
        "outputs": {"value": outputs, "source": "sizes of the model"},
        "bias": False,
        "relu": False,
        "weight_density": DENSE,
        "weights": "trained-fc",
        "activations": {"distribution": "half-normal" if sparse else "normal", "density": density},
    }
