"""Simulated nodes that train one network together, and exchange whole gradients or compressed ones.

Each node has an equal part of every batch; all hold the same weights, so these are kept once.
"""

from collections.abc import Callable, Sequence

import numpy as np

from workloads.errors import refuse
from workloads.training.gradient_compression.compressor import Compression, Compressor, Traffic
from workloads.training.gradient_compression.residual import Velocity, clip
from workloads.training.network import Parameters, TrainingLayer, backward, cross_entropy, forward
from workloads.training.sgd import Examples, TrainingSchedule

Gradients = list[list[np.ndarray]]
"""For each node, of each tensor: float32 of its shape."""


def train_on_nodes(
    layers: Sequence[TrainingLayer],
    parameters: Parameters,
    examples: Examples,
    schedule: TrainingSchedule,
    nodes: int,
    rng: np.random.Generator,
    compression: Compression | None = None,
    say: Callable[[str], object] = lambda _: None,
    nesterov: bool = False,
) -> list[Traffic]:
    """Train weights, float32 [outputs, ...], and biases, float32 [outputs], in place; return each step's traffic.

    compression: None for dense gradients, which have no traffic in the list. Biases are always exchanged whole, with
    their momentum on the sum; weight decay has a momentum of its own on every node, outside of what is compressed.
    nesterov: momentum of weights and biases looks a step ahead. `say` gets a line after each epoch. The order of
    examples does not depend on the compression. InputError where there are fewer examples in a batch than nodes, or
    where a density is not in (0, 1].
    """
    if not 1 <= nodes <= min(schedule.batch, examples.labels.size):
        refuse("training", f"{nodes} nodes share a batch of {schedule.batch}", "1 node to 1 for each example")
    order_rng, sample_rng = rng.spawn(2)
    update = _Update(parameters, schedule, nodes, compression, sample_rng, nesterov)
    traffic, parts = [], max(1, examples.labels.size // schedule.batch)
    for epoch in range(schedule.epochs):
        rate = schedule.rate * 0.5 * (1 + np.cos(np.pi * epoch / schedule.epochs))
        losses = []
        for chosen in np.array_split(order_rng.permutation(examples.labels.size), parts):
            loss, of_weights, of_biases = _node_gradients(layers, parameters, examples, np.array_split(chosen, nodes))
            losses.append(loss)
            traffic += update.apply(of_weights, of_biases, epoch, rate)
        say(f"epoch {epoch + 1} of {schedule.epochs}, loss {np.mean(losses):.4f}")
    return traffic


class _Update:
    """The exchange of gradients, and the step of all weights and biases after it."""

    def __init__(
        self,
        parameters: Parameters,
        schedule: TrainingSchedule,
        nodes: int,
        compression: Compression | None,
        rng: np.random.Generator,
        nesterov: bool,
    ):
        self.weights, self.biases = [weight for weight, _ in parameters], [bias for _, bias in parameters]
        self.nodes, self.decay, momentum = nodes, np.float32(schedule.decay), schedule.momentum
        self.limit = compression.clip if compression else None
        self.of_biases = [Velocity(one, momentum, nesterov) for one in self.biases]
        self.of_decay = [Velocity(one, momentum) for one in self.weights]
        self.dense = [Velocity(one, momentum, nesterov) for one in self.weights]
        self.compressor = None
        if compression is not None:
            self.compressor = Compressor(self.weights, nodes, compression, rng, momentum, nesterov)

    def apply(self, weights: Gradients, biases: Gradients, epoch: int, rate: float) -> list[Traffic]:
        """Exchange the nodes' gradients and move along them."""
        if self.limit is not None:
            for of_weights, of_biases in zip(weights, biases, strict=True):
                clip([*of_weights, *of_biases], self.limit, self.nodes)
        traffic = []
        if self.compressor is None:
            directions = [
                one.step(_total(parts)) for one, parts in zip(self.dense, zip(*weights, strict=True), strict=True)
            ]
        else:
            directions, sent = self.compressor.exchange(weights, epoch)
            traffic.append(sent)
        for weight, direction, decay in zip(self.weights, directions, self.of_decay, strict=True):
            step = direction + decay.step(self.decay * weight) if self.decay else direction.copy()
            step *= np.float32(rate)
            weight -= step
        for bias, velocity, parts in zip(self.biases, self.of_biases, zip(*biases, strict=True), strict=True):
            bias -= np.float32(rate) * velocity.step(_total(parts))
        return traffic


def _total(parts: Sequence[np.ndarray]) -> np.ndarray:
    """The sum of the nodes' gradients, in their order."""
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def _node_gradients(
    layers: Sequence[TrainingLayer], parameters: Parameters, examples: Examples, parts: Sequence[np.ndarray]
) -> tuple[float, Gradients, Gradients]:
    """The batch's loss, and each node's gradients of weights and biases, which add up to the batch's."""
    loss, weights, biases = 0.0, [], []
    total = sum(part.size for part in parts)
    for part in parts:
        scores, saved = forward(layers, parameters, examples.inputs[part])
        lost, gradient = cross_entropy(scores, examples.labels[part])
        share = part.size / total
        loss += lost * share
        found = backward(layers, parameters, saved, gradient * np.float32(share))
        weights.append([weight for weight, _ in found])
        biases.append([bias for _, bias in found])
    return loss, weights, biases
