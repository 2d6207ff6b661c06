"""Sizes of messages from the shapes of a network's tensors alone: weights compressed, 1-D tensors whole."""

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import NamedTuple

from workloads.compression.gradients.messages import VALUE_BYTES, message_bytes
from workloads.compression.gradients.selection import wanted
from workloads.compression.gradients.warm_up import DENSITY
from workloads.errors import refuse
from workloads.kinds import kind_of_recipe
from workloads.sources.zoo.networks import layer_names
from workloads.sources.zoo.recipes import zoo


class Tensors(NamedTuple):
    """The trained tensors of a network, by their numbers of elements, and where their shapes are published."""

    weights: tuple[int, ...]
    whole: tuple[int, ...]  # of one dimension: biases, and what batch normalisation scales and shifts with
    source: str

    @property
    def dense_bytes(self) -> int:
        """Of a gradient that is not compressed."""
        return VALUE_BYTES * (sum(self.weights) + sum(self.whole))


class MessageSize(NamedTuple):
    """What a node sends in a step, in bytes."""

    dense: int
    sparse: int  # the pairs of the weights
    whole: int  # 1-D tensors

    @property
    def sent(self) -> int:
        """Both parts."""
        return self.sparse + self.whole

    @property
    def ratio(self) -> float:
        """How many times smaller than dense."""
        return self.dense / self.sent


def message_size(tensors: Tensors, density: float = DENSITY) -> MessageSize:
    """The size of a message without overlong runs; each tensor sends a share `density`, rounded up.

    InputError where density is not in (0, 1].
    """
    if not 0 < density <= 1:
        refuse("gradient compression", f"density is {density}", "more than 0 and at most 1")
    pairs = sum(wanted(size, density) for size in tensors.weights)
    return MessageSize(tensors.dense_bytes, message_bytes(pairs, 0), message_bytes(0, sum(tensors.whole)))


def alexnet() -> Tensors:
    """AlexNet with two groups, after the zoo's recipes."""
    recipes = [zoo()[name] for name in layer_names("alexnet")]
    weights = tuple(kind_of_recipe(one).recipe_weights(one) for one in recipes)
    outputs = [getattr(one, "shape", one).outputs for one in recipes]
    whole = tuple(int(getattr(one, "value", one)) for one in outputs)
    return Tensors(weights, whole, "the zoo's recipes: Krizhevsky et al. 2012, as Caffe's")


def _resnet50_convolutions() -> Iterator[tuple[int, int, int]]:
    """Inputs, outputs and kernel of each convolution of ResNet-50."""
    yield 3, 64, 7
    inputs = 64
    for width, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
        outputs = 4 * width
        for block in range(blocks):
            yield inputs, width, 1
            yield width, width, 3
            yield width, outputs, 1
            if block == 0:
                yield inputs, outputs, 1  # the shortcut changes its width
            inputs = outputs


def resnet50() -> Tensors:
    """ResNet-50: convolutions without a bias, each with batch normalisation, and a classifier of 1,000 classes."""
    convolutions = list(_resnet50_convolutions())
    weights = [inputs * outputs * kernel**2 for inputs, outputs, kernel in convolutions]
    normal = [outputs for _, outputs, _ in convolutions for _ in ("scale", "shift")]
    return Tensors((*weights, 2048 * 1000), (*normal, 1000), "He et al. 2016, table 1, 50 layers")


def ptb_lstm() -> Tensors:
    """The language model of Penn Treebank: two LSTM layers of 1,500, 10,000 words, the output's weight tied."""
    words, hidden, layers = 10_000, 1500, 2
    shapes = [(words, hidden)] + [(4 * hidden, hidden)] * (2 * layers)
    whole = [4 * hidden] * (2 * layers) + [words]
    return Tensors(tuple(map(prod, shapes)), tuple(whole), "Press and Wolf 2017, tied; 2 x 1,500")


NETWORKS: Mapping[str, Callable[[], Tensors]] = {"AlexNet": alexnet, "ResNet-50": resnet50, "PTB LSTM": ptb_lstm}
PUBLISHED = {"AlexNet": (0.39, 597), "ResNet-50": (0.35, 277)}
"""The paper's size in MiB and its ratio (Lin et al., ICLR 2018, table 3)."""
