"""The one door to workloads: a name, a file or arrays -> a model."""

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import Any

import numpy as np

from workloads.errors import InputError, refuse
from workloads.options import WorkloadOptions
from workloads.sources import find_source, split_layer
from workloads.sources.named_arrays import open_arrays
from workloads.sources.source import Matrices
from workloads.workload import Layer, Model, Workload

Origin = str | PathLike[str] | Mapping[str, np.ndarray]
"""A name that `zeroskip list` shows, a file (FILE:LAYER chooses a layer), or arrays as an .npz archive holds them."""


def open_model(source: Origin, options: WorkloadOptions | None = None) -> Model:
    """Open a source; nothing is drawn or compressed yet.

    >>> model = open_model("alexnet-fc8")
    >>> [(layer.name, layer.kind) for layer in model.layers]
    [('alexnet-fc8', 'fully connected')]

    InputError where there is no such source, it is damaged, or an option does not fit it.
    """
    options = (WorkloadOptions() if options is None else options).check()
    if isinstance(source, Mapping):
        _check_source("arrays", options, network=False, takes_sample=False)
        return open_arrays(source, options)
    text, layer = split_layer(fspath(source), options.layer)
    found, chosen = find_source(text), options._replace(layer=layer)
    _check_source(text, options, found.layer_names(text, layer) is not None, found.takes_sample)
    return found.open(text, chosen)


def _check_source(name: str, options: WorkloadOptions, network: bool, takes_sample: bool) -> None:
    """Refuse options that only some sources have a use for (InputError)."""
    if options.computed and not network:
        refuse(name, "--computed is given", "a whole network of the zoo (`list`)")
    if options.sample and not takes_sample:
        refuse(name, f"sample is {options.sample}", "none, as it is no pretrained network")


def load_workload(source: Origin, **options: Any) -> Workload:
    """One layer, compressed. options: fields of `WorkloadOptions`.

    >>> load_workload("alexnet-fc8", scale=0.1, density=0.25).layer.weight_density
    0.25

    InputError where `open_model` raises it, or where the source is a network.
    """
    return only_layer(open_model(source, make_options(**options))).load({})


def only_layer(model: Model) -> Layer:
    """The layer of a model of one. InputError where it is a network."""
    if model.network:
        names = ", ".join(layer.name for layer in model.layers)
        raise InputError(f"{model.name}: no layer is chosen; expected --layer with one of {names}")
    (layer,) = model.layers
    return layer


def open_layers(source: Origin, names: Sequence[str], options: WorkloadOptions) -> Model:
    """Some layers of a network or a file, each once, in the network's order. InputError as in `open_model`."""
    opened = [only_layer(open_model(source, options._replace(layer=name))) for name in dict.fromkeys(names)]
    order = [layer.name for layer in open_model(source, options).layers] if _is_network(source) else []
    opened.sort(key=lambda layer: order.index(layer.name) if layer.name in order else 0)
    return Model(str(source), opened, True, "drawn" if _is_network(source) else "given")


def read_matrices(source: str) -> Matrices:
    """The weights of a source as matrices, for compression. InputError where it has none in floating point."""
    return find_source(source).matrices(source)


def _is_network(source: Origin) -> bool:
    if isinstance(source, Mapping):
        return False
    text, layer = split_layer(fspath(source), None)
    return find_source(text).layer_names(text, layer) is not None


def load_network(network: str, only: str | None = None, **options: Any) -> Iterator[Workload]:
    """A network's layers, each compressed when it is asked for: all, or those of one kind. See `load_workload`.

    InputError where there is no such network or an option does not fit.
    """
    for layer in open_model(network, make_options(**options)).layers:
        if only in (None, layer.kind):
            yield layer.load({})


def make_options(**options: Any) -> WorkloadOptions:
    """Options by name. InputError where one is unknown."""
    for name in options:
        if name not in WorkloadOptions._fields:
            raise InputError(f"{name} is an unknown option; expected one of {', '.join(WorkloadOptions._fields)}")
    return WorkloadOptions(**options).check()
