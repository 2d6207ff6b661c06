"""What a node keeps of the gradients that it has not sent: velocity u and accumulation v of each weight tensor."""

from collections.abc import Sequence

import numpy as np


class Velocity:
    """Momentum of a tensor: of a dense gradient, of a weight decay, or of a sum on the receiving side."""

    def __init__(self, like: np.ndarray, momentum: float, nesterov: bool = False):
        self.u, self.momentum, self.nesterov = np.zeros_like(like), momentum, nesterov

    def step(self, gradient: np.ndarray) -> np.ndarray:
        """Add a gradient, and return the direction of the update; both are float32 or int64 [any shape], as the tensor.

        u = m u + g, which is the direction; Nesterov: u = m (u + g), and the direction is u + g.
        """
        if self.nesterov:
            self.u += gradient
            self.u *= self.momentum
            return self.u + gradient
        self.u *= self.momentum
        self.u += gradient
        return self.u


class Residual:
    """Velocity u and accumulation v of one tensor on one node.

    correction: what is accumulated is the velocity and not the gradient, so that an element's momentum is not lost
    while it waits. masking: an element that is sent loses its velocity, too, which would push it in an old direction.
    """

    def __init__(
        self,
        like: np.ndarray,
        momentum: float,
        nesterov: bool = False,
        correction: bool = True,
        masking: bool = True,
    ):
        self.v = np.zeros_like(like)
        self.velocity = Velocity(like, momentum, nesterov) if correction else None
        self.masking = masking

    def add(self, gradient: np.ndarray) -> np.ndarray:
        """Accumulate a gradient, float32 or int64 [any shape], as the tensor; return what was added to v."""
        added = gradient if self.velocity is None else self.velocity.step(gradient)
        self.v += added
        return added

    def take(self, places: np.ndarray) -> np.ndarray:
        """Remove elements at positions, int64 [sent], of the flattened tensor: values, float32 or int64 [sent]."""
        flat = self.v.reshape(-1)
        values = flat[places].copy()
        flat[places] = 0
        if self.masking and self.velocity is not None:
            self.velocity.u.reshape(-1)[places] = 0
        return values


def clip(gradients: Sequence[np.ndarray], limit: float, nodes: int) -> float:
    """Scale a node's gradients, float [any shape] each, in place, so that their joint L2 norm obeys its limit.

    The sum over nodes is to obey `limit`; gradients of nodes being independent, a node's share is limit / sqrt(nodes).
    Return the factor, 1.0 where nothing is scaled.
    """
    norm = float(np.sqrt(sum(float(np.vdot(one, one)) for one in gradients)))
    share = limit / nodes**0.5
    if norm <= share:
        return 1.0
    for one in gradients:
        one *= share / norm
    return share / norm
