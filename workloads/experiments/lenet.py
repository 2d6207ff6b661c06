"""LeNet-300-100: two hidden layers on 28 x 28 digits, and how it is trained here."""

from collections.abc import Callable, Sequence

import numpy as np

from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.training.constraints import Constraint, Free
from workloads.training.network import Dense, Parameters, initialise
from workloads.training.sgd import Examples, Schedule, error_percent, train, values

LAYERS = (Dense(784, 300), Dense(300, 100), Dense(100, 10))
NAMES = ("ip1", "ip2", "ip3")
DENSE = Schedule(epochs=20, rate=0.1, decay=2e-4)
RETRAIN = Schedule(epochs=20, rate=0.1, decay=2e-4)

Say = Callable[[str], object]


class Trainer:
    """A network in training: its weights under constraints, its biases free."""

    def __init__(self, data: Examples, test: Examples, seed: int, say: Say):
        self.data, self.test, self.say = data, test, say
        self.rng = np.random.default_rng(seed)
        drawn = initialise(LAYERS, self.rng)
        self.weights: list[Constraint] = [Free(weight) for weight, _ in drawn]
        self.biases = [bias for _, bias in drawn]

    def constrain(self, weights: Sequence[Constraint]) -> None:
        """From now on the weights are these."""
        self.weights = list(weights)

    def train(self, schedule: Schedule, stage: str) -> float:
        """Train, and return the error on the test set in percent."""
        say = self.say
        train(LAYERS, self.weights, self.biases, self.data, schedule, self.rng, lambda text: say(f"{stage}: {text}"))
        return self.error()

    def error(self) -> float:
        """The error on the test set in percent."""
        return error_percent(LAYERS, self.parameters(), self.test)

    def parameters(self) -> Parameters:
        """What the network computes with now."""
        return values(self.weights, self.biases)

    def layers(self) -> list[FullyConnected]:
        """The same as layers of the frontend; ReLU behind all but the last."""
        named = zip(NAMES, self.parameters(), strict=True)
        return [FullyConnected(name, weight, bias, None, name != NAMES[-1]) for name, (weight, bias) in named]
