"""Sparse convolutions: three-dimensional kernels over the voxels that hold something."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from workloads.array_checks import given_input
from workloads.errors import refuse
from workloads.kinds.drawing import draw_values, generator, parse_shape
from workloads.kinds.kind import CompressedLayer, Kind
from workloads.kinds.sparse_convolution.format import SparseConvolutionFormat
from workloads.kinds.sparse_convolution.layer import CompressedSparseConvolution, SparseConvolution
from workloads.kinds.sparse_convolution.recipe import SparseConvolutionRecipe
from workloads.options import Formats, WorkloadOptions
from workloads.words import sized


class SparseConvolutionKind(Kind[SparseConvolution, Any, SparseConvolutionRecipe]):
    """Voxels of a scan with features: submanifold kernels, and kernels with a stride that spread them."""

    name = "sparse convolution"
    phrase = "a sparse convolution"
    input_form = "[voxels, inputs]"
    shape_head = "in>out, kernel, voxels>sites"
    shape_about = "features in>out, kernel (/: stride), voxels with an input > with an output"
    float_types = (SparseConvolution,)
    compressed_type = CompressedSparseConvolution
    recipe_type = SparseConvolutionRecipe
    recipe_key = "rings"
    array_keys = frozenset({"voxel", "shape", "submanifold"})

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> SparseConvolution:
        """Of arrays, numbers [shapes of `SparseConvolution`] by the names of `arrays.KEYS`. InputError else."""
        from workloads.kinds.sparse_convolution.arrays import layer_of

        return layer_of(source, name, arrays)

    def count_arrays(self, arrays: Mapping[str, np.ndarray]) -> int:
        """How many of the arrays, numbers [any shape] by name, are a layer's, where they have voxels."""
        from workloads.kinds.sparse_convolution.arrays import KEYS

        return len(arrays.keys() & set(KEYS)) if "voxel" in arrays else 0

    def draw(self, name: str, recipe: SparseConvolutionRecipe, options: WorkloadOptions) -> SparseConvolution:
        """A scan, kernels and features after the recipe. InputError where it is too large to draw."""
        from workloads.kinds.sparse_convolution.recipe import draw_sparse_convolution

        return draw_sparse_convolution(name, recipe, options.scale, generator(name, options.seed))

    def with_input(self, layer: SparseConvolution, source: object, array: np.ndarray) -> SparseConvolution:
        """The layer with the features `array`, finite numbers [voxels, inputs]; InputError else."""
        wanted = len(layer.places), layer.weight.shape[1]
        expected = f"numbers [{wanted[0]}, {wanted[1]}]"
        return layer._replace(activation=given_input(source, layer.name, array, array.shape == wanted, expected))

    def draw_input(
        self, layer: SparseConvolution, options: WorkloadOptions, rng: np.random.Generator
    ) -> tuple[SparseConvolution, str]:
        """Features of all voxels, half-normal. InputError where another shape is asked for."""
        from workloads.kinds.sparse_convolution.compress import check_features

        shape = len(layer.places), layer.weight.shape[1]
        check_features(layer.name, *shape, "inputs")
        if options.input_shape is not None:
            asked = parse_shape(layer.name, options.input_shape, 2, f"{shape[0]},{shape[1]}")
            if asked != shape:
                refuse(layer.name, f"input_shape is {list(asked)}", f"{list(shape)}")
        return layer._replace(activation=draw_values(shape, options.activation_density, rng)), f"{list(shape)}"

    def compress(self, layer: SparseConvolution, density: float | None, options: WorkloadOptions) -> CompressedLayer:
        """Prune, choose fixed-point formats, find all pairs; or a convolution where a machine asks for it.

        InputError where there is no input or shapes do not fit.
        """
        if options.formats.get(self.name, SparseConvolutionFormat()).as_convolution:
            from workloads.kinds.sparse_convolution.as_convolution import as_convolution

            return as_convolution(layer, density)
        from workloads.kinds.sparse_convolution.compress import compress_sparse

        return compress_sparse(layer, density)

    def convert(self, layer: CompressedSparseConvolution, formats: Formats) -> CompressedLayer:
        """The layer as a convolution of the numbers that its words mean, where the machine asks for that."""
        if not formats.get(self.name, SparseConvolutionFormat()).as_convolution:
            return layer
        from workloads.kinds.sparse_convolution.as_convolution import as_convolution
        from workloads.kinds.sparse_convolution.compress import from_compressed

        return as_convolution(from_compressed(layer))

    def follow(self, layer: SparseConvolution, values: np.ndarray) -> SparseConvolution:
        """The layer with features, float64 [voxels, inputs]. InputError where the shape is another one."""
        shape = len(layer.places), layer.weight.shape[1]
        if values.shape != shape:
            refuse(layer.name, f"it reads {list(shape)}, and the layer before gives {list(values.shape)}", "a chain")
        return layer._replace(activation=values.astype(np.float32))

    def compress_in_chain(
        self,
        layer: SparseConvolution,
        density: float | None,
        options: WorkloadOptions,  # noqa: ARG002
        input_bits: int | None,
    ) -> CompressedSparseConvolution:
        """As `compress`, with an input in the format `input_bits`."""
        from workloads.kinds.sparse_convolution.compress import compress_sparse

        return compress_sparse(layer, density, input_bits)

    def output_values(self, layer: CompressedSparseConvolution, output: np.ndarray) -> np.ndarray:
        """Output words, int16 [sites x outputs], as numbers: float64 [sites, outputs]."""
        return layer.output_value(output).reshape(layer.sites, layer.outputs)

    def reference(self, layer: CompressedSparseConvolution) -> np.ndarray:
        """The output, int16 [sites x outputs]."""
        from workloads.kinds.sparse_convolution.reference import reference

        return reference(layer)

    def measures(self, layer: CompressedSparseConvolution, output: np.ndarray) -> dict[str, float]:  # noqa: ARG002
        """Pairs, and neighbours of an output that hold something; the output, int16 [any], is not read."""
        return {"pairs": layer.book.pairs, "neighbours": layer.book.pairs / max(1, layer.sites)}

    def float_arrays(self, layer: CompressedSparseConvolution) -> dict[str, np.ndarray]:
        """`weight`, float64 [outputs, inputs, kx, ky, kz], and, where there is one, `bias` [outputs]."""
        from kernels_ref.fixed_point import to_float

        found = {"weight": to_float(layer.weight, layer.weight_fraction_bits)}
        bits = layer.weight_fraction_bits + layer.activation_fraction_bits
        return found if layer.bias is None else {**found, "bias": to_float(layer.bias, bits)}

    def not_matrices(self, layer: SparseConvolution) -> tuple[str, ...]:
        """Its kernels are not compressed as matrices."""
        return (f"{layer.name}: kernels of a sparse convolution are not stored as matrices",)

    def recipe_weights(self, recipe: SparseConvolutionRecipe) -> int:
        """Weights, for a thousand voxels: a guess of what the layer costs."""
        x, y, z = recipe.window.kernel
        return recipe.inputs.value * recipe.outputs.value * x * y * z

    def shape(self, layer: CompressedSparseConvolution) -> str:
        """Features, kernel and places: `16>32, 3x3x3/2, 17748>27774`."""
        kernel, stride = layer.geometry.kernel, layer.geometry.stride
        step = "" if stride == (1, 1, 1) else f"/{max(stride)}"
        sizes = "x".join(str(one) for one in kernel)
        return f"{layer.inputs}>{layer.outputs}, {sizes}{step}, {layer.voxels}>{layer.sites}"

    def shape_in_words(self, layer: CompressedSparseConvolution) -> str:
        """The same with what each size is of."""
        kernel = " x ".join(str(one) for one in layer.geometry.kernel)
        stride = "" if layer.geometry.stride == (1, 1, 1) else f", stride {layer.geometry.stride}"
        what = "submanifold" if layer.geometry.submanifold else "spreading"
        places = f"{sized(layer.voxels, 'voxel')} to {sized(layer.sites, 'site')}"
        return f"{layer.inputs} features to {layer.outputs}, {what} kernel {kernel}{stride}, {places}"
