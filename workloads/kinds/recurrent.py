"""What kinds of recurrent layers share: layers one above the other, whose lowest is given the sequences."""

from abc import abstractmethod
from typing import Any

import numpy as np

from workloads.array_checks import float32
from workloads.errors import InputError, refuse
from workloads.kinds.drawing import parse_shape
from workloads.kinds.kind import C, F, Kind, R
from workloads.options import WorkloadOptions

STEPS = 16
"""Time steps of a drawn input, where nothing else is asked for."""
MOST_STATED_STEPS = 4096
"""Of an input that a compressed file only states: each step is simulated."""


class RecurrentKind(Kind[F, C, R]):
    """A kind whose layers have `weight_input` [gates, cells, inputs], and whose stacks have `layers` and `reverse`."""

    array_keys = frozenset({"weight_input", "weight_hidden"})
    options = frozenset({"steps", "prune"})
    voices = False
    """Whether an input may hold several sequences [voices, steps, inputs]."""

    @abstractmethod
    def stack(self, layer: F) -> Any:
        """The stack that a layer is, or of it alone."""

    @abstractmethod
    def draw_sequence(self, steps: int, inputs: int, options: WorkloadOptions, rng: np.random.Generator) -> np.ndarray:
        """A drawn input, float32 [steps, inputs]."""

    @abstractmethod
    def layer_arrays(self, layer: Any) -> dict[str, np.ndarray]:
        """The numbers of one compressed layer, float64 [shapes], by the names of `from_arrays`."""

    def crop(self, layer: F, options: WorkloadOptions) -> Any:
        """The first `steps` time steps of the sequences. InputError where there are fewer."""
        super().crop(layer, options)
        stack = self.stack(layer)
        lowest, *above = stack.layers
        if options.steps is not None and lowest.activation is not None:
            given = lowest.activation.shape[-2]
            if options.steps > given:
                more = "a longer input (--input, or --input-shape where the network's input is drawn)"
                what = f"at most the {given} that {lowest.name} is given, or {more}"
                raise InputError(f"steps is {options.steps}; expected {what}")
            lowest = lowest._replace(activation=lowest.activation[..., : options.steps, :])
        return stack._replace(layers=(lowest, *above))

    def with_input(self, layer: F, source: object, array: np.ndarray) -> Any:
        """The stack with numbers [shape of `input_form`], reversed for a backward stack."""
        stack = self.stack(layer)
        lowest, *above = stack.layers
        given = sequences(source, f"the input of {stack.name}", array, lowest.weight_input.shape[2], self.voices)
        if stack.reverse:
            given = np.ascontiguousarray(given[..., ::-1, :])
        return stack._replace(layers=(lowest._replace(activation=given), *above))

    def input_of(self, layer: F) -> np.ndarray | None:
        """The sequence that enters the lowest layer, float32 [steps, inputs]; of several, the first."""
        given: np.ndarray | None = self.stack(layer).layers[0].activation
        return given if given is None or given.ndim == 2 else given[0]

    def draw_input(self, layer: F, options: WorkloadOptions, rng: np.random.Generator) -> tuple[Any, str]:
        """One sequence of `options.steps` time steps, or of `STEPS`. InputError where shapes differ."""
        stack = self.stack(layer)
        inputs, steps = stack.layers[0].weight_input.shape[2], options.steps or STEPS
        if options.input_shape is not None:
            steps, given = parse_shape(stack.name, options.input_shape, 2, f"STEPS,{inputs}")
            if given != inputs:
                refuse(stack.name, f"input_shape is {[steps, given]}", f"[steps, {inputs}]")
        lowest, *above = stack.layers
        lowest = lowest._replace(activation=self.draw_sequence(steps, inputs, options, rng))
        return stack._replace(layers=(lowest, *above)), f"[{steps}, {inputs}]"

    def check_stated_input(self, place: str, shape: tuple[int, ...]) -> None:
        """InputError where a file states more than `MOST_STATED_STEPS` time steps."""
        if shape[0] > MOST_STATED_STEPS:
            most = f"at most {MOST_STATED_STEPS:,} where a file only states them (--steps N runs any number)"
            refuse(place, f"it was compressed with an input of {shape[0]:,} time steps", most)

    def float_arrays(self, layer: Any) -> dict[str, np.ndarray]:
        """All float64 [shapes of `layer_arrays`]; of several layers, names begin with `l0.` for the lowest."""
        if len(layer.layers) == 1:
            return self.layer_arrays(layer.layers[0])
        named = ((f"l{k}.", self.layer_arrays(one)) for k, one in enumerate(layer.layers))
        return {f"{prefix}{name}": array for prefix, arrays in named for name, array in arrays.items()}

    def measures(self, layer: Any, output: np.ndarray) -> dict[str, float]:
        """See `measures` of the compressed layer; output: int16 [outputs of the run]."""
        found: dict[str, float] = layer.measures(output)
        return found


def sequences(source: object, key: str, array: np.ndarray, inputs: int, voices: bool) -> np.ndarray:
    """The array as float32 [steps, inputs] or, of several voices, [voices, steps, inputs]; integers are numbers too.

    InputError where the dtype or the shape is another one.
    """
    if array.dtype.kind not in "fui":
        refuse(source, f"{key} has dtype {array.dtype}", "numbers")
    if array.ndim not in (2, 2 + voices) or array.shape[-1] != inputs:
        refuse(source, f"{key} has shape {list(array.shape)}", f"{input_form(voices)} with {inputs} inputs")
    return float32(source, key, array if array.dtype.kind == "f" else array.astype(np.float32))


def input_form(voices: bool) -> str:
    """What an input looks like, in words."""
    return "[steps, inputs] or [voices, steps, inputs]" if voices else "[steps, inputs]"
