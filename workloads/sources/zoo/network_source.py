"""Networks of the zoo as a source: all layers drawn, one of them, or each computed from the one before it."""

from collections.abc import Iterator, Mapping

from workloads.document_types import Fields
from workloads.kinds import kind_of_recipe
from workloads.kinds.kind import AnyRecipe
from workloads.options import WorkloadOptions
from workloads.sources.loading import refuse_single
from workloads.sources.source import Listed, Source
from workloads.sources.zoo.computed import open_computed
from workloads.sources.zoo.drawn import drawn_layer, drawn_layers
from workloads.sources.zoo.networks import choose_layers, layer_counts, layer_names, zoo_networks
from workloads.sources.zoo.recipes import zoo
from workloads.workload import Layer, Model


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
            return open_computed(text, options)
        if options.layer is not None:
            (name,) = choose_layers(text, [options.layer])
            among = len(layer_names(text))
            return Model(name, [drawn_layer(name, zoo()[name], "zoo", options)], False, "drawn", among=among)
        refuse_single(text, options, "activation", "steps", "prune")
        recipes = {name: zoo()[name] for name in layer_names(text)}
        return Model(text, list(_repeated(text, drawn_layers(recipes, "zoo", options))), True, "drawn")

    def identity(self, text: str, options: Fields) -> object:
        """Names and recipes of the layers, and how many of those there are that there are several of."""
        names = choose_layers(text, [options["layer"]] if options.get("layer") else [])
        counts = {name: [times] if times > 1 else [] for name, times in layer_counts(text).items()}
        return [[name, options.get("layer"), zoo()[name].model_dump(mode="json"), *counts[name]] for name in names]

    def recipes(self, text: str, layer: str | None) -> Mapping[str, AnyRecipe]:
        """The recipes of the layers, or of the one chosen."""
        return {name: zoo()[name] for name in choose_layers(text, [layer] if layer else [])}

    def layer_names(self, text: str, layer: str | None) -> tuple[str, ...] | None:
        """All layers; None where one is chosen."""
        return None if layer else tuple(layer_names(text))

    def weights(self, text: str) -> float:
        """The sum over the layers."""
        counts = layer_counts(text).items()
        return sum(times * kind_of_recipe(zoo()[name]).recipe_weights(zoo()[name]) for name, times in counts)

    def listed(self) -> Iterator[Listed]:
        """The networks."""
        for name, network in zoo_networks().items():
            yield Listed("networks", name, str(len(network.steps)), about=network.about)


def _repeated(network: str, layers: list[Layer]) -> Iterator[Layer]:
    """Each layer as often as the network has it; equal ones run once and are one row, their sum."""
    counts = layer_counts(network)
    for layer in layers:
        times = counts[layer.name]
        for number in range(times):
            alike = layer.name if times > 1 else ""
            name = f"{layer.name}#{number + 1}" if number else layer.name
            yield layer._replace(name=name, group=alike, like=alike)
