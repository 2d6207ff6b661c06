"""Dense-sparse-dense training of LeNet-300-100 on MNIST (Han et al., ICLR 2017)."""

from typing import NamedTuple

import numpy as np

from workloads import masks
from workloads.studies.lenet import DENSE, Say, Trainer
from workloads.training.constraints import Free, Masked
from workloads.training.sgd import Examples, Schedule

DENSITY = 0.5
"""Of each layer in the sparse phase; the paper prunes 25 to 50 %."""
SPARSE = Schedule(epochs=20, rate=0.1, decay=2e-4)
DENSE_AGAIN = Schedule(epochs=20, rate=0.01, decay=2e-4)
"""The paper divides the rate by ten for the last phase."""
BASELINE = Schedule(epochs=40, rate=0.1, decay=2e-4)
"""The dense network trains on for as many epochs as the other two phases take, so that only the order differs."""

PAPER = {"AlexNet": (42.78, 41.48), "VGG-16": (31.50, 27.19), "GoogLeNet": (31.14, 30.02), "ResNet-50": (24.01, 22.89)}
"""Top-1 error % on ImageNet, baseline and DSD."""


class Outcome(NamedTuple):
    """One seed."""

    seed: int
    dense: float  # after the first phase, error on the test set in percent
    baseline: float  # dense, trained for as long as DSD in all
    sparse: float
    dsd: float


def run(data: Examples, test: Examples, seed: int, say: Say) -> Outcome:
    """Train dense, sparse, dense; and beside it dense for as long."""
    trainer = Trainer(data, test, seed, say)
    dense = trainer.train(DENSE, f"seed {seed}, dense")
    weights, biases = [weight.copy() for weight, _ in trainer.parameters()], [b.copy() for b in trainer.biases]
    trainer.constrain([Masked(weight, masks.by_density(weight, DENSITY)) for weight in weights])
    sparse = trainer.train(SPARSE, f"seed {seed}, sparse")
    trainer.constrain([Free(weight) for weight, _ in trainer.parameters()])
    dsd = trainer.train(DENSE_AGAIN, f"seed {seed}, dense again")
    trainer.biases = biases
    trainer.constrain([Free(weight) for weight in weights])
    baseline = trainer.train(BASELINE, f"seed {seed}, baseline")
    return Outcome(seed, dense, baseline, sparse, dsd)


def mean_gain(outcomes: list[Outcome]) -> tuple[float, float]:
    """How much lower DSD's error is than the baseline's, in points: mean over seeds, and its standard error."""
    gains = np.array([outcome.baseline - outcome.dsd for outcome in outcomes])
    spread = float(gains.std(ddof=1) / np.sqrt(gains.size)) if gains.size > 1 else float("nan")
    return float(gains.mean()), spread
