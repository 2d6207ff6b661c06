"""Deep Gradient Compression (DGC) on simulated nodes: LeNet-300-100 on MNIST, one gradient element in a thousand sent.

The same batches and first weights with dense gradients and with all of DGC, at a usual learning rate and at a high one;
at the high one also without each of its four fixes, at the usual one without correction and without masking.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from workloads.compression.gradients.messages import message_bytes
from workloads.experiments.lenet import LAYERS, Say
from workloads.training.gradient_compression.compressor import Compression, Traffic
from workloads.training.gradient_compression.nodes import train_on_nodes
from workloads.training.network import initialise
from workloads.training.sgd import Examples, TrainingSchedule, error_percent

NODES = 4
USUAL = TrainingSchedule(epochs=3, rate=0.1, batch=64)
"""A rate that suits dense gradients. Weight decay, which is outside of what is compressed, is off."""
HIGH = TrainingSchedule(epochs=2, rate=0.3, batch=64)
"""A rate at which dense gradients lose; at lower ones most fixes make less difference than seeds do."""
FULL = Compression(warm_up=1, clip=1.0)
"""One epoch of warm-up in so few steps; an element is sent about every thousandth."""


class Variant(NamedTuple):
    """One way to train."""

    schedule: str  # "usual" or "high"
    compression: Compression | None  # None: dense


VARIANTS = {
    "dense": Variant("usual", None),
    "DGC": Variant("usual", FULL),
    "dense, high rate": Variant("high", None),
    "DGC, high rate": Variant("high", FULL),
    "no momentum correction": Variant("high", FULL._replace(correction=False)),
    "no factor masking": Variant("high", FULL._replace(masking=False)),
    "no local clipping": Variant("high", FULL._replace(clip=None)),
    "no warm-up": Variant("high", FULL._replace(warm_up=0)),
    "usual rate, no momentum correction": Variant("usual", FULL._replace(correction=False)),
    "usual rate, no factor masking": Variant("usual", FULL._replace(masking=False)),
}
COMPARED = (
    ("DGC", "dense"),
    ("DGC, high rate", "dense, high rate"),
    *((name, "DGC, high rate") for name in list(VARIANTS)[4:8]),
    *((name, "DGC") for name in list(VARIANTS)[8:]),
)
"""Pairs of variants whose errors are subtracted."""


class Trained(NamedTuple):
    """A network after training."""

    error: float  # on the test set, percent
    training_error: float  # on the examples that it was trained with, percent


class Sent(NamedTuple):
    """What all of DGC sends, mean over the steps after warm-up, or the most."""

    elements: float  # of weights, by a node in a step
    longest: int  # zeros before an element, in any message
    cut: int  # stored zeros that cut runs, in all messages
    union: float  # different elements that any node sends in a step, as a share of all weights
    bytes: float  # of a node in a step, with whole biases
    ratio: float  # how many times smaller than dense


class Outcome(NamedTuple):
    """One seed."""

    seed: int
    trained: dict[str, Trained]  # by variant
    sent: Sent


def run(data: Examples, test: Examples, seed: int, say: Say) -> Outcome:
    """Train every variant from the same weights with the same batches.

    data: to train with; test: to measure the error with; `say` gets a line of text after each epoch.
    """
    trained, sent = {}, None
    schedules = {"usual": USUAL, "high": HIGH}
    for name, (rates, compression) in VARIANTS.items():
        rng = np.random.default_rng(seed)
        parameters = initialise(LAYERS, rng)

        def line(text: str, name: str = name) -> None:
            say(f"seed {seed}, {name}: {text}")

        traffic = train_on_nodes(LAYERS, parameters, data, schedules[rates], NODES, rng, compression, line)
        trained[name] = Trained(error_percent(LAYERS, parameters, test), error_percent(LAYERS, parameters, data))
        sent = sent or (summary(traffic, NODES) if traffic else None)
    assert sent is not None
    return Outcome(seed, trained, sent)


def summary(traffic: Sequence[Traffic], nodes: int) -> Sent:
    """What was sent in the steps of the least density."""
    least = min(one.density for one in traffic)
    steps = [one for one in traffic if one.density == least]
    weights, biases = sum(layer.inputs * layer.outputs for layer in LAYERS), sum(layer.outputs for layer in LAYERS)
    pairs = sum(one.pairs for one in steps) / len(steps) / nodes
    size = message_bytes(1, 0) * pairs + message_bytes(0, biases)
    return Sent(
        elements=sum(one.sent for one in steps) / len(steps) / nodes,
        longest=max(one.longest for one in traffic),
        cut=sum(one.pairs - one.sent for one in traffic),
        union=sum(one.union for one in steps) / len(steps) / weights,
        bytes=size,
        ratio=message_bytes(0, weights + biases) / size,
    )


def difference(outcomes: Sequence[Outcome], name: str, over: str, key: str = "error") -> tuple[float, float]:
    """By how many points of percent a variant's error exceeds that of `over`: mean over seeds and standard error.

    key: "error" or "training_error". The standard error of a single seed is NaN.
    """
    gaps = np.array([getattr(one.trained[name], key) - getattr(one.trained[over], key) for one in outcomes])
    spread = float(gaps.std(ddof=1) / np.sqrt(gaps.size)) if gaps.size > 1 else float("nan")
    return float(gaps.mean()), spread
