"""Where the non-zeros of a drawn image are: anywhere, or in patches, as ReLU leaves them of a real image."""

import math
from typing import Annotated

import numpy as np
from pydantic import Field

from workloads.kinds.drawing import Fraction, Spread
from workloads.yaml_files import Strict, Text

REACH = 3.0
"""A Gaussian kernel is cut at this many standard deviations."""
LEAST = 0.05
"""Narrower kernels have no weight outside the place itself."""
SHARED_PART = 8
"""The pattern that channels share is smoothed over this part of the plane's height: a PE's tile on an 8 x 8 array."""


class Smoothing(Strict):
    """A Gaussian kernel's standard deviation in places, with where it comes from; 0 smooths nothing."""

    value: Annotated[float, Field(ge=0, le=16, allow_inf_nan=False)]
    source: Text


class Share(Strict):
    """A share from 0 to 1 with where it comes from."""

    value: Fraction
    source: Text


NOWHERE_ELSE = "each place for itself"


class Places(Strict):
    """Non-zero are the places with the greatest values of a field: smoothed Gaussian noise, shifted by channel.

    The field is sqrt(1 - shared) x noise of each channel, smoothed, + sqrt(shared) x noise that all channels share +
    channel_shift x a number of each channel; all noises have standard deviation 1 at every place. One threshold for
    the shifted field is a threshold for each channel of the field before. All zeros: zeros are anywhere.
    """

    smoothing: Smoothing = Smoothing(value=0.0, source=NOWHERE_ELSE)
    channel_shift: Spread = Spread(value=0.0, source=NOWHERE_ELSE)
    shared: Share = Share(value=0.0, source=NOWHERE_ELSE)

    @property
    def anywhere(self) -> bool:
        """Whether each place is drawn for itself."""
        return not (self.smoothing.value or self.channel_shift.value or self.shared.value)


def reach_of(places: Places, high: int) -> int:
    """Rows and columns around a plane of this height that smoothing needs."""
    shared = _reach(high / SHARED_PART) if places.shared.value else 0
    return max(_reach(places.smoothing.value), shared)


def _reach(sigma: float) -> int:
    return math.ceil(REACH * sigma) if sigma >= LEAST else 0


def draw_field(places: Places, shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """The field of `Places`, float32 [channels, height, width]; non-zero are its greatest values."""
    channels, high, wide = shape
    field = smooth_noise(shape, places.smoothing.value, rng)
    if places.shared.value:
        field *= np.float32(math.sqrt(1 - places.shared.value))
        common = smooth_noise((1, high, wide), high / SHARED_PART, rng)
        field += np.float32(math.sqrt(places.shared.value)) * common
    field += np.float32(places.channel_shift.value) * rng.standard_normal((channels, 1, 1), dtype=np.float32)
    return field


def smooth_noise(shape: tuple[int, int, int], sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise, smoothed by a Gaussian kernel, with standard deviation 1 at every place, also at the edges.

    float32 of `shape`, [channels, height, width]. sigma: the kernel's, in places.
    """
    reach = _reach(sigma)
    channels, high, wide = shape
    noise = rng.standard_normal((channels, high + 2 * reach, wide + 2 * reach), dtype=np.float32)
    if not reach:
        return noise
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel = (kernel / np.sqrt((kernel**2).sum())).astype(np.float32)
    rows = np.zeros((channels, high, noise.shape[2]), np.float32)
    for place, weight in enumerate(kernel):
        rows += weight * noise[:, place : place + high]
    smoothed = np.zeros(shape, np.float32)
    for place, weight in enumerate(kernel):
        smoothed += weight * rows[:, :, place : place + wide]
    return smoothed
