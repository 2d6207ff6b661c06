"""Products of two sparse matrices."""

from collections.abc import Mapping

import numpy as np

from workloads.kinds.drawing import generator
from workloads.kinds.kind import Kind
from workloads.kinds.sparse_product.arrays import KEYS, from_sparse_arrays
from workloads.kinds.sparse_product.layer import CompressedSparseProduct, SparseProduct
from workloads.kinds.sparse_product.recipe import SparseProductRecipe, draw_sparse
from workloads.options import WorkloadOptions
from workloads.words import counted


class SparseProductKind(Kind[SparseProduct, CompressedSparseProduct, SparseProductRecipe]):
    """A sparse matrix times a sparse matrix; the product is sparse, too."""

    name = "sparse product"
    phrase = "a sparse product"
    input_form = "that is B, a second sparse matrix"
    shape_head = "rows x inner x columns"
    float_types = (SparseProduct,)
    compressed_type = CompressedSparseProduct
    recipe_type = SparseProductRecipe
    recipe_key = "entries"
    array_keys = frozenset(KEYS[:6])

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> SparseProduct:
        """Both matrices by rows, integers and numbers [see `arrays.FORM`] by name; InputError too."""
        return from_sparse_arrays(source, name, arrays)

    def draw(self, name: str, recipe: SparseProductRecipe, options: WorkloadOptions) -> SparseProduct:
        """A matrix after the recipe, times itself."""
        return draw_sparse(name, recipe, options.scale, generator(name, options.seed))

    def recipe_density(self, recipe: SparseProductRecipe, layer: SparseProduct) -> None:
        """Nothing is pruned: entries are drawn."""

    def input_of(self, layer: SparseProduct) -> np.ndarray:
        """The values of B, float64 [entries]: a sparse product always has both matrices."""
        return layer.right.values

    def compress(
        self,
        layer: SparseProduct,
        density: float | None,
        options: WorkloadOptions,  # noqa: ARG002
    ) -> CompressedSparseProduct:
        """Values of 16 bits. InputError where a density is asked for, or matrices do not fit each other."""
        from workloads.kinds.sparse_product.compress import compress_sparse

        return compress_sparse(layer, density)

    def output_values(self, layer: CompressedSparseProduct, output: np.ndarray) -> np.ndarray:
        """The values of the product, float64 [entries], of a whole output, float64 [rows + 1 + 2 x entries]."""
        rows = layer.left.rows + 1
        return output[rows + (output.size - rows) // 2 :]

    def reference(self, layer: CompressedSparseProduct) -> np.ndarray:
        """The output, float64 [rows + 1 + 2 x entries]."""
        from workloads.kinds.sparse_product.reference import reference

        return reference(layer)

    def not_matrices(self, layer: SparseProduct) -> tuple[str, ...]:
        """All of it: neither matrix is a layer's weights."""
        return (f"{layer.name}: a sparse product has no weights",)

    def densities(self, layer: CompressedSparseProduct) -> dict[str, float]:
        """Shares of places with an entry: of A as weights, of B as activations."""
        return {"weight": layer.left.density, "activation": layer.right.density}

    def measures(self, layer: CompressedSparseProduct, output: np.ndarray) -> dict[str, float]:
        """Entries of both matrices and of the product, whose output is float64 [any]."""
        found = {"entries_a": layer.left.entries, "entries_b": layer.right.entries}
        return {**found, "entries_c": int(output[layer.left.rows])} if output.size else dict(found)

    def recipe_shape(self, recipe: SparseProductRecipe) -> tuple[int, int]:
        """The matrix is square."""
        return recipe.sides.value, recipe.sides.value

    def recipe_weights(self, recipe: SparseProductRecipe) -> int:
        """Entries."""
        return recipe.entries.value

    def recipe_densities(self, recipe: SparseProductRecipe) -> tuple[float, float]:
        """Of both matrices, which are the same."""
        density = recipe.entries.value / recipe.sides.value**2
        return density, density

    def shape(self, layer: CompressedSparseProduct) -> str:
        """Rows of A, its columns, columns of B."""
        return f"{layer.left.rows} x {layer.inputs} x {layer.outputs}"

    def shape_in_words(self, layer: CompressedSparseProduct) -> str:
        """The same with entries."""
        left, right = layer.left, layer.right
        return (
            f"{left.rows:,} x {left.width:,} with {counted(left.entries, 'entry', 'entries')} times "
            f"{right.rows:,} x {right.width:,} with {right.entries:,}"
        )
