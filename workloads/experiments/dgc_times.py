"""Published steps of data-parallel training, and what the closed forms of exchanges make of them."""

from typing import NamedTuple

from workloads.compression.gradients.messages import VALUE_BYTES, message_bytes
from workloads.compression.gradients.warm_up import DENSITY
from workloads.training.gradient_compression.exchange_times import (
    GIGABIT,
    Network,
    dense_exchange,
    fitted_compute,
    ring_all_gather,
    ring_all_reduce,
    sparse_exchange,
    speedup,
)
from workloads.training.gradient_compression.message_sizes import alexnet, message_size

NODES, DENSE_SPEEDUP = 64, 30.0
"""Lin et al., figure 6: AlexNet on nodes of four Titan XP, dense gradients over 10 Gb/s."""
SPARSE_SPEEDUP = 40.0
"""The same with DGC over 1 Gb/s: more than that."""
PADDLE = {100: (0.3725, 0.375), 10: (0.55, 0.375), 1: (2.45, 0.375)}
"""Gb/s -> seconds a step, dense and with DGC: Faster R-CNN on two machines of one P40 (PaddlePaddle's page on DGC)."""


class AlexNetSpeedups(NamedTuple):
    """AlexNet on 64 nodes."""

    compute: float  # seconds of a step, fitted to the dense speed-up over 10 Gb/s
    speedups: dict[tuple[str, int], float]  # by "dense" or "DGC" and Gb/s


class PaddleRow(NamedTuple):
    """Seconds a step of two machines at a bandwidth."""

    gigabits: int
    dense: float
    sparse: float
    published_dense: float
    published_sparse: float


class PaddleFit(NamedTuple):
    """One compute time and one payload for all rows."""

    compute: float  # seconds
    payload: float  # bytes of a dense gradient
    rows: list[PaddleRow]


def alexnet_speedups() -> AlexNetSpeedups:
    """Speed-ups at 1 and 10 Gb/s from one fitted compute time."""
    size = message_size(alexnet())
    compute = fitted_compute(NODES, dense_exchange(Network(NODES, 10 * GIGABIT), size), DENSE_SPEEDUP)
    found = {}
    for gigabits in (10, 1):
        network = Network(NODES, gigabits * GIGABIT)
        for name, exchange in (("dense", dense_exchange), ("DGC", sparse_exchange)):
            found[name, gigabits] = speedup(NODES, compute, exchange(network, size))
    return AlexNetSpeedups(compute, found)


def paddle_fit() -> PaddleFit:
    """Compute time and payload from the dense rows at 100 and 1 Gb/s; the other four steps follow from them."""
    (fast, _), (slow, _) = PADDLE[100], PADDLE[1]
    a_byte = {gigabits: ring_all_reduce(Network(2, gigabits * GIGABIT), 1.0) for gigabits in PADDLE}
    payload = (slow - fast) / (a_byte[1] - a_byte[100])
    compute = fast - payload * a_byte[100]
    sent = payload / VALUE_BYTES * DENSITY * message_bytes(1, 0)
    rows = [
        PaddleRow(
            gigabits,
            compute + payload * a_byte[gigabits],
            compute + ring_all_gather(Network(2, gigabits * GIGABIT), sent),
            *published,
        )
        for gigabits, published in PADDLE.items()
    ]
    return PaddleFit(compute, payload, rows)
