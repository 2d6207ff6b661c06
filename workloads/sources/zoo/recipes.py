"""Recipes of the zoo and of users' files, by name, and the layers that are drawn after them."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError

from workloads.errors import InputError
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.convolution.recipe import ConvolutionRecipe, draw_convolution
from workloads.kinds.drawing import Density, Weights, generator
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.fully_connected.recipe import Recipe, draw
from workloads.kinds.lstm.layer import Lstm
from workloads.kinds.lstm.recipe import LstmRecipe, draw_lstm
from workloads.yaml_files import parse_yaml, read_text, validation_sentence

DISTRIBUTIONS, NETWORKS = "distributions.yaml", "networks.yaml"
"""The zoo's files that hold no recipes."""
AnyRecipe = Recipe | ConvolutionRecipe | LstmRecipe


@cache
def zoo() -> dict[str, AnyRecipe]:
    """The recipes that come with the simulator, by name."""
    found: dict[str, AnyRecipe] = {}
    for file in sorted(zoo_folder().iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml") and file.name not in (DISTRIBUTIONS, NETWORKS):
            found.update(read_recipes(file, file.read_text(encoding="utf-8")))
    return found


def zoo_folder() -> Traversable:
    """Where the recipes stand."""
    return files("workloads") / "zoo"


def read_recipes(source: object, text: str) -> dict[str, AnyRecipe]:
    """Parse a YAML file of recipes; that of a convolution has the key `shape`, that of an LSTM `cells`.

    A recipe's `weights` may name a distribution of the zoo's `distributions.yaml`.
    """
    found: dict[str, AnyRecipe] = {}
    for name, content in parse_yaml(source, text).items():
        if isinstance(content, dict) and isinstance(content.get("weights"), str):
            content = {**content, "weights": _named_distribution(source, name, content["weights"])}
        kind = _kind(content)
        try:
            found[name] = kind.model_validate(content)
        except ValidationError as error:
            raise InputError(validation_sentence(f"{source}: {name}", kind, error)) from None
    return found


def find_recipe(path: Path, layer: str | None) -> tuple[str, AnyRecipe]:
    """A recipe of a user's file, and its name: the one called `layer`, or the only one."""
    own = read_recipes(path, read_text(path, "a YAML file of recipes"))
    if layer is None and len(own) == 1:
        layer = next(iter(own))
    if layer is None or layer not in own:
        known = ", ".join(own) or "its recipes, of which it has none"
        raise InputError(f"{path}: layer is {layer or ''!r}; expected {path}:LAYER with one of {known}")
    return layer, own[layer]


def with_input(name: str, recipe: AnyRecipe, density: float | None) -> AnyRecipe:
    """The recipe with another density of its input."""
    if density is None:
        return recipe
    if not 0 <= density <= 1:
        raise InputError(f"activation_density is {density}; expected a number from 0 to 1")
    if isinstance(recipe, LstmRecipe):
        raise InputError(f"{name}: activation_density is {density}; expected none for an LSTM, which skips no input")
    changed = recipe.activations.model_copy(update={"density": Density(value=density, source="given")})
    return recipe.model_copy(update={"activations": changed})


def draw_any(name: str, recipe: AnyRecipe, scale: float, seed: int) -> FullyConnected | Convolution | Lstm:
    """Draw a layer, not yet pruned, in the way of its kind; an LSTM with one voice and one time step."""
    if isinstance(recipe, LstmRecipe):
        return draw_lstm(recipe, name, scale, 1, 1, generator(name, seed))
    if isinstance(recipe, ConvolutionRecipe):
        return draw_convolution(name, recipe, scale, generator(name, seed))
    return draw(name, recipe, scale, generator(name, seed))


def _kind(content: object) -> type[AnyRecipe]:
    keys = content if isinstance(content, dict) else {}
    return ConvolutionRecipe if "shape" in keys else LstmRecipe if "cells" in keys else Recipe


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
