"""Recipes of layers and networks in YAML."""

import math
from functools import partial
from pathlib import Path

from ..harness import Harness
from ..mutators.trees import change_yaml, fill_json, insert_yaml
from .models import run, try_all, write

SMALL = 1 << 18
"""Weights and inputs of a layer that is run; larger ones take time in proportion to their size, as they should."""
MOST_RUN = 40
"""Layers of a network that is run."""


def seeds() -> list[bytes]:
    """One recipe of each kind out of the zoo, made small, and two together."""
    from workloads.sources.zoo.recipes import zoo
    from workloads.yaml_files import dump_yaml

    full = {key: zoo()[name].model_dump(mode="json") for key, name in NAMES.items()}
    for key in ("inputs", "outputs"):
        full["fc"][key]["value"] = 24
    for key in ("inputs", "outputs", "cells"):
        full["lstm"][key]["value"] = 64
    for packed in full["lstm"]["packed_bytes"].values():
        packed["value"] = 3072
    full["conv"]["shape"] |= {"inputs": 4, "outputs": 4, "height": 7, "width": 7, "groups": 2}
    for key, size in {"heads": 4, "key_heads": 2, "queries": 3, "keys": 7, "head_width": 6}.items():
        full["attention"][key]["value"] = size
    sizes = {"heads": 4, "groups": 2, "head_width": 3, "state_width": 5, "sequences": 2}
    for key, size in sizes.items():
        full["state"][key]["value"] = size
    for key, size in {"tokens": 3, "experts": 5, "chosen": 2, "inputs": 8, "width": 6}.items():
        full["experts"][key]["value"] = size
    for key, size in {"inputs": 5, "states": 9, "steps": 4}.items():
        full["gru"][key]["value"] = size
    full["gradient"]["elements"]["value"] = 40
    for key, size in {"sides": 9, "entries": 20}.items():
        full["sparse"][key]["value"] = size
    texts = [dump_yaml({key: one}) for key, one in full.items()]
    both = dump_yaml({"a": full["fc"], "b": full["conv"]})
    named = dump_yaml({"a": {**full["fc"], "weights": "trained-fc"}})
    return [one.encode() for one in (*texts, both, named) if one]


NAMES = {
    "fc": "alexnet-fc8", "conv": "alexnet-conv3", "lstm": "google-lstm", "attention": "qwen3-attention-decode",
    "state": "nemotron3-nano-state-space", "experts": "nemotron3-nano-experts",
    "gru": "edgedrnn-256", "gradient": "lenet-gradient",
    "sparse": "power-law-wiki",
}  # fmt: skip


def read(data: bytes, folder: Path) -> None:
    """As `zeroskip run MACHINE FILE`; only a few layers that are small, or that must be refused for their size."""
    from workloads.kinds import kind_of_recipe
    from workloads.sources.zoo.recipes import find_recipes

    path = write(folder, "in.yaml", data)
    recipes = find_recipes(path, None)
    if len(recipes) > MOST_RUN:
        return
    for recipe in recipes.values():
        weights = kind_of_recipe(recipe).recipe_weights(recipe)
        steps = getattr(getattr(recipe, "steps", None), "value", 1)
        if SMALL < weights <= 1 << 28 or _inputs(recipe) > SMALL or weights * steps > 16 * SMALL:
            return
    source = str(path)
    try_all(
        *(partial(run, name, source) for name in ("scnn", "ese", "eie", "tensor", "edgedrnn", "selection", "gamma"))
    )


def _inputs(recipe: object) -> int:
    """Scores of attention; numbers of a state space's tokens and taps; elements of a convolution's padded planes.

    Of those that are refused for them, 0.
    """
    if hasattr(recipe, "queries"):
        return math.prod(one.value for one in (recipe.sequences, recipe.heads, recipe.queries, recipe.keys))
    if hasattr(recipe, "state_width"):
        values = {key: getattr(recipe, key).value for key in ("sequences", "steps", "heads", "groups", "taps")}
        channels = values["heads"] * recipe.head_width.value + 2 * values["groups"] * recipe.state_width.value
        return values["sequences"] * (2 * values["steps"] + values["taps"]) * channels
    if hasattr(recipe, "chosen"):
        return recipe.tokens.value * max(recipe.inputs.value, recipe.experts.value)
    shape = getattr(recipe, "shape", None)
    if shape is None:
        return 0
    plane = (shape.height + 2 * shape.padding) * (shape.width + 2 * shape.padding)
    most = max(shape.inputs, shape.outputs) * plane
    return most if shape.inputs * plane <= 1 << 28 and shape.outputs * plane // shape.stride**2 <= 1 << 28 else 0


HARNESS = Harness("recipes", read, seeds, [change_yaml, change_yaml, insert_yaml, fill_json])
