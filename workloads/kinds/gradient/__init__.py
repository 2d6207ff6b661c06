"""Gradients that are sent in part: one tensor of one node in a step of Deep Gradient Compression."""

from collections.abc import Iterator, Mapping

import numpy as np

from workloads.array_checks import given_input
from workloads.document_types import Fields
from workloads.kinds.drawing import generator
from workloads.kinds.gradient.layer import CompressedGradient, Gradient
from workloads.kinds.gradient.recipe import GradientRecipe
from workloads.kinds.kind import Kind
from workloads.options import WorkloadOptions


class GradientKind(Kind[Gradient, CompressedGradient, GradientRecipe]):
    """A gradient is accumulated, and its greatest elements are sent as values and runs of zeros."""

    name = "gradient"
    phrase = "a gradient"
    input_form = "[elements]"
    shape_head = "elements x sent"
    float_types = (Gradient,)
    compressed_type = CompressedGradient
    recipe_type = GradientRecipe
    recipe_key = "elements"
    array_keys = frozenset({"gradient", "velocity", "residual"})

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Gradient:
        """Of arrays, float [any shape] by the names of `workloads.kinds.gradient.arrays`; InputError too."""
        from workloads.kinds.gradient.arrays import gradient_of

        return gradient_of(source, name, arrays)

    def draw(self, name: str, recipe: GradientRecipe, options: WorkloadOptions) -> Gradient:
        """Gaussian numbers after the recipe."""
        from workloads.kinds.gradient.recipe import draw_gradient

        return draw_gradient(name, recipe, options.scale, generator(name, options.seed))

    def recipe_density(self, recipe: GradientRecipe, layer: Gradient) -> float:  # noqa: ARG002
        """The share of elements that is sent."""
        return recipe.sent_density.value

    def with_input(self, layer: Gradient, source: object, array: np.ndarray) -> Gradient:
        """The layer with another gradient, finite numbers [elements]; InputError else."""
        from workloads.kinds.gradient.arrays import check_magnitude

        fits = array.shape == layer.gradient.shape
        given = given_input(source, layer.name, array, fits, f"numbers [{layer.gradient.size}]")
        return layer._replace(gradient=check_magnitude(source, f"the input of {layer.name}", given))

    def input_of(self, layer: Gradient) -> np.ndarray:
        """The gradient, float32 [elements]."""
        return layer.gradient

    def compress(self, layer: Gradient, density: float | None, options: WorkloadOptions) -> CompressedGradient:
        """With a sample's random start. density: of what is sent; None: the layer's. InputError where it is 0."""
        from workloads.kinds.gradient.compress import compress_gradient

        return compress_gradient(layer, density, generator(f"{layer.name}, sample", options.seed))

    def output_values(self, layer: CompressedGradient, output: np.ndarray) -> np.ndarray:
        """The elements that an output, int16 [words], sends, others zero: float64 [elements]."""
        from workloads.compression.gradients.messages import PAIR, decode

        words = layer.message_of(output).astype("<u2")
        return decode(words.view(PAIR), layer.elements).astype(np.float64)

    def reference(self, layer: CompressedGradient) -> np.ndarray:
        """The message, then what is left of residual and velocity: int16 [words]."""
        from workloads.kinds.gradient.reference import reference

        return reference(layer)

    def not_matrices(self, layer: Gradient) -> tuple[str, ...]:
        """All of it."""
        return (f"{layer.name}: a gradient has no matrices of weights",)

    def densities(self, layer: CompressedGradient) -> dict[str, float]:
        """The wanted share."""
        return {"sent": layer.wanted / layer.elements}

    def measures(self, layer: CompressedGradient, output: np.ndarray) -> dict[str, float]:
        """How many times the message of an output, int16 [words], is smaller than the dense gradient."""
        words = layer.message_of(output).size
        return {"times_smaller": 2 * layer.elements / words} if output.size and words else {}

    def recipe_shape(self, recipe: GradientRecipe) -> tuple[int, int]:
        """Elements, and those that are wanted."""
        from workloads.compression.gradients.selection import wanted

        return recipe.elements.value, wanted(recipe.elements.value, recipe.sent_density.value)

    def recipe_weights(self, recipe: GradientRecipe) -> int:
        """Elements: a guess of what it costs."""
        return recipe.elements.value

    def recipe_densities(self, recipe: GradientRecipe) -> tuple[None, None]:  # noqa: ARG002
        """Neither of weights nor of inputs."""
        return None, None

    def agrees(self, recipe: GradientRecipe, result: Fields) -> Iterator[tuple[float, float]]:
        """Elements, and those that are wanted."""
        yield from zip((result["inputs"], result["outputs"]), self.recipe_shape(recipe), strict=True)
