"""State space: steps of Mamba-2 for a batch of sequences, each with a state and a window of its own."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import given_input
from workloads.kinds.drawing import generator
from workloads.kinds.kind import Kind
from workloads.kinds.state_space.format import StateSpaceFormat
from workloads.kinds.state_space.layer import CompressedStateSpace, StateSpace
from workloads.kinds.state_space.recipe import StateSpaceRecipe
from workloads.options import WorkloadOptions
from workloads.words import sized


class StateSpaceKind(Kind[StateSpace, CompressedStateSpace, StateSpaceRecipe]):
    """A convolution along the tokens, and a state that falls and is added to; all of it is FP32."""

    name = "state space"
    phrase = "a state space"
    input_form = "[sequences, steps, numbers of a token]"
    shape_head = "sequences x steps x heads x head width x state width"
    float_types = (StateSpace,)
    compressed_type = CompressedStateSpace
    recipe_type = StateSpaceRecipe
    recipe_key = "state_width"
    array_keys = frozenset({"state", "conv_weight", "dt_bias", "decay"})

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> StateSpace:
        """Of arrays, float [shapes of `StateSpace`] by the names of `arrays.KEYS`: tokens, states and parameters.

        InputError says of `source` what is missing or wrong.
        """
        from workloads.kinds.state_space.arrays import layer_of

        return layer_of(source, name, arrays)

    def draw(self, name: str, recipe: StateSpaceRecipe, options: WorkloadOptions) -> StateSpace:
        """Tokens, states and parameters after the recipe."""
        from workloads.kinds.state_space.recipe import draw_state_space

        return draw_state_space(name, recipe, options.scale, generator(name, options.seed))

    def recipe_density(self, recipe: StateSpaceRecipe, layer: StateSpace) -> None:
        """Nothing is pruned."""

    def with_input(self, layer: StateSpace, source: object, array: np.ndarray) -> StateSpace:
        """The layer with the tokens `array`, finite numbers [sequences, steps, numbers of a token]; InputError else."""
        many, _, width = layer.activation.shape
        fits = array.ndim == 3 and array.shape[0] == many and array.shape[1] > 0 and array.shape[2] == width
        expected = f"numbers [{many}, steps, {width}]"
        return layer._replace(activation=given_input(source, layer.name, array, fits, expected))

    def compress(
        self, layer: StateSpace, density: float | None, options: WorkloadOptions
    ) -> CompressedStateSpace:  # fmt: skip
        """Tokens in BF16, states in the machine's format. InputError where a density is asked for."""
        from workloads.kinds.state_space.compress import compress_state_space

        return compress_state_space(layer, density, options.formats.get(self.name, StateSpaceFormat()))

    def output_values(self, layer: CompressedStateSpace, output: np.ndarray) -> np.ndarray:
        """The part y of an output, float32 [numbers], as float64 [sequences x steps, heads x head width]."""
        return output[: layer.outputs].astype(np.float64).reshape(layer.sequences * layer.steps, -1)

    def reference(self, layer: CompressedStateSpace) -> np.ndarray:
        """The output, float32 [y, states and windows]."""
        from workloads.kinds.state_space.reference import reference

        return reference(layer)

    def measures(self, layer: CompressedStateSpace, output: np.ndarray) -> dict[str, float]:
        """What the state's format loses, and how far y of an output, float32 [numbers], is from float64."""
        from workloads.kinds.state_space.reference import exact

        if not output.size:
            return {"state_error": layer.state_error}
        wanted = exact(layer)[0].ravel()
        whole = float((wanted**2).sum())
        error = (float(((output[: layer.outputs] - wanted) ** 2).sum()) / whole) ** 0.5 if whole else 0.0
        return {"state_error": layer.state_error, "step_error": error}

    def not_matrices(self, layer: StateSpace) -> tuple[str, ...]:
        """All of it: taps and decays are no matrices."""
        return (f"{layer.name}: a state space has no matrices of weights",)

    def densities(self, layer: CompressedStateSpace) -> dict[str, float]:  # noqa: ARG002
        """Nothing of it is sparse."""
        return {}

    def recipe_shape(self, recipe: StateSpaceRecipe) -> tuple[int, int]:
        """Numbers of a token, and of y of all sequences."""
        from workloads.kinds.state_space.layer import token_width

        heads, width = recipe.heads.value, recipe.head_width.value
        token = token_width(heads, width, recipe.state_width.value, recipe.groups.value)
        return token, recipe.sequences.value * recipe.steps.value * heads * width

    def recipe_weights(self, recipe: StateSpaceRecipe) -> int:
        """Numbers of states, for each step: a guess of what the layer costs."""
        states = recipe.heads.value * recipe.head_width.value * recipe.state_width.value
        return recipe.sequences.value * recipe.steps.value * states

    def recipe_densities(self, recipe: StateSpaceRecipe) -> tuple[None, None]:  # noqa: ARG002
        """Neither of weights nor of inputs."""
        return None, None

    def shape(self, layer: CompressedStateSpace) -> str:
        """Sequences, steps, heads, and the sizes of a head's state."""
        return f"{layer.sequences} x {layer.steps} x {layer.heads} x {layer.head_width} x {layer.state_width}"

    def shape_in_words(self, layer: CompressedStateSpace) -> str:
        """The same with what each size is of."""
        heads = f"{sized(layer.heads, 'head')} in {sized(layer.groups, 'group')}"
        tokens = f"{sized(layer.sequences, 'sequence')}, {sized(layer.steps, 'step')}"
        return f"{tokens}, {heads}, {layer.head_width} x {layer.state_width} numbers of state each"
