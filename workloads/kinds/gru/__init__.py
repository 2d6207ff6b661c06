"""GRU layers."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from workloads.document_types import Fields
from workloads.errors import InputError, refuse
from workloads.kinds.drawing import generator, parse_shape
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.gru.arrays import SEQUENCE, from_gru_arrays, has_three_gates, sequence
from workloads.kinds.gru.format import GruFormat
from workloads.kinds.gru.layer import CompressedGru, Gru, GruStack
from workloads.kinds.gru.recipe import GruRecipe, draw_gru
from workloads.kinds.kind import Kind, Matrix
from workloads.options import WorkloadOptions

Float = Gru | GruStack

STEPS = 16
"""Time steps of a drawn input, where nothing else is asked for."""
MOST_STATED_STEPS = 4096
"""Of an input that a compressed file only states: each step is simulated."""
MOVE = 0.125
"""The width of a drawn input's steps: it is a random walk."""


class GruKind(Kind[Float, CompressedGru, GruRecipe]):
    """GRU layers one above the other, with the sequence that enters the lowest."""

    name = "GRU"
    phrase = "a GRU"
    input_form = SEQUENCE
    float_types = (Gru, GruStack)
    compressed_type = CompressedGru
    recipe_type = GruRecipe
    recipe_key = "states"
    array_keys = frozenset({"weight_input", "weight_hidden"})
    options = frozenset({"steps", "prune"})

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

    def crop(self, layer: Float, options: WorkloadOptions) -> GruStack:
        """The first `steps` time steps of the sequence. InputError where there are fewer."""
        super().crop(layer, options)
        lowest, *above = _stack(layer).layers
        if options.steps is not None and lowest.activation is not None:
            given = len(lowest.activation)
            if options.steps > given:
                more = "a longer input (--input, or --input-shape where the network's input is drawn)"
                what = f"at most the {given} that {lowest.name} is given, or {more}"
                raise InputError(f"steps is {options.steps}; expected {what}")
            lowest = lowest._replace(activation=lowest.activation[: options.steps])
        return _stack(layer)._replace(layers=(lowest, *above))

    def with_input(self, layer: Float, source: object, array: np.ndarray) -> GruStack:
        """The stack with numbers [steps, inputs], reversed for a backward stack."""
        stack = _stack(layer)
        lowest, *above = stack.layers
        given = sequence(source, f"the input of {stack.name}", array, lowest.weight_input.shape[2])
        if stack.reverse:
            given = np.ascontiguousarray(given[::-1])
        return stack._replace(layers=(lowest._replace(activation=given), *above))

    def input_of(self, layer: Float) -> np.ndarray | None:
        """The sequence that enters the lowest layer, float32 [steps, inputs]."""
        return _stack(layer).layers[0].activation

    def draw_input(self, layer: Float, options: WorkloadOptions, rng: np.random.Generator) -> tuple[GruStack, str]:
        """A random walk of `options.steps` time steps, or of `STEPS`. InputError where shapes differ."""
        stack = _stack(layer)
        inputs, steps = stack.layers[0].weight_input.shape[2], options.steps or STEPS
        if options.input_shape is not None:
            steps, given = parse_shape(stack.name, options.input_shape, 2, f"STEPS,{inputs}")
            if given != inputs:
                refuse(stack.name, f"input_shape is {[steps, given]}", f"[steps, {inputs}]")
        values = np.cumsum(rng.standard_normal((steps, inputs)) * MOVE, axis=0)
        if options.activation_density is not None:
            values *= rng.random(values.shape) < options.activation_density
        lowest, *above = stack.layers
        lowest = lowest._replace(activation=values.astype(np.float32))
        return stack._replace(layers=(lowest, *above)), f"[{steps}, {inputs}]"

    def check_stated_input(self, place: str, shape: tuple[int, ...]) -> None:
        """InputError where a file states more than `MOST_STATED_STEPS` time steps."""
        if shape[0] > MOST_STATED_STEPS:
            most = f"at most {MOST_STATED_STEPS:,} where a file only states them (--steps N runs any number)"
            refuse(place, f"it was compressed with an input of {shape[0]:,} time steps", most)

    def compress(self, layer: Float, density: Any, options: WorkloadOptions) -> CompressedGru:
        """Prune, with balance over PEs unless `prune` is plain; quantise. InputError where there is no input."""
        from workloads.kinds.gru.compress import compress_gru

        form: GruFormat = options.formats.get(self.name, GruFormat())
        return compress_gru(_stack(layer).layers, density, options.prune != "plain", form)

    def reference(self, layer: CompressedGru) -> np.ndarray:
        """The outputs of all layers, int16 [outputs of the run], the lowest layer first."""
        from workloads.kinds.gru.reference import reference

        return reference(layer)

    def float_arrays(self, layer: CompressedGru) -> dict[str, np.ndarray]:
        """All float64 [shapes of `Gru`]; in a stack of several, names begin with `l0.` for the lowest and so on."""
        from workloads.kinds.gru.float_arrays import float_arrays

        if len(layer.layers) == 1:
            return float_arrays(layer.layers[0])
        named = ((f"l{k}.", float_arrays(one)) for k, one in enumerate(layer.layers))
        return {f"{prefix}{name}": array for prefix, arrays in named for name, array in arrays.items()}

    def matrices(self, layer: Float) -> Iterator[Matrix]:
        """NAME.input and NAME.hidden, gates stacked."""
        for one in _stack(layer).layers:
            for part, weight, bias in (("input", one.weight_input, one.bias), ("hidden", one.weight_hidden, None)):
                flat = weight.reshape(-1, weight.shape[-1])
                column = None if bias is None else bias.ravel()
                yield Matrix(FullyConnected(f"{one.name}.{part}", flat, column, None, False), weight.shape)

    def not_matrices(self, layer: Float) -> tuple[str, ...]:
        """Biases within the product with the reset gate."""
        found = [one for one in _stack(layer).layers if one.hidden_bias is not None]
        return tuple(f"Gru {one.name}: its hidden_bias is no matrix" for one in found)

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

    def measures(self, layer: CompressedGru, output: np.ndarray) -> dict[str, float]:
        """See `CompressedGru.measures`; output: int16 [outputs of the run]."""
        return layer.measures(output)


def _stack(layer: Float) -> GruStack:
    return layer if isinstance(layer, GruStack) else GruStack(layer.name, (layer,))
