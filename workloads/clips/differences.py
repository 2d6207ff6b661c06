"""Differences of frames: how many of their pixels and blocks are small, and such an image as the input of a layer."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.kinds.convolution.layer import Convolution

THRESHOLDS = 0, 2, 8
BLOCK = 16


class Shares(NamedTuple):
    """Of the differences between neighbouring frames."""

    small: tuple[float, ...]  # share of the pixels that differ by a threshold at most, for each threshold
    blocks: tuple[float, ...]  # share of the blocks with a pixel that differs by more, for each threshold


def difference_shares(frames: np.ndarray, thresholds: tuple[int, ...] = THRESHOLDS, block: int = BLOCK) -> Shares:
    """The shares over all pairs of neighbours. frames: uint8 [frames, height, width]; block: the side of a block.

    Blocks at the right and lower edges may be cut. InputError where a block has no pixel.
    """
    if block < 1:
        refuse("differences", f"block is {block}", "1 or more")
    small, blocks = np.zeros(len(thresholds)), np.zeros(len(thresholds))
    for before, after in pairwise(frames):
        changed = np.abs(after.astype(np.int16) - before)
        most = block_maxima(changed, block)
        for place, threshold in enumerate(thresholds):
            small[place] += np.mean(changed <= threshold)
            blocks[place] += np.mean(most > threshold)
    pairs = len(frames) - 1
    return Shares(tuple((small / pairs).tolist()), tuple((blocks / pairs).tolist()))


def block_maxima(image: np.ndarray, block: int) -> np.ndarray:
    """The greatest number of each block, [rows, columns] of the image's dtype, of numbers [height, width] >= 0."""
    tall, wide = (-(-side // block) for side in image.shape)
    padded = np.zeros((tall * block, wide * block), image.dtype)
    padded[: image.shape[0], : image.shape[1]] = image
    found: np.ndarray = padded.reshape(tall, block, wide, block).max(axis=(1, 3))
    return found


def difference_image(before: np.ndarray, after: np.ndarray, threshold: int, block: int = 1) -> np.ndarray:
    """What is left of a difference, float32 [height, width] from -1 to 1, of frames uint8 [height, width].

    Of each block, all is kept where a pixel differs by more than the threshold, and nothing elsewhere.
    """
    changed = after.astype(np.int16) - before
    kept = block_maxima(np.abs(changed), block) > threshold
    whole = np.repeat(np.repeat(kept, block, axis=0), block, axis=1)[: changed.shape[0], : changed.shape[1]]
    found: np.ndarray = np.where(whole, changed, 0).astype(np.float32) / np.float32(255)
    return found


def image_layer(name: str, image: np.ndarray, rng: np.random.Generator, outputs: int = 64) -> Convolution:
    """A first layer of 3 x 3 kernels, drawn, that reads one grey image: float32 [height, width]."""
    weight = (rng.standard_normal((outputs, 1, 3, 3)) * np.sqrt(2 / 9)).astype(np.float32)
    edges = 1, 1, 1, 1
    return Convolution(name, weight, None, np.ascontiguousarray(image[None]), True, (1, 1), edges, 1)
