"""Language models as a source: a step of all layers, or one layer of them."""

from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from workloads.division import Division
from workloads.document_types import Document, Fields
from workloads.errors import refuse
from workloads.kinds.kind import AnyRecipe
from workloads.options import OF_SOURCES, WorkloadOptions
from workloads.regular_files import is_file
from workloads.sources.language.layers import layers_of, notes_of
from workloads.sources.language.matrices import matrix_recipes
from workloads.sources.language.network import LanguageModel, read_networks
from workloads.sources.language.parameters import count_parameters
from workloads.sources.language.shapes import Making
from workloads.sources.language.task import make_task
from workloads.sources.source import Listed, Source
from workloads.sources.zoo.changes import change_recipe
from workloads.sources.zoo.drawn import drawn_layer
from workloads.sources.zoo.parts import zoo_folder
from workloads.workload import Model
from workloads.yaml_files import read_text

UNUSED = ("scale", "density", "activation", "sample", "computed", "activation_density", "input_shape",
          "granularity", "steps", "prune", "stride", "padding", "tokens")  # fmt: skip
"""Options without a meaning for layers of shapes alone."""
EXPECTED = "a YAML file of language models"


@cache
def language_models() -> Mapping[str, LanguageModel]:
    """The models that come with the simulator, by name."""
    found: dict[str, LanguageModel] = {}
    for file in sorted((zoo_folder() / "language").iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml"):
            found.update(read_networks(file.name, file.read_text(encoding="utf-8")))
    return found


def open_language(
    place: str, name: str, model: LanguageModel, options: WorkloadOptions, layer: str | None, begin: str
) -> Model:
    """A step of all layers; `layer`: one of them by its number and name, or a matrix, drawn with values, by its name.

    begin: what a user writes before the name of a layer.
    InputError where there is no such layer, or where an option does not fit.
    """
    recipes = matrix_recipes(place, model)
    if layer is not None and layer in recipes:
        _refuse_step(f"{name}/{layer}", options)
        drawn = drawn_layer(f"{name}/{layer}", recipes[layer], place, options._replace(layer=None))
        return Model(f"{name}/{layer}", [drawn], False, "drawn")
    example = f"{begin}{'expert-down' if 'expert-down' in recipes else next(iter(recipes), '')}"
    given = options.given()
    for key in UNUSED:
        if key in given:
            value = "given" if key == "activation" else given[key]
            refuse(name, f"{key} is {value}", f"none for layers without values; matrices have them: {example}")
    model = change_recipe(name, model, options.recipe)
    making = Making(name, model, make_task(name, model, options), options)
    layers = layers_of(making, place)
    if layer is None:
        notes, tokens = notes_of(making), making.task.tokens
        divided = partial(_divide, making, place)
        return Model(name, layers, True, "of shapes", notes=notes, tokens=tokens, matrix=example, divide=divided)
    chosen = [one for one in layers if one.name == layer]
    if not chosen:
        known = [*recipes, *list(dict.fromkeys(one.name for one in layers))[:3], "..."]
        refuse(name, f"layer is {layer!r:.60}", f"one of {', '.join(known)}")
    title = f"{name}/{layer}"
    return Model(title, [chosen[0]._replace(group="")], False, "of shapes", notes=notes_of(making), among=len(layers))


def _divide(making: Making, place: str, chips: int, split: str) -> Division:
    """The model on several chips; see `workloads.sources.language.split.divide`."""
    from workloads.sources.language.split import divide

    return divide(making, place, chips, split)


def _refuse_step(name: str, options: WorkloadOptions) -> None:
    for key in OF_SOURCES:
        if getattr(options, key) != WorkloadOptions._field_defaults[key]:
            refuse(
                name, f"{key} is {getattr(options, key)}", "none, as it is one matrix (`tokens` gives it many inputs)"
            )


def layer_titles(model: LanguageModel, name: str) -> tuple[str, ...]:
    """The names of all layers of a step."""
    making = Making(name, model, make_task(name, model, WorkloadOptions()), WorkloadOptions())
    return tuple(layer.name for layer in layers_of(making, name))


class LanguageSource(Source):
    """Language models of the zoo: NAME, NAME/MATRIX, NAME/NUMBER-LAYER."""

    name = "a language model of the zoo"
    options = frozenset(OF_SOURCES)

    def recognises(self, text: str) -> bool:
        """By the name before a slash."""
        return text.partition("/")[0] in language_models()

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """A step, or a layer. InputError where there is none, or where an option does not fit."""
        name, _, layer = text.partition("/")
        return open_language("zoo", name, language_models()[name], options, layer or options.layer, f"{name}/")

    def identity(self, text: str, options: Fields) -> object:
        """The name, and all sizes."""
        return [text, options.get("layer"), _sizes(language_models()[text.partition("/")[0]])]

    def recipes(self, text: str, layer: str | None) -> Mapping[str, AnyRecipe]:
        """Of a matrix, its recipe; else the model's sizes."""
        name, _, own = text.partition("/")
        return _recipe("zoo", name, language_models()[name], own or layer)

    def layer_names(self, text: str, layer: str | None) -> tuple[str, ...] | None:
        """All layers; None where one is chosen."""
        name, _, own = text.partition("/")
        return None if own or layer else layer_titles(language_models()[name], name)

    def weights(self, text: str) -> float:  # noqa: ARG002
        """A guess: none are drawn, and hundreds of layers are timed."""
        return 1e7

    def listed(self) -> Iterator[Listed]:
        """The models, with their parameters."""
        for name, model in language_models().items():
            parameters = count_parameters(model)
            whole = f"{parameters.total / 1e9:.1f} B, {parameters.active / 1e9:.1f} B active"
            yield Listed("language models", name, whole, about=model.about)


class LanguageFileSource(Source):
    """A user's language models in a YAML file: FILE, FILE:NAME, FILE:NAME/LAYER."""

    name = "a file of language models"
    ending = ".yaml"
    takes_layer = True
    options = frozenset(OF_SOURCES)

    def recognises(self, text: str) -> bool:
        """By its ending, and by a line with the key `pattern`."""
        if not text.endswith(self.ending) or not is_file(text):
            return False
        with Path(text).open("rb") as file:
            lines = file.read(1 << 16).splitlines()
        return any(line.startswith(b" ") and line.strip().startswith(b"pattern:") for line in lines)

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """A step of the only model, or of the one that is chosen. InputError where the file or an option is wrong."""
        name, model, layer, begin = _choose(text, options.layer)
        return open_language(text, name, model, options._replace(layer=None), layer, begin)

    def identity(self, text: str, options: Fields) -> object:
        """The file's name, what is chosen, and all sizes. InputError where the file is wrong."""
        return [Path(text).name, options.get("layer"), _sizes(_choose(text, options.get("layer")).model)]

    def recipes(self, text: str, layer: str | None) -> Mapping[str, AnyRecipe]:
        """Of a matrix, its recipe; else the model's sizes. InputError where the file is wrong."""
        name, model, chosen, _ = _choose(text, layer)
        return _recipe(text, name, model, chosen)

    def layer_names(self, text: str, layer: str | None) -> tuple[str, ...] | None:
        """All layers; None where one is chosen. InputError where the file is wrong."""
        name, model, chosen, _ = _choose(text, layer)
        return None if chosen else layer_titles(model, name)

    def weights(self, text: str) -> float:  # noqa: ARG002
        """As those of the zoo."""
        return 1e7


class Chosen(NamedTuple):
    """A model of a file."""

    name: str
    model: LanguageModel
    layer: str | None
    begin: str  # what a user writes before the name of one of its layers


def _choose(text: str, layer: str | None) -> Chosen:
    """The model of a file, and the layer that is chosen of it. InputError where there is none."""
    models = read_networks(text, read_text(Path(text), EXPECTED))
    if not models:
        refuse(text, "it is empty", "language models by name")
    name, _, rest = (layer or "").partition("/")
    if name in models:
        return Chosen(name, models[name], rest or None, f"{text}:" if len(models) == 1 else f"{text}:{name}/")
    if len(models) > 1:
        refuse(text, f"layer is {layer or ''!r:.60}", f"{text}:NAME with one of {', '.join(models)}")
    ((only, model),) = models.items()
    return Chosen(only, model, layer, f"{text}:")


def _sizes(model: LanguageModel) -> Document:
    return dict(model.model_dump(mode="json"))


def _recipe(place: str, name: str, model: LanguageModel, layer: str | None) -> Mapping[str, AnyRecipe]:
    """What can be changed, by the name that says so."""
    recipes = matrix_recipes(place, model)
    return {layer: recipes[layer]} if layer is not None and layer in recipes else {name: model}
