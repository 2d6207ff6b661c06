"""Stochastic gradient descent with momentum, under constraints."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from workloads.training.constraints import Constraint
from workloads.training.network import Parameters, Rounding, TrainingLayer, backward, cross_entropy, exact, forward


class TrainingSchedule(NamedTuple):
    """How long training runs, and its rates."""

    epochs: int
    rate: float  # learning rate of the first epoch; it falls to zero along half a cosine
    batch: int = 128  # examples
    momentum: float = 0.9
    decay: float = 0.0  # weight decay, which leaves biases out


class Goal(NamedTuple):
    """What training makes small: the loss of scores, and what layers read on the way to them."""

    loss: Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[float, np.ndarray]]
    """Of scores, float32 [n, classes], labels, int [n], and inputs, float32 [n, ...]: a mean, and its gradient."""
    rounding: Rounding = exact


def of_labels(scores: np.ndarray, labels: np.ndarray, inputs: np.ndarray) -> tuple[float, np.ndarray]:  # noqa: ARG001
    """The cross-entropy of scores, float32 [n, classes], with labels, int [n], and its gradient, float32.

    inputs, float32 [n, ...], are not used.
    """
    return cross_entropy(scores, labels)


class Examples(NamedTuple):
    """Labelled examples."""

    inputs: np.ndarray  # float32 [n, ...]
    labels: np.ndarray  # int [n]: the class of each input


def train(
    layers: Sequence[TrainingLayer],
    weights: Sequence[Constraint],
    biases: Sequence[np.ndarray],
    examples: Examples,
    schedule: TrainingSchedule,
    rng: np.random.Generator,
    say: Callable[[str], object] = lambda _: None,
    goal: Goal = Goal(of_labels),  # noqa: B008  # immutable
) -> None:
    """Train the parameters of `weights` and the `biases`, float32 [outputs] each, in place.

    `say` is called with a line of text after each epoch. goal: what is made small; by default, the labels' loss.
    """
    trained = [array for weight in weights for array in weight.parameters] + list(biases)
    rates = [rate for weight in weights for rate in weight.rates] + [1.0] * len(biases)
    decays = [schedule.decay] * (len(trained) - len(biases)) + [0.0] * len(biases)
    velocity = [np.zeros_like(array) for array in trained]
    for epoch in range(schedule.epochs):
        rate = schedule.rate * 0.5 * (1 + np.cos(np.pi * epoch / schedule.epochs))
        order = rng.permutation(examples.labels.size)
        losses = []
        for first in range(0, order.size, schedule.batch):
            chosen = order[first : first + schedule.batch]
            part = Examples(examples.inputs[chosen], examples.labels[chosen])
            loss, gradients = _gradients(layers, weights, biases, part, goal)
            losses.append(loss)
            for array, speed, gradient, decay, factor in zip(trained, velocity, gradients, decays, rates, strict=True):
                speed *= np.float32(schedule.momentum)
                speed -= np.float32(rate * factor) * (gradient + np.float32(decay) * array)
                array += speed
        say(f"epoch {epoch + 1} of {schedule.epochs}, loss {np.mean(losses):.4f}")


def error_percent(layers: Sequence[TrainingLayer], parameters: Parameters, examples: Examples) -> float:
    """Return the error in percent: the share of examples whose greatest score is not that of their class."""
    wrong = 0
    for first in range(0, examples.labels.size, 1000):
        scores, _ = forward(layers, parameters, examples.inputs[first : first + 1000])
        wrong += int(np.count_nonzero(scores.argmax(axis=1) != examples.labels[first : first + 1000]))
    return 100 * wrong / examples.labels.size


def current_parameters(weights: Sequence[Constraint], biases: Sequence[np.ndarray]) -> Parameters:
    """Return weights, float32 [outputs, ...], and biases, float32 [outputs], as the network computes with them now."""
    return [(weight.weight(), bias) for weight, bias in zip(weights, biases, strict=True)]


def _gradients(
    layers: Sequence[TrainingLayer],
    weights: Sequence[Constraint],
    biases: Sequence[np.ndarray],
    batch: Examples,
    goal: Goal,
) -> tuple[float, list[np.ndarray]]:
    """The loss of a batch, and the gradients of the trained arrays: parameters of all weights, then biases."""
    parameters = current_parameters(weights, biases)
    scores, saved = forward(layers, parameters, batch.inputs, goal.rounding)
    loss, score_gradient = goal.loss(scores, batch.labels, batch.inputs)
    gradients = backward(layers, parameters, saved, score_gradient)
    of_weights = [
        part
        for weight, (gradient, _) in zip(weights, gradients, strict=True)
        for part in weight.parameter_gradients(gradient)
    ]
    return loss, of_weights + [gradient for _, gradient in gradients]
