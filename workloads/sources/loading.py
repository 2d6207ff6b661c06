"""From a recipe or a layer in floating point to a layer of a model."""

from collections.abc import Iterable
from os import fspath
from pathlib import Path
from typing import NoReturn

import numpy as np

from workloads.errors import InputError, refuse
from workloads.kinds import kind_of, kind_of_recipe
from workloads.kinds.kind import AnyKind, AnyRecipe
from workloads.options import Formats, Input, WorkloadOptions
from workloads.sources.npz import load_arrays
from workloads.sources.zoo.changes import change_recipe
from workloads.workload import Layer, Workload
from workloads.yaml_files import LONGEST_SHOWN, shorten


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


def given_layer(name: str, place: str, layer: object, options: WorkloadOptions, own_input: bool = False) -> Layer:
    """A layer in floating point that was read. own_input: `options.activation` has been used up already.

    InputError where an option is for drawn layers only, or does not fit the kind.
    """
    kind = kind_of(layer)
    refuse_changes(place, options)
    kind.check_options(name, options)
    if options.activation_density is not None:
        found = f"activation_density is {options.activation_density}"
        raise InputError(f"{name}: {found}; expected none, as its input is given")

    def load(formats: Formats) -> Workload:
        chosen = options.with_formats(formats)
        with_input = layer
        if options.activation is not None and not own_input:
            with_input = kind.with_input(layer, *read_input(options.activation, kind.layer_name(layer)))
        part = kind.crop(with_input, chosen)
        return Workload(name, place, None, kind.compress(part, options.density, chosen), kind.name)

    return Layer(name, kind.name, load)


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


def refuse_no_input(place: object, name: str, kind: AnyKind) -> NoReturn:
    """Refuse a layer that has no input and is given none (InputError)."""
    wanted = f"an input {kind.input_form} (--input FILE.npz, with an array called {name} or activation)"
    refuse(place, f"{name} has no input", wanted)


def read_input(given: Input, name: str) -> tuple[object, np.ndarray]:
    """Where a layer's input comes from, and its numbers [as given]. InputError where a file has none for the layer."""
    if isinstance(given, np.ndarray):
        return "input", given
    assert given is not None
    path = Path(fspath(given))
    arrays = load_arrays(path)
    key = name if name in arrays else "activation"
    if key not in arrays:
        held = shorten(", ".join(arrays) or "nothing", 4 * LONGEST_SHOWN)
        refuse(path, f"it has {held}", f"an array called {name} or activation")
    return path, arrays[key]
