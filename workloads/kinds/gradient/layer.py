"""Gradients of a tensor on one node, with what the node has not sent yet: in floating point, and ready to be sent."""

from typing import NamedTuple

import numpy as np

OPERATIONS = 3
"""Of an element: a multiplication and two additions."""


class Gradient(NamedTuple):
    """A step's gradient of a tensor that is sent in part (Deep Gradient Compression)."""

    name: str
    gradient: np.ndarray  # float32 [elements]
    velocity: np.ndarray  # float32 [elements]: momentum of what was not sent
    residual: np.ndarray  # float32 [elements]: what was accumulated and not sent
    momentum: float
    sent_density: float  # the share of elements that is to be sent


class CompressedGradient(NamedTuple):
    """The same with the numbers that decide what is sent, to the last bit.

    The output is int16: the words of the message (three for each pair: low and high half of a value, and its run of
    zeros), then the residual and the velocity as they are left, two words for each element, the low half first.
    """

    name: str
    gradient: np.ndarray  # float32 [elements]
    velocity: np.ndarray  # float32 [elements]
    residual: np.ndarray  # float32 [elements]
    momentum: float  # a number of FP32
    wanted: int  # elements, at most, to be sent
    start: int  # of the sample, below `stride`
    stride: int
    samples: int
    top: int  # the threshold is the top-th greatest of the samples
    notes: tuple[str, ...] = ()

    @property
    def elements(self) -> int:
        """Of the tensor."""
        return self.gradient.size

    @property
    def inputs(self) -> int:
        """Elements of the tensor."""
        return self.elements

    @property
    def outputs(self) -> int:
        """Elements that are wanted."""
        return self.wanted

    @property
    def sampled(self) -> bool:
        """Whether a sample decides the threshold: where all elements are wanted, it is zero."""
        return self.wanted < self.elements

    @property
    def dense_operations(self) -> int:
        """A multiplication and two additions for each element."""
        return OPERATIONS * self.elements

    def to_words(self, message: np.ndarray, residual: np.ndarray, velocity: np.ndarray) -> np.ndarray:
        """The output, int16 [words]. message: uint16 [3 x pairs]; residual, velocity: float32 [elements]."""
        parts = (np.ascontiguousarray(one, "<f4").view(np.int16) for one in (residual, velocity))
        return np.concatenate([message.view(np.int16), *parts])

    def message_of(self, output: np.ndarray) -> np.ndarray:
        """The words of the message, uint16 [3 x pairs], of an output, int16 [words]."""
        return output[: output.size - 4 * self.elements].view(np.uint16)
