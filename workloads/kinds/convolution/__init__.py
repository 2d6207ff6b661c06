"""Convolutions."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from workloads.array_checks import given_input
from workloads.compression.stored import Rest, StoredLayer
from workloads.errors import refuse
from workloads.kinds.convolution.arrays import GEOMETRY, KEYS, from_convolution_arrays, is_convolution
from workloads.kinds.convolution.crop import image_of
from workloads.kinds.convolution.format import ConvolutionFormat
from workloads.kinds.convolution.layer import CompressedConvolution, Convolution
from workloads.kinds.convolution.recipe import ConvolutionRecipe, draw_convolution
from workloads.kinds.drawing import draw_values, generator, parse_shape
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.kind import CompressedLayer, Kind, Matrix
from workloads.options import Formats, WorkloadOptions

PLANE = 32
"""Height and width of a drawn input, where nothing else is asked for."""


class ConvolutionKind(Kind[Convolution, Any, ConvolutionRecipe]):
    """Kernels over the planes of an image: strides, padding, groups, a bias, ReLU."""

    name = "convolution"
    phrase = "a convolution"
    input_form = "[channels, height, width]"
    float_types = (Convolution,)
    compressed_type = CompressedConvolution
    recipe_type = ConvolutionRecipe
    recipe_key = "shape"
    options = frozenset({"granularity", "stride", "padding"})
    shape_head = "in>out, kernel, plane"
    shape_about = "channels in>out (g: groups), kernel (/: stride, d: dilation), plane"

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Convolution:
        """A layer of numbers [shapes] by name, as `workloads.kinds.convolution.arrays` says; InputError too."""
        return from_convolution_arrays(source, name, arrays)

    def count_arrays(self, arrays: Mapping[str, np.ndarray]) -> int:
        """One more than its arrays, numbers [any shape] by name, where its weight has 3 or 4 dimensions; or 0."""
        return 1 + len(arrays.keys() & set(KEYS)) if is_convolution(arrays) else 0

    def missing(self, arrays: Mapping[str, np.ndarray]) -> Mapping[str, int]:
        """Stride, padding and groups, where they are not among the arrays, numbers [any shape] by name.

        They are those of one dimension where the weight is, or where its kernel is 1 high and wider.
        """
        known, shape = ("groups",) if "activation" in arrays else (), arrays["weight"].shape
        sides = 1 if len(shape) == 3 or (shape[2:3] == (1,) and shape[3] > 1) else 2
        return {key: sides for key in GEOMETRY if key not in (*arrays, *known)}

    def complete(
        self, layer: Convolution, missing: Mapping[str, int], options: WorkloadOptions, given: np.ndarray | None
    ) -> tuple[Convolution, tuple[str, ...]]:
        """Stride and padding of the options, or 1 and 0; groups after `given`, numbers [channels, ...]."""
        from workloads.kinds.convolution.geometry import complete

        return complete(layer, missing, options, given)

    def draw(self, name: str, recipe: ConvolutionRecipe, options: WorkloadOptions) -> Convolution:
        """Kernels and an image after the recipe. InputError where it is too large to draw."""
        return draw_convolution(name, recipe, options.scale, generator(name, options.seed))

    def crop(self, layer: Convolution, options: WorkloadOptions) -> Convolution:
        """The first channels and the upper left part of the plane, all sides times `options.scale`."""
        from workloads.kinds.convolution.crop import crop

        return crop(layer, options.scale)

    def with_input(self, layer: Convolution, source: object, array: np.ndarray) -> Convolution:
        """The layer with the input `array`, finite numbers [channels, height, width]; InputError else.

        Where the kernel is 1 high, [channels, length] will do; a batch of 1 before the channels is left out.
        """
        channels = layer.weight.shape[1] * layer.groups
        array = image_of(layer, array)
        fits = array.ndim == 3 and array.shape[0] == channels and array.size > 0
        expected = f"numbers [{channels}, height, width]"
        return layer._replace(activation=given_input(source, layer.name, array, fits, expected))

    def draw_input(
        self, layer: Convolution, options: WorkloadOptions, rng: np.random.Generator
    ) -> tuple[Convolution, str]:
        """Planes of `PLANE` x `PLANE`, or of `options.input_shape`, half-normal. InputError where channels differ."""
        channels = layer.weight.shape[1] * layer.groups
        shape: tuple[int, ...] = (channels, PLANE, PLANE)
        if options.input_shape is not None:
            shape = parse_shape(layer.name, options.input_shape, 3, f"{channels},HEIGHT,WIDTH")
            if shape[0] != channels:
                refuse(layer.name, f"input_shape is {list(shape)}", f"[{channels}, height, width]")
        drawn = layer._replace(activation=draw_values(shape, options.activation_density, rng))
        return drawn, f"{list(shape)}"

    def compress(self, layer: Convolution, density: float | None, options: WorkloadOptions) -> CompressedLayer:
        """Prune in groups, choose fixed-point formats; as a matrix product where a machine asks for it.

        InputError where there is no input or shapes do not fit.
        """
        from workloads.kinds.convolution.compress import compress_convolution

        wanted: ConvolutionFormat = options.formats.get(self.name, ConvolutionFormat())
        if wanted.as_product:
            return self._as_product(layer, density, options)
        more = wanted.weight_bits, wanted.block_outputs
        return compress_convolution(layer, density, options.granularity, wanted.bits, None, *more)

    def convert(self, layer: Any, formats: Formats) -> CompressedLayer:
        """The layer as a matrix product of the numbers that its words mean, where the machine asks for that."""
        wanted: ConvolutionFormat = formats.get(self.name, ConvolutionFormat())
        if not wanted.as_product:
            return layer
        from workloads.kinds.matrix_product.compress import compress_product
        from workloads.kinds.matrix_product.from_convolution import from_compressed, from_convolution

        return compress_product(from_convolution(from_compressed(layer)), None, formats.get("matrix product"))

    def _as_product(self, layer: Convolution, density: float | None, options: WorkloadOptions) -> CompressedLayer:
        """Pruned, then a product in the format of that kind. InputError as there, and where it has groups."""
        from workloads.compression.masks import by_granularity
        from workloads.kinds.matrix_product.compress import compress_product
        from workloads.kinds.matrix_product.from_convolution import from_convolution

        if density is not None:
            mask = by_granularity(layer.weight, density, options.granularity, layer.groups)
            layer = layer._replace(weight=np.where(mask, layer.weight, np.float32(0)))
        elif options.granularity:
            refuse(layer.name, f"granularity is {options.granularity}, but no density is given", "both or none")
        return compress_product(from_convolution(layer), None, options.formats.get("matrix product"))

    def shape(self, layer: CompressedConvolution) -> str:
        """Channels in and out, kernel and plane: `64>256, 3x3, 56x56`.

        After the kernel `/2` for a stride and `d2` for a dilation, after the channels `g32` for groups.
        """
        (_, _, tall, broad), (_, high, wide) = layer.kernel.shape, layer.activation.shape
        stride = "" if layer.stride == (1, 1) else f"/{layer.stride[0]}"
        dilation = "" if layer.dilation == (1, 1) else f"d{max(layer.dilation)}"
        groups = "" if layer.groups == 1 else f" g{layer.groups}"
        return f"{layer.inputs}>{layer.outputs}{groups}, {tall}x{broad}{stride}{dilation}, {high}x{wide}"

    def shape_in_words(self, layer: CompressedConvolution) -> str:
        """Channels, kernel and plane; stride, dilation and groups where they are not 1."""
        (_, _, tall, broad), (_, high, wide) = layer.kernel.shape, layer.activation.shape
        words = f"{layer.inputs} channels to {layer.outputs}, kernel {tall} x {broad}, plane {high} x {wide}"
        for what, (down, across) in (("stride", layer.stride), ("dilation", layer.dilation)):
            words += "" if (down, across) == (1, 1) else f", {what} {down} x {across}"
        return f"{words}{f', {layer.groups} groups' if layer.groups > 1 else ''}"

    def follow(self, layer: Convolution, values: np.ndarray) -> Convolution:
        """The layer with planes, float64 [channels, height, width]. InputError where the shape is another one."""
        shape = values.shape if layer.activation is None else layer.activation.shape
        if values.shape != shape:
            found = f"it reads {list(shape)}, and the layer before gives {list(values.shape)}"
            refuse(layer.name, found, "a chain")
        return layer._replace(activation=values)

    def compress_in_chain(
        self, layer: Convolution, density: float | None, options: WorkloadOptions, input_bits: int | None
    ) -> CompressedConvolution:
        """As `compress`, with an input of 16 bits in the format `input_bits`."""
        from kernels_ref.fixed_point import WORD_BITS
        from workloads.kinds.convolution.compress import compress_convolution

        wanted: ConvolutionFormat = options.formats.get(self.name, ConvolutionFormat())
        more = wanted.weight_bits, wanted.block_outputs
        return compress_convolution(layer, density, options.granularity, WORD_BITS, input_bits, *more)

    def output_values(self, layer: CompressedConvolution, output: np.ndarray) -> np.ndarray:
        """Output words, int16 [outputs of the run], as numbers: float64 [channels, height, width]."""
        return layer.output_value(output).reshape(layer.outputs, *layer.output_plane)

    def reference(self, layer: CompressedConvolution) -> np.ndarray:
        """The output, int16 [channels x height x width]."""
        from workloads.kinds.convolution.reference import reference

        return reference(layer)

    def float_arrays(self, layer: CompressedConvolution) -> dict[str, np.ndarray]:
        """`weight`, float64 [outputs, inputs / groups, height, width], and, where there is one, `bias` [outputs]."""
        from kernels_ref.fixed_point import to_float

        found = {"weight": to_float(layer.weight, layer.weight_fraction_bits)}
        return found if layer.bias is None else {**found, "bias": to_float(layer.bias, layer.output_fraction_bits)}

    def matrices(self, layer: Convolution) -> Iterator[Matrix]:
        """A row for each output channel."""
        flat = layer.weight.reshape(layer.weight.shape[0], -1)
        yield Matrix(FullyConnected(layer.name, flat, layer.bias, None, layer.relu), layer.weight.shape)

    def rest(self, layer: Convolution) -> Rest:
        """Its geometry."""
        geometry = {"stride": list(layer.stride), "padding": list(layer.padding), "groups": layer.groups}
        return Rest(geometry if layer.dilation == (1, 1) else {**geometry, "dilation": list(layer.dilation)}, {})

    def restore(self, source: object, stored: StoredLayer) -> Convolution:
        """The layer with its levels as weights; what its geometry leaves open is as in arrays. InputError as there."""
        if len(stored.matrices) != 1 or len(stored.shapes[0]) not in (3, 4):
            held = " and ".join(str(list(shape)) for shape in stored.shapes) or "none"
            refuse(source, f"{stored.name} has weights {held}", "one weight of three or four dimensions")
        (matrix,) = stored.matrices
        arrays = {"weight": stored.weights(0), "relu": np.array(matrix.relu)}
        arrays |= {} if matrix.bias is None else {"bias": matrix.bias}
        for key, value in stored.rest.values.items():
            try:
                arrays[key] = np.array(value)
            except ValueError:  # lists of unequal lengths
                refuse(f"{source}: {stored.name}", f"{key} is {value!r:.60}", "numbers")
        return from_convolution_arrays(f"{source}: {stored.name}", stored.name, arrays)

    def recipe_shape(self, recipe: ConvolutionRecipe) -> tuple[int, int]:
        """Channels in and out."""
        return recipe.shape.inputs, recipe.shape.outputs

    def recipe_size(self, recipe: ConvolutionRecipe) -> tuple[str, str]:
        """Channels with their plane, and output channels with their kernel."""
        shape = recipe.shape
        return f"{shape.inputs} x {shape.height} x {shape.width}", f"{shape.outputs} by {shape.kernel} x {shape.kernel}"

    def recipe_weights(self, recipe: ConvolutionRecipe) -> int:
        """Output channels x input channels of a group x kernel."""
        shape = recipe.shape
        return shape.outputs * shape.inputs // shape.groups * shape.kernel**2
