"""From a layer in floating point to a layer of a model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import fspath
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from workloads.compression.stored import KnownInput, known_input
from workloads.errors import InputError, refuse
from workloads.kinds import find_kind, kind_of
from workloads.kinds.drawing import generator, shapes_by_name
from workloads.kinds.kind import AnyKind
from workloads.options import Formats, Input, WorkloadOptions
from workloads.sources.drawn_inputs import draw_missing
from workloads.sources.input_checks import CAPTURED, layer_inputs, refuse_drawing
from workloads.sources.npz import load_arrays
from workloads.sources.source import choose
from workloads.sources.sparser import sparser_note
from workloads.workload import Layer, Model, Workload
from workloads.yaml_files import LONGEST_SHOWN, shorten

LEFT_OPEN = ("stride", "padding")
"""Options that say what a source leaves open."""


class Read(NamedTuple):
    """A layer in floating point that was read from a file, and what is to be known of it, a sentence each."""

    layer: Any
    notes: tuple[str, ...] = ()
    missing: Mapping[str, int] = MappingProxyType({})  # what its source leaves open, see `Kind.missing`
    input: KnownInput | None = None  # what one that is drawn for it shall be like, where the layer alone says so


class Found(NamedTuple):
    """A layer that is in a file: only its name and its shapes are known before `read` is called."""

    name: str
    kind: AnyKind
    read: Callable[[], Read]
    has_input: bool = False
    missing: Mapping[str, int] = MappingProxyType({})
    input: KnownInput | None = None  # the one that it was compressed with, which is not in the file


def find(layer: object) -> Found:
    """A layer in floating point, a `Read` or a `Found` as a `Found`. InputError where it is of no kind."""
    if isinstance(layer, Found):
        return layer
    read = layer if isinstance(layer, Read) else Read(layer)
    kind = kind_of(read.layer)
    return Found(kind.layer_name(read.layer), kind, lambda: read, kind.input_of(read.layer) is not None, read.missing)


def many_tokens(found: Found, options: WorkloadOptions) -> Found:
    """The layer as the kind that it becomes with `options.tokens`: its own input, of one token, gives the density."""
    if options.tokens is None or not found.kind.many_tokens:
        return found
    tokens = options.tokens

    def read() -> Read:
        one = found.read()
        known = found.input
        if known is None and found.has_input:
            known = known_input(found.kind.input_of(one.layer))
        if known is not None:
            known = KnownInput((tokens, known.shape[-1]), known.density)
        return Read(found.kind.with_tokens(one.layer), one.notes, input=known)

    return Found(found.name, find_kind(found.kind.many_tokens), read)


def given_layer(
    name: str,
    place: str,
    layer: object,
    options: WorkloadOptions,
    own_input: bool = False,
    notes: tuple[str, ...] = (),
) -> Layer:
    """A layer in floating point, read or found; without an input of its own or a given one, an input is drawn.

    own_input: `options.activation` has been used up already. notes: of the layer, a sentence each. InputError where an
    option does not fit the kind, or is for what is drawn and nothing is.
    """
    found = find(layer) if own_input else many_tokens(find(layer), options)
    kind = found.kind
    refuse_changes(place, options)
    kind.check_options(name, options)
    refuse_known(name, options, found.missing)
    given = options.activation is not None and not own_input
    drawn = not given and not found.has_input
    if not drawn:
        refuse_drawing(name, options, "its input is given")

    def load(formats: Formats) -> Workload:
        chosen, read = options.with_formats(formats), found.read()
        source, array = read_input(options.activation, found.name) if given else ("", None)
        ready, assumed = kind.complete(read.layer, found.missing, options, array)
        known = (*read.notes, *notes, *assumed)
        if array is not None:
            ready = kind.with_input(ready, source, array)
        elif drawn:
            ready, note = draw_missing(place, name, kind, ready, options, read.input or found.input)
            known = (*known, note)
        part = kind.crop(ready, chosen)
        known = (*known, *sparser_note(kind, part, options.density))
        seed = options.seed if drawn else None
        return Workload(name, place, seed, kind.compress(part, options.density, chosen), kind.name, known)

    return Layer(name, kind.name, load)


def given_model(
    name: str,
    place: str,
    layers: Sequence[Read | Found],
    options: WorkloadOptions,
    inputs: str,
    left_out: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Model:
    """The layers of a file, or the one that `options.layer` chooses: by its name where it is one of several.

    inputs: "given" (by the file or by the user; what is drawn is found here) or "captured", with what from. A file of
    one layer is no network. Options that only some kinds understand go to layers of those kinds, and what only some
    layers leave open to those. InputError where there is no such layer, or where an option does not fit it.
    """
    own = inputs.startswith("captured")
    found = {one.name: one if own else many_tokens(one, options) for one in map(find, layers)}
    if own:
        refuse_drawing(place, options, CAPTURED)
    if options.layer is not None or len(found) == 1:
        chosen = list(found)[choose(place, list(found), options.layer)]
        title = chosen if len(found) > 1 else name
        options = options._replace(input_shape=_own_shape(place, options, [chosen], chosen))
        known = (*notes, *(left_out if options.layer is None else ()))
        only = chosen if left_out and len(found) == 1 else ""
        alone = [given_layer(title, place, found[chosen], options, own, known).one_of(len(found), only)]
        others = left_out if options.layer is None else ()
        missing = not (own or found[chosen].has_input or options.activation is not None)
        return Model(title, alone, False, "drawn" if missing else inputs, others=others, among=len(found))
    arrays = None if own else layer_inputs(place, options, list(found))
    if not own and all(one.has_input for one in found.values()):
        refuse_drawing(place, options, "its inputs are given")
    options = options._replace(activation=None) if own else options
    kinds, ready = [one.kind for one in found.values()], []
    anywhere = {key for one in found.values() for key in one.missing}
    drawn = [title for title, one in found.items() if not (own or one.has_input or title in (arrays or {}))]
    named = shapes_by_name(options.input_shape) is not None
    _own_shape(place, options, drawn, "")
    shaped = set(drawn) if named else _shaped(place, options, found.values())
    for title, one in found.items():
        foreign = (anywhere - one.missing.keys()) | (set() if title in shaped else {"input_shape"})
        fitting = _without(layer_options(one.kind, kinds, options), foreign)
        if arrays is not None:
            fitting = fitting._replace(activation=arrays.get(title))
        elif own or one.has_input:
            fitting = fitting._replace(activation_density=None, input_shape=None)
        if named and title in drawn:
            fitting = fitting._replace(input_shape=_own_shape(place, options, drawn, title))
        ready.append(given_layer(title, place, one, fitting, own))
    origin = inputs if not drawn else "drawn" if len(drawn) == len(found) else "given or drawn"
    return Model(name, ready, True, origin, left_out, notes)


def _own_shape(place: str, options: WorkloadOptions, drawn: Sequence[str], name: str) -> Any:
    """What `options.input_shape` says of a layer. InputError where it names one that is not among the drawn."""
    named = shapes_by_name(options.input_shape)
    for one in named or {}:
        if one not in drawn:
            known = shorten(", ".join(drawn) or "none", 4 * LONGEST_SHOWN)
            refuse(place, f"input_shape names {shorten(one, LONGEST_SHOWN)}", f"a layer whose input is drawn ({known})")
    return options.input_shape if named is None else named.get(name)


def _shaped(place: str, options: WorkloadOptions, found: Iterable[Found]) -> set[str]:
    """The layers whose input can be drawn in `options.input_shape`, if it is given. InputError where it fits none."""
    names, reasons = set[str](), list[str]()
    for one in found if options.input_shape is not None else ():
        try:
            one.kind.draw_input(one.read().layer, options, generator(one.name, options.seed))
            names.add(one.name)
        except InputError as error:
            reasons.append(str(error))
    if reasons and not names:
        refuse(place, f"input_shape is {options.input_shape}", f"one that a layer takes ({reasons[0]})")
    return names


def layer_options(kind: AnyKind, among: Iterable[AnyKind], options: WorkloadOptions) -> WorkloadOptions:
    """The options of a layer of a network with layers of the kinds `among`, which runs whole.

    A special option goes to the kinds that understand it; what none of them does stays, to be refused.
    """
    others = {key for one in among for key in one.options} - kind.options
    return _without(options, others)


def _without(options: WorkloadOptions, keys: Iterable[str]) -> WorkloadOptions:
    return options._replace(**{key: WorkloadOptions._field_defaults[key] for key in keys if key in options._fields})


def refuse_known(name: str, options: WorkloadOptions, missing: Mapping[str, int]) -> None:
    """Refuse what is given of a geometry that the layer's source knows (InputError)."""
    for key in LEFT_OPEN:
        if key in options.given() and key not in missing:
            refuse(name, f"{key} is {getattr(options, key)}", "none, as its source gives it")


def refuse_changes(name: str, options: WorkloadOptions) -> None:
    """Refuse changes of a recipe for what is not drawn after one (InputError)."""
    if options.recipe:
        key, value = next(iter(options.recipe.items()))
        raise InputError(f"{name}: {key} is {value!r}; expected no change of a recipe, as it is not drawn after one")


def refuse_single(name: str, options: WorkloadOptions, *keys: str) -> None:
    """Refuse these options for a network that runs whole (InputError)."""
    given = options.given()
    for key in keys:
        if key in given:
            what = "an input" if key == "activation" else key
            refuse(name, f"{what} is given, and a network runs whole", "it with a single layer")


def read_input(given: Input, name: str) -> tuple[object, np.ndarray]:
    """Where a layer's input comes from, and its numbers [as given]. InputError where a file has none for the layer."""
    if isinstance(given, np.ndarray):
        return "input", given
    assert given is not None
    path = "input" if isinstance(given, Mapping) else Path(fspath(given))
    arrays = given if isinstance(given, Mapping) else load_arrays(Path(path))
    key = name if name in arrays else "x" if list(arrays) == ["x"] else "activation"
    if key not in arrays:
        held = shorten(", ".join(arrays) or "nothing", 4 * LONGEST_SHOWN)
        refuse(path, f"it has {held}", f"an array called {name} or activation")
    return path, arrays[key]
