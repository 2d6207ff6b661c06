"""What a weight may be while it is trained: free, masked, shared, ternary.

A constraint owns the arrays that the optimiser moves in place (`parameters`), tells the weight that they stand for,
and turns the gradient of that weight into theirs.
"""

from typing import Protocol

import numpy as np


class Constraint(Protocol):
    """How a weight follows from trained parameters."""

    parameters: list[np.ndarray]

    def weight(self) -> np.ndarray:
        """The weight that the network computes with."""

    def pull(self, gradient: np.ndarray) -> list[np.ndarray]:
        """The gradient of each parameter, from that of the weight."""


class Free:
    """Any weight."""

    def __init__(self, weight: np.ndarray):
        self.parameters = [weight.copy()]

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

    The threshold is `share` times the greatest magnitude of the latent weight. Both scales are trained.
    """

    def __init__(self, weight: np.ndarray, share: float):
        self.share = share
        latent = weight.copy()
        above, below = self._sides(latent)
        scales = [np.abs(latent[side]).mean() if side.any() else 1.0 for side in (above, below)]
        self.parameters = [latent, np.array(scales, np.float32)]

    def weight(self) -> np.ndarray:
        """One of three values everywhere."""
        above, below = self._sides(self.parameters[0])
        positive, negative = self.parameters[1]
        return np.where(above, positive, np.where(below, -negative, np.float32(0)))

    def pull(self, gradient: np.ndarray) -> list[np.ndarray]:
        """TTQ's two rules: a scale gets its side's sum, a latent weight its own gradient times its side's scale."""
        above, below = self._sides(self.parameters[0])
        positive, negative = self.parameters[1]
        scales = np.array([gradient[above].sum(), -gradient[below].sum()], np.float32)
        return [gradient * np.where(above, positive, np.where(below, negative, np.float32(1))), scales]

    def _sides(self, latent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        threshold = self.share * np.abs(latent).max()
        return latent > threshold, latent < -threshold
