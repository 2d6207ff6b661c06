"""Workloads by name or by file: a zoo recipe, an own recipe (.yaml), or an own layer (.npz)."""

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from os import PathLike, fspath
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from workloads.compress import compress
from workloads.documents import parse_yaml, read_text, validation_sentence
from workloads.errors import InputError
from workloads.layers import CodedFullyConnected, FullyConnected, Workload
from workloads.readers import from_arrays, read_npz
from workloads.synthesis import Recipe, Weights, draw, generator

DISTRIBUTIONS = "distributions.yaml"


def zoo() -> dict[str, Recipe]:
    """The recipes that come with the simulator, by name."""
    recipes: dict[str, Recipe] = {}
    for file in sorted(_zoo_folder().iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml") and file.name != DISTRIBUTIONS:
            recipes.update(read_recipes(file, file.read_text(encoding="utf-8")))
    return recipes


def load_workload(
    source: str | PathLike[str] | Mapping[str, np.ndarray],
    *,
    seed: int = 0,
    scale: float = 1.0,
    density: float | None = None,
    weight_bits: int = 4,
) -> Workload:
    """Load a workload and compress it.

    source: a zoo name, `FILE.npz`, `FILE.yaml` (recipes; `FILE.yaml:LAYER` picks one of several), or arrays by name
    (see `workloads.readers.from_arrays`). seed: what is drawn. scale: both sides of a recipe's matrix times this; of a
    given layer, its upper left part. density: the share of weights to keep, instead of the recipe's (of a given layer:
    instead of every non-zero). weight_bits: 1 .. 8, the codes of weights. InputError names what is wrong.
    """
    if not 0 < scale <= 1:
        raise InputError(f"scale is {scale}; expected a number above 0 and at most 1")
    if seed < 0:
        raise InputError(f"seed is {seed}; expected 0 or more")
    if isinstance(source, Mapping):
        layer = from_arrays("arrays", "arrays", source)
        return Workload("arrays", "arrays", None, compress(_crop(layer, scale), density, weight_bits))
    text = fspath(source)
    if text.endswith(".npz"):
        layer = read_npz(Path(text))
        return Workload(layer.name, text, None, compress(_crop(layer, scale), density, weight_bits))
    name, recipe, file = _find_recipe(text)
    if density is None:
        density = recipe.weight_density.value
    drawn = draw(name, recipe, scale, generator(name, seed))
    return Workload(name, file, seed, compress(drawn, density, weight_bits))


def read_recipes(source: object, text: str) -> dict[str, Recipe]:
    """Parse a YAML file of recipes; a recipe's `weights` may name a distribution of the zoo's `distributions.yaml`."""
    recipes = {}
    for name, content in parse_yaml(source, text).items():
        if isinstance(content, dict) and isinstance(content.get("weights"), str):
            content = {**content, "weights": _named_distribution(source, name, content["weights"])}
        try:
            recipes[name] = Recipe.model_validate(content)
        except ValidationError as error:
            raise InputError(validation_sentence(f"{source}: {name}", Recipe, error)) from None
    return recipes


def _zoo_folder() -> Traversable:
    return files("workloads") / "zoo"


def _named_distribution(source: object, layer: str, name: str) -> Weights:
    file = _zoo_folder() / DISTRIBUTIONS
    known = parse_yaml(file.name, file.read_text(encoding="utf-8"))
    if name not in known:
        raise InputError(f"{source}: {layer}: weights is {name!r}; expected a mapping or one of {', '.join(known)}")
    return Weights.model_validate(known[name])


def _find_recipe(text: str) -> tuple[str, Recipe, str]:
    """The layer's name, its recipe, and the file it stands in."""
    file, _, layer = text.rpartition(".yaml:")
    if not file and not text.endswith(".yaml"):
        recipes = zoo()
        if text in recipes:
            return text, recipes[text], "zoo"
        known = ", ".join(recipes)
        raise InputError(f"{text}: there is no such workload; expected a .npz or .yaml file or one of {known}")
    path = Path(f"{file}.yaml" if file else text)
    recipes = read_recipes(path, read_text(path, "a YAML file of recipes"))
    if not file:
        layer = next(iter(recipes)) if len(recipes) == 1 else ""
    if layer not in recipes:
        known = ", ".join(recipes) or "its recipes, of which it has none"
        raise InputError(f"{path}: layer is {layer!r}; expected {path}:LAYER with one of {known}")
    return layer, recipes[layer], str(path)


def _crop(layer: FullyConnected | CodedFullyConnected, scale: float) -> FullyConnected | CodedFullyConnected:
    """The upper left part of a layer read from a file."""
    if scale == 1:
        return layer
    weight = layer.weight if isinstance(layer, FullyConnected) else layer.weight_code
    rows, columns = (max(1, round(side * scale)) for side in weight.shape)
    weight = np.ascontiguousarray(weight[:rows, :columns])
    activation = None if layer.activation is None else layer.activation[:columns]
    if isinstance(layer, FullyConnected):
        bias = None if layer.bias is None else layer.bias[:rows]
        return layer._replace(weight=weight, bias=bias, activation=activation)
    bias = None if layer.bias_code is None else layer.bias_code[:rows]
    return layer._replace(weight_code=weight, bias_code=bias, activation=activation)
