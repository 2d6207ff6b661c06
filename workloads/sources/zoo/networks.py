"""The zoo's networks: lists of its layers."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated

from pydantic import Field, ValidationError

from workloads.errors import InputError, refuse
from workloads.kinds import kind_of_recipe
from workloads.sources.zoo.parts import ParsedWhenAsked, ZooPart, zoo_folder, zoo_parts
from workloads.sources.zoo.recipes import NETWORKS, zoo
from workloads.yaml_files import Strict, Text, parse_yaml, validation_sentence


class Pool(Strict):
    """Max-pooling of square windows; those that would reach over the lower or the right edge are left out."""

    window: Annotated[int, Field(ge=1)]
    stride: Annotated[int, Field(ge=1)]


class Step(Strict):
    """A layer of the zoo, and what comes between it and the next."""

    layer: Text
    pool: Pool | None = None
    times: Annotated[int, Field(ge=1)] = 1  # how many equal layers of this shape the network has


class ZooNetwork(Strict):
    """A network's layers, in the order in which they run."""

    about: Text
    source: Text
    steps: list[Step]


@cache
def zoo_networks() -> Mapping[str, ZooNetwork]:
    """The networks that come with the simulator, by name. InputError from one that is wrong, when it is asked for."""
    return ParsedWhenAsked(zoo_parts(zoo_folder() / NETWORKS), _parse)


def _parse(name: str, part: ZooPart) -> ZooNetwork:
    try:
        return ZooNetwork.model_validate(parse_yaml(part.file.name, part.text)[name])
    except ValidationError as error:
        raise InputError(validation_sentence(f"{part.file.name}: {name}", ZooNetwork, error)) from None


def find_network(name: str) -> ZooNetwork:
    """The network called `name`. InputError where there is none."""
    if name not in zoo_networks():
        refuse(name, "there is no such network", f"one of {', '.join(zoo_networks())}")
    return zoo_networks()[name]


def layer_names(network: str, only: str | None = None) -> list[str]:
    """The names of a network's layers, in order: all, or those of one kind. InputError where there is none."""
    names = [step.layer for step in find_network(network).steps]
    return [name for name in names if only in (None, kind_of_recipe(zoo()[name]).name)]


def layer_counts(network: str) -> dict[str, int]:
    """How many equal layers a network has of each, by name, in order. InputError where there is no such network."""
    return {step.layer: step.times for step in find_network(network).steps}


def choose_layers(network: str, only: Sequence[str]) -> list[str]:
    """The names of a network's layers, in its order: all, or those asked for, with or without the network's name.

    InputError where one is not there.
    """
    names = layer_names(network)
    full = [name if name in names else f"{network}-{name}" for name in only]
    for asked, name in zip(only, full, strict=True):
        if name not in names:
            refuse(network, f"layer is {asked!r}", f"one of {', '.join(names)}")
    return [name for name in names if name in full] if only else names
