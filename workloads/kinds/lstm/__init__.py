"""LSTM layers."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from workloads.compression.stored import Rest, StoredLayer
from workloads.document_types import Fields
from workloads.errors import InputError, refuse
from workloads.kinds.drawing import draw_values, generator, parse_shape
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.kind import Kind, Matrix
from workloads.kinds.lstm.arrays import SEQUENCES, from_lstm_arrays, sequences
from workloads.kinds.lstm.format import LstmFormat
from workloads.kinds.lstm.layer import CompressedLstm, Lstm, LstmStack
from workloads.kinds.lstm.recipe import LstmRecipe, densities, draw_lstm
from workloads.options import WorkloadOptions

Float = Lstm | LstmStack


STEPS = 16
"""Time steps of a drawn input, where nothing else is asked for."""
MOST_STATED_STEPS = 4096
"""Of an input that a compressed file only states: each step is simulated."""


class LstmKind(Kind[Float, CompressedLstm, LstmRecipe]):
    """LSTM layers one above the other, with the sequences that enter the lowest."""

    name = "LSTM"
    phrase = "an LSTM"
    input_form = SEQUENCES
    float_types = (Lstm, LstmStack)
    compressed_type = CompressedLstm
    recipe_type = LstmRecipe
    recipe_key = "cells"
    array_keys = frozenset({"weight_input", "weight_hidden"})
    options = frozenset({"steps", "prune"})

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

    def crop(self, layer: Float, options: WorkloadOptions) -> LstmStack:
        """The first `steps` time steps of the sequences. InputError where there are fewer."""
        super().crop(layer, options)
        lowest, *above = _stack(layer).layers
        if options.steps is not None and lowest.activation is not None:
            given = lowest.activation.shape[-2]
            if options.steps > given:
                more = "a longer input (--input, or --input-shape where the network's input is drawn)"
                what = f"at most the {given} that {lowest.name} is given, or {more}"
                raise InputError(f"steps is {options.steps}; expected {what}")
            lowest = lowest._replace(activation=lowest.activation[..., : options.steps, :])
        return _stack(layer)._replace(layers=(lowest, *above))

    def with_input(self, layer: Float, source: object, array: np.ndarray) -> LstmStack:
        """The stack with numbers [steps, inputs] or [voices, steps, inputs], reversed for a backward stack."""
        stack = _stack(layer)
        lowest, *above = stack.layers
        given = sequences(source, f"the input of {stack.name}", array, lowest.weight_input.shape[2])
        if stack.reverse:
            given = np.ascontiguousarray(given[..., ::-1, :])
        return stack._replace(layers=(lowest._replace(activation=given), *above))

    def input_of(self, layer: Float) -> np.ndarray | None:
        """The sequence that enters the lowest layer, float32 [steps, inputs]; of several, the first."""
        given = _stack(layer).layers[0].activation
        return given if given is None or given.ndim == 2 else given[0]

    def draw_input(self, layer: Float, options: WorkloadOptions, rng: np.random.Generator) -> tuple[LstmStack, str]:
        """One sequence of `options.steps` time steps, or of `STEPS`, half-normal. InputError where shapes differ."""
        stack = _stack(layer)
        inputs, steps = stack.layers[0].weight_input.shape[2], options.steps or STEPS
        if options.input_shape is not None:
            steps, given = parse_shape(stack.name, options.input_shape, 2, f"STEPS,{inputs}")
            if given != inputs:
                refuse(stack.name, f"input_shape is {[steps, given]}", f"[steps, {inputs}]")
        lowest, *above = stack.layers
        lowest = lowest._replace(activation=draw_values((steps, inputs), options.activation_density, rng))
        return stack._replace(layers=(lowest, *above)), f"[{steps}, {inputs}]"

    def check_stated_input(self, place: str, shape: tuple[int, ...]) -> None:
        """InputError where a file states more than `MOST_STATED_STEPS` time steps."""
        if shape[0] > MOST_STATED_STEPS:
            most = f"at most {MOST_STATED_STEPS:,} where a file only states them (--steps N runs any number)"
            refuse(place, f"it was compressed with an input of {shape[0]:,} time steps", most)

    def compress(self, layer: Float, density: Any, options: WorkloadOptions) -> CompressedLstm:
        """Prune, with balance over PEs unless `prune` is plain; quantise. InputError where there is no input."""
        from workloads.kinds.lstm.compress import compress_lstm

        wanted = self._format(options)
        if options.prune is not None:
            wanted = wanted._replace(balanced=options.prune == "balanced")
        return compress_lstm(_stack(layer).layers, density, wanted)

    def reference(self, layer: CompressedLstm) -> np.ndarray:
        """The outputs of all layers, int16 [outputs of the run], the lowest layer first."""
        from workloads.kinds.lstm.reference import reference

        return reference(layer)

    def float_arrays(self, layer: CompressedLstm) -> dict[str, np.ndarray]:
        """All float64 [shapes of `Lstm`]; in a stack of several, names begin with `l0.` for the lowest and so on."""
        from workloads.kinds.lstm.float_arrays import float_arrays

        if len(layer.layers) == 1:
            return float_arrays(layer.layers[0])
        named = ((f"l{k}.", float_arrays(one)) for k, one in enumerate(layer.layers))
        return {f"{prefix}{name}": array for prefix, arrays in named for name, array in arrays.items()}

    def matrices(self, layer: Float) -> Iterator[Matrix]:
        """NAME.input and NAME.hidden, gates stacked, and NAME.projection where there is one."""
        for one in _stack(layer).layers:
            parts = ("input", one.weight_input, one.bias), ("hidden", one.weight_hidden, None)
            for part, weight, bias in (*parts, ("projection", one.projection, None)):
                if weight is not None:
                    flat = weight.reshape(-1, weight.shape[-1])
                    column = None if bias is None else bias.ravel()
                    yield Matrix(FullyConnected(f"{one.name}.{part}", flat, column, None, False), weight.shape)

    def not_matrices(self, layer: Float) -> tuple[str, ...]:
        """Peepholes."""
        found = [(one.name, one.peephole.shape) for one in _stack(layer).layers if one.peephole is not None]
        return tuple(f"Lstm {name}: its peepholes {list(shape)} are no matrix" for name, shape in found)

    def rest(self, layer: Float) -> Rest:
        """Names, cell gates, projections and peepholes of its layers, and the direction."""
        from workloads.kinds.lstm.stored import rest

        return rest(_stack(layer))

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

    def measures(self, layer: CompressedLstm, output: np.ndarray) -> dict[str, float]:
        """See `CompressedLstm.measures`; output: int16 [outputs of the run]."""
        return layer.measures(output)

    def _format(self, options: WorkloadOptions) -> LstmFormat:
        wanted: LstmFormat = options.formats.get(self.name, LstmFormat())
        return wanted


def _stack(layer: Float) -> LstmStack:
    return layer if isinstance(layer, LstmStack) else LstmStack(layer.name, (layer,))
