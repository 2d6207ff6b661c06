"""What a workload's name refers to: recipes by their content, files by their hash, layers by their size."""

from functools import cache
from pathlib import Path

from workloads.document_types import Fields
from workloads.regular_files import check_regular
from workloads.sources import find_source, sources, split_layer
from workloads.sources.file_hash import file_hash
from workloads.sources.zoo.changes import recipe_keys


def recipe_keys_of(workload: str) -> tuple[str, ...]:
    """What can be changed of the recipe, or of a network's recipes. InputError where there is no such workload."""
    text, layer = split_layer(workload, None)
    if Path(text).suffix:  # a file may change between two sweeps
        return _keys(text, layer)
    return _kept_keys(text, layer)


def describe_source(workload: str, options: Fields) -> object:
    """The content that decides the layers before any option does: recipes, or hashes of files, as JSON can hold it.

    options: by name; `input` is another file. InputError where something of it does not exist.
    """
    given = [file_hash(Path(str(options["input"])))] if "input" in options else []
    text, layer = split_layer(workload, options.get("layer"))
    return [find_source(text).identity(text, {**options, "layer": layer}), *given]


def check_source(workload: str) -> None:
    """Refuse a workload that does not exist, before anything is run (InputError)."""
    text, _ = split_layer(workload, None)
    for path in next((files for one in sources() if (files := one.files(text))), ()):
        check_regular(path, "a workload's file")
    find_source(text)


def layers_of(workload: str, layer: str | None) -> tuple[tuple[str, ...], bool]:
    """The layers of a network, or the one layer; and whether it is a network. InputError where there is none."""
    text, chosen = split_layer(workload, layer)
    names = find_source(text).layer_names(text, chosen)
    return ((workload,), False) if names is None else (names, True)


def weights(workload: str) -> float:
    """About how many weights a layer or a network has, to guess what it costs; a file is guessed by its size."""
    text, _ = split_layer(workload, None)
    return find_source(text).weights(text)


def _keys(text: str, layer: str | None) -> tuple[str, ...]:
    recipes = find_source(text).recipes(text, layer)
    return tuple(dict.fromkeys(key for recipe in recipes.values() for key in recipe_keys(recipe)))


_kept_keys = cache(_keys)
