"""Mixtures of experts: each token goes through a few of many small networks."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import given_input, shaped
from workloads.distinct import distinct
from workloads.errors import refuse
from workloads.kinds.drawing import Density, generator
from workloads.kinds.experts.layer import CompressedExperts, Expert, Experts
from workloads.kinds.experts.recipe import ExpertsRecipe
from workloads.kinds.experts.router import EVERY
from workloads.kinds.kind import Kind
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.options import WorkloadOptions
from workloads.words import sized

KEYS = ("activation", "choice", "share", "up", "down", "gate")


class ExpertsKind(Kind[Experts, CompressedExperts, ExpertsRecipe]):
    """Routed experts of two matrices with squared ReLU, or of three with SiLU, in a number format; outputs are FP32."""

    name = "experts"
    phrase = "a mixture of experts"
    input_form = "[tokens, inputs]"
    shape_head = "tokens x experts x inputs x width"
    float_types = (Experts,)
    compressed_type = CompressedExperts
    recipe_type = ExpertsRecipe
    recipe_key = "chosen"
    array_keys = frozenset({"choice", "up", "down"})
    options = frozenset({"tokens"})

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Experts:
        """Of arrays: tokens, the experts that they chose, and the matrices of all experts.

        `activation` [tokens, inputs], `choice`, whole numbers, and `share` [tokens, chosen], `up` [experts, width,
        inputs], `down` [experts, inputs, width], perhaps `gate` as `up`. InputError says of `source` what is wrong.
        """
        for key in arrays:
            if key not in KEYS:
                refuse(source, f"it has an unknown key {key}", f"only {', '.join(KEYS)}")
        for key in KEYS[:5]:
            if key not in arrays:
                refuse(source, f"it has no {key}", f"the keys {', '.join(KEYS)}")
        up = shaped(source, "up", arrays["up"], {"experts": None, "width": None, "inputs": None})
        experts, width, inputs = up.shape
        down = shaped(source, "down", arrays["down"], {"experts": experts, "inputs": inputs, "width": width})
        sizes = {"experts": experts, "width": width, "inputs": inputs}
        gate = shaped(source, "gate", arrays["gate"], sizes) if "gate" in arrays else None
        tokens = shaped(source, "activation", arrays["activation"], {"tokens": None, "inputs": inputs})
        choice = _choice(source, arrays["choice"], len(tokens), experts)
        share = shaped(source, "share", arrays["share"], dict(zip(("tokens", "chosen"), choice.shape, strict=True)))
        weights = (Expert(up[one], down[one], None if gate is None else gate[one]) for one in distinct(choice))
        return Experts(name, tokens, choice, share, experts, tuple(weights))

    def draw(self, name: str, recipe: ExpertsRecipe, options: WorkloadOptions) -> Experts:
        """Tokens, choices and matrices after the recipe; `options.tokens` in place of its number of tokens."""
        from workloads.kinds.experts.recipe import draw_experts

        return draw_experts(name, recipe, options.scale, options.tokens, generator(name, options.seed))

    def recipe_density(self, recipe: ExpertsRecipe, layer: Experts) -> None:
        """All weights are kept."""

    def with_input_density(self, name: str, recipe: ExpertsRecipe, density: float) -> ExpertsRecipe:  # noqa: ARG002
        """The recipe with another share of positive sums between the matrices, which the down matrix reads."""
        return recipe.model_copy(update={"positive": Density(value=density, source="given")})

    def with_input(self, layer: Experts, source: object, array: np.ndarray) -> Experts:
        """The layer with other tokens, finite numbers [tokens, inputs], as many as before; InputError else."""
        wanted = layer.activation.shape
        fits = array.shape == wanted
        return layer._replace(activation=given_input(source, layer.name, array, fits, f"numbers {list(wanted)}"))

    def compress(self, layer: Experts, density: float | None, options: WorkloadOptions) -> CompressedExperts:
        """Prune, then tokens and matrices in the format. InputError where the format is unknown."""
        from workloads.kinds.experts.compress import compress_experts

        return compress_experts(layer, density, options.formats.get(self.name, ProductFormat()))

    def output_values(self, layer: CompressedExperts, output: np.ndarray) -> np.ndarray:
        """The output, float32 [tokens x inputs], as float64 [tokens, inputs]."""
        return output.astype(np.float64).reshape(layer.tokens, layer.inputs)

    def reference(self, layer: CompressedExperts) -> np.ndarray:
        """The output, float32 [tokens x inputs]."""
        from workloads.kinds.experts.reference import reference

        return reference(layer)

    def measures(self, layer: CompressedExperts, output: np.ndarray) -> dict[str, float]:
        """How many experts are touched, and what weights take and lose in their format.

        Where there is an output, float32 [outputs of the run], also the density of what the down matrices read.
        """
        from workloads.kinds.experts.reference import hidden_density

        bits = layer.stored_bits / (len(layer.weights) * len(layer.weights[0].matrices) * layer.inputs * layer.width)
        found = {"experts_touched": float(len(layer.weights)), "bits_per_weight": bits}
        if not output.size:
            return {**found, "weight_error": layer.weight_error}
        return {**found, "weight_error": layer.weight_error, "hidden_density": hidden_density(layer)}

    def not_matrices(self, layer: Experts) -> tuple[str, ...]:
        """All of it: matrices of experts are not stored one by one."""
        return (f"{layer.name}: experts are not stored",)

    def recipe_shape(self, recipe: ExpertsRecipe) -> tuple[int, int]:
        """Inputs and outputs of a token."""
        return recipe.inputs.value, recipe.inputs.value

    def recipe_weights(self, recipe: ExpertsRecipe) -> int:
        """Weights of the experts that are chosen by some token, on average where all are as likely."""
        experts, chosen, tokens = recipe.experts.value, recipe.chosen.value, recipe.tokens.value
        touched = experts * (1 - (1 - chosen / experts) ** tokens)
        if recipe.routing.value == EVERY:
            touched = min(experts, tokens * chosen)
        return round(touched * (3 if recipe.gated else 2) * recipe.inputs.value * recipe.width.value)

    def recipe_densities(self, recipe: ExpertsRecipe) -> tuple[None, None]:  # noqa: ARG002
        """Neither weights nor inputs are sparse; what is between the matrices may be."""
        return None, None

    def shape(self, layer: CompressedExperts) -> str:
        """Tokens, experts that were chosen, inputs and width."""
        return f"{layer.tokens} x {len(layer.weights)} x {layer.inputs} x {layer.width}"

    def shape_in_words(self, layer: CompressedExperts) -> str:
        """The same with what each size is of."""
        tokens = f"{sized(layer.tokens, 'token')} of {sized(layer.inputs, 'input')}"
        touched = f"{len(layer.weights)} of {layer.experts} experts, {layer.chosen} a token"
        return f"{tokens}, {touched}, {layer.width} wide{', gated' if layer.gated else ''}"


def _choice(source: object, given: np.ndarray, tokens: int, experts: int) -> np.ndarray:
    """Experts of each token, int64 [tokens, chosen]. InputError where they are out of range or equal."""
    array = np.asarray(given)
    if array.dtype.kind not in "iu" or array.ndim != 2 or len(array) != tokens or not array.size:
        form = f"{array.dtype} {list(array.shape)}"
        refuse(source, f"choice is {form}", f"whole numbers [{tokens} tokens, chosen]")
    choice = array.astype(np.int64)
    if choice.min() < 0 or choice.max() >= experts:
        refuse(source, f"choice has {choice.min()} to {choice.max()}", f"experts from 0 to {experts - 1}")
    if (np.diff(np.sort(choice, axis=1), axis=1) == 0).any():
        refuse(source, "a token chose an expert twice", "different experts of each token")
    return choice
