"""What a reader of networks returns, and a layer of it as a model."""

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


def network_matrices(network: Network) -> Matrices:
    """The weights of a network's layers as matrices; what is no matrix is left out, with a sentence."""
    matrices = tuple(matrix for layer in network.layers for matrix in kind_of(layer).matrices(layer))
    lost = (sentence for layer in network.layers for sentence in kind_of(layer).not_matrices(layer))
    return Matrices(network.name, matrices, (*network.skipped, *lost))
