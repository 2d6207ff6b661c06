"""Deep Compression of LeNet-300-100 on MNIST (Han et al., ICLR 2016): prune, retrain, share, fine-tune, Huffman."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from workloads.compression import masks
from workloads.compression.shared import SharedFullyConnected
from workloads.compression.storage import Storage, account, dense_codes, total
from workloads.document_types import Document
from workloads.errors import InputError
from workloads.experiments.lenet import DENSE, RETRAIN, Say, Trainer
from workloads.kinds.fully_connected.compress import share_weights
from workloads.sources.compressed.file import write_network
from workloads.training.constraints import Masked, Shared
from workloads.training.sgd import Examples, TrainingSchedule

ROUNDS = ((0.4, 0.4, 0.8), (0.2, 0.22, 0.5), (0.1, 0.12, 0.32), (0.06, 0.08, 0.26))
"""Densities of ip1, ip2 and ip3 after each round of pruning; the paper ends with 8, 9 and 26 %."""
WEIGHT_BITS, INDEX_BITS = 4, 5
"""Bits of a code and of a count of zeros; the paper stores 6-bit codes and 5-bit counts."""
TUNE = TrainingSchedule(epochs=10, rate=3e-4)

PUBLISHED_ERRORS = {"dense": 1.64, "compressed": 1.58}
"""Error on the test set in percent."""
PUBLISHED_RATE = 40
"""The compression rate of the whole network."""
PUBLISHED_LAYERS = {"ip1": (8, 2.32), "ip2": (9, 3.04), "ip3": (26, 12.70), "total": (8, 2.49)}
"""Kept weights and size after Huffman coding, both in percent (Deep Compression, Table 2)."""


class DeepCompressionOutcome(NamedTuple):
    """A compressed LeNet-300-100 with its errors and storage."""

    errors: dict[str, float]  # stage -> error on the test set in percent
    layers: list[Storage]  # ip1, ip2, ip3, total
    network: list[SharedFullyConnected]


def run(data: Examples, test: Examples, seed: int, say: Say) -> DeepCompressionOutcome:
    """Train and compress, and measure the error after each stage.

    data: to train with; test: to measure the error with; `say` is called with a line of text after each epoch.
    """
    trainer = Trainer(data, test, seed, say)
    errors = {"dense": trainer.train(DENSE, "dense")}
    for number, densities in enumerate(ROUNDS, 1):
        weights = [weight for weight, _ in trainer.parameters()]
        kept = [masks.by_density(weight, density) for weight, density in zip(weights, densities, strict=True)]
        trainer.constrain([Masked(weight, mask) for weight, mask in zip(weights, kept, strict=True)])
        errors[f"pruned {number}"] = trainer.train(RETRAIN, f"pruned {number}")
    layers = [share_weights(layer, None, WEIGHT_BITS) for layer in trainer.layers()]
    trainer.constrain([Shared(dense_codes(layer), layer.codebook) for layer in layers])
    errors["shared"] = trainer.error()
    errors["compressed"] = trainer.train(TUNE, "shared")
    network = [
        layer._replace(codebook=weight.parameters[0], bias=bias)
        for layer, weight, bias in zip(layers, trainer.weights, trainer.biases, strict=True)
    ]
    parts = [account(layer, WEIGHT_BITS, INDEX_BITS) for layer in network]
    return DeepCompressionOutcome(errors, [*parts, total(parts)], network)


def to_tables(outcome: DeepCompressionOutcome) -> Document:
    """Return the outcome and the paper's figures as tables of text: what `study --json` prints."""
    sizes = []
    for part in outcome.layers:
        kept, size = PUBLISHED_LAYERS[part.layer]
        ours = 100 * part.kept / part.weights, 100 * part.huffman / part.dense
        stages = [f"{bits / 8000:.2f}" for bits in (part.dense, part.pruned, part.shared, part.huffman)]
        percent = [f"{ours[0]:.1f}", str(kept), f"{ours[1]:.2f}", f"{size:.2f}"]
        sizes.append([part.layer, *percent, *stages, f"{part.rate:.1f}"])
    errors = [
        [stage, f"{error:.2f}", f"{PUBLISHED_ERRORS[stage]:.2f}" if stage in PUBLISHED_ERRORS else "-"]
        for stage, error in outcome.errors.items()
    ]
    kilobytes = [f"{stage} KB" for stage in ("dense", "pruned", "shared", "Huffman")]
    columns = ["layer", "kept %", "paper", "size %", "paper", *kilobytes, "rate"]
    return {
        "study": "Deep Compression of LeNet-300-100 on MNIST",
        "tables": [
            {"title": "error on the test set, %", "columns": ["stage", "here", "paper"], "rows": errors},
            {"title": f"storage (paper: {PUBLISHED_RATE}x in all)", "columns": columns, "rows": sizes},
        ],
    }


def write(outcome: DeepCompressionOutcome, path: Path, seed: int, test: Examples) -> None:
    """Write the network to `path`, and the inputs of its layers for the first test image to the same name with .npz.

    The inputs are float32 [inputs] arrays by layer name. InputError where `path` does not end with .safetensors or
    cannot be written.
    """
    if path.suffix != ".safetensors":
        raise InputError(f"{path}: it ends with {path.suffix!r}; expected a name that ends with .safetensors")
    method = f"zeroskip study deep-compression --seed {seed}; test error {outcome.errors['compressed']:.2f} %"
    write_network(path, outcome.network, [INDEX_BITS] * len(outcome.network), method)
    activation, inputs = test.inputs[0], {}
    for layer in outcome.network:
        inputs[layer.name] = activation
        activation = np.maximum(layer.codebook[dense_codes(layer)] @ activation + layer.bias, 0)
    np.savez_compressed(path.with_suffix(".npz"), **inputs)
