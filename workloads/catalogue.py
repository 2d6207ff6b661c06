"""Workloads by name or by file: a zoo recipe, an own recipe (.yaml), or an own layer (.npz)."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import ValidationError

from workloads.compress import compress
from workloads.documents import parse_yaml, read_text, validation_sentence
from workloads.errors import InputError
from workloads.layers import CodedFullyConnected, CompressedFullyConnected, FullyConnected
from workloads.readers import read_npz
from workloads.synthesis import Recipe, Weights, draw, generator

DISTRIBUTIONS = "distributions.yaml"


class Workload(NamedTuple):
    """A compressed layer and where it comes from."""

    name: str
    source: str  # a zoo file or a path
    seed: int | None  # None: nothing was drawn
    layer: CompressedFullyConnected


def zoo() -> dict[str, Recipe]:
    """The recipes that come with the simulator, by name."""
    recipes: dict[str, Recipe] = {}
    for file in sorted(_zoo_folder().iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml") and file.name != DISTRIBUTIONS:
            recipes.update(read_recipes(file, file.read_text(encoding="utf-8")))
    return recipes


def load_workload(
    name: str, *, seed: int = 0, scale: float = 1.0, density: float | None = None, weight_bits: int = 4
) -> Workload:
    """Load a workload and compress it.

    name: a zoo name, `file.npz`, or `file.yaml` (recipes; `file.yaml:layer` picks one of several). seed: what is
    drawn. scale: both sides of a recipe's matrix times this; of a file's layer, its upper left part. density: the
    share of weights to keep, instead of the recipe's (files: instead of every non-zero). InputError names what is
    wrong.
    """
    if not 0 < scale <= 1:
        raise InputError(f"scale is {scale}; expected a number above 0 and at most 1")
    if seed < 0:
        raise InputError(f"seed is {seed}; expected 0 or more")
    if name.endswith(".npz"):
        path = Path(name)
        layer = _crop(read_npz(path), scale)
        return Workload(path.stem, name, None, compress(layer, density, weight_bits))
    name, recipe, source = _find_recipe(name)
    if density is None:
        density = recipe.weight_density.value
    drawn = draw(name, recipe, scale, generator(name, seed))
    return Workload(name, source, seed, compress(drawn, density, weight_bits))


def read_recipes(source: object, text: str) -> dict[str, Recipe]:
    """Parse a YAML file of recipes; a recipe's `weights` may name a distribution of the zoo's `distributions.yaml`."""
    recipes = {}
    for name, content in parse_yaml(source, text).items():
        if isinstance(content, dict) and isinstance(content.get("weights"), str):
            content = {**content, "weights": _named_distribution(source, name, content["weights"])}
        try:
            recipes[name] = Recipe.model_validate(content)
        except ValidationError as error:
            raise InputError(validation_sentence(f"{source}: {name}", error)) from None
    return recipes


def _zoo_folder() -> Traversable:
    return files("workloads") / "zoo"


def _named_distribution(source: object, layer: str, name: str) -> Weights:
    file = _zoo_folder() / DISTRIBUTIONS
    known = parse_yaml(file.name, file.read_text(encoding="utf-8"))
    if name not in known:
        raise InputError(f"{source}: {layer}: weights is {name!r}; expected a mapping or one of {', '.join(known)}")
    return Weights.model_validate(known[name])


def _find_recipe(name: str) -> tuple[str, Recipe, str]:
    """The layer's name, its recipe, and the file it stands in."""
    stem, _, layer = name.partition(".yaml")
    if stem == name:
        recipes = zoo()
        if name in recipes:
            return name, recipes[name], "zoo"
        raise InputError(
            f"{name}: there is no such workload; expected a .npz or .yaml file or one of {', '.join(recipes)}"
        )
    path, layer = Path(stem + ".yaml"), layer.removeprefix(":")
    recipes = read_recipes(path, read_text(path, "a YAML file of recipes"))
    if not layer and len(recipes) == 1:
        layer = next(iter(recipes))
    if layer not in recipes:
        raise InputError(f"{path}: layer is {layer!r}; expected {path}:LAYER with one of {', '.join(recipes)}")
    return layer, recipes[layer], str(path)


def _crop(layer: FullyConnected | CodedFullyConnected, scale: float) -> FullyConnected | CodedFullyConnected:
    """The upper left part of a layer read from a file."""
    if scale == 1:
        return layer
    weight = layer.weight if isinstance(layer, FullyConnected) else layer.weight_code
    rows, columns = (max(1, round(side * scale)) for side in weight.shape)
    weight, activation = np.ascontiguousarray(weight[:rows, :columns]), layer.activation[:columns]
    if isinstance(layer, FullyConnected):
        bias = None if layer.bias is None else layer.bias[:rows]
        return layer._replace(weight=weight, bias=bias, activation=activation)
    bias = None if layer.bias_code is None else layer.bias_code[:rows]
    return layer._replace(weight_code=weight, bias_code=bias, activation=activation)
