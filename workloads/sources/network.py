"""What a reader of networks returns, and a layer of it as a model."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from workloads.kinds import kind_of
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.source import Matrices


class Network(NamedTuple):
    """The layers of a network that have weights, in the order in which they run."""

    name: str
    layers: tuple[FullyConnected | Convolution | Lstm, ...]
    skipped: tuple[str, ...]  # what was found and is not among the layers, a sentence each
    about: tuple[str, ...] = ()  # of the whole network, such as which branch its input takes, a sentence each
    notes: Mapping[str, tuple[str, ...]] = MappingProxyType({})  # what a layer leaves out of its node, by its name


def network_matrices(network: Network) -> Matrices:
    """The weights of a network's layers as matrices; what is no matrix is left out, with a sentence."""
    matrices = tuple(matrix for layer in network.layers for matrix in kind_of(layer).matrices(layer))
    lost = (sentence for layer in network.layers for sentence in kind_of(layer).not_matrices(layer))
    noted = (f"{name}: {note}" for name, notes in network.notes.items() for note in notes)
    return Matrices(network.name, matrices, (*network.skipped, *lost, *noted))
