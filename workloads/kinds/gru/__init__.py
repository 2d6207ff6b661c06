"""GRU layers."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from workloads.compression.stored import Rest, StoredLayer
from workloads.document_types import Fields
from workloads.kinds.drawing import generator
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.gru.arrays import from_gru_arrays, has_three_gates
from workloads.kinds.gru.format import GruFormat
from workloads.kinds.gru.layer import CompressedGru, CompressedGruLayer, Gru, GruStack
from workloads.kinds.gru.recipe import GruRecipe, draw_gru
from workloads.kinds.kind import Matrix
from workloads.kinds.recurrent import RecurrentKind, input_form
from workloads.options import WorkloadOptions

Float = Gru | GruStack

MOVE = 0.125
"""The width of a drawn input's steps: it is a random walk."""


class GruKind(RecurrentKind[Float, CompressedGru, GruRecipe]):
    """GRU layers one above the other, with the sequence that enters the lowest."""

    name = "GRU"
    phrase = "a GRU"
    input_form = input_form(voices=False)
    float_types = (Gru, GruStack)
    compressed_type = CompressedGru
    recipe_type = GruRecipe
    recipe_key = "states"

    def stack(self, layer: Float) -> GruStack:
        """The stack that a layer is, or of it alone."""
        return layer if isinstance(layer, GruStack) else GruStack(layer.name, (layer,))

    def count_arrays(self, arrays: Mapping[str, np.ndarray]) -> int:
        """Three where both weights, numbers [3, cells, any], have three gates: an LSTM has their names, too."""
        return len(self.array_keys) + 1 if has_three_gates(arrays) else 0

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Gru:
        """A layer of numbers [shapes] by name, as `workloads.kinds.gru.arrays` says; InputError too."""
        return from_gru_arrays(source, name, arrays)

    def draw(self, name: str, recipe: GruRecipe, options: WorkloadOptions) -> GruStack:
        """Weights and a sequence after the recipe, of its time steps or of `steps`."""
        return draw_gru(recipe, name, options.scale, options.steps, generator(name, options.seed))

    def recipe_density(self, recipe: GruRecipe, layer: Float) -> float | None:  # noqa: ARG002
        """The share of weights to keep; None where all stay."""
        return None if recipe.weight_density.value == 1 else recipe.weight_density.value

    def draw_sequence(self, steps: int, inputs: int, options: WorkloadOptions, rng: np.random.Generator) -> np.ndarray:
        """A random walk, float32 [steps, inputs]; `options.activation_density`, if given, is its share of non-zeros."""
        values = np.cumsum(rng.standard_normal((steps, inputs)) * MOVE, axis=0)
        if options.activation_density is not None:
            values *= rng.random(values.shape) < options.activation_density
        return values.astype(np.float32)

    def compress(self, layer: Float, density: Any, options: WorkloadOptions) -> CompressedGru:
        """Prune, with balance over PEs unless `prune` is plain; quantise. InputError where there is no input."""
        from workloads.kinds.gru.compress import compress_gru

        form: GruFormat = options.formats.get(self.name, GruFormat())
        return compress_gru(self.stack(layer).layers, density, options.prune != "plain", form)

    def reference(self, layer: CompressedGru) -> np.ndarray:
        """The outputs of all layers, int16 [outputs of the run], the lowest layer first."""
        from workloads.kinds.gru.reference import reference

        return reference(layer)

    def layer_arrays(self, layer: CompressedGruLayer) -> dict[str, np.ndarray]:
        """All float64 [shapes of `Gru`]."""
        from workloads.kinds.gru.float_arrays import float_arrays

        return float_arrays(layer)

    def matrices(self, layer: Float) -> Iterator[Matrix]:
        """NAME.input and NAME.hidden, gates stacked."""
        for one in self.stack(layer).layers:
            for part, weight, bias in (("input", one.weight_input, one.bias), ("hidden", one.weight_hidden, None)):
                flat = weight.reshape(-1, weight.shape[-1])
                column = None if bias is None else bias.ravel()
                yield Matrix(FullyConnected(f"{one.name}.{part}", flat, column, None, False), weight.shape)

    def not_matrices(self, layer: Float) -> tuple[str, ...]:
        """Biases within the product with the reset gate."""
        found = [one for one in self.stack(layer).layers if one.hidden_bias is not None]
        return tuple(f"Gru {one.name}: its hidden_bias is no matrix" for one in found)

    def rest(self, layer: Float) -> Rest:
        """Names of its layers, biases within the product with the reset gate, and the direction."""
        from workloads.kinds.gru.stored import rest

        return rest(self.stack(layer))

    def stored_arrays(self, stored: StoredLayer) -> dict[str, np.ndarray]:
        """Of the lowest layer, float32 [shapes of `Gru`], by the names of `float_arrays`."""
        lowest = self.restore(stored.name, stored).layers[0]
        sizes = lowest.weight_input.shape[:2]
        bias = np.zeros(sizes, np.float32) if lowest.bias is None else lowest.bias
        hidden = np.zeros(sizes[1], np.float32) if lowest.hidden_bias is None else lowest.hidden_bias
        weights = {"weight_input": lowest.weight_input, "weight_hidden": lowest.weight_hidden}
        return {**weights, "bias": bias, "hidden_bias": hidden}

    def restore(self, source: object, stored: StoredLayer) -> GruStack:
        """The layers with their levels as weights. InputError where the matrices do not make them up."""
        from workloads.kinds.gru.stored import restore

        return restore(source, stored)

    def recipe_shape(self, recipe: GruRecipe) -> tuple[int, int]:
        """Inputs and states."""
        return recipe.inputs.value, recipe.states.value

    def recipe_weights(self, recipe: GruRecipe) -> int:
        """Of all layers."""
        inputs, cells = self.recipe_shape(recipe)
        return 3 * cells * (inputs + cells + 2 * cells * (recipe.layers.value - 1))

    def recipe_densities(self, recipe: GruRecipe) -> tuple[float, None]:
        """Of weights; inputs have none, as their changes count."""
        return recipe.weight_density.value, None

    def agrees(self, recipe: GruRecipe, result: Fields) -> Iterator[tuple[float, float]]:
        """Sizes and time steps."""
        yield from zip((result["inputs"], result["outputs"]), self.recipe_shape(recipe), strict=True)
        yield result["time_steps"], recipe.steps.value
