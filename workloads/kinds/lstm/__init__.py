"""LSTM layers."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from workloads.compression.stored import Rest, StoredLayer
from workloads.document_types import Fields
from workloads.kinds.drawing import draw_values, generator
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.kind import Matrix
from workloads.kinds.lstm.arrays import from_lstm_arrays
from workloads.kinds.lstm.format import LstmFormat
from workloads.kinds.lstm.layer import CompressedLstm, CompressedLstmLayer, Lstm, LstmStack
from workloads.kinds.lstm.recipe import LstmRecipe, densities, draw_lstm
from workloads.kinds.recurrent import RecurrentKind, input_form
from workloads.options import WorkloadOptions

Float = Lstm | LstmStack


class LstmKind(RecurrentKind[Float, CompressedLstm, LstmRecipe]):
    """LSTM layers one above the other, with the sequences that enter the lowest."""

    name = "LSTM"
    phrase = "an LSTM"
    input_form = input_form(voices=True)
    float_types = (Lstm, LstmStack)
    compressed_type = CompressedLstm
    recipe_type = LstmRecipe
    recipe_key = "cells"
    voices = True

    def stack(self, layer: Float) -> LstmStack:
        """The stack that a layer is, or of it alone."""
        return layer if isinstance(layer, LstmStack) else LstmStack(layer.name, (layer,))

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Lstm:
        """A layer of numbers [shapes] by name, as `workloads.kinds.lstm.arrays` says; InputError too."""
        return from_lstm_arrays(source, name, arrays)

    def draw(self, name: str, recipe: LstmRecipe, options: WorkloadOptions) -> Lstm:
        """Weights and sequences after the recipe: as many as the machine runs together, of one time step or `steps`."""
        voices = self._format(options).voices
        return draw_lstm(recipe, name, options.scale, voices, options.steps or 1, generator(name, options.seed))

    def recipe_density(self, recipe: LstmRecipe, layer: Float) -> Mapping[str, float]:
        """The share of each matrix's weights with which it fills its published lines."""
        assert isinstance(layer, Lstm)
        return densities(recipe, layer)

    def draw_sequence(self, steps: int, inputs: int, options: WorkloadOptions, rng: np.random.Generator) -> np.ndarray:
        """Half-normal values, float32 [steps, inputs]."""
        return draw_values((steps, inputs), options.activation_density, rng)

    def compress(self, layer: Float, density: Any, options: WorkloadOptions) -> CompressedLstm:
        """Prune, with balance over PEs unless `prune` is plain; quantise. InputError where there is no input."""
        from workloads.kinds.lstm.compress import compress_lstm

        wanted = self._format(options)
        if options.prune is not None:
            wanted = wanted._replace(balanced=options.prune == "balanced")
        return compress_lstm(self.stack(layer).layers, density, wanted)

    def reference(self, layer: CompressedLstm) -> np.ndarray:
        """The outputs of all layers, int16 [outputs of the run], the lowest layer first."""
        from workloads.kinds.lstm.reference import reference

        return reference(layer)

    def layer_arrays(self, layer: CompressedLstmLayer) -> dict[str, np.ndarray]:
        """All float64 [shapes of `Lstm`]."""
        from workloads.kinds.lstm.float_arrays import float_arrays

        return float_arrays(layer)

    def matrices(self, layer: Float) -> Iterator[Matrix]:
        """NAME.input and NAME.hidden, gates stacked, and NAME.projection where there is one."""
        for one in self.stack(layer).layers:
            parts = ("input", one.weight_input, one.bias), ("hidden", one.weight_hidden, None)
            for part, weight, bias in (*parts, ("projection", one.projection, None)):
                if weight is not None:
                    flat = weight.reshape(-1, weight.shape[-1])
                    column = None if bias is None else bias.ravel()
                    yield Matrix(FullyConnected(f"{one.name}.{part}", flat, column, None, False), weight.shape)

    def not_matrices(self, layer: Float) -> tuple[str, ...]:
        """Peepholes."""
        found = [(one.name, one.peephole.shape) for one in self.stack(layer).layers if one.peephole is not None]
        return tuple(f"Lstm {name}: its peepholes {list(shape)} are no matrix" for name, shape in found)

    def rest(self, layer: Float) -> Rest:
        """Names, cell gates, projections and peepholes of its layers, and the direction."""
        from workloads.kinds.lstm.stored import rest

        return rest(self.stack(layer))

    def stored_arrays(self, stored: StoredLayer) -> dict[str, np.ndarray]:
        """Of the lowest layer, float32 [shapes of `Lstm`], by the names of `float_arrays`."""
        lowest = self.restore(stored.name, stored).layers[0]
        bias = np.zeros(lowest.weight_input.shape[:2], np.float32) if lowest.bias is None else lowest.bias
        found = {"weight_input": lowest.weight_input, "weight_hidden": lowest.weight_hidden, "bias": bias}
        more = {"peephole": lowest.peephole, "projection": lowest.projection}
        return {**found, **{name: array for name, array in more.items() if array is not None}}

    def restore(self, source: object, stored: StoredLayer) -> LstmStack:
        """The layers with their levels as weights. InputError where the matrices do not make them up."""
        from workloads.kinds.lstm.stored import restore

        return restore(source, stored)

    def recipe_weights(self, recipe: LstmRecipe) -> int:
        """Of the gates."""
        return 4 * recipe.cells.value * (recipe.inputs.value + recipe.outputs.value)

    def recipe_densities(self, recipe: LstmRecipe) -> tuple[float, float]:
        """Of weights, padding entries included; no input is zero."""
        return recipe.weight_density.value, 1.0

    def agrees(self, recipe: LstmRecipe, result: Fields) -> Iterator[tuple[float, float]]:
        """Sizes, one time step, and the density of weights: the recipe's counts padding entries, too."""
        yield from zip((result["inputs"], result["outputs"]), self.recipe_shape(recipe), strict=True)
        yield result["time_steps"], 1
        yield result["weight_density"] * result["entries"] / result["multiplies"], recipe.weight_density.value

    def _format(self, options: WorkloadOptions) -> LstmFormat:
        wanted: LstmFormat = options.formats.get(self.name, LstmFormat())
        return wanted
