"""From a recipe to a layer of a model, which is drawn when a machine asks for it."""

from collections.abc import Mapping

from workloads.errors import refuse
from workloads.kinds import find_kind, kind_of_recipe
from workloads.kinds.drawing import generator
from workloads.kinds.kind import AnyKind, AnyRecipe
from workloads.options import Formats, WorkloadOptions
from workloads.sources.drawn_cache import kept
from workloads.sources.loading import layer_options, refuse_known
from workloads.sources.zoo.changes import change_recipe, recipe_keys
from workloads.workload import Layer, Workload

DECIDED = ("recipe", "activation_density", "formats")
"""Options that are in a changed recipe, or in the format of its kind."""


def drawn_layer(name: str, recipe: AnyRecipe, place: str, options: WorkloadOptions) -> Layer:
    """A layer that is drawn after a recipe. InputError where an option does not fit its kind."""
    kind = kind_of_recipe(recipe)
    becomes: AnyKind = find_kind(kind.many_tokens) if options.tokens is not None and kind.many_tokens else kind
    kind.check_options(name, options)
    refuse_known(name, options, {})
    if options.activation is not None:
        refuse(name, "an input is given", "none, as its input is drawn")
    if options.input_shape is not None:
        refuse(name, f"input_shape is {options.input_shape}", "none, as its recipe has its sizes")

    def load(formats: Formats) -> Workload:
        chosen = options.with_formats(formats)
        changed = change_recipe(name, recipe, options.recipe)
        if options.activation_density is not None:
            changed = kind.with_input_density(name, changed, options.activation_density)

        def make() -> object:
            layer = kind.draw(name, changed, chosen)
            density = kind.recipe_density(changed, layer) if options.density is None else options.density
            if becomes is kind:
                return kind.compress(layer, density, chosen)
            share = kind.recipe_densities(changed)[1]
            wanted = chosen._replace(activation_density=share, input_shape=None)
            ready, _ = becomes.draw_input(kind.with_tokens(layer), wanted, generator(name, options.seed))
            return becomes.compress(ready, density, chosen)

        wanted = {key: value for key, value in chosen._asdict().items() if key not in DECIDED}
        key = [name, changed.model_dump(mode="json"), wanted, repr(sorted(chosen.formats.items()))]
        weights = kind.recipe_weights(changed) * options.scale**2
        return Workload(name, place, options.seed, kept(weights, key, make), becomes.name)

    return Layer(name, becomes.name, load)


def drawn_layers(recipes: Mapping[str, AnyRecipe], place: str, options: WorkloadOptions) -> list[Layer]:
    """The layers of a network, drawn after recipes by name.

    Options that only some kinds understand go to layers of those kinds, and changes of recipes to those that have their
    keys. InputError where an option does not fit.
    """
    kinds = {name: kind_of_recipe(recipe) for name, recipe in recipes.items()}
    keys, layers = {name: recipe_keys(recipe) for name, recipe in recipes.items()}, []
    others = options.recipe.keys() - {key for known in keys.values() for key in known}  # every layer refuses them
    for name, recipe in recipes.items():
        own = layer_options(kinds[name], kinds.values(), options)
        changes = {key: value for key, value in options.recipe.items() if key in keys[name] or key in others}
        layers.append(drawn_layer(name, recipe, place, own._replace(recipe=changes)))
    return layers
