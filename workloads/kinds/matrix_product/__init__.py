"""Matrix products: weights times many tokens."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from workloads.array_checks import flag, float32, given_input, shaped
from workloads.compression.stored import StoredLayer
from workloads.errors import refuse
from workloads.kinds.drawing import check_input_size, draw_values, parse_shape
from workloads.kinds.fully_connected.layer import FullyConnected, check_sides
from workloads.kinds.kind import Kind, Matrix
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.layer import CompressedProduct, MatrixProduct
from workloads.kinds.matrix_product.split import ProductSplit
from workloads.options import WorkloadOptions
from workloads.words import sized

KEYS = ("weight", "bias", "activation", "relu")
TOKENS = 64
"""Of a drawn input, where nothing else is asked for."""


class MatrixProductKind(Kind[MatrixProduct, CompressedProduct, Any]):
    """A matrix times many vectors, a bias, ReLU, both operands in one number format; the output is FP32."""

    name = "matrix product"
    split = ProductSplit()
    phrase = "a matrix product"
    input_form = "[tokens, inputs]"
    shape_head = "tokens x inputs x outputs"
    float_types = (MatrixProduct,)
    compressed_type = CompressedProduct
    options = frozenset({"tokens"})

    def count_arrays(self, arrays: Mapping[str, np.ndarray]) -> int:
        """One more than its arrays, numbers [any shape] by name, where there are several tokens; or 0."""
        weight, tokens = arrays.get("weight"), arrays.get("activation")
        if weight is None or tokens is None or weight.ndim != 2 or tokens.ndim != 2 or len(tokens) < 2:
            return 0
        return 1 + len(arrays.keys() & set(KEYS))

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> MatrixProduct:
        """A layer of float arrays: `weight` [outputs, inputs], `activation` [tokens, inputs], perhaps `bias`, `relu`.

        InputError says of `source` what is missing or wrong.
        """
        for key in arrays:
            if key not in KEYS:
                refuse(source, f"it has an unknown key {key}", f"only {', '.join(KEYS)}")
        for key in ("weight", "activation"):
            if key not in arrays:
                refuse(source, f"it has no {key}", f"the keys {', '.join(KEYS)}")
        weight = shaped(source, "weight", arrays["weight"], {"outputs": None, "inputs": None})
        outputs, inputs = weight.shape
        tokens = shaped(source, "activation", arrays["activation"], {"tokens": None, "inputs": inputs})
        bias = None
        if "bias" in arrays:
            bias = float32(source, "bias", arrays["bias"])
            if bias.shape != (outputs,):
                refuse(source, f"bias has shape {list(bias.shape)}", f"[{outputs}], a number for each output")
        return MatrixProduct(name, weight, bias, tokens, flag(source, arrays))

    def crop(self, layer: MatrixProduct, options: WorkloadOptions) -> MatrixProduct:
        """The upper left part of the matrix, both sides times `options.scale`, and as many tokens as before."""
        if options.scale == 1:
            return layer
        rows, columns = (max(1, round(side * options.scale)) for side in layer.weight.shape)
        bias = None if layer.bias is None else layer.bias[:rows]
        tokens = None if layer.activation is None else np.ascontiguousarray(layer.activation[:, :columns])
        weight = np.ascontiguousarray(layer.weight[:rows, :columns])
        return layer._replace(weight=weight, bias=bias, activation=tokens)

    def with_input(self, layer: MatrixProduct, source: object, array: np.ndarray) -> MatrixProduct:
        """The layer with the input `array`, finite numbers [tokens, inputs]; InputError else."""
        inputs = layer.weight.shape[1]
        array = array[None] if array.ndim == 1 else array
        fits = array.ndim == 2 and array.shape[1] == inputs and len(array) > 0
        tokens = given_input(source, layer.name, array, fits, f"numbers [tokens, {inputs}]")
        return layer._replace(activation=tokens)

    def draw_input(
        self, layer: MatrixProduct, options: WorkloadOptions, rng: np.random.Generator
    ) -> tuple[MatrixProduct, str]:
        """`options.tokens` vectors, half-normal. InputError where they are too many or `input_shape` does not fit."""
        outputs, inputs = layer.weight.shape
        check_sides(layer.name, inputs, outputs)
        tokens = options.tokens or TOKENS
        if options.input_shape is not None:
            given = parse_shape(layer.name, options.input_shape, 2, f"TOKENS,{inputs}")
            if given[1] != inputs or options.tokens not in (None, given[0]):
                wanted = "tokens" if options.tokens is None else str(options.tokens)
                refuse(layer.name, f"input_shape is {list(given)}", f"[{wanted}, {inputs}]")
            tokens = given[0]
        check_input_size(layer.name, f"tokens is {tokens:,} with {inputs:,} inputs", tokens * inputs)
        shape = tokens, inputs
        return layer._replace(activation=draw_values(shape, options.activation_density, rng)), f"{list(shape)}"

    def compress(self, layer: MatrixProduct, density: float | None, options: WorkloadOptions) -> CompressedProduct:
        """Prune, then both operands in the format. InputError where there is no input, or the format is unknown."""
        from workloads.kinds.matrix_product.compress import compress_product

        wanted: ProductFormat = options.formats.get(self.name, ProductFormat())
        return compress_product(layer, density, wanted)

    def output_values(self, layer: CompressedProduct, output: np.ndarray) -> np.ndarray:
        """The output, float32 [tokens x outputs], as float64 [tokens, outputs]."""
        return output.astype(np.float64).reshape(layer.tokens, layer.outputs)

    def reference(self, layer: CompressedProduct) -> np.ndarray:
        """The output, float32 [tokens x outputs]."""
        from workloads.kinds.matrix_product.reference import reference

        return reference(layer)

    def measures(self, layer: CompressedProduct, output: np.ndarray) -> dict[str, float]:  # noqa: ARG002
        """What its weights take and lose in their format, zeros included; the output, float32 [any], is not read."""
        bits = layer.stored_bits / (layer.inputs * layer.outputs)
        return {"bits_per_weight": bits, "weight_error": layer.weight_error}

    def float_arrays(self, layer: CompressedProduct) -> dict[str, np.ndarray]:
        """`weight`, float64 [outputs, inputs], and, where there is one, `bias` [outputs]."""
        weight = {"weight": layer.weight.values()}
        return weight if layer.bias is None else {**weight, "bias": layer.bias.astype(np.float64)}

    def matrices(self, layer: MatrixProduct) -> Iterator[Matrix]:
        """The matrix itself."""
        yield Matrix(FullyConnected(layer.name, layer.weight, layer.bias, None, layer.relu), layer.weight.shape)

    def restore(self, source: object, stored: StoredLayer) -> MatrixProduct:
        """The layer with its levels as weights. InputError where it is not one matrix."""
        if len(stored.matrices) != 1 or len(stored.shapes[0]) != 2:
            refuse(source, f"{stored.name} has {len(stored.matrices)} matrices", "one, as it is a matrix product")
        (matrix,) = stored.matrices
        return MatrixProduct(stored.name, stored.weights(0), matrix.bias, None, matrix.relu)

    def shape(self, layer: CompressedProduct) -> str:
        """Tokens, inputs and outputs."""
        return f"{layer.tokens} x {layer.inputs} x {layer.outputs}"

    def shape_in_words(self, layer: CompressedProduct) -> str:
        """The same with what each size is of."""
        inputs, outputs = sized(layer.inputs, "input"), sized(layer.outputs, "output")
        return f"{sized(layer.tokens, 'token')} of {inputs}, {outputs}"
