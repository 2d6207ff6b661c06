"""What a network, a layer or a file consists of: parts that are loaded when a machine asks for them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from simulator.run.computed import compute_network
from workloads.catalogue import load_workload
from workloads.errors import InputError, refuse
from workloads.kinds import Kind, kind_of, kind_of_recipe
from workloads.sources.zoo.networks import kind, layer_names
from workloads.sources.zoo.recipes import zoo
from workloads.workload import Workload


class Part(NamedTuple):
    """A layer to run: its name, its kind (None: known when it is loaded), and how to compress it for options."""

    name: str
    kind: Kind | None
    load: Callable[[Mapping[str, Any]], Workload]


def drawn_parts(network: str, only: Sequence[str] = (), granularity: int = 0, **chosen: Any) -> list[Part]:
    """The layers of a network of the zoo, or some of them, their inputs drawn.

    only: layers by name, with or without the network's. granularity: of convolutions. chosen: see `load_workload`.
    """
    if granularity not in range(4):
        refuse(network, f"granularity is {granularity}", "0 (weights), 1 (rows), 2 (kernels) or 3 (filters)")
    parts = []
    for name in choose_layers(network, only):
        own = {**chosen, "granularity": granularity} if kind(name) == "convolution" else chosen
        parts.append(Part(name, kind(name), _loader(name, own)))
    return parts


def computed_parts(network: str, **chosen: Any) -> Iterator[Part]:
    """The layers of a network that is a chain, each with the input that the one before puts out.

    chosen: see `compute_network`; codes of weights are as wide as said there, whatever a machine would have.
    """
    try:
        for workload in compute_network(network, **chosen):
            yield Part(workload.name, kind_of(workload.layer), _always(workload))
    except InputError as error:
        raise InputError(f"{network}: inputs cannot be computed: {error}") from None


def single_parts(source: str, only: Sequence[str] = (), **chosen: Any) -> list[Part]:
    """One layer by name or file, or some layers of a file. chosen: see `load_workload`."""
    known = kind_of_recipe(zoo()[source]) if source in zoo() else None
    if only and known is not None:
        refuse(source, f"layer is {only[0]!r}", "none, as it is one layer")
    if not only:
        return [Part(source, known, _loader(source, chosen))]
    return [Part(name, None, _loader(source, {**chosen, "layer": name})) for name in only]


def choose_layers(network: str, only: Sequence[str]) -> list[str]:
    """The names of a network's layers, in its order: all, or those asked for."""
    names = layer_names(network)
    full = [name if name in names else f"{network}-{name}" for name in only]
    for asked, name in zip(only, full, strict=True):
        if name not in names:
            refuse(network, f"layer is {asked!r}", f"one of {', '.join(names)}")
    return [name for name in names if name in full] if only else names


def _loader(source: str, chosen: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Workload]:
    return lambda options: load_workload(source, **chosen, **options)


def _always(workload: Workload) -> Callable[[Mapping[str, Any]], Workload]:
    return lambda _: workload
