"""A step of data-parallel training: forward, backward layer by layer, and each tensor's gradient over all chips.

The computing time is that of the system's file, shared among layers by their multiplications; or a forward pass as
matrix products on the chip's machine, and twice as long a backward pass, as the gradients of inputs and of weights are
products of the same shapes.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from simulator.config.load import Config
from simulator.run.executor import Execution, run_model
from simulator.system.chip_work import ChipWork, checked_rows, static_power, to_ps
from simulator.system.stages import Stage
from workloads.compression.gradients.messages import VALUE_BYTES, message_bytes
from workloads.compression.gradients.selection import wanted
from workloads.division import ALL_GATHER, ALL_REDUCE, Exchange
from workloads.errors import refuse
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.options import Formats
from workloads.training.networks import TrainedLayer, TrainedNetwork
from workloads.workload import Layer, Model, Workload

DENSE, SPARSE = "dense", "sparse"
FORWARD, BACKWARD = 1, 2
"""Passes over the products of a layer."""


class LayerTime(NamedTuple):
    """A layer's time, in ps."""

    forward: int
    backward: int


def training_work(
    network: TrainedNetwork, times: Sequence[LayerTime], chips: int, exchange: str, share: float
) -> ChipWork:
    """A step as stages. share: of each tensor's gradient that a chip sends, where the exchange is SPARSE.

    Gradients of weights are exchanged as soon as they are there, from the last layer to the first, tensor by tensor.
    """
    names, sorts, stages = list[str](), list[str](), list[Stage]()

    def add(name: str, sort: str, ps: int, one: Exchange | None = None) -> None:
        names.append(name)
        sorts.append(sort)
        stages.append(Stage((ps,) * chips, one, 1 << 30))

    for layer, time in zip(network.layers, times, strict=True):
        add(f"{layer.name} forward", "forward", time.forward)
    for layer, time in zip(reversed(network.layers), reversed(times), strict=True):
        tensors = list(exchanges(layer, chips, exchange, share)) if chips > 1 else []
        add(f"{layer.name} backward", "backward", time.backward, tensors[0] if tensors else None)
        for one in tensors[1:]:
            add(f"{layer.name} normalisation and bias", "tensors of one dimension", 0, one)
    last = len(stages)
    done = tuple(one._replace(needed=last) for one in stages)
    return ChipWork(tuple(names), tuple(sorts), done, None, 0.0, ())


def exchanges(layer: TrainedLayer, chips: int, exchange: str, share: float) -> Iterator[Exchange]:
    """What is exchanged of a layer's gradients: its weights, then each tensor of one dimension, never sparse."""
    if exchange == SPARSE:
        yield Exchange(ALL_GATHER, chips * message_bytes(wanted(layer.weights, share), 0))
    else:
        yield Exchange(ALL_REDUCE, VALUE_BYTES * layer.weights)
    for size in layer.whole:
        yield Exchange(ALL_REDUCE, VALUE_BYTES * size)


def times_of_file(network: TrainedNetwork, step_ps: int) -> list[LayerTime]:
    """A step's time, shared among layers by their multiplications; a third of it is the forward pass."""
    whole = sum(layer.operations for layer in network.layers)
    forward = to_shares([layer.operations for layer in network.layers], whole, step_ps // (FORWARD + BACKWARD))
    rest = step_ps - step_ps // (FORWARD + BACKWARD)
    return list(map(LayerTime, forward, to_shares([layer.operations for layer in network.layers], whole, rest)))


def to_shares(parts: Sequence[int], whole: int, amount: int) -> list[int]:
    """An amount shared in proportion, whole numbers that sum to it.

    >>> to_shares([1, 1, 1], 3, 100)
    [33, 33, 34]
    """
    found, seen, before = list[int](), 0, 0
    for part in parts:
        seen += part
        found.append(amount * seen // whole - before)
        before += found[-1]
    return found


def times_on_chip(
    network: TrainedNetwork, config: Config, batch: int, how: Execution
) -> tuple[list[LayerTime], ChipWork]:
    """Times by a machine's forward pass, and what all passes cost.

    InputError where the network is no chain of products, or the machine does not run them.
    """
    if not network.products:
        refuse(network.name, "its forward pass is not known as products", "train_step_ms in the system's file")
    layers = [
        Layer(layer.name, "matrix product", partial(_load, layer, network, batch), "", layer.name)
        for layer in network.layers
    ]
    (result,) = run_model([config], Model(network.name, layers, True, "of shapes"), how)
    rows = checked_rows(result, config)
    cycles = [(row.cycles or 0) * layer.groups for row, layer in zip(rows, network.layers, strict=True)]
    forward = to_ps(cycles, config.technology.clock_mhz)
    energy = sum((row.energy_uj or 0.0) * layer.groups for row, layer in zip(rows, network.layers, strict=True)) * 1e6
    times = [LayerTime(FORWARD * ps, BACKWARD * ps) for ps in forward]
    power = static_power(rows, config.technology.clock_mhz)
    return times, ChipWork((), (), (), (FORWARD + BACKWARD) * energy, power, (result,))


def _load(layer: TrainedLayer, network: TrainedNetwork, batch: int, formats: Formats) -> Workload:
    """The product of one group of a layer for a batch, of shapes alone."""
    from workloads.kinds.matrix_product.shapes import product_of_shape

    form = formats.get("matrix product", ProductFormat()).weight_format
    shape = product_of_shape(layer.name, form, batch * layer.positions, layer.inputs, layer.outputs)
    return Workload(layer.name, network.source, None, shape, "matrix product", sample=_sample(layer, form))


def _sample(layer: TrainedLayer, form: str) -> object:
    """A small product with values, whose output is compared."""
    from workloads.kinds import find_kind
    from workloads.kinds.drawing import generator
    from workloads.kinds.matrix_product.layer import MatrixProduct
    from workloads.options import WorkloadOptions

    rng = generator(f"{layer.name} (sample)", 0)
    weights, tokens = (rng.standard_normal(shape, dtype="float32") for shape in ((40, 80), (3, 80)))
    product = MatrixProduct(f"{layer.name} (sample)", weights, None, tokens, False)
    options = WorkloadOptions().with_formats({"matrix product": ProductFormat(form)})
    return find_kind("matrix product").compress(product, None, options)._replace(own_format=True)
