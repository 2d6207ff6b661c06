"""What a weight may be while it is trained: free, masked, shared, ternary.

A constraint owns the arrays that the optimiser moves in place (`parameters`), tells the weight that they stand for,
and turns the gradient of that weight into theirs.
"""

from typing import Protocol

import numpy as np

from workloads.number_formats.ternary import expand, scales, sides


class Constraint(Protocol):
    """How a weight follows from trained parameters."""

    parameters: list[np.ndarray]
    rates: list[float]  # of each parameter, relative to the schedule's

    def weight(self) -> np.ndarray:
        """The weight that the network computes with."""

    def pull(self, gradient: np.ndarray) -> list[np.ndarray]:
        """The gradient of each parameter, from that of the weight."""


class Free:
    """Any weight."""

    def __init__(self, weight: np.ndarray):
        self.parameters = [weight.copy()]
        self.rates = [1.0]

    def weight(self) -> np.ndarray:
        """The parameter itself."""
        return self.parameters[0]

    def pull(self, gradient: np.ndarray) -> list[np.ndarray]:
        """Unchanged."""
        return [gradient]


class Masked:
    """Only where `mask` is true; elsewhere zero for good (retraining after pruning, DSD's sparse phase)."""

    def __init__(self, weight: np.ndarray, mask: np.ndarray):
        self.mask = mask
        self.parameters = [weight * mask]
        self.rates = [1.0]

    def weight(self) -> np.ndarray:
        """The parameter, whose masked places never move."""
        return self.parameters[0]

    def pull(self, gradient: np.ndarray) -> list[np.ndarray]:
        """Zero where masked."""
        return [gradient * self.mask]


class Shared:
    """A codebook level for each weight; level 0 stays zero (Deep Compression, section 3.3)."""

    def __init__(self, code: np.ndarray, codebook: np.ndarray):
        self.code = code
        self.parameters = [codebook.astype(np.float32)]
        self.rates = [1.0]

    def weight(self) -> np.ndarray:
        """The levels that the codes select."""
        return self.parameters[0][self.code]

    def pull(self, gradient: np.ndarray) -> list[np.ndarray]:
        """A level's gradient is the sum of those of its weights."""
        levels = self.parameters[0].size
        summed = np.bincount(self.code.ravel(), gradient.ravel(), levels).astype(np.float32)
        summed[0] = 0
        return [summed]


class Ternary:
    """+positive above a threshold, -negative below minus the threshold, zero between (TTQ, Zhu et al., ICLR 2017).

    The threshold is `share` times the greatest magnitude of the latent weight. Both scales are trained, at a rate that
    makes the sum of their gradients a mean: plain SGD diverges on the sum at any rate at which latent weights move.
    """

    def __init__(self, weight: np.ndarray, share: float):
        self.share = share
        self.parameters = [weight.copy(), np.array(scales(weight, sides(weight, share)), np.float32)]
        self.rates = [1.0, 1.0 / weight.size]

    def weight(self) -> np.ndarray:
        """One of three values everywhere."""
        return expand(sides(self.parameters[0], self.share), *self.parameters[1])

    def pull(self, gradient: np.ndarray) -> list[np.ndarray]:
        """TTQ's two rules: a scale gets its side's sum, a latent weight its own gradient times its side's scale."""
        split = sides(self.parameters[0], self.share)
        positive, negative = self.parameters[1]
        slopes = np.array([gradient[split.positive].sum(), -gradient[split.negative].sum()], np.float32)
        factor = np.where(split.positive, positive, np.where(split.negative, negative, np.float32(1)))
        return [gradient * factor, slopes]
