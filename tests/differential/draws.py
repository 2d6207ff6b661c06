"""Numbers and sizes that random layers are made of."""

import numpy as np

SHARES = 0.0, 0.05, 0.3, 0.7, 1.0


def floats(rng, *shape):
    """Numbers of some magnitude, some or all of them zero, float32 [shape]."""
    spread = 10.0 ** rng.integers(-3, 3)
    values = spread * rng.standard_normal(shape) * (rng.random(shape) < rng.choice([0.0, 0.5, 1.0, 1.0]))
    return values.astype(np.float32)


def up_to(rng, most):
    return 1 if rng.random() < 0.1 else int(rng.integers(1, most + 1))


def steps(rng, most):
    """Of both directions; 1 more often than not."""
    return tuple(rng.choice([1, 1, *range(1, most + 1)], 2).tolist())


def share(rng):
    return float(rng.choice(SHARES))


def coin(rng):
    return bool(rng.random() < 0.5)


def seed(rng):
    return int(rng.integers(0, 1 << 30))
