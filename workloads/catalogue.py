"""Workloads by name or by file: a zoo recipe, a trained layer, an own recipe, an own layer, a compressed network."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from os import PathLike, fspath
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from workloads.compression.shared import SharedFullyConnected
from workloads.errors import InputError
from workloads.kinds.convolution.compress import compress_convolution
from workloads.kinds.convolution.layer import CompressedConvolution, Convolution
from workloads.kinds.crop import Given, crop
from workloads.kinds.drawing import generator
from workloads.kinds.fully_connected.arrays import from_arrays
from workloads.kinds.fully_connected.as_convolution import as_convolution
from workloads.kinds.fully_connected.compress import compress
from workloads.kinds.fully_connected.layer import CompressedFullyConnected, FullyConnected
from workloads.kinds.lstm.compress import LstmFormat, compress_lstm
from workloads.kinds.lstm.layer import Lstm
from workloads.kinds.lstm.recipe import LstmRecipe, densities, draw_lstm
from workloads.sources.compressed.file import read_network
from workloads.sources.compressed.layers import Input, load_stored
from workloads.sources.lstm_files import is_lstm_file, read_lstms
from workloads.sources.npz import read_npz
from workloads.sources.pretrained.networks import REAL, read_real
from workloads.sources.zoo.changes import change_recipe
from workloads.sources.zoo.recipes import draw_any, find_recipe, with_input, zoo, zoo_folder
from workloads.workload import Workload

PLAIN_LSTM = LstmFormat()
UNCHANGED: Mapping[str, Any] = MappingProxyType({})
NEAREST = 8
"""So many of the known names are told to who asks for another."""


class How(NamedTuple):
    """To what a layer is compressed: see `load_workload`."""

    density: float | None
    activation_density: float | None
    granularity: int
    weight_bits: int | None
    lstm: LstmFormat
    voices: int
    steps: int | None
    convolution: bool
    recipe: Mapping[str, Any]


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
    lstm: LstmFormat = PLAIN_LSTM,
    voices: int = 1,
    steps: int | None = None,
    convolution: bool = False,
    recipe: Mapping[str, Any] = UNCHANGED,
) -> Workload:
    """Load a workload and compress it.

    source: a zoo name, a real network's layer (`tiara-k6/fc1`: see `workloads.sources.pretrained.networks`),
    `FILE.npz` (a layer, or an LSTM: see `workloads.sources.lstm_files`), `FILE.yaml` (recipes), `FILE.safetensors` (a
    compressed network, or LSTMs as PyTorch names them), `FILE.onnx` (LSTMs), or arrays by name (see
    `workloads.kinds.fully_connected.arrays.from_arrays`). layer: which of several in a file; `FILE:LAYER` is the
    same. activation: the input of a compressed network's layer or of an LSTM (see
    `workloads.sources.compressed.layers.Input`). sample: which of a real network's inputs. seed: what is drawn.
    scale: both sides of a recipe's matrix, or channels and plane of its convolution, times this; of a given layer,
    its upper left part. density: the share of weights to keep, instead of the recipe's (of a given layer: instead of
    every non-zero). activation_density: of a recipe's input, instead of its own. granularity: in what a convolution
    is pruned, 0 = weights, 1 = rows, 2 = kernels, 3 = filters. weight_bits: the codes of weights, 1 .. 8 (None: 4),
    or the words of a convolution, 2 .. 16 (None: 16). For LSTM layers: `lstm` says what they are compressed to,
    `voices` how many sequences are drawn, `steps` how many time steps (None: one that is drawn, all that are given).
    convolution: fully connected layers become convolutions of a plane of 1 x 1. recipe: numbers to draw with instead
    of the recipe's own (see `workloads.sources.zoo.changes`). InputError names what is wrong.
    """
    if not 0 < scale <= 1:
        raise InputError(f"scale is {scale}; expected a number above 0 and at most 1")
    if seed < 0:
        raise InputError(f"seed is {seed}; expected 0 or more")
    how = How(density, activation_density, granularity, weight_bits, lstm, voices, steps, convolution, recipe)
    if isinstance(source, Mapping):
        _refuse_changes("arrays", how)
        return _given("arrays", "arrays", from_arrays("arrays", "arrays", source), scale, how)
    text, layer = split_layer(fspath(source), layer)
    if not is_drawn(text):
        _refuse_changes(text, how)
    network, _, part = text.partition("/")
    if network in REAL:
        real = _real_layer(network, part or layer, sample)
        return _given(f"{network}/{real.name}", network, real, scale, how)
    if text in trained():
        return _load_compressed(text, layer, activation, scale, how)
    path = Path(text)
    if is_lstm_file(path):
        given = activation if activation is None or isinstance(activation, np.ndarray) else Path(activation)
        return _given_lstms(text, read_lstms(path, given, layer), scale, how)
    if text.endswith(".npz"):
        own = read_npz(path)
        return _given(own.name, text, own, scale, how)
    if text.endswith(".safetensors"):
        return _load_compressed(text, layer, activation, scale, how)
    return _draw(text, layer, scale, seed, how)


def compress_any(
    layer: Given, density: float | None, granularity: int = 0, weight_bits: int | None = None
) -> CompressedFullyConnected | CompressedConvolution:
    """Compress a layer in the way of its kind."""
    if isinstance(layer, Convolution):
        return compress_convolution(layer, density, granularity, 16 if weight_bits is None else weight_bits)
    if granularity:
        raise InputError(f"{layer.name}: granularity is {granularity}; expected 0, as it is fully connected")
    return compress(layer, density, 4 if weight_bits is None else weight_bits)


def _draw(text: str, layer: str | None, scale: float, seed: int, how: How) -> Workload:
    """A layer of the zoo or of a user's recipes."""
    if text.endswith(".yaml"):
        (name, recipe), place = find_recipe(Path(text), layer), text
    elif text in zoo():
        name, recipe, place = text, zoo()[text], "zoo"
    else:
        names = [*zoo(), *trained(), *(f"{network}/LAYER" for network in REAL)]
        near = ", ".join(get_close_matches(text, names, NEAREST, 0))
        known = f"a .npz, .yaml, .safetensors or .onnx file or one of {near} and {len(names) - NEAREST} more (`list`)"
        raise InputError(f"{text}: there is no such workload; expected {known}")
    recipe = with_input(name, change_recipe(name, recipe, how.recipe), how.activation_density)
    if isinstance(recipe, LstmRecipe):
        _refuse_granularity(name, how)
        cell = draw_lstm(recipe, name, scale, how.voices, how.steps or 1, generator(name, seed))
        shares = densities(recipe, cell) if how.density is None else how.density
        return Workload(name, place, seed, compress_lstm([cell], shares, how.lstm))
    kept = recipe.weight_density.value if how.density is None else how.density
    drawn = draw_any(name, recipe, scale, seed)
    assert not isinstance(drawn, Lstm)
    return Workload(name, place, seed, _compress(drawn, kept, how))


def _given(name: str, place: str, layer: Given | Lstm, scale: float, how: How) -> Workload:
    """A layer that was read, with its input."""
    if how.activation_density is not None:
        told = f"activation_density is {how.activation_density}"
        raise InputError(f"{name}: {told}; expected none, as its input is given")
    if isinstance(layer, Lstm):
        return _given_lstms(place, [layer], scale, how)._replace(name=name)
    return Workload(name, place, None, _compress(crop(layer, scale), how.density, how))


def _given_lstms(place: str, stack: list[Lstm], scale: float, how: How) -> Workload:
    """LSTM layers that were read, one above the other, with their sequences or the first time steps of them."""
    _refuse_granularity(stack[-1].name, how)
    if scale != 1:
        raise InputError(f"{stack[-1].name}: scale is {scale}; expected 1, as a given LSTM runs whole")
    lowest, *above = stack
    compressed = compress_lstm([_shorten(lowest, how.steps), *above], how.density, how.lstm)
    return Workload(stack[-1].name, place, None, compressed)


def _compress(layer: Given, density: float | None, how: How) -> CompressedFullyConnected | CompressedConvolution:
    compressed = compress_any(layer, density, how.granularity, how.weight_bits)
    if how.convolution and isinstance(compressed, CompressedFullyConnected):
        return as_convolution(compressed)
    return compressed


def _refuse_granularity(name: str, how: How) -> None:
    if how.granularity:
        raise InputError(f"{name}: granularity is {how.granularity}; expected 0, as it is an LSTM")


def _load_compressed(text: str, layer: str | None, activation: Input, scale: float, how: How) -> Workload:
    """A layer of a compressed network: a file's, or one of the trained layers with its own input."""
    if how.density is not None or how.activation_density is not None or scale != 1 or how.granularity:
        raise InputError(f"{text}: it is compressed already; expected neither density, granularity nor scale")
    if text.endswith(".safetensors"):
        found = load_stored(Path(text), layer, activation)
    else:
        file, stored = trained()[text]
        given = file.with_suffix(".npz") if activation is None else activation
        found = load_stored(file, stored.name, given, text)
    return found._replace(layer=as_convolution(found.layer)) if how.convolution else found


def _real_layer(network: str, name: str | None, sample: int) -> FullyConnected | Convolution | Lstm:
    """A layer of a real network, with its input on a sample."""
    layers = read_real(network, sample).layers
    for layer in layers:
        if layer.name == name or (name is None and len(layers) == 1):
            return layer
    told = "no layer is chosen" if name is None else f"layer is {name!r}"
    raise InputError(f"{network}: {told}; expected {network}/LAYER with one of {', '.join(one.name for one in layers)}")


def _shorten(lstm: Lstm, steps: int | None) -> Lstm:
    """The layer with the first time steps of its sequences, or with all."""
    if steps is None or lstm.activation is None:
        return lstm
    given = lstm.activation.shape[-2]
    if steps > given:
        raise InputError(f"steps is {steps}; expected at most the {given} that {lstm.name} is given")
    return lstm._replace(activation=lstm.activation[..., :steps, :])


def is_drawn(text: str) -> bool:
    """Whether a workload of this name is drawn after a recipe, the zoo's or a file's."""
    return text in zoo() or text.endswith(".yaml")


def _refuse_changes(name: str, how: How) -> None:
    if how.recipe:
        key, value = next(iter(how.recipe.items()))
        raise InputError(f"{name}: {key} is {value!r}; expected no change of a recipe, as it is not drawn after one")


def split_layer(text: str, layer: str | None) -> tuple[str, str | None]:
    """`FILE:LAYER` -> file and layer."""
    for ending in (".yaml:", ".safetensors:", ".onnx:"):
        file, found, name = text.rpartition(ending)
        if found:
            return f"{file}{ending[:-1]}", name if layer is None else layer
    return text, layer
