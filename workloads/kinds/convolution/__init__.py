"""Convolutions."""

from collections.abc import Iterator

import numpy as np

from workloads.array_checks import given_input
from workloads.errors import refuse
from workloads.kinds.convolution.format import ConvolutionFormat
from workloads.kinds.convolution.layer import CompressedConvolution, Convolution
from workloads.kinds.convolution.recipe import ConvolutionRecipe, draw_convolution
from workloads.kinds.drawing import draw_values, generator, parse_shape
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.kind import Kind, Matrix
from workloads.options import WorkloadOptions

PLANE = 32
"""Height and width of a drawn input, where nothing else is asked for."""


class ConvolutionKind(Kind[Convolution, CompressedConvolution, ConvolutionRecipe]):
    """Kernels over the planes of an image: strides, padding, groups, a bias, ReLU."""

    name = "convolution"
    phrase = "a convolution"
    input_form = "[channels, height, width]"
    float_types = (Convolution,)
    compressed_type = CompressedConvolution
    recipe_type = ConvolutionRecipe
    recipe_key = "shape"
    options = frozenset({"granularity"})

    def draw(self, name: str, recipe: ConvolutionRecipe, options: WorkloadOptions) -> Convolution:
        """Kernels and an image after the recipe. InputError where it has more than 2**31 weights."""
        return draw_convolution(name, recipe, options.scale, generator(name, options.seed))

    def crop(self, layer: Convolution, options: WorkloadOptions) -> Convolution:
        """The first channels and the upper left part of the plane, all sides times `options.scale`."""
        from workloads.kinds.convolution.crop import crop

        return crop(layer, options.scale)

    def with_input(self, layer: Convolution, source: object, array: np.ndarray) -> Convolution:
        """The layer with the input `array`, finite numbers [channels, height, width]; InputError else."""
        channels = layer.weight.shape[1] * layer.groups
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

    def compress(self, layer: Convolution, density: float | None, options: WorkloadOptions) -> CompressedConvolution:
        """Prune in groups, choose fixed-point formats. InputError where there is no input or shapes do not fit."""
        from workloads.kinds.convolution.compress import compress_convolution

        wanted: ConvolutionFormat = options.formats.get(self.name, ConvolutionFormat())
        return compress_convolution(layer, density, options.granularity, wanted.bits)

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
        from workloads.kinds.convolution.compress import compress_convolution

        return compress_convolution(layer, density, options.granularity, activation_fraction_bits=input_bits)

    def output_values(self, layer: CompressedConvolution, output: np.ndarray) -> np.ndarray:
        """Output words, int16 [outputs of the run], as numbers: float64 [channels, height, width]."""
        return layer.output_value(output).reshape(layer.outputs, *layer.output_plane)

    def reference(self, layer: CompressedConvolution) -> np.ndarray:
        """The output, int16 [channels x height x width]."""
        from workloads.kinds.convolution.reference import reference

        return reference(layer)

    def float_arrays(self, layer: CompressedConvolution) -> dict[str, np.ndarray]:
        """`weight` [outputs, inputs / groups, height, width] and, where there is one, `bias` [outputs]."""
        from kernels_ref.fixed_point import to_float

        found = {"weight": to_float(layer.weight, layer.weight_fraction_bits)}
        return found if layer.bias is None else {**found, "bias": to_float(layer.bias, layer.output_fraction_bits)}

    def matrices(self, layer: Convolution) -> Iterator[Matrix]:
        """A row for each output channel."""
        flat = layer.weight.reshape(layer.weight.shape[0], -1)
        yield Matrix(FullyConnected(layer.name, flat, layer.bias, None, layer.relu), layer.weight.shape)

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
