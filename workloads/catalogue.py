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
from workloads.compress_lstm import LstmFormat, compress_lstm
from workloads.documents import parse_yaml, read_text, validation_sentence
from workloads.errors import InputError
from workloads.layers import CodedFullyConnected, FullyConnected, Lstm, SharedFullyConnected, Workload
from workloads.lstm_recipe import LstmRecipe, densities, draw_lstm
from workloads.network_file import read_network
from workloads.readers import from_arrays, read_npz
from workloads.real import REAL, read_real
from workloads.stored import Input, load_stored
from workloads.synthesis import Recipe, Weights, draw, generator

DISTRIBUTIONS = "distributions.yaml"
AnyRecipe = Recipe | LstmRecipe
PLAIN_LSTM = LstmFormat()


@cache
def recipes() -> dict[str, AnyRecipe]:
    """The recipes that come with the simulator, by name."""
    found: dict[str, AnyRecipe] = {}
    for file in sorted(_zoo_folder().iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml") and file.name != DISTRIBUTIONS:
            found.update(read_recipes(file, file.read_text(encoding="utf-8")))
    return found


def zoo() -> dict[str, Recipe]:
    """The recipes of fully connected layers, by name."""
    return {name: recipe for name, recipe in recipes().items() if isinstance(recipe, Recipe)}


def lstm_zoo() -> dict[str, LstmRecipe]:
    """The recipes of LSTM layers, by name."""
    return {name: recipe for name, recipe in recipes().items() if isinstance(recipe, LstmRecipe)}


@cache
def trained() -> dict[str, tuple[Path, SharedFullyConnected]]:
    """The trained layers that come with the simulator: name -> compressed network and the layer in it.

    Beside each network NAME.safetensors stands NAME.npz with an input for each layer.
    """
    found = {}
    for file in sorted(Path(str(_zoo_folder())).glob("*.safetensors")):
        for layer in read_network(file).layers:
            found[f"{file.stem}-{layer.name}"] = file, layer
    return found


def load_workload(
    source: str | PathLike[str] | Mapping[str, np.ndarray],
    *,
    seed: int = 0,
    scale: float = 1.0,
    density: float | None = None,
    weight_bits: int = 4,
    layer: str | None = None,
    activation: Input = None,
    sample: int = 0,
    lstm: LstmFormat = PLAIN_LSTM,
    voices: int = 1,
    steps: int | None = None,
) -> Workload:
    """Load a workload and compress it.

    source: a zoo name, a real network's layer (`tiara-k6/fc1`: see `workloads.real`), `FILE.npz`, `FILE.yaml`
    (recipes), `FILE.safetensors` (a compressed network), or arrays by name (see `workloads.readers.from_arrays`).
    layer: which of several in a file; `FILE:LAYER` is the same. activation: the input of a compressed network's layer
    (see `workloads.stored.Input`). sample: which of a real network's inputs. seed: what is drawn. scale: both sides of
    a recipe's matrix times this; of a given layer, its upper left part. density: the share of weights to keep, instead
    of the recipe's (of a given layer: instead of every non-zero). weight_bits: 1 .. 8, the codes of weights. For LSTM
    layers: `lstm` says what they are compressed to, `voices` how many sequences are drawn, `steps` how many time steps
    (None: one that is drawn, all that are given). InputError names what is wrong.
    """
    if not 0 < scale <= 1:
        raise InputError(f"scale is {scale}; expected a number above 0 and at most 1")
    if seed < 0:
        raise InputError(f"seed is {seed}; expected 0 or more")
    if isinstance(source, Mapping):
        own = from_arrays("arrays", "arrays", source)
        return Workload("arrays", "arrays", None, compress(_crop(own, scale), density, weight_bits))
    text, layer = _split(fspath(source), layer)
    if text.endswith(".npz"):
        own = read_npz(Path(text))
        return Workload(own.name, text, None, compress(_crop(own, scale), density, weight_bits))
    network, _, part = text.partition("/")
    if network in REAL:
        real = _real_layer(network, part or layer, sample)
        if isinstance(real, Lstm):
            compressed = compress_lstm([_shorten(real, steps)], density, lstm)
            return Workload(f"{network}/{real.name}", network, None, compressed)
        return Workload(f"{network}/{real.name}", network, None, compress(_crop(real, scale), density, weight_bits))
    if text.endswith(".safetensors") or text in trained():
        if density is not None or scale != 1:
            raise InputError(f"{text}: it is compressed already; expected neither density nor scale")
        return _load_compressed(text, layer, activation)
    name, recipe, place = _find_recipe(text, layer)
    if isinstance(recipe, LstmRecipe):
        cell = draw_lstm(recipe, name, scale, voices, steps or 1, generator(name, seed))
        shares = densities(recipe, cell) if density is None else density
        return Workload(name, place, seed, compress_lstm([cell], shares, lstm))
    drawn = draw(name, recipe, scale, generator(name, seed))
    if density is None:
        density = recipe.weight_density.value
    return Workload(name, place, seed, compress(drawn, density, weight_bits))


def read_recipes(source: object, text: str) -> dict[str, AnyRecipe]:
    """Parse a YAML file of recipes; a recipe's `weights` may name a distribution of the zoo's `distributions.yaml`.

    A recipe with `cells` is an LSTM's.
    """
    found: dict[str, AnyRecipe] = {}
    for name, content in parse_yaml(source, text).items():
        if isinstance(content, dict) and isinstance(content.get("weights"), str):
            content = {**content, "weights": _named_distribution(source, name, content["weights"])}
        kind = LstmRecipe if isinstance(content, dict) and "cells" in content else Recipe
        try:
            found[name] = kind.model_validate(content)
        except ValidationError as error:
            raise InputError(validation_sentence(f"{source}: {name}", kind, error)) from None
    return found


def _zoo_folder() -> Traversable:
    return files("workloads") / "zoo"


def _named_distribution(source: object, layer: str, name: str) -> Weights:
    file = _zoo_folder() / DISTRIBUTIONS
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


def _real_layer(network: str, name: str | None, sample: int) -> FullyConnected | Lstm:
    """A fully connected or LSTM layer of a real network, with its input on a sample."""
    layers = [layer for layer in read_real(network, sample).layers if isinstance(layer, FullyConnected | Lstm)]
    for layer in layers:
        if layer.name == name or (name is None and len(layers) == 1):
            return layer
    told = "no layer is chosen" if name is None else f"layer is {name!r}"
    raise InputError(f"{network}: {told}; expected {network}/LAYER with one of {', '.join(one.name for one in layers)}")


def _shorten(lstm: Lstm, steps: int | None) -> Lstm:
    """The layer with the first time steps of its sequences, or with all."""
    if steps is None or lstm.activation is None:
        return lstm
    if steps > lstm.activation.shape[-2]:
        raise InputError(
            f"steps is {steps}; expected at most the {lstm.activation.shape[-2]} that {lstm.name} is given"
        )
    return lstm._replace(activation=lstm.activation[..., :steps, :])


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
        if text in recipes():
            return text, recipes()[text], "zoo"
        names = ", ".join([*recipes(), *trained(), *(f"{network}/LAYER" for network in REAL)])
        known = f"a .npz, .yaml or .safetensors file or one of {names}"
        raise InputError(f"{text}: there is no such workload; expected {known}")
    path = Path(text)
    own = read_recipes(path, read_text(path, "a YAML file of recipes"))
    if layer is None and len(own) == 1:
        layer = next(iter(own))
    if layer is None or layer not in own:
        known = ", ".join(own) or "its recipes, of which it has none"
        raise InputError(f"{path}: layer is {layer or ''!r}; expected {path}:LAYER with one of {known}")
    return layer, own[layer], str(path)


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
