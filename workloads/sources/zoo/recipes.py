"""Recipes of the zoo and of users' files, by name, and the layers that are drawn after them."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workloads.errors import InputError
from workloads.kinds import kind_of_content, kind_of_recipe
from workloads.kinds.drawing import Weights
from workloads.kinds.kind import AnyRecipe
from workloads.options import WorkloadOptions
from workloads.yaml_files import parse_yaml, read_text, validation_sentence

DISTRIBUTIONS, NETWORKS = "distributions.yaml", "networks.yaml"
"""The zoo's files that hold no recipes."""


@cache
def zoo() -> dict[str, AnyRecipe]:
    """The recipes that come with the simulator, by name."""
    found: dict[str, AnyRecipe] = {}
    for file in sorted(zoo_folder().iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml") and file.name not in (DISTRIBUTIONS, NETWORKS):
            found.update(read_recipes(file, file.read_text(encoding="utf-8")))
    return found


def zoo_folder() -> Traversable:
    """The folder of the recipes."""
    return files("workloads") / "zoo"


def read_recipes(source: object, text: str) -> dict[str, AnyRecipe]:
    """Parse a YAML file of recipes; the keys of each say what kind it is. InputError says what is wrong.

    A recipe's `weights` may name a distribution of the zoo's `distributions.yaml`.
    """
    found: dict[str, AnyRecipe] = {}
    for name, content in parse_yaml(source, text).items():
        if isinstance(content, dict) and isinstance(content.get("weights"), str):
            content = {**content, "weights": _named_distribution(source, name, content["weights"])}
        form = kind_of_content(content).recipe_type
        try:
            found[name] = form.model_validate(content)
        except ValidationError as error:
            raise InputError(validation_sentence(f"{source}: {name}", form, error)) from None
    return found


def find_recipes(path: Path, layer: str | None) -> dict[str, AnyRecipe]:
    """The recipes of a user's file by name: all, or that of `layer`. InputError where there is none."""
    own = read_recipes(path, read_text(path, "a YAML file of recipes"))
    if not own or (layer is not None and layer not in own):
        known = ", ".join(own) or "its recipes (it has none)"
        raise InputError(f"{path}: layer is {layer or ''!r}; expected {path}:LAYER with one of {known}")
    return own if layer is None else {layer: own[layer]}


def draw_any(name: str, recipe: AnyRecipe, scale: float, seed: int) -> Any:
    """A layer of the recipe's kind in floating point, not yet pruned; a recurrent one with one sequence and step."""
    return kind_of_recipe(recipe).draw(name, recipe, WorkloadOptions(seed=seed, scale=scale))


def _named_distribution(source: object, layer: str, name: str) -> Weights:
    known = _distributions()
    if name not in known:
        raise InputError(f"{source}: {layer}: weights is {name!r}; expected a mapping or one of {', '.join(known)}")
    return known[name]


@cache
def _distributions() -> dict[str, Weights]:
    file = zoo_folder() / DISTRIBUTIONS
    known = parse_yaml(file.name, file.read_text(encoding="utf-8"))
    return {name: Weights.model_validate(content) for name, content in known.items()}
