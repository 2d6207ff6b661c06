"""The networks of tiara (Karlicki et al., Bioinformatics 2022): fully connected, with ReLU, on DNA.

The first stage tells organelles, bacteria, archaea and eukaryotes apart, the second one plastids and mitochondria. A
fragment of 5000 bases is the vector of its 4**k counts of k bases in a row, each times its weight (inverse document
frequency), scaled to length 1. A sequence's probabilities are the mean over its fragments.
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
from workloads.sources.pretrained.wheels import fetch
from workloads.yaml_files import read_text

FRAGMENT_BASES = 5000
FILES = ("archaea", "bacteria", "eukarya", "mitochondria", "plast")
"""What the labelled sequences are named by, in the order in which they are numbered."""
LABELS = {5: (3, 1, 4, 0, 0), 3: (None, None, None, 2, 0)}
"""The class of each file's sequences among a network's 5 or 3 outputs; the second stage sees organelles only."""
PLACE = ("0", "3", "6")
"""Names of the layers in the files; between them stand ReLU and what only training needs."""


class Sequences(NamedTuple):
    """Labelled sequences, fragment by fragment."""

    features: np.ndarray  # float32 [fragments, 4**k]
    start: np.ndarray  # int64 [sequences + 1]: sequence i's fragments are start[i] .. start[i + 1]
    label: np.ndarray  # int64 [sequences]: the right output


def tiara_network(stage: str, k: int, sample: int = 0) -> Network:
    """The network of a stage ("first" or "second") for k bases; the input is the labelled fragment number `sample`."""
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
    """The share of the wheel's labelled sequences whose most probable class is the right one, for these weights.

    layers: a network as of `tiara_network`, or one of the same inputs and outputs with changed weights. The wheel does
    not say whether its labelled sequences were apart from those of the training.
    """
    table = tiara_confusion(layers)
    return float(np.trace(table) / table.sum())


def tiara_confusion(layers: Sequence[FullyConnected]) -> np.ndarray:
    """How many sequences of a class (row) get which most probable class (column), int64 [outputs, outputs]."""
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
    """The mean over a sequence's fragments of the classes' probabilities, float32 [sequences, outputs]."""
    values = sequences.features
    for layer in layers:
        values = _apply(layer, values)
    exponential = np.exp(values - values.max(axis=1, keepdims=True))
    probability = exponential / exponential.sum(axis=1, keepdims=True)
    fragments = np.diff(sequences.start)
    return np.add.reduceat(probability, sequences.start[:-1]) / fragments[:, None]


def kmer_counts(bases: bytes, k: int) -> np.ndarray:
    """How often each of the 4**k words of k bases stands in a row of bases, float32, in alphabetical order.

    Only the capital letters A, C, G and T are bases; a word that holds another letter is not counted.
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
    """The labelled sequences that the stage sees, as its network reads them."""
    labels = LABELS[5 if stage == "first" else 3]
    weight = _inverse_frequencies(stage, k)
    features, fragments, label = [], [], []
    for file, right in zip(FILES, labels, strict=True):
        if right is None:
            continue
        for bases in read_fasta(fetch("tiara", f"tiara/test/test_data/{file}_fr.fasta")):
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
    """The sequences of a FASTA file, without their names."""
    parts = read_text(path, "a FASTA file").split(">")
    if parts[0].strip() or len(parts) == 1:
        refuse(path, "it does not begin with '>'", "a FASTA file")
    return ["".join(part.split("\n")[1:]).encode() for part in parts[1:]]


def _apply(layer: FullyConnected, values: np.ndarray) -> np.ndarray:
    """The layer for a batch, float32 [batch, outputs]."""
    result = values @ layer.weight.T
    if layer.bias is not None:
        result += layer.bias
    return np.maximum(result, 0) if layer.relu else result


@lru_cache(maxsize=2)
def _layers(stage: str, k: int) -> tuple[FullyConnected, ...]:
    path = fetch("tiara", f"tiara/models/nnet-models/{stage}_nnet_kmer_{k}.pkl")
    state = read_torch(path)
    layers: list[FullyConnected] = []
    for place in PLACE:
        weight, bias = (_tensor(path, state, f"{place}.{part}") for part in ("weight", "bias"))
        layers.append(FullyConnected(f"fc{len(layers) + 1}", weight, bias, None, relu=place != PLACE[-1]))
    return tuple(layers)


def _tensor(path: Path, state: dict[str, np.ndarray], name: str) -> np.ndarray:
    if name not in state:
        refuse(path, f"it has no {name}", f"the tensors of {len(PLACE)} layers")
    return float32(path, name, state[name])


def _inverse_frequencies(stage: str, k: int) -> np.ndarray:
    path = fetch("tiara", f"tiara/models/tfidf-models/k{k}-{stage}-stage/model.npy")
    try:
        weight = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: it cannot be read ({error}); expected {4**k} floats") from None
    if weight.shape != (4**k,):
        refuse(path, f"it has shape {list(weight.shape)}", f"[{4**k}]")
    return float32(path, "model", weight)
