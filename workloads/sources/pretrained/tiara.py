"""The networks of tiara (Karlicki et al., Bioinformatics 2022): fully connected, with ReLU, on DNA.

The first stage distinguishes organelles, bacteria, archaea and eukaryotes, the second plastids and mitochondria. A
fragment of 5000 bases enters as the 4**k counts of its words of k bases, each times its weight (inverse document
frequency), as a vector scaled to length 1. A sequence's probabilities are the mean over its fragments.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workloads.array_checks import float32
from workloads.errors import InputError, refuse
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.sources.network import Network
from workloads.sources.pretrained.restricted_pickle import read_torch
from workloads.sources.pretrained.wheels import wheel_member
from workloads.yaml_files import read_text

FRAGMENT_BASES = 5000
FILES = ("archaea", "bacteria", "eukarya", "mitochondria", "plast")
"""The wheel's files of labelled sequences, in the order in which sequences are numbered."""
LABELS = {5: (3, 1, 4, 0, 0), 3: (None, None, None, 2, 0)}
"""The class of each file's sequences, by the number of a network's outputs; the second stage reads organelles only."""
LAYER_NAMES = ("0", "3", "6")
"""Names of the layers in the files; the numbers between them are ReLU and layers that only training needs."""


class Sequences(NamedTuple):
    """Labelled sequences as the vectors of their fragments."""

    features: np.ndarray  # float32 [fragments, 4**k]
    start: np.ndarray  # int64 [sequences + 1]: sequence i's fragments are start[i] .. start[i + 1]
    label: np.ndarray  # int64 [sequences]: the number of the right output


def tiara_network(stage: str, k: int, sample: int = 0) -> Network:
    """Return the network of a stage, "first" or "second", for words of k bases, with the inputs of its layers.

    sample: the number of the labelled fragment that is the input. InputError where there is no such fragment, or where
    the wheel is missing or damaged.
    """
    layers = _layers(stage, k)
    features = tiara_sequences(stage, k).features
    if not 0 <= sample < len(features):
        refuse(f"tiara {stage} stage", f"sample is {sample}", f"a fragment from 0 to {len(features) - 1}")
    activation, given = features[sample], []
    for layer in layers:
        given.append(layer._replace(activation=activation))
        activation = _apply(layer, activation[None])[0]
    return Network(f"tiara-{stage}-k{k}", tuple(given), ())


def tiara_accuracy(layers: Sequence[FullyConnected]) -> float:
    """Return the share of the wheel's labelled sequences that these layers classify rightly, from 0 to 1.

    layers: those of `tiara_network`, or layers of the same inputs and outputs with other weights. The wheel does not
    say whether the network was trained on its labelled sequences. InputError as in `tiara_confusion`.
    """
    table = tiara_confusion(layers)
    return float(np.trace(table) / table.sum())


def tiara_confusion(layers: Sequence[FullyConnected]) -> np.ndarray:
    """Return the confusion matrix, int64 [outputs, outputs]: sequences by class (row) and most probable class (column).

    InputError where the layers do not have 4**k inputs and 5 or 3 outputs, or where the wheel is missing or damaged.
    """
    inputs, outputs = layers[0].weight.shape[1], len(layers[-1].weight)
    k = (inputs.bit_length() - 1) // 2
    if inputs != 4**k or outputs not in LABELS:
        refuse("tiara", f"the layers have {inputs} inputs and {outputs} outputs", "4**k inputs and 5 or 3 outputs")
    sequences = tiara_sequences("first" if outputs == 5 else "second", k)
    probability = tiara_probabilities(layers, sequences)
    table = np.zeros((outputs, outputs), np.int64)
    np.add.at(table, (sequences.label, probability.argmax(axis=1)), 1)
    return table


def tiara_probabilities(layers: Sequence[FullyConnected], sequences: Sequences) -> np.ndarray:
    """Return the classes' probabilities, float32 [sequences, outputs]: the mean over each sequence's fragments."""
    values = sequences.features
    for layer in layers:
        values = _apply(layer, values)
    exponential = np.exp(values - values.max(axis=1, keepdims=True))
    probability = exponential / exponential.sum(axis=1, keepdims=True)
    fragments = np.diff(sequences.start)
    return np.add.reduceat(probability, sequences.start[:-1]) / fragments[:, None]


def kmer_counts(bases: bytes, k: int) -> np.ndarray:
    """Return how often each word of k bases occurs in `bases`, float32 [4**k], words in alphabetical order.

    Only the capital letters A, C, G and T are bases; a word with any other letter is not counted.
    """
    code = np.full(256, -1, np.int64)
    code[list(b"ACGT")] = range(4)
    letters = code[np.frombuffer(bases, np.uint8)]
    places = max(0, letters.size - k + 1)
    word, known = np.zeros(places, np.int64), np.ones(places, bool)
    for shift in range(k):
        letter = letters[shift : shift + places]
        word, known = 4 * word + letter, known & (letter >= 0)
    return np.bincount(word[known], minlength=4**k).astype(np.float32)


@lru_cache(maxsize=2)
def tiara_sequences(stage: str, k: int) -> Sequences:
    """Return the labelled sequences that a stage, "first" or "second", classifies, for words of k bases.

    InputError where the wheel is missing or damaged.
    """
    labels = LABELS[5 if stage == "first" else 3]
    weight = _inverse_frequencies(stage, k)
    features, fragments, label = [], [], []
    for file, right in zip(FILES, labels, strict=True):
        if right is None:
            continue
        for bases in read_fasta(wheel_member("tiara", f"tiara/test/test_data/{file}_fr.fasta")):
            count = max(1, len(bases) // FRAGMENT_BASES)
            starts = range(0, count * FRAGMENT_BASES, FRAGMENT_BASES)
            features += [kmer_counts(bases[i : i + FRAGMENT_BASES], k) * weight for i in starts]
            fragments.append(count)
            label.append(right)
    table = np.array(features)
    length = np.linalg.norm(table, axis=1, keepdims=True)
    table /= np.where(length > 0, length, 1)
    return Sequences(table, np.append(0, np.cumsum(fragments)), np.array(label))


def read_fasta(path: Path) -> list[bytes]:
    """Return the sequences of a FASTA file without their names; InputError where it is missing or damaged."""
    parts = read_text(path, "a FASTA file").split(">")
    if parts[0].strip() or len(parts) == 1:
        refuse(path, "it does not begin with '>'", "a FASTA file")
    return ["".join(part.split("\n")[1:]).encode() for part in parts[1:]]


def _apply(layer: FullyConnected, values: np.ndarray) -> np.ndarray:
    """The layer's output for a batch: float32 [batch, inputs] -> float32 [batch, outputs]."""
    result = values @ layer.weight.T
    if layer.bias is not None:
        result += layer.bias
    return np.maximum(result, 0) if layer.relu else result


@lru_cache(maxsize=2)
def _layers(stage: str, k: int) -> tuple[FullyConnected, ...]:
    """The layers of a stage for words of k bases, without an input."""
    path = wheel_member("tiara", f"tiara/models/nnet-models/{stage}_nnet_kmer_{k}.pkl")
    state = read_torch(path)
    layers: list[FullyConnected] = []
    for layer in LAYER_NAMES:
        weight, bias = (_tensor(path, state, f"{layer}.{part}") for part in ("weight", "bias"))
        layers.append(FullyConnected(f"fc{len(layers) + 1}", weight, bias, None, relu=layer != LAYER_NAMES[-1]))
    return tuple(layers)


def _tensor(path: Path, state: dict[str, np.ndarray], name: str) -> np.ndarray:
    if name not in state:
        refuse(path, f"it has no {name}", f"the tensors of {len(LAYER_NAMES)} layers")
    return float32(path, name, state[name])


def _inverse_frequencies(stage: str, k: int) -> np.ndarray:
    """The weight of each word of k bases, float32 [4**k]."""
    path = wheel_member("tiara", f"tiara/models/tfidf-models/k{k}-{stage}-stage/model.npy")
    try:
        weight = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: it cannot be read ({error}); expected {4**k} floats") from None
    if weight.shape != (4**k,):
        refuse(path, f"it has shape {list(weight.shape)}", f"[{4**k}]")
    return float32(path, "model", weight)
