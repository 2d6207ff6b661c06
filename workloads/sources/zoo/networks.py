"""The zoo's networks: lists of its layers."""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any

from pydantic import Field, ValidationError

from workloads.catalogue import load_workload
from workloads.errors import InputError, refuse
from workloads.kinds import Kind, kind_of_recipe
from workloads.sources.zoo.recipes import NETWORKS, zoo, zoo_folder
from workloads.workload import Workload
from workloads.yaml_files import Strict, Text, parse_yaml, validation_sentence


class Pool(Strict):
    """Max-pooling of square windows; those that would reach over the lower or the right edge are left out."""

    window: Annotated[int, Field(ge=1)]
    stride: Annotated[int, Field(ge=1)]


class Step(Strict):
    """A layer of the zoo, and what comes between it and the next."""

    layer: Text
    pool: Pool | None = None


class ZooNetwork(Strict):
    """A network's layers, in the order in which they run."""

    about: Text
    source: Text
    steps: list[Step]


@cache
def zoo_networks() -> dict[str, ZooNetwork]:
    """The networks that come with the simulator, by name."""
    file = zoo_folder() / NETWORKS
    found = {}
    for name, content in parse_yaml(file.name, file.read_text(encoding="utf-8")).items():
        try:
            found[name] = ZooNetwork.model_validate(content)
        except ValidationError as error:
            raise InputError(validation_sentence(f"{file.name}: {name}", ZooNetwork, error)) from None
    return found


def find_network(name: str) -> ZooNetwork:
    """The network called `name`."""
    if name not in zoo_networks():
        refuse(name, "there is no such network", f"one of {', '.join(zoo_networks())}")
    return zoo_networks()[name]


def kind(layer: str) -> Kind:
    """The kind of a layer of the zoo."""
    return kind_of_recipe(zoo()[layer])


def layer_names(network: str, only: Kind | None = None) -> list[str]:
    """The names of a network's layers, in order: all, or those of one kind."""
    return [step.layer for step in find_network(network).steps if only in (None, kind(step.layer))]


def load_network(network: str, only: Kind | None = None, **options: Any) -> Iterator[Workload]:
    """A network's layers as workloads, each loaded when it is asked for, its input drawn at the recipe's density.

    options: of `load_workload`, for every layer; `granularity` and `weight_bits` go to convolutions only. For inputs
    that are the outputs of the layers before, see `simulator.run.computed`.
    """
    names = layer_names(network, only)
    for name in names:
        own = dict(options) if kind(name) == "convolution" else _without(options, "granularity", "weight_bits")
        yield load_workload(name, **own)


def _without(options: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key not in keys}
