"""A compressed layer and where it comes from; a model: layers that are loaded when a machine asks for them."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from workloads.options import Formats


class Workload(NamedTuple):
    """A compressed layer and where it comes from."""

    name: str
    source: str  # a zoo file or a path
    seed: int | None  # None: nothing was drawn
    layer: Any  # a `CompressedLayer` of one of the kinds
    kind: str = ""  # in the source: a machine may ask for a fully connected layer as a convolution
    notes: tuple[str, ...] = ()  # what its source leaves out of it or assumes, a sentence each


class Layer(NamedTuple):
    """A layer of a model: nothing of it is drawn, read or compressed before `load` is called."""

    name: str
    kind: str | None  # None: known when it is loaded
    load: Callable[[Formats], Workload]  # of the formats that a machine wants, by kind


class Model(NamedTuple):
    """What every source opens to: layers in running order. A single layer is a model of one."""

    name: str
    layers: Iterable[Layer]  # a computed network makes one after the other, once
    network: bool  # False: one layer, chosen or alone
    inputs: (
        str  # "drawn", "given", "captured" (by running the network in floating point) or "computed" (layer by layer)
    )
    left_out: tuple[str, ...] = ()  # what is in the source and not among the layers, a sentence each
    notes: tuple[str, ...] = ()  # of the whole model, such as where its input comes from, a sentence each
