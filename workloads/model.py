"""The one door to workloads: a name, a file or arrays -> a model."""

from collections.abc import Iterator, Sequence
from os import PathLike, fspath
from typing import Any

from workloads.errors import InputError, refuse
from workloads.options import OF_SOURCES, Formats, WorkloadOptions
from workloads.sources import find_source, split_layer
from workloads.sources.objects import Origin as Origin
from workloads.sources.objects import open_object, refuse_source
from workloads.sources.source import FloatNetwork, Matrices
from workloads.workload import Layer, Model, Workload
from workloads.yaml_files import shorten


def open_model(
    source: Origin, options: WorkloadOptions | None = None, *, name: str | None = None, **more: Any
) -> Model:
    """Open a source; nothing is drawn or compressed yet.

    >>> model = open_model("alexnet-fc8")
    >>> [(layer.name, layer.kind) for layer in model.layers]
    [('alexnet-fc8', 'fully connected')]
    >>> import numpy as np
    >>> open_model(np.eye(4), activation=[1, 0, 0, 2], name="identity").layers[0].load({}).layer.weight_density
    0.25

    source: see `Origin`. options, more: how its layers are loaded, a `WorkloadOptions` or fields of it by name; a
    model is opened again with those that are given. name: what the layer or the network is called. InputError where
    there is no such source, it is damaged, or an option does not fit it.
    """
    chosen = _join_options(options, more)
    if name is not None and not isinstance(name, str):
        raise InputError(f"name is {shorten(repr(name), 60)}; expected a text")
    model = _reopen(source, chosen) if isinstance(source, Model) else _open(source, chosen)
    return model if name is None else _rename(model, name)


def _join_options(options: WorkloadOptions | None, more: dict[str, Any]) -> WorkloadOptions:
    if options is None:
        return make_options(**more)
    if not isinstance(options, WorkloadOptions):
        expected = "a WorkloadOptions, or its fields by name"
        raise InputError(f"options is {shorten(repr(options), 40)}; expected {expected}")
    return make_options(**{**options._asdict(), **more})


def _open(source: Origin, options: WorkloadOptions) -> Model:
    if is_text(source):
        text, layer = split_layer(_path(source), options.layer)
        found, chosen = find_source(text), options._replace(layer=layer)
        _check_source(text, options, found.layer_names(text, layer) is not None, found.takes_sample, found.options)
        model = found.open(text, chosen)
    else:
        _check_source(describe(source), options, network=False, takes_sample=False)
        model = open_object(source, options)
    return model._replace(origin=source, options=options)


def _reopen(model: Model, options: WorkloadOptions) -> Model:
    """The model itself, or its source opened with other options, too.

    A computed network is made layer by layer, and once for each set of formats.
    """
    changed = options.given()
    computed = model.inputs == "computed"
    if not changed and not computed:
        return model
    if model.origin is None:
        refuse(model.name, f"{next(iter(changed), 'computed')} is given", "no option, as it is open already")
    both = model.options._replace(**changed).with_formats(options.formats)
    opened = _open(model.origin, both.check())
    return opened if "layer" in changed else _rename(opened, model.name)


def _rename(model: Model, name: str) -> Model:
    """The model, and its layer where it is a single one, under another name. What is drawn stays as it is."""
    if model.name == name:
        return model
    if model.network:
        return model._replace(name=name)
    return model._replace(name=name, layers=[_rename_layer(layer, name) for layer in model.layers])


def _rename_layer(layer: Layer, name: str) -> Layer:
    def load(formats: Formats) -> Workload:
        return layer.load(formats)._replace(name=name, only="")

    return layer._replace(name=name, load=load)


def is_text(source: object) -> bool:
    """Whether a source is a name or a path."""
    return isinstance(source, str | PathLike)


def _path(source: Any) -> str:
    """A name or a path as text. InputError where the path is of bytes."""
    text = fspath(source)
    if not isinstance(text, str):
        refuse_source(source)
    return str(text)


def describe(source: Origin) -> str:
    """What a source is called before it is opened: its name or path, else what it is."""
    if isinstance(source, Model | Workload):
        return source.name
    return str(source) if is_text(source) else "arrays"


def _check_source(
    name: str, options: WorkloadOptions, network: bool, takes_sample: bool, known: frozenset[str] = frozenset()
) -> None:
    """Refuse options that only some sources have a use for (InputError)."""
    if options.computed and not network:
        refuse(name, "computed is given", "a whole network of the zoo (`list`)")
    if options.sample and not takes_sample:
        refuse(name, f"sample is {options.sample}", "none, as it is no pretrained network")
    for key in OF_SOURCES:
        if key not in known and getattr(options, key) != WorkloadOptions._field_defaults[key]:
            refuse(name, f"{key} is {getattr(options, key)}", "none, as it is no language model")


def load_workload(source: Origin, *, name: str | None = None, **options: Any) -> Workload:
    """One layer, compressed. options: fields of `WorkloadOptions`. name: what it is called.

    >>> load_workload("alexnet-fc8", scale=0.1, density=0.25).layer.weight_density
    0.25

    InputError where `open_model` raises it, or where the source is a network.
    """
    return only_layer(open_model(source, name=name, **options)).load(options.get("formats", {}))


def only_layer(model: Model) -> Layer:
    """The layer of a model of one. InputError where it is a network."""
    if model.network:
        names = ", ".join(layer.name for layer in model.layers)
        raise InputError(f"{model.name}: no layer is chosen; expected one of its layers: {names}")
    (layer,) = model.layers
    return layer


def open_layers(source: Origin, names: Sequence[str], options: WorkloadOptions) -> Model:
    """Some layers of a network or a file, each once, in the network's order; the source is opened once.

    What else is in the source is not among `left_out`, as it was not asked for. InputError as in `open_model`.
    """
    wanted = list(dict.fromkeys(names))
    text = source if not is_text(source) else split_layer(_path(source), None)[0]
    if len(wanted) == 1 or options.computed:
        model = open_model(source, options._replace(layer=wanted[0]))
        title = text if isinstance(text, str) else model.name
        return model._replace(name=title, layers=[only_layer(model)], network=True)
    model = open_model(text, options._replace(layer=None))
    layers = list(model.layers)
    known = [layer.name for layer in layers]
    full = [name if name in known else f"{model.name}-{name}" for name in wanted]
    for name, asked in zip(full, wanted, strict=True):
        if name not in known:
            refuse(model.name, f"layer is {asked!r}", f"one of {', '.join(known)}")
    chosen = [layer for layer in layers if layer.name in full]
    title = text if isinstance(text, str) else model.name
    return model._replace(name=title, layers=chosen, network=True, left_out=(), among=len(layers))


def read_matrices(source: str) -> Matrices:
    """The weights of a source as matrices, for compression. InputError where it has none in floating point."""
    return find_source(source).matrices(source)


def open_float_network(source: str, options: WorkloadOptions) -> FloatNetwork | None:
    """A network that can be run in floating point with other weights; None where the source cannot be run.

    InputError where it does not run on its input.
    """
    return find_source(source).float_network(source, options)


def load_network(network: str, only: str | None = None, **options: Any) -> Iterator[Workload]:
    """A network's layers, each compressed when it is asked for: all, or those of one kind. See `load_workload`.

    InputError where there is no such network or an option does not fit.
    """
    for layer in open_model(network, make_options(**options)).layers:
        if only in (None, layer.kind):
            yield layer.load({})


def make_options(**options: Any) -> WorkloadOptions:
    """Options by name; `input` is another name of `activation`. InputError where one is unknown."""
    if "input" in options:  # as the commands call it
        if options.get("activation") is not None:
            raise InputError("input and activation are given; expected one of them, as both are the input")
        options["activation"] = options.pop("input")
    for name in options:
        if name not in WorkloadOptions._fields:
            raise InputError(f"{name} is an unknown option; expected one of {', '.join(WorkloadOptions._fields)}")
    return WorkloadOptions(**options).check()
