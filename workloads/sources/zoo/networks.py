"""The zoo's networks: lists of its layers."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import Field, ValidationError

from workloads.errors import InputError, refuse
from workloads.kinds import kind_of_recipe
from workloads.options import WorkloadOptions
from workloads.sources.loading import drawn_layer, refuse_single
from workloads.sources.source import Listed, Source
from workloads.sources.zoo.changes import recipe_keys
from workloads.sources.zoo.recipes import NETWORKS, zoo, zoo_folder
from workloads.workload import Model
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


def layer_names(network: str, only: str | None = None) -> list[str]:
    """The names of a network's layers, in order: all, or those of one kind. InputError where there is none."""
    names = [step.layer for step in find_network(network).steps]
    return [name for name in names if only in (None, kind_of_recipe(zoo()[name]).name)]


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


class ZooNetworkSource(Source):
    """Networks made of the zoo's layers."""

    name = "a network of the zoo"

    def recognises(self, text: str) -> bool:
        """By its name."""
        return text in zoo_networks()

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """All layers, or one of them, drawn; or computed, each from the output of the layer before it.

        Options that only some kinds understand go to layers of those kinds. InputError where an option does not fit.
        """
        if options.computed:
            from workloads.sources.zoo.computed import open_computed

            return open_computed(text, options)
        if options.layer is not None:
            (name,) = choose_layers(text, [options.layer])
            return Model(name, [drawn_layer(name, zoo()[name], "zoo", options)], False, "drawn")
        refuse_single(text, options, "activation", "sample", "steps", "prune")
        layers = []
        for name in layer_names(text):
            recipe = zoo()[name]
            own = kind_of_recipe(recipe).without_others(options)
            changes = {key: value for key, value in options.recipe.items() if key in recipe_keys(recipe)}
            layers.append(drawn_layer(name, recipe, "zoo", own._replace(recipe=changes)))
        return Model(text, layers, True, "drawn")

    def identity(self, text: str, options: Mapping[str, Any]) -> Any:
        """Names and recipes of the layers."""
        names = choose_layers(text, [options["layer"]] if options.get("layer") else [])
        return [[name, options.get("layer"), zoo()[name].model_dump(mode="json")] for name in names]

    def recipes(self, text: str, layer: str | None) -> Mapping[str, Any]:
        """The recipes of the layers, or of the one chosen."""
        return {name: zoo()[name] for name in choose_layers(text, [layer] if layer else [])}

    def layer_names(self, text: str, layer: str | None) -> tuple[str, ...] | None:
        """All layers; None where one is chosen."""
        return None if layer else tuple(layer_names(text))

    def weights(self, text: str) -> float:
        """The sum over the layers."""
        return sum(kind_of_recipe(zoo()[name]).recipe_weights(zoo()[name]) for name in layer_names(text))

    def listed(self) -> Iterator[Listed]:
        """The networks."""
        for name, network in zoo_networks().items():
            yield Listed("networks", name, str(len(network.steps)), about=network.about)
