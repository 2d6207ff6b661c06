"""How layers of a kind are split over chips: what each chip has of the inputs, and what comes once at the end."""

from typing import Generic, Protocol, TypeVar

import numpy as np

C = TypeVar("C")


class Split(Protocol, Generic[C]):
    """Of a kind whose compressed layers are C."""

    def part(self, layer: C, inputs: slice) -> C:
        """Some inputs, without what comes once at the end. InputError where the layer cannot be cut there."""

    def adds_exactly(self, layer: C) -> bool:
        """Whether products are added in whole numbers, so that no order of parts changes a bit."""

    def finish(self, layer: C, total: np.ndarray) -> np.ndarray:
        """The output, int16 or float32 [outputs of the run], of the sums of all parts, numbers of that shape."""
