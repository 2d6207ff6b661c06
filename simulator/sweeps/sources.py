"""What a workload's name stands for: recipes by their content, files by their hash, layers by their size."""

import hashlib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from workloads.catalogue import split_layer, trained
from workloads.errors import InputError, refuse
from workloads.kinds.convolution.recipe import ConvolutionRecipe
from workloads.kinds.lstm.recipe import LstmRecipe
from workloads.sources.pretrained.networks import REAL
from workloads.sources.zoo.changes import recipe_keys
from workloads.sources.zoo.networks import layer_names, zoo_networks
from workloads.sources.zoo.recipes import AnyRecipe, find_recipe, zoo

FILES = (".npz", ".yaml", ".safetensors", ".onnx")


def recipe_of(source: str, layer: str | None = None) -> AnyRecipe | None:
    """The recipe that a layer is drawn after, the zoo's or a file's; None where nothing is drawn."""
    if source in zoo():
        return zoo()[source]
    text, chosen = split_layer(source, layer)
    return find_recipe(Path(text), chosen)[1] if text.endswith(".yaml") else None


def own_keys(workload: str) -> tuple[str, ...]:
    """What can be changed of the recipe, or of a network's recipes."""
    if workload in zoo_networks():
        return tuple(key for name in layer_names(workload) for key in _keys(name))
    return _keys(workload) if workload in zoo() else _file_keys(workload)


def describe_source(source: str, told: Mapping[str, Any]) -> Any:
    """The content that decides a layer before anything is chosen: a recipe, or the hash of files.

    told: the options; `input` names another file.
    """
    given = [file_hash(Path(str(told["input"])))] if "input" in told else []
    text, layer = split_layer(source, told.get("layer"))
    recipe = recipe_of(source, told.get("layer"))
    if recipe is not None:
        return [text if source in zoo() else Path(source).name, layer, recipe.model_dump(mode="json"), *given]
    if text in trained():
        file, stored = trained()[text]
        return [text, stored.name, file_hash(file), file_hash(file.with_suffix(".npz")), *given]
    if text.partition("/")[0] in REAL:
        return [text, layer, *given]  # a wheel whose hash stands in the sources
    if Path(text).suffix not in (".npz", ".safetensors", ".onnx"):
        refuse(text, "there is no such workload", "a network or a layer that `zeroskip list` shows, or a file")
    return [Path(text).name, layer, file_hash(Path(text)), *given]


def check_source(source: str) -> None:
    """Refuse a workload that does not exist, before anything is run."""
    text, _ = split_layer(source, None)
    known = text in zoo_networks() or text in zoo() or text in trained() or text.partition("/")[0] in REAL
    if not known and not (Path(text).suffix in FILES and Path(text).is_file()):
        near = get_close_matches(text, [*zoo_networks(), *zoo(), *trained()], 4, 0)
        refuse(
            text, "there is no such workload", f"a file ({', '.join(FILES)}) or one such as {', '.join(near)} (`list`)"
        )


def file_hash(path: Path) -> str:
    """The hash of a file's content."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: it cannot be read ({error}); expected a workload's file") from None


def weights(source: str) -> float:
    """About how many weights a layer or a network has, to guess what it costs; a file is guessed by its size."""
    if source in zoo_networks():
        return sum(map(weights, layer_names(source)))
    recipe = zoo().get(split_layer(source, None)[0])
    if isinstance(recipe, ConvolutionRecipe):
        shape = recipe.shape
        return shape.outputs * shape.inputs // shape.groups * shape.kernel**2
    if isinstance(recipe, LstmRecipe):
        return 4 * recipe.cells.value * (recipe.inputs.value + recipe.outputs.value)
    if recipe is not None:
        return recipe.inputs.value * recipe.outputs.value
    path = Path(split_layer(source, None)[0])
    return path.stat().st_size / 4 if path.is_file() else 1e6


@cache
def _keys(layer: str) -> tuple[str, ...]:
    return tuple(recipe_keys(zoo()[layer]))


def _file_keys(workload: str) -> tuple[str, ...]:
    """Of a recipe in a user's file, which may change between two sweeps."""
    recipe = recipe_of(workload)
    return () if recipe is None else tuple(recipe_keys(recipe))
