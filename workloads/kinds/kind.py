"""What a kind of layer is: the record that each folder of this package fills in."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

from workloads.compression.stored import Rest, StoredLayer
from workloads.document_types import Fields
from workloads.errors import InputError, refuse
from workloads.kinds.drawing import Density
from workloads.kinds.split import Split
from workloads.options import SPECIAL, Formats, WorkloadOptions

AnyRecipe = Any  # a recipe of some kind: a model of pydantic, see `Kind.recipe_type`


class CompressedLayer(Protocol):
    """A layer of any kind as a machine reads it: with its input, all that decides its output to the last bit."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def notes(self) -> tuple[str, ...]:
        """What compression lost, a sentence each."""

    @property
    def inputs(self) -> int:
        """Inputs, input channels or inputs of a time step."""

    @property
    def outputs(self) -> int:
        """Outputs, output channels or outputs of a time step."""

    @property
    def dense_operations(self) -> int:
        """Operations of the same layer without any skipping, a multiply and an add being two."""


class Matrix(NamedTuple):
    """The weights of a layer, or of a part of it, as a matrix."""

    layer: Any  # a fully connected layer in floating point, or a coded one
    shape: tuple[int, ...]  # of the weights before they became a matrix [outputs, all else]
    recipe: AnyRecipe = None  # what they are drawn after, if they are


F = TypeVar("F")
C = TypeVar("C", bound=CompressedLayer)
R = TypeVar("R")


class Kind(Generic[F, C, R]):
    """A kind of layer: F in floating point, C compressed, R its recipe.

    Methods import what is heavy when they are called: the table of kinds is read for `--help`.
    """

    name: ClassVar[str]
    phrase: ClassVar[str]  # in the sentence "it is ..."
    input_form: ClassVar[str] = "of numbers"  # after "an input": its shape
    shape_head: ClassVar[str] = "inputs x outputs"  # what `shape` gives, as the heading of a column
    shape_about: ClassVar[str] = ""  # all that a shape may show; "": its heading says it
    float_types: ClassVar[tuple[type, ...]]
    compressed_type: ClassVar[type]
    recipe_type: ClassVar[Any] = None  # of YAML recipes; None: nothing of this kind is drawn
    recipe_key: ClassVar[str | None] = None  # by which a recipe is recognised; None: by having no other kind's
    array_keys: ClassVar[frozenset[str]] = frozenset()  # arrays; a file of this kind has one of them
    options: ClassVar[frozenset[str]] = frozenset()  # of SPECIAL options, those that it understands
    split: ClassVar[Split[Any] | None] = None  # how inputs are split over chips; None: they are not
    many_tokens: ClassVar[str] = ""  # the kind that a layer becomes with the option `tokens`; "": it stays as it is

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> F:
        """A layer of arrays, numbers [shapes of the kind], by name. InputError says what is wrong with `source`."""
        refuse(source, f"it holds arrays of {self.phrase}", "a kind that is read from arrays")

    def count_arrays(self, arrays: Mapping[str, np.ndarray]) -> int:
        """How many of the arrays, numbers [any shape] by name, are this kind's; the kind that has most reads them."""
        return len(self.array_keys & arrays.keys())

    def missing(self, arrays: Mapping[str, np.ndarray]) -> Mapping[str, int]:
        """What these arrays, numbers [any shape] by name, leave open and options may say -> its dimensions."""
        return {}

    def complete(
        self, layer: F, missing: Mapping[str, int], options: WorkloadOptions, given: np.ndarray | None
    ) -> tuple[F, tuple[str, ...]]:
        """The layer with what its source leaves open, and what is assumed, a sentence each; see `missing`.

        given: the input that the layer will get, numbers [any shape]; None: it has its own, or one is drawn.
        """
        return layer, ()

    def draw(self, name: str, recipe: R, options: WorkloadOptions) -> F:
        """A layer in floating point, not yet pruned, with its input. InputError where it is too large to draw.

        NotImplementedError in kinds that are never drawn.
        """
        raise NotImplementedError

    def recipe_density(self, recipe: R, layer: F) -> Any:
        """What `compress` takes as the density of a drawn layer: the published one of its weights."""
        return recipe.weight_density.value  # type: ignore[attr-defined]

    def with_input_density(self, name: str, recipe: R, density: float) -> R:
        """The recipe with another density of its input. InputError where the kind's input has none."""
        source: Any = recipe
        if not hasattr(source, "activations"):
            refuse(name, f"activation_density is {density}", f"none for {self.phrase}, which skips no input")
        changed = source.activations.model_copy(update={"density": Density(value=density, source="given")})
        return source.model_copy(update={"activations": changed})

    def crop(self, layer: F, options: WorkloadOptions) -> F:
        """The part of a given layer that the options ask for. InputError where the kind has no parts."""
        if options.scale != 1:
            refuse(self.layer_name(layer), f"scale is {options.scale}", f"1, as a given {self.name} runs whole")
        return layer

    def with_input(self, layer: F, source: object, array: np.ndarray) -> F:
        """The layer with another input, numbers [shape that the kind reads], checked.

        InputError says of `source` what is wrong with the array. NotImplementedError in this base class.
        """
        raise NotImplementedError

    def input_of(self, layer: F) -> np.ndarray | None:
        """The input that a layer in floating point holds, numbers [sizes of `draw_input`]; None: it has none."""
        return getattr(layer, "activation", None)

    def draw_input(self, layer: F, options: WorkloadOptions, rng: np.random.Generator) -> tuple[F, str]:
        """The layer with an input drawn at `options.activation_density` (1 where it is None), and a phrase: its shape.

        InputError where inputs of this kind are not drawn, or where `options.input_shape` does not fit.
        """
        refuse(self.layer_name(layer), "it has no input", f"an input {self.input_form}")

    def check_stated_input(self, place: str, shape: tuple[int, ...]) -> None:
        """InputError where an input of this shape, which a file only states, would take a run of unbounded time."""

    def with_tokens(self, layer: F) -> object:
        """The layer as one of the kind `many_tokens`, without an input. NotImplementedError where that is none."""
        raise NotImplementedError

    def compress(self, layer: F, density: Any, options: WorkloadOptions) -> C:
        """In the format of `options.formats`; InputError where it cannot be, NotImplementedError in this base class."""
        raise NotImplementedError

    def convert(self, layer: C, formats: Formats) -> CompressedLayer:
        """A compressed layer as a machine with these formats reads it: the same, unless it asks for another kind."""
        return layer

    def follow(self, layer: F, values: np.ndarray) -> F:
        """The layer with what the one before it puts out, float64 [any shape]. InputError where shapes differ."""
        refuse(self.layer_name(layer), f"it is {self.phrase}", "a kind whose input can be computed")

    def compress_in_chain(self, layer: F, density: Any, options: WorkloadOptions, input_bits: int | None) -> Any:
        """As `compress`, with an input of at most `input_bits` fraction bits, those of the layer before it.

        InputError where the kind cannot follow another layer.
        """
        refuse(self.layer_name(layer), f"it is {self.phrase}", "a kind whose input can be computed")

    def output_values(self, layer: C, output: np.ndarray) -> np.ndarray:
        """An int16 or float32 output as float64 [what the next layer reads]. NotImplementedError in this base class."""
        raise NotImplementedError

    def reference(self, layer: C) -> np.ndarray:
        """The output by the kernel, int16 or float32 [outputs of the run], never NaN. NotImplementedError here."""
        raise NotImplementedError

    def float_arrays(self, layer: C) -> dict[str, np.ndarray]:
        """Weights and biases of a compressed layer as numbers, float64 [shapes], by the names of `from_arrays`.

        These are the values that a machine computes with; none where the kind has no weights.
        """
        return {}

    def matrices(self, layer: F) -> Iterator[Matrix]:
        """The weights as matrices, for storage; none where the kind has no weights."""
        return iter(())

    def not_matrices(self, layer: F) -> tuple[str, ...]:
        """What of the weights is left out by `matrices`, a sentence each."""
        return ()

    def rest(self, layer: F) -> Rest:
        """What of the layer `matrices` and `not_matrices` do not hold, for the file of a compressed network."""
        return Rest({}, {})

    def stored_arrays(self, stored: StoredLayer) -> dict[str, np.ndarray]:
        """Weights and biases of a stored layer, float32 [shapes], by the names of `float_arrays`.

        InputError where its parts do not fit each other.
        """
        bias = stored.matrices[0].bias
        return {"weight": stored.weights(0), **({} if bias is None else {"bias": bias})}

    def restore(self, source: object, stored: StoredLayer) -> F:
        """The layer of a compressed network without an input. InputError says what of `source` does not fit."""
        refuse(source, f"{stored.name} is {self.phrase}", "a kind that is restored from its matrices")

    def layer_name(self, layer: F) -> str:
        """The name of a layer in floating point."""
        return str(layer.name)  # type: ignore[attr-defined]

    def densities(self, layer: C) -> dict[str, float]:
        """Shares of non-zeros of a compressed layer by what they are of; none where the kind has none."""
        shares: Any = layer
        return {"weight": shares.weight_density, "activation": shares.activation_density}

    def measures(self, layer: C, output: np.ndarray) -> dict[str, float]:
        """What else is known of an output, int16 or float32 [outputs of the run], by name."""
        return {}

    def recipe_shape(self, recipe: R) -> tuple[int, int]:
        """Inputs and outputs of a recipe, as a result counts them."""
        return recipe.inputs.value, recipe.outputs.value  # type: ignore[attr-defined]

    def recipe_size(self, recipe: R) -> tuple[str, str]:
        """Inputs and outputs of a recipe, as a table shows them."""
        inputs, outputs = self.recipe_shape(recipe)
        return str(inputs), str(outputs)

    def recipe_weights(self, recipe: R) -> int:
        """How many weights a recipe's layer has: a guess of what it costs."""
        return math.prod(self.recipe_shape(recipe))

    def recipe_densities(self, recipe: R) -> tuple[float | None, float | None]:
        """Densities of weights and inputs of a recipe; None: the kind has none."""
        source: Any = recipe
        return source.weight_density.value, source.activations.density.value

    def shape(self, layer: C) -> str:
        """Sizes of a compressed layer, short enough for a column of a table."""
        return f"{layer.inputs} x {layer.outputs}"

    def shape_in_words(self, layer: C) -> str:
        """The same for a heading, with what each size is of."""
        return self.shape(layer)

    def agrees(self, recipe: R, result: Fields) -> Iterator[tuple[float, float]]:
        """Pairs of a result's number and the recipe's: sizes and densities, which agree if the recipe was run as is."""
        yield from zip((result["inputs"], result["outputs"]), self.recipe_shape(recipe), strict=True)
        for what, wanted in zip(("weight", "activation"), self.recipe_densities(recipe), strict=True):
            if wanted is not None:
                yield result[f"{what}_density"], wanted

    def check_options(self, name: str, options: WorkloadOptions) -> None:
        """InputError where special options are given that this kind does not understand."""
        for key in SPECIAL:
            value, default = getattr(options, key), WorkloadOptions._field_defaults[key]
            if key not in self.options and value != default:
                expected = "none" if default is None else str(default)
                raise InputError(f"{name}: {key} is {value}; expected {expected}, as it is {self.phrase}")


AnyKind = Kind[Any, Any, Any]
"""A kind whose layers and recipes are not known where it is used."""
