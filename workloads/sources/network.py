"""What a reader of networks returns, and the matrices of layers."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from workloads.compression.stored import KnownInput, Rest, known_input
from workloads.errors import InputError
from workloads.kinds import kind_of
from workloads.kinds.attention.layer import Attention
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.gru.layer import Gru
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.loading import Found, Read, find
from workloads.sources.source import FloatNetwork, LayerParts, Matrices


class Network(NamedTuple):
    """The layers of a network that have weights, or its attentions, in the order in which they run."""

    name: str
    layers: tuple[FullyConnected | Convolution | Lstm | Gru | Attention, ...]
    skipped: tuple[str, ...]  # what was found and is not among the layers, a sentence each
    about: tuple[str, ...] = ()  # of the whole network, such as which branch its input takes, a sentence each
    notes: Mapping[str, tuple[str, ...]] = MappingProxyType({})  # what a layer leaves out of its node, by its name
    in_float: FloatNetwork | None = None  # to run it with other weights, where it was run


def network_matrices(network: Network) -> Matrices:
    """The weights of a network's layers as matrices; what is no matrix is left out, with a sentence."""
    layers = [Read(layer, network.notes.get(layer.name, ())) for layer in network.layers]
    return layer_matrices(network.name, network.name, layers, network.skipped)


def known_inputs(network: Network) -> dict[str, KnownInput]:
    """Sizes and densities of what enters the layers of a network that was run, by their names."""
    found = {layer.name: known_input(kind_of(layer).input_of(layer)) for layer in network.layers}
    return {name: known for name, known in found.items() if known is not None}


def layer_matrices(
    source: object, name: str, layers: Iterable[Read | Found], left_out: tuple[str, ...] = ()
) -> Matrices:
    """The weights of layers as matrices; what is no matrix is left out, with a sentence; what the layers note is apart.

    A layer that cannot be read is left out, too. InputError where that is so for all of them.
    """
    matrices, parts, lost, noted, errors = [], [], list[str](), list[str](), list[InputError]()
    for found in map(find, layers):
        try:
            read = found.read()
        except InputError as error:
            errors.append(error)
            lost.append(str(error).removeprefix(f"{source}: "))
            continue
        own, rest = list(found.kind.matrices(read.layer)), found.kind.rest(read.layer)
        values = {key: value for key, value in rest.values.items() if key not in found.missing}
        known = known_input(found.kind.input_of(read.layer))
        parts.append(LayerParts(found.name, found.kind.name, len(own), Rest(values, rest.arrays), known))
        matrices += own
        lost += found.kind.not_matrices(read.layer)
        noted += [f"{found.name}: {note}" for note in read.notes]
    if errors and not parts:
        raise errors[0]
    return Matrices(name, tuple(matrices), (*left_out, *lost), tuple(parts), tuple(noted))
