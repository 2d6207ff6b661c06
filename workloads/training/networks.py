"""Networks in training, layer by layer: trained tensors, and the matrix products of a forward pass."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from workloads.errors import refuse
from workloads.sources.zoo.networks import layer_names
from workloads.sources.zoo.recipes import zoo


class TrainedLayer(NamedTuple):
    """A layer: its weights are one tensor; others, of one dimension, are biases and what normalisation learns.

    A forward pass multiplies `positions` vectors of each sample by `groups` matrices of inputs x outputs.
    """

    name: str
    inputs: int
    outputs: int
    groups: int
    positions: int
    whole: tuple[int, ...]  # elements of each tensor of one dimension

    @property
    def weights(self) -> int:
        """Elements of the weights."""
        return self.groups * self.inputs * self.outputs

    @property
    def operations(self) -> int:
        """Multiplications of a sample's forward pass."""
        return self.positions * self.weights


class TrainedNetwork(NamedTuple):
    """A network, its layers in running order."""

    name: str
    layers: tuple[TrainedLayer, ...]
    source: str
    products: bool = True  # whether a forward pass is these products


def _from_zoo(name: str, source: str) -> TrainedNetwork:
    return TrainedNetwork(name, tuple(_recipe_layer(layer) for layer in layer_names(name)), source)


def _recipe_layer(name: str) -> TrainedLayer:
    """A convolution with a bias, or a fully connected layer with one, of the zoo."""
    recipe = zoo()[name]
    shape = getattr(recipe, "shape", None)
    if shape is None:
        inputs, outputs = recipe.inputs.value, recipe.outputs.value
        return TrainedLayer(name, inputs, outputs, 1, 1, (outputs,))
    height, width = (
        (size + 2 * shape.padding - shape.kernel) // shape.stride + 1 for size in (shape.height, shape.width)
    )
    inputs, outputs = shape.inputs // shape.groups * shape.kernel**2, shape.outputs // shape.groups
    return TrainedLayer(name, inputs, outputs, shape.groups, height * width, (shape.outputs,))


def _convolution(name: str, inputs: int, outputs: int, kernel: int, side: int) -> TrainedLayer:
    """Without a bias, with a batch normalisation; side: of the plane that it puts out."""
    return TrainedLayer(name, inputs * kernel**2, outputs, 1, side * side, (outputs, outputs))


def _resnet50_layers() -> Iterator[TrainedLayer]:
    yield _convolution("conv1", 3, 64, 7, 112)
    inputs = 64
    for stage, (width, blocks, side) in enumerate(((64, 3, 56), (128, 4, 28), (256, 6, 14), (512, 3, 7)), 2):
        for block in range(blocks):
            name = f"conv{stage}_{block + 1}"
            yield _convolution(f"{name}a", inputs, width, 1, side)
            yield _convolution(f"{name}b", width, width, 3, side)
            yield _convolution(f"{name}c", width, 4 * width, 1, side)
            if block == 0:
                yield _convolution(f"{name}-shortcut", inputs, 4 * width, 1, side)
            inputs = 4 * width
    yield TrainedLayer("fc", 2048, 1000, 1, 1, (1000,))


def _resnet50() -> TrainedNetwork:
    source = "He et al. 2016, table 1, 50 layers, planes of 224 x 224"
    return TrainedNetwork("resnet50", tuple(_resnet50_layers()), source)


def _ptb_lstm() -> TrainedNetwork:
    words, hidden = 10_000, 1500
    recurrent = [
        TrainedLayer(f"lstm{layer}-{what}", hidden, 4 * hidden, 1, 1, (4 * hidden,))
        for layer in (1, 2)
        for what in ("input", "hidden")
    ]
    tied = TrainedLayer("words", hidden, words, 1, 1, (words,))
    return TrainedNetwork("ptb-lstm", (*recurrent, tied), "Press and Wolf 2017, tied; 2 x 1,500", False)


NETWORKS: Mapping[str, Callable[[], TrainedNetwork]] = {
    "alexnet": lambda: _from_zoo("alexnet", "the zoo's recipes: Krizhevsky et al. 2012, as Caffe's, two groups"),
    "vgg16": lambda: _from_zoo("vgg16", "the zoo's recipes: Simonyan and Zisserman 2015, configuration D"),
    "resnet50": _resnet50,
    "ptb-lstm": _ptb_lstm,
}


def trained_network(name: str) -> TrainedNetwork:
    """A network in training by its name. InputError where it is not known."""
    if name not in NETWORKS:
        refuse(f"{name:.60}", "it is not known as a network in training", f"one of {', '.join(NETWORKS)}")
    return NETWORKS[name]()


def elements(network: TrainedNetwork) -> int:
    """Of all trained tensors."""
    return sum(layer.weights + sum(layer.whole) for layer in network.layers)
