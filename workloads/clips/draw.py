"""A drawn clip: a still, textured background with noise, and textured squares that move over it."""

import numpy as np

FRAMES, HEIGHT, WIDTH = 24, 96, 128
SQUARES, SIDE = 4, 16
NOISE = 0.6
"""Deviation of the sensor's noise, in steps of grey."""


def draw_clip(rng: np.random.Generator) -> np.ndarray:
    """Frames, uint8 [24, 96, 128]."""
    background = rng.integers(40, 200, (HEIGHT, WIDTH)).astype(np.float64)
    patches = rng.integers(0, 255, (SQUARES, SIDE, SIDE))
    place, speed = rng.random((SQUARES, 2)) * [HEIGHT - SIDE, WIDTH - SIDE], rng.normal(0, 1.5, (SQUARES, 2))
    frames = np.empty((FRAMES, HEIGHT, WIDTH), np.uint8)
    for number in range(FRAMES):
        scene = background.copy()
        for patch, start, step in zip(patches, place, speed, strict=True):
            top, left = np.clip(start + number * step, 0, [HEIGHT - SIDE, WIDTH - SIDE]).astype(int)
            scene[top : top + SIDE, left : left + SIDE] = patch
        frames[number] = np.clip(np.rint(scene + rng.normal(0, NOISE, scene.shape)), 0, 255)
    return frames
