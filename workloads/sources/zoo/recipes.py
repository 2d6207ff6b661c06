"""Recipes of the zoo and of users' files, by name, and the layers that are drawn after them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from workloads.errors import InputError
from workloads.kinds import kind_of_content, kind_of_recipe
from workloads.kinds.convolution.places import Places
from workloads.kinds.drawing import Weights
from workloads.kinds.kind import AnyRecipe
from workloads.options import WorkloadOptions
from workloads.sources.zoo.checked import checked_recipe
from workloads.sources.zoo.parts import ParsedWhenAsked, ZooPart, zoo_folder, zoo_parts
from workloads.yaml_files import parse_yaml, read_text

DISTRIBUTIONS, PATCHES, NETWORKS = "distributions.yaml", "patches.yaml", "networks.yaml"
"""The zoo's files that hold no recipes."""


@cache
def zoo() -> Mapping[str, AnyRecipe]:
    """The recipes that come with the simulator, by name; each is parsed when it is asked for."""
    parts: dict[str, ZooPart] = {}
    for file in sorted(zoo_folder().iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml") and file.name not in (DISTRIBUTIONS, PATCHES, NETWORKS):
            parts.update(zoo_parts(file))
    return ParsedWhenAsked(parts, lambda name, part: read_recipes(part.file, part.text)[name])


def read_recipes(source: object, text: str) -> dict[str, AnyRecipe]:
    """Parse a YAML file of recipes; the keys of each say what kind it is. InputError says what is wrong.

    A recipe's `weights` may name a distribution of the zoo's `distributions.yaml`, the `places` of its `activations`
    one of `patches.yaml`.
    """
    return {name: make_recipe(source, name, content) for name, content in parse_yaml(source, text).items()}


def make_recipe(source: object, name: str, content: Any) -> AnyRecipe:
    """The recipe called `name` of a mapping as YAML has it; see `read_recipes`, also for InputError."""
    if isinstance(content, dict) and isinstance(content.get("weights"), str):
        content = {**content, "weights": _named(source, f"{name}: weights", content["weights"], DISTRIBUTIONS)}
    image = content.get("activations") if isinstance(content, dict) else None
    if isinstance(image, dict) and isinstance(image.get("places"), str):
        places = _named(source, f"{name}: activations.places", image["places"], PATCHES)
        content = {**content, "activations": {**image, "places": places}}
    return checked_recipe(f"{source}: {name}", kind_of_content(content).recipe_type, content)


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


def _named(source: object, where: str, name: str, file: str) -> Any:
    """The distribution called `name` in a file of the zoo; InputError where there is none."""
    known = _distributions(file)
    if name not in known:
        raise InputError(f"{source}: {where} is {name!r}; expected a mapping or one of {', '.join(known)}")
    return known[name]


@cache
def _distributions(name: str) -> dict[str, Any]:
    """The distributions of a file of the zoo, by name: of weights, or of the places of non-zeros."""
    file = zoo_folder() / name
    known = parse_yaml(file.name, file.read_text(encoding="utf-8"))
    form: type[Weights] | type[Places] = Weights if name == DISTRIBUTIONS else Places
    return {key: form.model_validate(content) for key, content in known.items()}
