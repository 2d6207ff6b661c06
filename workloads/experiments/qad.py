"""Quantisation-aware distillation (QAD): a network in NVFP4 learns the outputs of its own full-precision teacher.

A small network on MNIST, so small that rounding weights and activations to NVFP4 costs something. Then the rounded
network is trained on from the teacher's weights, in two ways that differ only in what they make small: the labels'
cross-entropy (quantisation-aware training, QAT), or the KL divergence from the teacher's probabilities (QAD).
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from workloads.document_types import Document
from workloads.experiments.lenet import Say
from workloads.number_formats import find_format
from workloads.training.constraints import Free, Rounded, round_to
from workloads.training.network import DenseLayer, Parameters, Rounding, divergence, exact, forward, initialise
from workloads.training.sgd import Examples, Goal, TrainingSchedule, current_parameters, of_labels, train

LAYERS = (DenseLayer(784, 32), DenseLayer(32, 16), DenseLayer(16, 10))
"""Narrow, so that rounding does not average out."""
FORMAT = "nvfp4"
TEACHER = TrainingSchedule(epochs=10, rate=0.1, decay=1e-4)
STUDENT = TrainingSchedule(epochs=20, rate=0.01)
PUBLISHED = (
    ("Llama-Nemotron-Super-49B, AIME25", 46.0, 32.3, 45.6),
    ("AceReason-7B, LiveCodeBench", 54.3, 52.0, 53.3),
)
"""Accuracy in percent of BF16, of plain NVFP4, and after QAD (NVIDIA's report on QAD, read in a summary)."""


class Measured(NamedTuple):
    """A network on the test set."""

    error: float  # percent
    divergence: float  # KL from the teacher's probabilities, mean, in nats


class Outcome(NamedTuple):
    """One seed."""

    seed: int
    teacher: Measured
    rounded: Measured  # without training
    qat: Measured
    qad: Measured

    def recovered(self, which: str) -> tuple[float, float]:
        """The shares of the lost error and of the divergence that `qat` or `qad` takes back."""
        after: Measured = getattr(self, which)
        lost = self.rounded.error - self.teacher.error
        error = (self.rounded.error - after.error) / lost if lost else float("nan")
        return error, 1 - after.divergence / self.rounded.divergence


def run(data: Examples, test: Examples, seed: int, say: Say) -> Outcome:
    """Train a teacher, round it, and train the rounded network in both ways, from the same weights in the same order.

    data: to train with; test: to measure with; `say` gets a line of text after each epoch.
    """
    form = find_format(FORMAT)

    def rounding(values: np.ndarray) -> np.ndarray:
        return round_to(form, values)

    rng = np.random.default_rng(seed)
    drawn = initialise(LAYERS, rng)
    weights, biases = [Free(weight) for weight, _ in drawn], [bias for _, bias in drawn]
    train(LAYERS, weights, biases, data, TEACHER, rng, partial(_say, say, f"seed {seed}, teacher"))
    teacher = current_parameters(weights, biases)
    wanted = scores(teacher, test, exact)
    plain = [(rounding(weight), bias) for weight, bias in teacher]

    def like_teacher(
        given: np.ndarray,
        labels: np.ndarray,  # noqa: ARG001
        inputs: np.ndarray,
    ) -> tuple[float, np.ndarray]:
        return divergence(given, forward(LAYERS, teacher, inputs)[0])

    students = {}
    for name, loss in (("qat", of_labels), ("qad", like_teacher)):
        latent, kept = [Rounded(weight, form) for weight, _ in teacher], [bias.copy() for _, bias in teacher]
        line, again = partial(_say, say, f"seed {seed}, {name}"), np.random.default_rng([seed, 1])
        train(LAYERS, latent, kept, data, STUDENT, again, line, Goal(loss, rounding))
        students[name] = measure(current_parameters(latent, kept), test, rounding, wanted)
    before = measure(teacher, test, exact, wanted), measure(plain, test, rounding, wanted)
    return Outcome(seed, *before, students["qat"], students["qad"])


def _say(say: Say, stage: str, text: str) -> None:
    say(f"{stage}: {text}")


def scores(parameters: Parameters, examples: Examples, rounding: Rounding) -> np.ndarray:
    """The scores of all examples, float32 [n, classes]."""
    parts = range(0, examples.labels.size, 1000)
    inputs = examples.inputs
    return np.concatenate([forward(LAYERS, parameters, inputs[i : i + 1000], rounding)[0] for i in parts])


def measure(parameters: Parameters, test: Examples, rounding: Rounding, wanted: np.ndarray) -> Measured:
    """Error, and divergence from the teacher's scores, float32 [n, classes]."""
    found = scores(parameters, test, rounding)
    wrong = int(np.count_nonzero(found.argmax(axis=1) != test.labels))
    return Measured(100 * wrong / test.labels.size, divergence(found, wanted)[0])


def to_tables(outcomes: list[Outcome]) -> Document:
    """The outcomes as tables of text and as figures: what `study --json` prints."""
    stages = ("teacher", "rounded", "qat", "qad")
    heads = ["seed", "teacher", f"{FORMAT}, untrained", "QAT (labels)", "QAD (teacher)"]
    tables = []
    kinds = ("error on the test set, %", "error", 2), ("KL from the teacher, nats", "divergence", 4)
    for title, key, digits in kinds:
        values = [[getattr(getattr(one, stage), key) for stage in stages] for one in outcomes]
        rows = [[str(one.seed), *(f"{v:.{digits}f}" for v in row)] for one, row in zip(outcomes, values, strict=True)]
        rows.append(["mean", *(f"{np.mean(column):.{digits}f}" for column in zip(*values, strict=True))])
        tables.append({"title": title, "columns": heads, "rows": rows})
    shares = []
    for which in ("qat", "qad"):
        error, apart = mean_recovered(outcomes, which)
        shares.append([which.upper(), *(f"{100 * mean:.0f} ± {100 * spread:.0f}" for mean, spread in (error, apart))])
    title = "share of what rounding lost that training takes back, %: of sums over seeds, ± standard error"
    tables.append({"title": title, "columns": ["training", "of the error", "of the KL"], "rows": shares})
    paper = [[name, *(f"{value:.1f}" for value in values)] for name, *values in PUBLISHED]
    columns = ["model and task", "BF16", "NVFP4, untrained", "QAD"]
    tables.append({"title": "published accuracy, % (from a summary)", "columns": columns, "rows": paper})
    points = [{"seed": one.seed, **{stage: getattr(one, stage)._asdict() for stage in stages}} for one in outcomes]
    sizes = "-".join(str(layer.inputs) for layer in LAYERS)
    return {
        "study": f"Quantisation-aware distillation of a network of {sizes}-{LAYERS[-1].outputs} on MNIST, in {FORMAT}",
        "tables": tables,
        "points": points,
    }


def mean_recovered(outcomes: list[Outcome], which: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Shares of error and of divergence that `which` takes back, each with its standard error over seeds.

    The share is that of the sums over seeds, and its standard error the jackknife's; NaN with one seed.
    """
    found = []
    for key in ("error", "divergence"):
        before = np.array([getattr(one.rounded, key) for one in outcomes])
        least = np.array([getattr(one.teacher, key) for one in outcomes])
        after = np.array([getattr(getattr(one, which), key) for one in outcomes])
        share = float((before - after).sum() / (before - least).sum())
        n = len(outcomes)
        left_out = [
            (np.delete(before, i) - np.delete(after, i)).sum() / (np.delete(before, i) - np.delete(least, i)).sum()
            for i in range(n)
        ]
        spread = float(np.sqrt((n - 1) / n * ((left_out - np.mean(left_out)) ** 2).sum())) if n > 1 else float("nan")
        found.append((share, spread))
    return found[0], found[1]
