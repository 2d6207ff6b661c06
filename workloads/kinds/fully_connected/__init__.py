"""Fully connected layers."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from workloads.array_checks import given_input
from workloads.compression.stored import StoredLayer
from workloads.errors import refuse
from workloads.kinds.drawing import draw_values, generator, parse_shape
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.fully_connected.layer import (
    CodedFullyConnected,
    CompressedFullyConnected,
    FullyConnected,
    StoredFullyConnected,
    check_sides,
    shape_of,
)
from workloads.kinds.fully_connected.recipe import Recipe, draw
from workloads.kinds.fully_connected.split import FullyConnectedSplit
from workloads.kinds.kind import CompressedLayer, Kind, Matrix
from workloads.options import Formats, WorkloadOptions

Float = FullyConnected | CodedFullyConnected | StoredFullyConnected
PRODUCT = "matrix product"
"""The kind whose format is that of a layer that a machine asks for as a product."""


class FullyConnectedKind(Kind[Float, CompressedLayer, Recipe]):
    """A matrix times a vector, a bias, ReLU. A machine may ask for it as a convolution or as a matrix product."""

    name = "fully connected"
    split = FullyConnectedSplit()
    phrase = "fully connected"
    input_form = "[inputs]"
    float_types = (FullyConnected, CodedFullyConnected, StoredFullyConnected)
    compressed_type = CompressedFullyConnected
    recipe_type = Recipe
    array_keys = frozenset({"weight", "weight_code"})
    options = frozenset({"tokens"})
    many_tokens = PRODUCT

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Float:
        """A layer of arrays, numbers [shapes], by name; see `from_arrays` of the kind for names and InputError."""
        from workloads.kinds.fully_connected.arrays import from_arrays

        return from_arrays(source, name, arrays)

    def draw(self, name: str, recipe: Recipe, options: WorkloadOptions) -> FullyConnected:
        """A matrix and a vector after the recipe. InputError where it has too many weights to draw.

        A density that the user chooses is no claim of a file, and may take any memory.
        """
        asked = 0.0 if options.density is not None or options.recipe else None
        return draw(name, recipe, options.scale, generator(name, options.seed), asked)

    def crop(self, layer: Float, options: WorkloadOptions) -> Float:
        """The upper left part of the matrix, both sides times `options.scale`; at least one row and column remain."""
        from workloads.kinds.fully_connected.crop import crop

        return crop(layer, options.scale)

    def with_input(self, layer: Float, source: object, array: np.ndarray) -> Float:
        """The layer with the input `array`, finite numbers [inputs]; InputError else."""
        return layer._replace(activation=check_input(source, layer.name, array, shape_of(layer)[1]))

    def draw_input(self, layer: Float, options: WorkloadOptions, rng: np.random.Generator) -> tuple[Float, str]:
        """A vector, half-normal. InputError where `options.input_shape` is not [inputs], or they are too many."""
        outputs, inputs = shape_of(layer)
        check_sides(layer.name, inputs, outputs)
        if options.input_shape is not None:
            given = parse_shape(layer.name, options.input_shape, 1, f"{inputs}")
            if given != (inputs,):
                refuse(layer.name, f"input_shape is {list(given)}", f"[{inputs}]")
        return layer._replace(activation=draw_values((inputs,), options.activation_density, rng)), f"[{inputs}]"

    def with_tokens(self, layer: Float) -> object:
        """The same weights as a matrix product without an input."""
        from workloads.kinds.matrix_product.from_fully_connected import from_fully_connected

        return from_fully_connected(layer._replace(activation=None))

    def compress(self, layer: Float, density: float | None, options: WorkloadOptions) -> CompressedLayer:
        """Prune, share weights, choose fixed-point formats. InputError where there is no input."""
        from workloads.kinds.fully_connected.compress import compress

        wanted: FullyConnectedFormat = options.formats.get(self.name, FullyConnectedFormat())
        if wanted.as_product:
            from workloads.kinds.matrix_product.compress import compress_product
            from workloads.kinds.matrix_product.from_fully_connected import from_fully_connected

            done = compress_product(from_fully_connected(layer), density, options.formats.get(PRODUCT))
            return done._replace(notes=(*_encoded_again(layer, done.weight.form.name), *done.notes))
        stored = wanted.as_convolution and isinstance(layer, StoredFullyConnected)
        form = layer.shared.form if stored and isinstance(layer, StoredFullyConnected) else wanted.weight_format
        bits, bias = wanted.weight_bits, wanted.preload_bias
        shared = compress(layer, density, bits, bias, form, wanted.across, wanted.block_outputs)
        return self.convert(shared, options.formats)

    def convert(self, layer: Any, formats: Formats) -> CompressedLayer:
        """The layer as a convolution of a plane of 1 x 1, or as a product of one token, where the machine asks for it.

        A product computes with the numbers that the words of the compressed layer mean.
        """
        from workloads.kinds.fully_connected.as_convolution import as_convolution

        wanted: FullyConnectedFormat = formats.get(self.name, FullyConnectedFormat())
        if wanted.as_product:
            from workloads.kinds.matrix_product.compress import compress_product
            from workloads.kinds.matrix_product.from_fully_connected import from_compressed

            return compress_product(from_compressed(layer), None, formats.get(PRODUCT))
        return as_convolution(layer) if wanted.as_convolution else layer

    def follow(self, layer: Float, values: np.ndarray) -> Float:
        """The layer with these values, float64 [any shape], as its input. InputError where they are more or fewer."""
        _, inputs = shape_of(layer)
        if values.size != inputs:
            found = f"it reads {[inputs]}, and the layer before gives {[values.size]}"
            refuse(layer.name, found, "a chain")
        return layer._replace(activation=values.ravel())

    def compress_in_chain(
        self, layer: Float, density: float | None, options: WorkloadOptions, input_bits: int | None
    ) -> CompressedFullyConnected:
        """As `compress`, with an input no finer than `input_bits`; never as a convolution: see `convert`.

        InputError where it has no input or cannot be compressed.
        """
        from workloads.kinds.fully_connected.compress import give_input, share_weights

        wanted: FullyConnectedFormat = options.formats.get(self.name, FullyConnectedFormat())
        if layer.activation is None:
            refuse(layer.name, "it has no input", "an activation for each of its inputs")
        form = wanted.weight_bits, wanted.weight_format, wanted.across, wanted.block_outputs
        shared = share_weights(layer, density, *form)
        return give_input(shared, layer.activation, input_bits, wanted.preload_bias)

    def output_values(self, layer: Any, output: np.ndarray) -> np.ndarray:
        """Output words, int16 [outputs], as numbers: float64 [outputs]."""
        values: np.ndarray = layer.output_value(output)
        return values

    def measures(self, layer: Any, output: np.ndarray) -> dict[str, float]:  # noqa: ARG002
        """What its weights take and lose in their number format; the output, int16 [outputs], does not matter."""
        if layer.stored_bits is None:
            return {}
        found = {"bits_per_weight": layer.stored_bits / (layer.inputs * layer.outputs)}
        return found if layer.weight_error is None else {**found, "weight_error": layer.weight_error}

    def reference(self, layer: Any) -> np.ndarray:
        """The output, int16 [outputs]."""
        from workloads.kinds.fully_connected.reference import reference

        return reference(layer)

    def float_arrays(self, layer: Any) -> dict[str, np.ndarray]:
        """`weight`, float64 [outputs, inputs], and, where there is one, `bias` [outputs]."""
        bias = layer.biases()
        weight = {"weight": layer.weights()[:, : layer.inputs]}
        return weight if bias is None else {**weight, "bias": bias}

    def matrices(self, layer: Float) -> Iterator[Matrix]:
        """The matrix itself."""
        yield Matrix(layer._replace(activation=None), shape_of(layer))

    def restore(self, source: object, stored: StoredLayer) -> StoredFullyConnected:
        """The layer with its codes as they are. InputError where it is not one matrix."""
        if len(stored.matrices) != 1 or len(stored.shapes[0]) != 2:
            held = " and ".join(str(list(shape)) for shape in stored.shapes) or "none"
            refuse(source, f"{stored.name} has weights {held}", "one matrix, as it is fully connected")
        return StoredFullyConnected(stored.name, stored.matrices[0], None)


def _encoded_again(layer: Float, form: str) -> tuple[str, ...]:
    """A sentence where weights that are stored in one format are put into another one."""
    if not isinstance(layer, StoredFullyConnected) or layer.shared.form == form:
        return ()
    return (f"its weights, stored in {layer.shared.form}, are encoded again in {form}",)


def check_input(source: object, name: str, array: np.ndarray, inputs: int) -> np.ndarray:
    """The input of a layer, float32 [inputs]; InputError says of `source` what is wrong with the numbers given.

    array: numbers [inputs], or [1, inputs].
    """
    if array.ndim == 2 and len(array) == 1:
        array = array[0]
    return given_input(source, name, array, array.shape == (inputs,), f"numbers [{inputs}]")
