"""Experiments: what compression costs, most with training. One more is a file and a line."""

from pathlib import Path

from workloads.document_types import Document
from workloads.study import Progress, Study


def _deep_compression(seed: int, progress: Progress, output: Path | None = None) -> Document:
    from workloads.experiments import deep_compression
    from workloads.experiments.mnist import load_mnist

    data, test = load_mnist()
    outcome = deep_compression.run(data, test, seed, progress)
    if output is not None:
        deep_compression.write(outcome, output, seed, test)
    return deep_compression.to_tables(outcome)


def _ttq(seed: int, progress: Progress) -> Document:
    from workloads.experiments import ttq
    from workloads.experiments.mnist import load_mnist

    data, test = load_mnist()
    return ttq.to_tables(ttq.run(data, test, seed, progress))


def _dsd(seed: int, progress: Progress, seeds: int = 5) -> Document:
    from workloads.experiments import dsd
    from workloads.experiments.mnist import load_mnist

    data, test = load_mnist()
    return dsd.to_tables([dsd.run(data, test, one, progress) for one in range(seed, seed + seeds)])


def _qad(seed: int, progress: Progress, seeds: int = 5) -> Document:
    from workloads.experiments import qad
    from workloads.experiments.mnist import load_mnist

    data, test = load_mnist()
    return qad.to_tables([qad.run(data, test, one, progress) for one in range(seed, seed + seeds)])


def _dgc(seed: int, progress: Progress, seeds: int = 5) -> Document:
    from workloads.experiments import dgc
    from workloads.experiments.dgc_tables import to_tables
    from workloads.experiments.mnist import load_mnist

    data, test = load_mnist()
    return to_tables([dgc.run(data, test, one, progress) for one in range(seed, seed + seeds)])


def _aqn(seed: int, progress: Progress) -> Document:
    from workloads.experiments.aqn import study

    return study(seed, progress)


EXPERIMENTS = (
    Study(
        "deep-compression",
        "LeNet-300-100 trained on MNIST, pruned, shared, Huffman-coded (90 s; fetches a wheel)",
        _deep_compression,
        ("output",),
    ),
    Study("ttq", "trained ternary quantisation of LeNet-300-100 (120 s; fetches a wheel)", _ttq),
    Study("qad", "distillation of a network in NVFP4 by its own teacher (300 s; fetches a wheel)", _qad, ("seeds",)),
    Study("aqn", "entropy of a transformer's masked tokens against noise (30 s; fetches a wheel)", _aqn),
    Study(
        "dgc", "training on nodes that send 0.1 % of their gradients (140 s a seed; fetches a wheel)", _dgc, ("seeds",)
    ),
    Study("dsd", "dense-sparse-dense training of LeNet-300-100 (60 s a seed; fetches a wheel)", _dsd, ("seeds",)),
)
