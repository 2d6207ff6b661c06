"""Constraints on a weight in training: free, masked, shared, rounded to a number format, or ternary.

A constraint holds the arrays that the optimiser changes in place (`parameters`), computes the weight from them, and
turns the gradient of the weight into theirs.
"""

from typing import Protocol

import numpy as np

from workloads.number_formats.number_format import NumberFormat
from workloads.number_formats.ternary import expand, scales, sides


class Constraint(Protocol):
    """How a weight is computed from trained parameters."""

    parameters: list[np.ndarray]  # float32 [any shape] each; only the constraint knows their shapes
    rates: list[float]  # of each parameter, relative to the schedule's learning rate

    def weight(self) -> np.ndarray:
        """Return the weight that the network computes with, float32 [any shape], the shape of the layer's weight."""

    def parameter_gradients(self, gradient: np.ndarray) -> list[np.ndarray]:
        """Return each parameter's gradient, float32 [its shape], from that of the weight, float32 [its shape]."""


class Free:
    """A weight without a constraint."""

    def __init__(self, weight: np.ndarray):
        self.parameters = [weight.copy()]
        self.rates = [1.0]

    def weight(self) -> np.ndarray:
        """Return the parameter itself, float32 [any shape]."""
        return self.parameters[0]

    def parameter_gradients(self, gradient: np.ndarray) -> list[np.ndarray]:
        """Return the weight's gradient, float32 [any shape], unchanged."""
        return [gradient]


class Masked:
    """A weight that stays zero where `mask`, bool, is false: retraining after pruning, DSD's sparse phase."""

    def __init__(self, weight: np.ndarray, mask: np.ndarray):
        self.mask = mask
        self.parameters = [weight * mask]
        self.rates = [1.0]

    def weight(self) -> np.ndarray:
        """Return the parameter, float32 [any shape], which never changes where the mask is false."""
        return self.parameters[0]

    def parameter_gradients(self, gradient: np.ndarray) -> list[np.ndarray]:
        """Return the weight's gradient, float32 [any shape], zero where the mask is false."""
        return [gradient * self.mask]


class Shared:
    """A codebook level for each weight; level 0 stays zero (Deep Compression, section 3.3).

    code: uint8, the shape of the weight; codebook: float32 [levels], the only parameter.
    """

    def __init__(self, code: np.ndarray, codebook: np.ndarray):
        self.code = code
        self.parameters = [codebook.astype(np.float32)]
        self.rates = [1.0]

    def weight(self) -> np.ndarray:
        """Return the levels that the codes select, float32 [any shape], the shape of the codes."""
        return self.parameters[0][self.code]

    def parameter_gradients(self, gradient: np.ndarray) -> list[np.ndarray]:
        """Sum the weights' gradients, float32 [any shape], over each level: float32 [levels], and 0 for level 0."""
        levels = self.parameters[0].size
        summed = np.bincount(self.code.ravel(), gradient.ravel(), levels).astype(np.float32)
        summed[0] = 0
        return [summed]


class Rounded:
    """A weight in a number format: computed from a latent weight, to which its gradient goes unchanged.

    (The straight-through estimator, Bengio et al., arXiv 1308.3432.)
    """

    def __init__(self, weight: np.ndarray, form: NumberFormat):
        self.form = form
        self.parameters = [weight.copy()]
        self.rates = [1.0]

    def weight(self) -> np.ndarray:
        """Return what the format makes of the latent weight, float32 [any shape]."""
        return round_to(self.form, self.parameters[0])

    def parameter_gradients(self, gradient: np.ndarray) -> list[np.ndarray]:
        """Return the weight's gradient, float32 [any shape], unchanged."""
        return [gradient]


def round_to(form: NumberFormat, values: np.ndarray) -> np.ndarray:
    """Values, float32 [any shape], as a number format has them, in float32."""
    return form.decode(form.encode(values)).astype(np.float32)


class Ternary:
    """A ternary weight: +positive above a threshold, -negative below minus the threshold, zero between.

    Trained ternary quantisation (TTQ, Zhu et al., ICLR 2017). The parameters are a latent weight, float32 [its shape],
    and the two scales, float32 [2]; the threshold is `relative_threshold` times the greatest latent magnitude. The
    scales' learning rate turns the sum in their gradients into a mean: on the sum, plain SGD diverges at any rate at
    which latent weights move. InputError where `relative_threshold` is not from 0 to below 1.
    """

    def __init__(self, weight: np.ndarray, relative_threshold: float):
        self.relative_threshold = relative_threshold
        self.parameters = [weight.copy(), np.array(scales(weight, sides(weight, relative_threshold)), np.float32)]
        self.rates = [1.0, 1.0 / weight.size]

    def weight(self) -> np.ndarray:
        """Return the ternary weight, float32 [any shape], computed from the latent weight and the scales."""
        return expand(sides(self.parameters[0], self.relative_threshold), *self.parameters[1])

    def parameter_gradients(self, gradient: np.ndarray) -> list[np.ndarray]:
        """Gradients of the latent weight, float32 [any shape], and of the scales, float32 [2], by TTQ's two rules.

        A scale gets the sum of its side's gradients with its sign; a latent weight gets its gradient times its side's
        scale, or times 1 where it is zero.
        """
        split = sides(self.parameters[0], self.relative_threshold)
        positive, negative = self.parameters[1]
        scale_gradients = np.array([gradient[split.positive].sum(), -gradient[split.negative].sum()], np.float32)
        factor = np.where(split.positive, positive, np.where(split.negative, negative, np.float32(1)))
        return [gradient * factor, scale_gradients]
