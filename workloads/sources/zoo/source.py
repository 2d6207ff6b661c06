"""Recipes as a source: layers of the zoo by name, and those of a user's YAML file."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from workloads.document_types import Fields
from workloads.errors import refuse
from workloads.file_names import stem_text
from workloads.kinds import kind_of_recipe
from workloads.kinds.kind import AnyRecipe
from workloads.options import WorkloadOptions
from workloads.sources.loading import Read, refuse_single
from workloads.sources.network import layer_matrices
from workloads.sources.source import Listed, Matrices, Source, refuse_layer
from workloads.sources.zoo.drawn import drawn_layer, drawn_layers
from workloads.sources.zoo.recipes import draw_any, find_recipes, zoo
from workloads.workload import Model


class ZooSource(Source):
    """Layers of the zoo, drawn after published shapes and densities."""

    name = "a layer of the zoo"

    def recognises(self, text: str) -> bool:
        """By its name."""
        return text in zoo()

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The layer. InputError where an option does not fit it."""
        refuse_layer(text, options.layer)
        return Model(text, [drawn_layer(text, zoo()[text], "zoo", options)], False, "drawn")

    def matrices(self, text: str) -> Matrices:
        """The weights, drawn with seed 0, with their recipe."""
        recipe = zoo()[text]
        found = layer_matrices(text, text, [Read(draw_any(text, recipe, 1.0, 0))])
        return found._replace(matrices=tuple(matrix._replace(recipe=recipe) for matrix in found.matrices))

    def identity(self, text: str, options: Fields) -> object:
        """Name and recipe."""
        return [text, options.get("layer"), zoo()[text].model_dump(mode="json")]

    def recipes(self, text: str, layer: str | None) -> Mapping[str, AnyRecipe]:  # noqa: ARG002
        """The one recipe."""
        return {text: zoo()[text]}

    def weights(self, text: str) -> float:
        """As the kind counts them."""
        return kind_of_recipe(zoo()[text]).recipe_weights(zoo()[text])

    def listed(self) -> Iterator[Listed]:
        """The layers."""
        for name, recipe in zoo().items():
            kind = kind_of_recipe(recipe)
            weights, inputs = (f"{one:.1%}" if one is not None else "" for one in kind.recipe_densities(recipe))
            yield Listed("workloads", name, *kind.recipe_size(recipe), weights, inputs, recipe.about)


class RecipeFileSource(Source):
    """A user's recipes in YAML."""

    name = "a file of recipes"
    ending = ".yaml"
    takes_layer = True

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """All layers, or the one that is chosen. InputError where the file or an option is wrong."""
        found = find_recipes(Path(text), options.layer)
        if options.computed:
            refuse(text, "--computed is given", "a whole network of the zoo (`list`)")
        if options.layer is not None or len(found) == 1:
            ((name, recipe),) = found.items()
            among = len(find_recipes(Path(text), None))
            return Model(name, [drawn_layer(name, recipe, text, options).one_of(among)], False, "drawn", among=among)
        refuse_single(text, options, "activation")
        return Model(stem_text(Path(text)), drawn_layers(found, text, options), True, "drawn")

    def identity(self, text: str, options: Fields) -> object:
        """Name of the file, and the recipes, by their names where there are several."""
        found = find_recipes(Path(text), options.get("layer"))
        recipes = {name: recipe.model_dump(mode="json") for name, recipe in found.items()}
        (only, *others) = recipes.values()
        return [Path(text).name, options.get("layer"), recipes if others else only]

    def recipes(self, text: str, layer: str | None) -> Mapping[str, AnyRecipe]:
        """The recipe that is chosen, or all."""
        return find_recipes(Path(text), layer)

    def layer_names(self, text: str, layer: str | None) -> tuple[str, ...] | None:
        """All layers; None where one is chosen, or where there is one only."""
        names = () if layer else tuple(find_recipes(Path(text), None))
        return names if len(names) > 1 else None

    def weights(self, text: str) -> float:
        """The sum over the layers."""
        recipes = find_recipes(Path(text), None).values()
        return sum(kind_of_recipe(recipe).recipe_weights(recipe) for recipe in recipes)
