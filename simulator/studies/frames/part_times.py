"""How long a machine takes for the convolutions of a detector: out of layers that it runs.

A region's layers are run for `SIDE_BY_SIDE` regions in a row. A machine that runs fully connected layers only takes a
convolution as one product for each output place, and one of them is run.
"""

from typing import NamedTuple

import numpy as np

from simulator.config.load import Config
from simulator.core.registry import find
from simulator.run.api import simulate as simulate_any
from simulator.run.executor import load_for
from simulator.run.simulate import simulate
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.convolution.recipe import ConvolutionRecipe, Shape, as_convolution
from workloads.options import WorkloadOptions
from workloads.sources.zoo.drawn import drawn_layer
from workloads.sources.zoo.networks import layer_counts
from workloads.sources.zoo.recipes import draw_any, zoo
from workloads.study import Progress
from workloads.tracks.cost import Costs, macs_of_shape, part_networks

SIDE_BY_SIDE = 8
REGION = "-region"
"""What the names of networks end with that run once for each region."""
CONVOLUTION = "convolution"
US_PER_S = 1e6


class Measured(NamedTuple):
    """The time of a detector's parts on a machine, in s."""

    config: str
    times: Costs


def measure_parts(config: Config, cheap: str, seed: int, say: Progress, known: dict[str, float]) -> Measured:
    """The times of the networks of `part_networks(cheap)`. known: those of this machine so far; it gets the others."""
    for network in part_networks(cheap):
        if network not in known:
            say(f"{network} on {config.name}")
            known[network] = network_seconds(config, network, seed)
    return Measured(config.name, Costs(*(known[network] for network in part_networks(cheap))))


def network_seconds(config: Config, network: str, seed: int) -> float:
    """The time of all layers of a network of the zoo, one after another, in s; of one region, where it is for those."""
    total = 0.0
    for name, times in layer_counts(network).items():
        recipe = as_convolution(name, zoo()[name])
        together = SIDE_BY_SIDE if network.endswith(REGION) else 1
        wide = recipe.shape.model_copy(update={"width": recipe.shape.width * together})
        total += times * layer_seconds(config, name, recipe.model_copy(update={"shape": wide}), seed) / together
    return total


def layer_seconds(config: Config, name: str, recipe: ConvolutionRecipe, seed: int) -> float:
    """The time of one convolution, in s."""
    if CONVOLUTION not in find(config.machine).kinds:
        return _by_products(config, name, recipe, seed)
    workload = load_for(config, drawn_layer(name, recipe, "zoo", WorkloadOptions(seed=seed)))
    return simulate(config, workload, output=False).time_us / US_PER_S


def places(shape: Shape) -> int:
    """Places of the output's plane."""
    return macs_of_shape(shape) // (shape.outputs * (shape.inputs // shape.groups) * shape.kernel**2)


def _by_products(config: Config, name: str, recipe: ConvolutionRecipe, seed: int) -> float:
    """One product of the kernels as a matrix with the inputs of the middle place, times the number of places; in s."""
    layer: Convolution = draw_any(name, recipe, 1.0, seed)
    assert layer.activation is not None
    matrix = layer.weight.reshape(len(layer.weight), -1)
    padding = ((0, 0), *[(recipe.shape.padding, recipe.shape.padding)] * 2)
    image, size = np.pad(layer.activation, padding), recipe.shape.kernel
    row, column = ((side - size) // 2 for side in image.shape[1:])
    inputs = image[: matrix.shape[1] // size**2, row : row + size, column : column + size].reshape(-1)
    density = recipe.weight_density.value
    result = simulate_any(config, matrix, inputs, name=name, output=False, compare=False, density=density)
    return places(recipe.shape) * result.time_us / US_PER_S
