"""The 70,000 handwritten digits of MNIST, from a published wheel."""

import numpy as np

from workloads.errors import InputError
from workloads.sources.pretrained.restricted_pickle import read_pickle
from workloads.sources.pretrained.wheels import wheel_member
from workloads.training.sgd import Examples

MEMBER = "mnist/data/mnist.pkl.gz"
SIZES = (50_000, 10_000, 10_000)
"""Images for training, validation and test."""
PIXELS = 784


def load_mnist() -> tuple[Examples, Examples]:
    """Return 60,000 examples for training and 10,000 for the test.

    Images are float32 [n, 784] from 0 to 1, labels int64 [n]: the digits. The file's 10,000 examples for validation are
    used for training. InputError where the wheel cannot be downloaded, or its file holds anything else.
    """
    path = wheel_member("mnist", MEMBER)
    parts = read_pickle(path)
    if not isinstance(parts, tuple) or len(parts) != len(SIZES):
        raise InputError(f"{path}: it holds {type(parts).__name__}; expected three pairs of images and digits")
    sets = [_examples(str(path), part, size) for part, size in zip(parts, SIZES, strict=True)]
    train = Examples(*(np.concatenate(arrays) for arrays in zip(sets[0], sets[1], strict=True)))
    return train, sets[2]


def _examples(path: str, part: object, size: int) -> Examples:
    """A pair of `size` images and digits, checked."""
    if not isinstance(part, tuple) or len(part) != 2 or not all(isinstance(array, np.ndarray) for array in part):
        raise InputError(f"{path}: a part of it is no pair of arrays; expected images and digits")
    images, digits = part
    if images.shape != (size, PIXELS) or images.dtype != np.float32 or digits.shape != (size,):
        shapes = f"{images.dtype} {list(images.shape)} and {list(digits.shape)}"
        raise InputError(f"{path}: images and digits are {shapes}; expected float32 [{size}, {PIXELS}] and [{size}]")
    if digits.dtype.kind not in "iu" or digits.min() < 0 or digits.max() > 9:
        raise InputError(f"{path}: digits are {digits.dtype} from {digits.min()}; expected integers from 0 to 9")
    return Examples(images, digits.astype(np.int64))
