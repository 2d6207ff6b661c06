"""From a recipe or a layer in floating point to a layer of a model."""

from collections.abc import Iterable, Mapping, Sequence
from os import fspath
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from workloads.errors import InputError, refuse
from workloads.kinds import kind_of, kind_of_recipe
from workloads.kinds.drawing import generator
from workloads.kinds.kind import AnyKind, AnyRecipe
from workloads.options import Formats, Input, WorkloadOptions
from workloads.sources.npz import load_arrays
from workloads.sources.source import choose
from workloads.sources.zoo.changes import change_recipe
from workloads.workload import Layer, Model, Workload
from workloads.yaml_files import LONGEST_SHOWN, shorten


class Read(NamedTuple):
    """A layer in floating point that was read from a file, and what is to be known of it, a sentence each."""

    layer: Any
    notes: tuple[str, ...] = ()


def drawn_layer(name: str, recipe: AnyRecipe, place: str, options: WorkloadOptions) -> Layer:
    """A layer that is drawn after a recipe. InputError where an option does not fit its kind."""
    kind = kind_of_recipe(recipe)
    kind.check_options(name, options)
    if options.activation is not None:
        refuse(name, "an input is given", "none, as its input is drawn")

    def load(formats: Formats) -> Workload:
        chosen = options.with_formats(formats)
        changed = change_recipe(name, recipe, options.recipe)
        if options.activation_density is not None:
            changed = kind.with_input_density(name, changed, options.activation_density)
        layer = kind.draw(name, changed, chosen)
        density = kind.recipe_density(changed, layer) if options.density is None else options.density
        return Workload(name, place, options.seed, kind.compress(layer, density, chosen), kind.name)

    return Layer(name, kind.name, load)


def given_layer(
    name: str,
    place: str,
    layer: object,
    options: WorkloadOptions,
    own_input: bool = False,
    notes: tuple[str, ...] = (),
) -> Layer:
    """A layer in floating point that was read; without an input of its own or a given one, an input is drawn.

    own_input: `options.activation` has been used up already. notes: of the layer, a sentence each. InputError where an
    option does not fit the kind, or is for what is drawn and nothing is.
    """
    kind = kind_of(layer)
    refuse_changes(place, options)
    kind.check_options(name, options)
    given = options.activation is not None and not own_input
    drawn = not given and not kind.has_input(layer)
    for key in () if drawn else ("activation_density", "input_shape"):
        if key in options.given():
            raise InputError(f"{name}: {key} is {getattr(options, key)}; expected none, as its input is given")

    def load(formats: Formats) -> Workload:
        chosen, ready, found = options.with_formats(formats), layer, notes
        if given:
            ready = kind.with_input(layer, *read_input(options.activation, kind.layer_name(layer)))
        elif drawn:
            ready, shape = kind.draw_input(layer, options, generator(name, options.seed))
            share = 1.0 if options.activation_density is None else options.activation_density
            found = (*notes, f"its input {shape} is drawn, {share:.4g} of it not zero (--activation-density)")
        part = kind.crop(ready, chosen)
        seed = options.seed if drawn else None
        return Workload(name, place, seed, kind.compress(part, options.density, chosen), kind.name, found)

    return Layer(name, kind.name, load)


def given_model(
    name: str,
    place: str,
    layers: Sequence[Read],
    options: WorkloadOptions,
    inputs: str,
    left_out: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Model:
    """The layers of a file, or the one that `options.layer` chooses: by its name where it is one of several.

    inputs: "given" (by the file, by the user, or drawn) or "captured". A file of one layer is no network. Options that
    only some kinds understand go to layers of those kinds. InputError where there is no such layer, or where an option
    does not fit it.
    """
    own = inputs == "captured"
    found = {kind_of(one.layer).layer_name(one.layer): one for one in layers}
    if options.layer is not None or len(found) == 1:
        chosen = list(found)[choose(place, list(found), options.layer)]
        single, title = found[chosen], chosen if len(found) > 1 else name
        known = (*single.notes, *notes, *(left_out if options.layer is None else ()))
        return Model(title, [given_layer(title, place, single.layer, options, own, known)], False, inputs)
    kinds = [kind_of(one.layer) for one in found.values()]
    ready = []
    for (title, one), kind in zip(found.items(), kinds, strict=True):
        fitting = input_for(title, layer_options(kind, kinds, options), own or kind.has_input(one.layer))
        ready.append(given_layer(title, place, one.layer, fitting, own, one.notes))
    return Model(name, ready, True, inputs, left_out, notes)


def layer_options(kind: AnyKind, among: Iterable[AnyKind], options: WorkloadOptions) -> WorkloadOptions:
    """The options of a layer of a network with layers of the kinds `among`, which runs whole.

    A special option goes to the kinds that understand it; what none of them does stays, to be refused.
    """
    others = {key for one in among for key in one.options} - kind.options
    return options._replace(**{key: WorkloadOptions._field_defaults[key] for key in others})


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


def input_for(name: str, options: WorkloadOptions, has_input: bool) -> WorkloadOptions:
    """The options of a layer of a network that is given inputs by the layers' names: with its own, or without one.

    InputError where the inputs are a single array.
    """
    given = options.activation
    if given is None:
        return options._replace(activation_density=None, input_shape=None) if has_input else options
    if isinstance(given, np.ndarray):
        refuse(name, "one array is the input of a network", "arrays by the layers' names")
    arrays = given if isinstance(given, Mapping) else load_arrays(Path(fspath(given)))
    return options._replace(activation=arrays.get(name))


def read_input(given: Input, name: str) -> tuple[object, np.ndarray]:
    """Where a layer's input comes from, and its numbers [as given]. InputError where a file has none for the layer."""
    if isinstance(given, np.ndarray):
        return "input", given
    assert given is not None
    path = "input" if isinstance(given, Mapping) else Path(fspath(given))
    arrays = given if isinstance(given, Mapping) else load_arrays(Path(path))
    key = name if name in arrays else "activation"
    if key not in arrays:
        held = shorten(", ".join(arrays) or "nothing", 4 * LONGEST_SHOWN)
        refuse(path, f"it has {held}", f"an array called {name} or activation")
    return path, arrays[key]
