"""Noise on normalisation weights (QeRL's AQN), on the trained ALBERT of rxnmapper: entropy of its masked tokens.

QeRL adds Gaussian noise to the normalisations' weights of a quantised model, so that it explores more while it learns;
the noise falls in ten stages. Here the noise is the only change, and the entropy of the predicted tokens is measured.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from workloads.document_types import Document
from workloads.errors import InputError
from workloads.number_formats import find_format
from workloads.sources.pretrained.albert import (
    LINEAR,
    REACTIONS,
    Albert,
    Masked,
    albert,
    forward,
    mask,
    softmax,
)
from workloads.study import Progress
from workloads.training.constraints import round_to

STAGES = 10
FIRST, LAST = 1e-2, 1e-4
"""Of the noise's deviation: QeRL's scripts (a table of its paper ends at 5e-4)."""
SIGMAS = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.2)
"""Deviations that the study tries."""
DRAWS = 5
FORMAT = "nvfp4"


class Tried(NamedTuple):
    """What a deviation gives, mean over masked tokens and draws."""

    sigma: float
    entropy: float  # of the predicted distribution, in nats
    spread: float  # standard error of the entropy over draws; 0 without noise
    recovered: float  # tokens
    divergence: float  # KL from the network without noise, in nats


def schedule(step: int, steps: int, first: float = FIRST, last: float = LAST, stages: int = STAGES) -> float:
    """The noise's deviation in step `step`, 0 .. steps - 1, of training in `stages` stages of equal length.

    >>> [round(schedule(step, 10), 6) for step in range(4)]
    [0.0, 0.01, 0.005623, 0.003162]

    The first stage has none; in stage k + 1 it is first x (last / first)**(k / (stages - 2)). InputError where the step
    or the number of stages is out of range.
    """
    if not 0 <= step < steps:
        raise InputError(f"step is {step}; expected one from 0 to {steps - 1}")
    if stages < 3:
        raise InputError(f"stages is {stages}; expected 3 or more")
    stage = step * stages // steps
    return 0.0 if stage == 0 else first * (last / first) ** ((stage - 1) / (stages - 2))


def add_noise(sigma: float, rng: np.random.Generator) -> Callable[[str, np.ndarray], np.ndarray]:
    """What adds noise of this deviation to normalisation weights, float32 [size]: drawn once for each by its name."""
    drawn: dict[str, np.ndarray] = {}

    def change(name: str, weight: np.ndarray) -> np.ndarray:
        if name not in drawn:
            drawn[name] = rng.standard_normal(weight.size).astype(np.float32)
        found: np.ndarray = weight + np.float32(sigma) * drawn[name]
        return found

    return change


def in_format(network: Albert, form: str) -> Albert:
    """The network with its matrices in a number format; biases and normalisations stay."""
    found = find_format(form)
    return network.with_weights({name: round_to(found, network.linear(name)[0]) for name in LINEAR})


def predicted(
    network: Albert, one: Masked, change: Callable[[str, np.ndarray], np.ndarray] | None = None
) -> np.ndarray:
    """The distribution of each masked token, float64 [masked, vocabulary]."""
    return softmax(forward(network, one.given, norm_noise=change)[one.places].astype(np.float64))


def entropy(share: np.ndarray) -> float:
    """The mean entropy of distributions, float64 [n, vocabulary], in nats."""
    return float(-(share * np.log(np.maximum(share, 1e-300))).sum(axis=1).mean())


def kl(wanted: np.ndarray, given: np.ndarray) -> float:
    """The mean divergence of `given` from `wanted`, float64 [n, vocabulary] each, in nats."""
    logs = np.log(np.maximum(wanted, 1e-300)) - np.log(np.maximum(given, 1e-300))
    return float((wanted * logs).sum(axis=1).mean())


def study(seed: int, progress: Progress) -> Document:
    """Entropy, recovered tokens and divergence against the deviation of the noise, in FP32 and in NVFP4."""
    network = albert()
    masked = [mask(network, reaction) for reaction in REACTIONS]
    right = np.concatenate([one.right[one.places] for one in masked])
    tables, points = [], []
    for name, used in (("fp32", network), (FORMAT, in_format(network, FORMAT))):
        plain = np.concatenate([predicted(used, one) for one in masked])
        rows = []
        for sigma in SIGMAS:
            found = _try(used, masked, plain, right, sigma, seed)
            progress(f"{name}, sigma {sigma:g}")
            tokens = f"{found.recovered:.1f} of {right.size}"
            figures = [f"{value:.4f}" for value in (found.entropy, found.spread, found.divergence)]
            rows.append([f"{sigma:g}", *figures[:2], tokens, figures[2]])
            points.append({"weights": name, **found._asdict()})
        columns = ["sigma", "entropy, nats", "±", "tokens recovered", "KL from no noise"]
        title = f"noise on normalisation weights, matrices in {name}, {DRAWS} draws, seed {seed}"
        tables.append({"title": title, "columns": columns, "rows": rows})
    stages = [[str(stage), f"{schedule(stage, STAGES):.6f}"] for stage in range(STAGES)]
    tables.append({"title": "QeRL's schedule", "columns": ["stage", "sigma"], "rows": stages})
    return {"study": "Entropy of masked tokens against noise (QeRL's AQN)", "tables": tables, "points": points}


def _try(
    network: Albert, masked: Sequence[Masked], plain: np.ndarray, right: np.ndarray, sigma: float, seed: int
) -> Tried:
    draws = range(DRAWS if sigma else 1)
    shares = []
    for draw in draws:
        rng = np.random.default_rng([seed, draw])
        shares.append(np.concatenate([predicted(network, one, add_noise(sigma, rng)) for one in masked]))
    entropies = np.array([entropy(share) for share in shares])
    spread = float(entropies.std(ddof=1) / np.sqrt(entropies.size)) if entropies.size > 1 else 0.0
    recovered = float(np.mean([np.count_nonzero(share.argmax(axis=1) == right) for share in shares]))
    apart = float(np.mean([kl(plain, share) for share in shares]))
    return Tried(sigma, float(entropies.mean()), spread, recovered, apart)
