"""One step of exchange: every node accumulates, selects, encodes and sends; all add what they receive."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from workloads.compression.gradients.messages import encode, unpack
from workloads.compression.gradients.selection import select
from workloads.compression.gradients.warm_up import DENSITY, EPOCHS, density_in
from workloads.training.gradient_compression.residual import Residual, Velocity


class Compression(NamedTuple):
    """What of Deep Gradient Compression is on; by default, all of it but clipping, whose limit depends on a network."""

    density: float = DENSITY
    warm_up: int = EPOCHS  # epochs; 0: `density` from the start
    correction: bool = True  # velocity is accumulated; without it gradients are, and the receiver has the momentum
    masking: bool = True
    clip: float | None = None  # limit of the L2 norm of the summed gradient; None: no clipping


class Traffic(NamedTuple):
    """What was sent in a step, of weights and by all nodes together."""

    density: float  # wanted
    sent: int  # elements
    pairs: int  # of value and run: more than `sent` where a run is longer than 16 bits count
    union: int  # different elements that any node sent
    longest: int  # zeros before an element


class Compressor:
    """Residuals of all nodes and weight tensors, and the exchange.

    weights: float32 [any shape] each; only shapes and dtypes are used. rng: of the samples' random starts.
    """

    def __init__(
        self,
        weights: Sequence[np.ndarray],
        nodes: int,
        settings: Compression,
        rng: np.random.Generator,
        momentum: float = 0.9,
        nesterov: bool = False,
    ):
        self.settings, self.rng = settings, rng
        switches = settings.correction, settings.masking
        self.residuals = [[Residual(one, momentum, nesterov, *switches) for one in weights] for _ in range(nodes)]
        self.received = None if settings.correction else [Velocity(one, momentum, nesterov) for one in weights]

    def exchange(self, gradients: Sequence[Sequence[np.ndarray]], epoch: int) -> tuple[list[np.ndarray], Traffic]:
        """The directions that all weights follow after an exchange, float32 [any shape] each, and what was sent.

        gradients: for each node, those of the weights, float32 [their shapes]. With int64 weights and gradients, and an
        integer momentum, all of it is exact. InputError where the settings' density is not in (0, 1].
        """
        density = density_in(epoch, self.settings.density, self.settings.warm_up)
        sums = [np.zeros_like(one) for one in gradients[0]]
        touched = [np.zeros(one.size, bool) for one in sums]
        sent = pairs = longest = 0
        for residuals, given in zip(self.residuals, gradients, strict=True):
            for residual, gradient, total, seen in zip(residuals, given, sums, touched, strict=True):
                message, places = self._send(residual, gradient, density)
                received, values = unpack(message, total.size)
                total.reshape(-1)[received] += values.astype(total.dtype)
                seen[places] = True
                sent, pairs = sent + places.size, pairs + message.size
                longest = max(longest, int(np.diff(places, prepend=-1).max(initial=1)) - 1)
        union = sum(int(np.count_nonzero(seen)) for seen in touched)
        return self._directions(sums), Traffic(density, sent, pairs, union, longest)

    def _send(self, residual: Residual, gradient: np.ndarray, density: float) -> tuple[np.ndarray, np.ndarray]:
        """A node's message of a tensor, and the positions in it."""
        residual.add(gradient)
        places = select(residual.v, density, self.rng).places
        return encode(places, residual.take(places)), places

    def _directions(self, sums: list[np.ndarray]) -> list[np.ndarray]:
        """The sums themselves, or their momentum where nodes have none."""
        if self.received is None:
            return sums
        return [velocity.step(one) for velocity, one in zip(self.received, sums, strict=True)]
