"""Dense-sparse-dense training of LeNet-300-100 on MNIST (Han et al., ICLR 2017)."""

from typing import NamedTuple

import numpy as np

from workloads.compression import masks
from workloads.document_types import Document
from workloads.experiments.lenet import DENSE, Say, Trainer
from workloads.training.constraints import Free, Masked
from workloads.training.sgd import Examples, TrainingSchedule

DENSITY = 0.3
"""Density of each layer in the sparse phase. The paper keeps 50 to 75 %; this wide network loses nothing at 30 %."""
SPARSE = TrainingSchedule(epochs=20, rate=0.1, decay=2e-4)
DENSE_AGAIN = TrainingSchedule(epochs=20, rate=0.1, decay=2e-4)
"""The paper divides its constant learning rate by ten here; this one falls to zero along a cosine in every phase."""
BASELINE = TrainingSchedule(epochs=40, rate=0.1, decay=2e-4)
"""The dense network trains for as many epochs as the other two phases together, so that only sparsity differs."""

PUBLISHED = {
    "AlexNet": (42.78, 41.48),
    "VGG-16": (31.50, 27.19),
    "GoogLeNet": (31.14, 30.02),
    "ResNet-50": (24.01, 22.89),
}
"""The paper's top-1 error on ImageNet in percent: baseline and DSD."""


class DsdOutcome(NamedTuple):
    """Errors on the test set in percent, with one seed."""

    seed: int
    dense: float  # after the first phase
    baseline: float  # dense throughout, trained for as long as all phases of DSD together
    sparse: float  # after the sparse phase
    dsd: float  # after the second dense phase


def run(data: Examples, test: Examples, seed: int, say: Say) -> DsdOutcome:
    """Train dense, sparse, and dense again; then train the first dense network for as long.

    data: to train with; test: to measure the error with; `say` is called with a line of text after each epoch.
    """
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
    return DsdOutcome(seed, dense, baseline, sparse, dsd)


def mean_gain(outcomes: list[DsdOutcome], over: str) -> tuple[float, float]:
    """Return by how many points of percent DSD's error is below that of `over`: mean over seeds and standard error.

    over: "dense" or "baseline". The standard error of a single seed is NaN.
    """
    gains = np.array([getattr(outcome, over) - outcome.dsd for outcome in outcomes])
    spread = float(gains.std(ddof=1) / np.sqrt(gains.size)) if gains.size > 1 else float("nan")
    return float(gains.mean()), spread


def to_tables(outcomes: list[DsdOutcome]) -> Document:
    """Return the outcomes, and the paper's figures on other networks, as tables of text: what `study --json` prints."""
    phases = ("dense", "sparse", "dsd", "baseline")
    rows = [[str(one.seed), *(f"{getattr(one, phase):.2f}" for phase in phases)] for one in outcomes]
    rows.append(["mean", *(f"{np.mean([getattr(one, phase) for one in outcomes]):.3f}" for phase in phases)])
    columns = ["seed", "dense", "sparse", "dense again (DSD)", "dense for as long"]
    gains = [[f"{name}", f"{gain:+.3f}", f"{spread:.3f}"] for name, (gain, spread) in _gains(outcomes).items()]
    paper = [[net, f"{before:.2f}", f"{after:.2f}"] for net, (before, after) in PUBLISHED.items()]
    return {
        "study": f"Dense-sparse-dense training of LeNet-300-100 on MNIST ({DENSITY:.0%} kept in the sparse phase)",
        "tables": [
            {"title": "error on the test set, %", "columns": columns, "rows": rows},
            {
                "title": "what DSD gains, points (positive: DSD is better)",
                "columns": ["over", "mean", "standard error"],
                "rows": gains,
            },
            {"title": "the paper, ImageNet, top-1 error %", "columns": ["network", "baseline", "DSD"], "rows": paper},
        ],
    }


def _gains(outcomes: list[DsdOutcome]) -> dict[str, tuple[float, float]]:
    """The gain of DSD and its standard error, by what it is compared with."""
    return {"dense": mean_gain(outcomes, "dense"), "dense for as long": mean_gain(outcomes, "baseline")}
