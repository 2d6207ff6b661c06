"""Workloads by name or by file: a zoo recipe, a trained layer, an own recipe, an own layer, a compressed network."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from os import PathLike, fspath
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from workloads.compress import compress
from workloads.compress_convolution import compress_convolution
from workloads.convolution_recipe import ConvolutionRecipe, draw_convolution
from workloads.crop import Given, crop
from workloads.documents import parse_yaml, read_text, validation_sentence
from workloads.errors import InputError
from workloads.layers import (
    CompressedConvolution,
    CompressedFullyConnected,
    Convolution,
    FullyConnected,
    Lstm,
    SharedFullyConnected,
    Workload,
)
from workloads.network_file import read_network
from workloads.readers import from_arrays, read_npz
from workloads.real import REAL, read_real
from workloads.stored import Input, load_stored
from workloads.synthesis import Density, Recipe, Weights, draw, generator

DISTRIBUTIONS, NETWORKS = "distributions.yaml", "networks.yaml"
AnyRecipe = Recipe | ConvolutionRecipe


@cache
def zoo() -> dict[str, AnyRecipe]:
    """The recipes that come with the simulator, by name."""
    recipes: dict[str, AnyRecipe] = {}
    for file in sorted(zoo_folder().iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml") and file.name not in (DISTRIBUTIONS, NETWORKS):
            recipes.update(read_recipes(file, file.read_text(encoding="utf-8")))
    return recipes


@cache
def trained() -> dict[str, tuple[Path, SharedFullyConnected]]:
    """The trained layers that come with the simulator: name -> compressed network and the layer in it.

    Beside each network NAME.safetensors stands NAME.npz with an input for each layer.
    """
    found = {}
    for file in sorted(Path(str(zoo_folder())).glob("*.safetensors")):
        for layer in read_network(file).layers:
            found[f"{file.stem}-{layer.name}"] = file, layer
    return found


def load_workload(
    source: str | PathLike[str] | Mapping[str, np.ndarray],
    *,
    seed: int = 0,
    scale: float = 1.0,
    density: float | None = None,
    activation_density: float | None = None,
    granularity: int = 0,
    weight_bits: int | None = None,
    layer: str | None = None,
    activation: Input = None,
    sample: int = 0,
) -> Workload:
    """Load a workload and compress it.

    source: a zoo name, a real network's layer (`tiara-k6/fc1`: see `workloads.real`), `FILE.npz`, `FILE.yaml`
    (recipes), `FILE.safetensors` (a compressed network), or arrays by name (see `workloads.readers.from_arrays`).
    layer: which of several in a file; `FILE:LAYER` is the same. activation: the input of a compressed network's layer
    (see `workloads.stored.Input`). sample: which of a real network's inputs. seed: what is drawn. scale: both sides of
    a recipe's matrix, or channels and plane of its convolution, times this; of a given layer, its upper left part.
    density: the share of weights to keep, instead of the recipe's (of a given layer: instead of every non-zero).
    activation_density: of a recipe's input, instead of its own. granularity: in what a convolution is pruned, 0 =
    weights, 1 = rows, 2 = kernels, 3 = filters. weight_bits: the codes of weights, 1 .. 8 (None: 4), or the words of a
    convolution, 2 .. 16 (None: 16). InputError names what is wrong.
    """
    if not 0 < scale <= 1:
        raise InputError(f"scale is {scale}; expected a number above 0 and at most 1")
    if seed < 0:
        raise InputError(f"seed is {seed}; expected 0 or more")
    how = granularity, weight_bits
    if isinstance(source, Mapping):
        name, place = "arrays", "arrays"
        own: Given = from_arrays(name, place, source)
    else:
        text, layer = _split(fspath(source), layer)
        place, _, part = text.partition("/")
        if text.endswith(".npz"):
            own = read_npz(Path(text))
            name, place = own.name, text
        elif place in REAL:
            own = _real_layer(place, part or layer, sample)
            name = f"{place}/{own.name}"
        elif text.endswith(".safetensors") or text in trained():
            if density is not None or activation_density is not None or scale != 1 or granularity:
                raise InputError(f"{text}: it is compressed already; expected neither density, granularity nor scale")
            return _load_compressed(text, layer, activation)
        else:
            name, recipe, place = _find_recipe(text, layer)
            drawn = draw_any(name, _with_input(recipe, activation_density), scale, seed)
            kept = recipe.weight_density.value if density is None else density
            return Workload(name, place, seed, compress_any(drawn, kept, *how))
    if activation_density is not None:
        raise InputError(f"{name}: activation_density is {activation_density}; expected none, as its input is given")
    return Workload(name, place, None, compress_any(crop(own, scale), density, *how))


def compress_any(
    layer: Given, density: float | None, granularity: int = 0, weight_bits: int | None = None
) -> CompressedFullyConnected | CompressedConvolution:
    """Compress a layer in the way of its kind."""
    if isinstance(layer, Convolution):
        return compress_convolution(layer, density, granularity, 16 if weight_bits is None else weight_bits)
    if granularity:
        raise InputError(f"{layer.name}: granularity is {granularity}; expected 0, as it is fully connected")
    return compress(layer, density, 4 if weight_bits is None else weight_bits)


def read_recipes(source: object, text: str) -> dict[str, AnyRecipe]:
    """Parse a YAML file of recipes; that of a convolution has the key `shape`.

    A recipe's `weights` may name a distribution of the zoo's `distributions.yaml`.
    """
    recipes: dict[str, AnyRecipe] = {}
    for name, content in parse_yaml(source, text).items():
        if isinstance(content, dict) and isinstance(content.get("weights"), str):
            content = {**content, "weights": _named_distribution(source, name, content["weights"])}
        kind = ConvolutionRecipe if isinstance(content, dict) and "shape" in content else Recipe
        try:
            recipes[name] = kind.model_validate(content)
        except ValidationError as error:
            raise InputError(validation_sentence(f"{source}: {name}", kind, error)) from None
    return recipes


def zoo_folder() -> Traversable:
    """Where the recipes stand."""
    return files("workloads") / "zoo"


def draw_any(name: str, recipe: AnyRecipe, scale: float, seed: int) -> FullyConnected | Convolution:
    """Draw a layer, not yet pruned, in the way of its kind."""
    if isinstance(recipe, ConvolutionRecipe):
        return draw_convolution(name, recipe, scale, generator(name, seed))
    return draw(name, recipe, scale, generator(name, seed))


def _with_input(recipe: AnyRecipe, density: float | None) -> AnyRecipe:
    """The recipe with another density of its input."""
    if density is None:
        return recipe
    if not 0 <= density <= 1:
        raise InputError(f"activation_density is {density}; expected a number from 0 to 1")
    changed = recipe.activations.model_copy(update={"density": Density(value=density, source="given")})
    return recipe.model_copy(update={"activations": changed})


def _named_distribution(source: object, layer: str, name: str) -> Weights:
    file = zoo_folder() / DISTRIBUTIONS
    known = parse_yaml(file.name, file.read_text(encoding="utf-8"))
    if name not in known:
        raise InputError(f"{source}: {layer}: weights is {name!r}; expected a mapping or one of {', '.join(known)}")
    return Weights.model_validate(known[name])


def _load_compressed(text: str, layer: str | None, activation: Input) -> Workload:
    """A layer of a compressed network: a file's, or one of the trained layers with its own input."""
    if text.endswith(".safetensors"):
        return load_stored(Path(text), layer, activation)
    file, stored = trained()[text]
    return load_stored(file, stored.name, file.with_suffix(".npz") if activation is None else activation, text)


def _real_layer(network: str, name: str | None, sample: int) -> FullyConnected | Convolution:
    """A layer of a real network, with its input on a sample; an LSTM is none of those that can be chosen."""
    layers = [layer for layer in read_real(network, sample).layers if not isinstance(layer, Lstm)]
    for layer in layers:
        if layer.name == name or (name is None and len(layers) == 1):
            return layer
    told = "no layer is chosen" if name is None else f"layer is {name!r}"
    raise InputError(f"{network}: {told}; expected {network}/LAYER with one of {', '.join(one.name for one in layers)}")


def _split(text: str, layer: str | None) -> tuple[str, str | None]:
    """`FILE:LAYER` -> file and layer."""
    for ending in (".yaml:", ".safetensors:"):
        file, found, name = text.rpartition(ending)
        if found:
            return f"{file}{ending[:-1]}", name if layer is None else layer
    return text, layer


def _find_recipe(text: str, layer: str | None) -> tuple[str, AnyRecipe, str]:
    """The layer's name, its recipe, and the file it stands in."""
    if not text.endswith(".yaml"):
        recipes = zoo()
        if text in recipes:
            return text, recipes[text], "zoo"
        names = ", ".join([*recipes, *trained(), *(f"{network}/LAYER" for network in REAL)])
        known = f"a .npz, .yaml or .safetensors file or one of {names}"
        raise InputError(f"{text}: there is no such workload; expected {known}")
    path = Path(text)
    recipes = read_recipes(path, read_text(path, "a YAML file of recipes"))
    if layer is None and len(recipes) == 1:
        layer = next(iter(recipes))
    if layer is None or layer not in recipes:
        known = ", ".join(recipes) or "its recipes, of which it has none"
        raise InputError(f"{path}: layer is {layer or ''!r}; expected {path}:LAYER with one of {known}")
    return layer, recipes[layer], str(path)
