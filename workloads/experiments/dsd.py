"""Dense-sparse-dense training of LeNet-300-100 on MNIST (Han et al., ICLR 2017)."""

from typing import Any, NamedTuple

import numpy as np

from workloads.compression import masks
from workloads.experiments.lenet import DENSE, Say, Trainer
from workloads.training.constraints import Free, Masked
from workloads.training.sgd import Examples, Schedule

DENSITY = 0.3
"""Of each layer in the sparse phase. The paper keeps 50 to 75 %; a network as wide as this loses nothing at 30 %."""
SPARSE = Schedule(epochs=20, rate=0.1, decay=2e-4)
DENSE_AGAIN = Schedule(epochs=20, rate=0.1, decay=2e-4)
"""The paper divides its constant rate by ten; this rate falls to zero along a cosine by itself."""
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


def mean_gain(outcomes: list[Outcome], over: str) -> tuple[float, float]:
    """How much lower DSD's error is than that of `over`, in points: mean over seeds, and its standard error."""
    gains = np.array([getattr(outcome, over) - outcome.dsd for outcome in outcomes])
    spread = float(gains.std(ddof=1) / np.sqrt(gains.size)) if gains.size > 1 else float("nan")
    return float(gains.mean()), spread


def tell(outcomes: list[Outcome]) -> dict[str, Any]:
    """The outcomes as tables, beside the paper's figures on other networks."""
    phases = ("dense", "sparse", "dsd", "baseline")
    rows = [[str(one.seed), *(f"{getattr(one, phase):.2f}" for phase in phases)] for one in outcomes]
    rows.append(["mean", *(f"{np.mean([getattr(one, phase) for one in outcomes]):.3f}" for phase in phases)])
    columns = ["seed", "dense", "sparse", "dense again (DSD)", "dense for as long"]
    gains = [[f"{name}", f"{gain:+.3f}", f"{spread:.3f}"] for name, (gain, spread) in _gains(outcomes).items()]
    paper = [[net, f"{before:.2f}", f"{after:.2f}"] for net, (before, after) in PAPER.items()]
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


def _gains(outcomes: list[Outcome]) -> dict[str, tuple[float, float]]:
    return {"dense": mean_gain(outcomes, "dense"), "dense for as long": mean_gain(outcomes, "baseline")}
