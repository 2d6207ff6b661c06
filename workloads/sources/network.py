"""What a reader of networks returns."""

from typing import NamedTuple

from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.layer import Lstm


class Network(NamedTuple):
    """The layers of a network that have weights, in the order in which they run."""

    name: str
    layers: tuple[FullyConnected | Convolution | Lstm, ...]
    skipped: tuple[str, ...]  # what was found and is not among the layers, a sentence each
