"""How far tensors of a network are from those of the same network with other weights."""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from workloads.document_types import Document

Pair = tuple[np.ndarray, np.ndarray]
"""A tensor as it is and with other weights, numbers [any shape]."""
BLOCK_VALUES = 1 << 18
SUM_TOLERANCE = 1e-3
"""How far the sum of a distribution may be from 1, as half precision leaves it."""


class Distance(NamedTuple):
    """Of one tensor: signal to quantisation noise, and what else can be said of a network's output."""

    name: str  # of the layer that puts it out, or of the output
    sqnr_db: float | None  # 10 log10(sum of squares / sum of squared differences); None: equal, all zero, or not known
    relative: float | None  # norm of the difference over the norm of the tensor; None: not known
    kl: float | None = None  # mean divergence in nats of the second from the first, where rows are distributions
    top1: float | None = None  # share of rows whose greatest value is at the same place, where rows are classes
    unknown: str | None = None  # why it is not known: a value of one of the tensors is not finite


class NetworkDistance(NamedTuple):
    """Of a network: at the output of each layer, and at its outputs."""

    layers: tuple[Distance, ...]
    outputs: tuple[Distance, ...]

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        return {name: [one._asdict() for one in getattr(self, name)] for name in self._fields}


def distance(name: str, exact: np.ndarray, other: np.ndarray, output: bool = False) -> Distance:
    """Between two tensors of one shape, numbers [..., values]; output: whether their rows may be classes.

    >>> found = distance("y", np.array([[0.9, 0.1]]), np.array([[0.8, 0.2]]), output=True)
    >>> round(found.sqnr_db, 2), round(found.kl, 4), found.top1
    (16.13, 0.0367, 1.0)
    """
    first, second = exact.reshape(-1), other.reshape(-1)
    unknown = _not_finite(first, "") or _not_finite(second, " with compressed weights")
    if unknown:
        return Distance(name, None, None, unknown=unknown)
    signal, noise = _squares(first, second)
    sqnr = 10 * (math.log10(signal) - math.log10(noise)) if signal and noise else None
    relative = math.sqrt(noise) / math.sqrt(signal) if signal else float(noise > 0)
    if not output or exact.ndim < 2 or exact.shape[-1] < 2:
        return Distance(name, sqnr, relative)
    rows, changed = exact.reshape(-1, exact.shape[-1]), other.reshape(-1, exact.shape[-1])
    top1 = float(np.mean(rows.argmax(axis=1) == changed.argmax(axis=1)))
    return Distance(name, sqnr, relative, _divergence(rows, changed), top1)


def describe_distance(found: Distance) -> str:
    """A sentence about an output.

    >>> describe_distance(Distance("y", 23.456, 0.067, 0.01, 0.99))
    "compression moves the network's output y by 0.067 of its norm: SQNR 23.5 dB, KL 0.01, top-1 equal in 99 % of rows"
    """
    if found.relative is None:
        return f"what compression changes in the network's output {found.name} is not known: {found.unknown}"
    parts = ["it is equal" if found.sqnr_db is None and not found.relative else ""]
    parts += [f"SQNR {found.sqnr_db:.3g} dB"] if found.sqnr_db is not None else []
    parts += [f"KL {found.kl:.3g}"] if found.kl is not None else []
    parts += [f"top-1 equal in {100 * found.top1:.4g} % of rows"] if found.top1 is not None else []
    moved = f"compression moves the network's output {found.name} by {found.relative:.3g} of its norm"
    return f"{moved}: {', '.join(filter(None, parts))}"


def compare_tensors(layers: Mapping[str, Pair], outputs: Mapping[str, Pair]) -> NetworkDistance:
    """Between the tensors of two runs, the exact one first, numbers [any shape] by name of the layer or the output.

    Outputs of integers are left out.
    """
    return NetworkDistance(
        tuple(distance(name, *pair) for name, pair in layers.items()),
        tuple(distance(name, *pair, output=True) for name, pair in outputs.items() if pair[0].dtype.kind == "f"),
    )


def _blocks(first: np.ndarray, second: np.ndarray) -> Iterator[Pair]:
    """Parts of two tensors, numbers [values or rows, ...], as float64 of a few megabytes."""
    step = max(1, BLOCK_VALUES // max(1, math.prod(first.shape[1:])))
    for start in range(0, len(first), step):
        part = slice(start, start + step)
        yield first[part].astype(np.float64), second[part].astype(np.float64)


def _not_finite(values: np.ndarray, where: str) -> str:
    """How many values of a tensor, numbers [any shape], are infinite or no numbers; "" where none is."""
    bad = int(values.size - np.count_nonzero(np.isfinite(values)))
    return f"{bad:,} of its {values.size:,} values {'is' if bad == 1 else 'are'} not finite{where}" if bad else ""


def _squares(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """The sums of squares of a tensor and of its difference from another one, finite numbers [values].

    Both tensors are divided by the power of two above their greatest magnitude, so that no square overflows.
    """
    largest = (float(np.abs(one).max(initial=0)) for pair in _blocks(first, second) for one in pair)
    _, exponent = math.frexp(max(largest, default=0.0))
    signal, noise = [0.0], [0.0]
    for pair in _blocks(first, second):
        scaled, other = (np.ldexp(one, -exponent) for one in pair)
        signal.append(float(np.square(scaled).sum()))
        noise.append(float(np.square(scaled - other).sum()))
    return math.fsum(signal), math.fsum(noise)


def _divergence(first: np.ndarray, second: np.ndarray) -> float | None:
    """The mean of sum p log(p / q), numbers [rows, classes]; None where rows are no distributions."""
    least, sums = np.finfo(np.float64).tiny, []
    for pair in _blocks(first, second):
        for rows in pair:
            if rows.min() < 0 or rows.max() > 1 + SUM_TOLERANCE or np.abs(rows.sum(axis=1) - 1).max() > SUM_TOLERANCE:
                return None
        before, after = pair
        terms = before * (np.log(np.maximum(before, least)) - np.log(np.maximum(after, least)))
        sums.append(float(terms.sum()))
    return math.fsum(sums) / len(first) if len(first) else None
