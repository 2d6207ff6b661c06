"""Stochastic gradient descent with momentum, under constraints."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from workloads.training.constraints import Constraint
from workloads.training.network import Layer, Parameters, backward, forward, softmax_slope


class Schedule(NamedTuple):
    """How long and how fast."""

    epochs: int
    rate: float  # of the first epoch; it falls to zero along half a cosine
    batch: int = 128
    momentum: float = 0.9
    decay: float = 0.0  # of the parameters that stand for weights, towards zero


class Examples(NamedTuple):
    """Inputs with their classes."""

    inputs: np.ndarray  # float32 [n, ...]
    labels: np.ndarray  # int [n]


def train(
    layers: Sequence[Layer],
    weights: Sequence[Constraint],
    biases: Sequence[np.ndarray],
    examples: Examples,
    schedule: Schedule,
    rng: np.random.Generator,
    say: Callable[[str], object] = lambda _: None,
) -> None:
    """Move the parameters of `weights` and the `biases` in place; `say` hears of each epoch."""
    moving = [array for weight in weights for array in weight.parameters] + list(biases)
    rates = [rate for weight in weights for rate in weight.rates] + [1.0] * len(biases)
    decays = [schedule.decay] * (len(moving) - len(biases)) + [0.0] * len(biases)
    velocity = [np.zeros_like(array) for array in moving]
    for epoch in range(schedule.epochs):
        rate = schedule.rate * 0.5 * (1 + np.cos(np.pi * epoch / schedule.epochs))
        order = rng.permutation(examples.labels.size)
        losses = []
        for first in range(0, order.size, schedule.batch):
            chosen = order[first : first + schedule.batch]
            loss, gradients = _slopes(layers, weights, biases, examples.inputs[chosen], examples.labels[chosen])
            losses.append(loss)
            for array, speed, gradient, decay, own in zip(moving, velocity, gradients, decays, rates, strict=True):
                speed *= np.float32(schedule.momentum)
                speed -= np.float32(rate * own) * (gradient + np.float32(decay) * array)
                array += speed
        say(f"epoch {epoch + 1} of {schedule.epochs}, loss {np.mean(losses):.4f}")


def error_percent(layers: Sequence[Layer], parameters: Parameters, examples: Examples) -> float:
    """Share of examples whose greatest score is not their class."""
    wrong = 0
    for first in range(0, examples.labels.size, 1000):
        scores, _ = forward(layers, parameters, examples.inputs[first : first + 1000])
        wrong += int(np.count_nonzero(scores.argmax(axis=1) != examples.labels[first : first + 1000]))
    return 100 * wrong / examples.labels.size


def values(weights: Sequence[Constraint], biases: Sequence[np.ndarray]) -> Parameters:
    """What the network computes with."""
    return [(weight.weight(), bias) for weight, bias in zip(weights, biases, strict=True)]


def _slopes(
    layers: Sequence[Layer],
    weights: Sequence[Constraint],
    biases: Sequence[np.ndarray],
    batch: np.ndarray,
    labels: np.ndarray,
) -> tuple[float, list[np.ndarray]]:
    """The loss of a batch, and the gradients in the order of `moving`."""
    parameters = values(weights, biases)
    scores, held = forward(layers, parameters, batch)
    loss, slope = softmax_slope(scores, labels)
    found = backward(layers, parameters, held, slope)
    own = [part for weight, (gradient, _) in zip(weights, found, strict=True) for part in weight.pull(gradient)]
    return loss, own + [gradient for _, gradient in found]
