"""BEV pooling: the features of cameras, spread over depths, added up in the cells of a bird's-eye view."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import given_input
from workloads.distinct import distinct
from workloads.errors import refuse
from workloads.kinds.bev_pooling.layer import BevPooling, CompressedBevPooling
from workloads.kinds.bev_pooling.recipe import BevPoolingRecipe
from workloads.kinds.drawing import generator
from workloads.kinds.kind import Kind
from workloads.options import WorkloadOptions
from workloads.words import sized


class BevPoolingKind(Kind[BevPooling, CompressedBevPooling, BevPoolingRecipe]):
    """Points of rays, each a weight times a context, added up by cell."""

    name = "BEV pooling"
    phrase = "a BEV pooling"
    input_form = "[rays, channels]"
    shape_head = "rays x depths, channels"
    float_types = (BevPooling,)
    compressed_type = CompressedBevPooling
    recipe_type = BevPoolingRecipe
    recipe_key = "rig"
    array_keys = frozenset({"cell", "depth"})

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> BevPooling:
        """Of arrays, numbers [shapes of `BevPooling`] by the names of `arrays.KEYS`. InputError else."""
        from workloads.kinds.bev_pooling.arrays import layer_of

        return layer_of(source, name, arrays)

    def draw(self, name: str, recipe: BevPoolingRecipe, options: WorkloadOptions) -> BevPooling:
        """A rig's points with drawn weights and contexts. InputError where it is too large to draw."""
        from workloads.kinds.bev_pooling.recipe import draw_pooling

        return draw_pooling(name, recipe, options.scale, generator(name, options.seed))

    def recipe_density(self, recipe: BevPoolingRecipe, layer: BevPooling) -> None:
        """Nothing is pruned."""

    def with_input(self, layer: BevPooling, source: object, array: np.ndarray) -> BevPooling:
        """The layer with the contexts `array`, finite numbers [rays, channels]; InputError else."""
        fits = array.ndim == 2 and len(array) == len(layer.depth) and array.shape[1] > 0
        expected = f"numbers [{len(layer.depth)}, channels]"
        return layer._replace(activation=given_input(source, layer.name, array, fits, expected))

    def compress(
        self,
        layer: BevPooling,
        density: float | None,
        options: WorkloadOptions,  # noqa: ARG002
    ) -> CompressedBevPooling:
        """Words of 16 bits. InputError where a density is asked for, or parts do not fit each other."""
        from workloads.kinds.bev_pooling.compress import compress_pooling

        if density is not None:
            refuse(layer.name, f"density is {density}", "none, as nothing of BEV pooling is pruned")
        return compress_pooling(layer)

    def output_values(self, layer: CompressedBevPooling, output: np.ndarray) -> np.ndarray:
        """Output words, int16 [hit cells x channels], as numbers: float64 [hit cells, channels]."""
        return layer.output_value(output).reshape(-1, layer.outputs)

    def reference(self, layer: CompressedBevPooling) -> np.ndarray:
        """The output, int16 [hit cells x channels]."""
        from workloads.kinds.bev_pooling.reference import reference

        return reference(layer)

    def measures(self, layer: CompressedBevPooling, output: np.ndarray) -> dict[str, float]:  # noqa: ARG002
        """Points in a cell, and cells with a point; the output, int16 [any], is not read."""
        return {"kept_points": layer.kept, "hit_cells": int(distinct(layer.cell[layer.cell >= 0]).size)}

    def not_matrices(self, layer: BevPooling) -> tuple[str, ...]:
        """It has no weights."""
        return (f"{layer.name}: BEV pooling has no weights",)

    def densities(self, layer: CompressedBevPooling) -> dict[str, float]:  # noqa: ARG002
        """Nothing of it is sparse."""
        return {}

    def recipe_shape(self, recipe: BevPoolingRecipe) -> tuple[int, int]:
        """Points and channels."""
        rig = recipe.rig
        rows, columns = rig.image_rows.value // rig.stride.value, rig.image_columns.value // rig.stride.value
        return rig.cameras.value * rows * columns * rig.depths.value, recipe.channels.value

    def recipe_weights(self, recipe: BevPoolingRecipe) -> int:
        """Points: a guess of what the layer costs."""
        return self.recipe_shape(recipe)[0]

    def recipe_densities(self, recipe: BevPoolingRecipe) -> tuple[None, None]:  # noqa: ARG002
        """Neither of weights nor of inputs."""
        return None, None

    def shape(self, layer: CompressedBevPooling) -> str:
        """Rays, depths and channels."""
        return f"{layer.cell.shape[0]} x {layer.cell.shape[1]}, {layer.outputs}"

    def shape_in_words(self, layer: CompressedBevPooling) -> str:
        """The same with what each size is of."""
        rays, depths = layer.cell.shape
        return f"{sized(rays, 'ray')} of {sized(depths, 'depth')}, {sized(layer.outputs, 'channel')}"
