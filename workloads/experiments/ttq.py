"""Trained ternary quantisation of LeNet-300-100 on MNIST (Zhu et al., ICLR 2017)."""

from typing import NamedTuple

from workloads.compression.shared import SharedFullyConnected
from workloads.compression.storage import FLOAT_BITS, Storage, account, total
from workloads.document_types import Document
from workloads.experiments.lenet import DENSE, NAMES, Say, Trainer
from workloads.kinds.fully_connected.ternary import store_ternary
from workloads.number_formats.ternary import BITS, Sides, sides
from workloads.training.constraints import Free, Ternary
from workloads.training.sgd import Examples, TrainingSchedule

THRESHOLD = 0.05
"""Relative to the greatest magnitude; the default of the authors' scripts."""
TERNARY = (True, True, False)
"""Which layers become ternary. The paper leaves out the first and the last; here the first is most of the network."""
RETRAIN = TrainingSchedule(epochs=20, rate=0.02, decay=1e-4)
INDEX_BITS = 4
SCALE_BITS = 2 * FLOAT_BITS
"""Bits of a layer's two scales."""

PUBLISHED = {"ResNet-20": (8.23, 8.87), "ResNet-32": (7.67, 7.63), "ResNet-44": (7.18, 7.02), "ResNet-56": (6.80, 6.44)}
"""The paper's error on CIFAR-10 in percent: full precision and ternary."""


class TtqOutcome(NamedTuple):
    """Errors and storage of a ternary LeNet-300-100."""

    errors: dict[str, float]  # stage -> error on the test set in percent
    sparsity: dict[str, float]  # layer -> share of zero weights
    scales: dict[str, tuple[float, float]]  # layer -> positive, negative
    layers: list[Storage]  # of the ternary layers, and their total
    dense_codes: int  # bits of the same layers with two bits for every weight


def run(data: Examples, test: Examples, seed: int, say: Say) -> TtqOutcome:
    """Train in full precision, make ternary, train again, and count the bits.

    data: to train with; test: to measure the error with; `say` is called with a line of text after each epoch.
    """
    trainer = Trainer(data, test, seed, say)
    errors = {"full precision": trainer.train(DENSE, "full precision")}
    weights = [weight for weight, _ in trainer.parameters()]
    trainer.constrain(
        [Ternary(w, THRESHOLD) if ternary else Free(w) for w, ternary in zip(weights, TERNARY, strict=True)]
    )
    errors["ternary, not trained"] = trainer.error()
    errors["ternary"] = trainer.train(RETRAIN, "ternary")
    stored = [
        store_ternary(layer, _sides(weight), *weight.parameters[1].tolist())
        for layer, weight in zip(trainer.layers(), trainer.weights, strict=True)
        if isinstance(weight, Ternary)
    ]
    parts = [account(layer, BITS, INDEX_BITS) for layer in stored]
    return TtqOutcome(
        errors=errors,
        sparsity={layer.name: 1 - layer.density for layer in stored},
        scales={name: _scales(w) for name, w in zip(NAMES, trainer.weights, strict=True) if isinstance(w, Ternary)},
        layers=[*parts, total(parts)],
        dense_codes=sum(BITS * layer.inputs * layer.outputs + SCALE_BITS + _bias_bits(layer) for layer in stored),
    )


def to_tables(outcome: TtqOutcome) -> Document:
    """Return the outcome, and the paper's figures on other networks, as tables of text: what `study --json` prints."""
    errors = [[stage, f"{error:.2f}"] for stage, error in outcome.errors.items()]
    layers = []
    for part in outcome.layers[:-1]:
        positive, negative = outcome.scales[part.layer]
        scales = f"{positive:.4f}", f"{-negative:.4f}"
        sizes = f"{part.dense / 8000:.1f}", f"{part.huffman / 8000:.1f}", f"{part.rate:.1f}"
        layers.append([part.layer, f"{100 * outcome.sparsity[part.layer]:.1f}", *scales, *sizes])
    whole = outcome.layers[-1]
    zeros = 100 * (1 - whole.kept / whole.weights)
    sizes = f"{whole.dense / 8000:.1f}", f"{whole.huffman / 8000:.1f}", f"{whole.rate:.1f}"
    layers.append(["total", f"{zeros:.1f}", "", "", *sizes])
    plain = f"two bits for every weight: {outcome.dense_codes / 8000:.1f} KB, {whole.dense / outcome.dense_codes:.1f}x"
    columns = ["layer", "zeros %", "positive", "negative", "dense KB", "Huffman KB", "rate"]
    paper = [[net, f"{full:.2f}", f"{ternary:.2f}"] for net, (full, ternary) in PUBLISHED.items()]
    return {
        "study": "Trained ternary quantisation of LeNet-300-100 on MNIST (ip1 and ip2; ip3 stays in full precision)",
        "tables": [
            {"title": "error on the test set, %", "columns": ["stage", "here"], "rows": errors},
            {"title": f"ternary layers ({plain})", "columns": columns, "rows": layers},
            {
                "title": "the paper, CIFAR-10, error %",
                "columns": ["network", "full precision", "ternary"],
                "rows": paper,
            },
        ],
    }


def _sides(weight: Ternary) -> Sides:
    return sides(weight.parameters[0], weight.relative_threshold)


def _scales(weight: Ternary) -> tuple[float, float]:
    positive, negative = weight.parameters[1].tolist()
    return positive, negative


def _bias_bits(layer: SharedFullyConnected) -> int:
    return 0 if layer.bias is None else FLOAT_BITS * layer.bias.size
