"""LeNet-300-100, which has two hidden layers and reads digits of 28 x 28 pixels, and its training."""

from collections.abc import Callable, Sequence

import numpy as np

from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.training.constraints import Constraint, Free
from workloads.training.network import DenseLayer, Parameters, initialise
from workloads.training.sgd import Examples, TrainingSchedule, current_parameters, error_percent, train

LAYERS = (DenseLayer(784, 300), DenseLayer(300, 100), DenseLayer(100, 10))
NAMES = ("ip1", "ip2", "ip3")
DENSE = TrainingSchedule(epochs=20, rate=0.1, decay=2e-4)
RETRAIN = TrainingSchedule(epochs=20, rate=0.1, decay=2e-4)

Say = Callable[[str], object]
"""Called with a line of text as training goes on."""


class Trainer:
    """LeNet-300-100 in training: its weights under constraints, its biases without."""

    def __init__(self, data: Examples, test: Examples, seed: int, say: Say):
        self.data, self.test, self.say = data, test, say
        self.rng = np.random.default_rng(seed)
        drawn = initialise(LAYERS, self.rng)
        self.weights: list[Constraint] = [Free(weight) for weight, _ in drawn]
        self.biases = [bias for _, bias in drawn]

    def constrain(self, weights: Sequence[Constraint]) -> None:
        """Replace the weights, one constraint for each layer."""
        self.weights = list(weights)

    def train(self, schedule: TrainingSchedule, stage: str) -> float:
        """Train, and return the error on the test set in percent; `stage` begins each line of progress."""
        say = self.say
        train(LAYERS, self.weights, self.biases, self.data, schedule, self.rng, lambda text: say(f"{stage}: {text}"))
        return self.error()

    def error(self) -> float:
        """Return the error on the test set in percent."""
        return error_percent(LAYERS, self.parameters(), self.test)

    def parameters(self) -> Parameters:
        """Return the weights and biases that the network computes with now, float32."""
        return current_parameters(self.weights, self.biases)

    def layers(self) -> list[FullyConnected]:
        """Return the network as workload layers, without an input; ReLU follows all but the last."""
        named = zip(NAMES, self.parameters(), strict=True)
        return [FullyConnected(name, weight, bias, None, name != NAMES[-1]) for name, (weight, bias) in named]
