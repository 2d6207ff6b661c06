"""tiara's features and accuracy on a wheel of our own; the real one's figures are slow."""

import pickle

import numpy as np
import pytest
from support.torch_files import torch_file

from workloads.errors import InputError
from workloads.sources.pretrained import tiara
from workloads.sources.pretrained.tiara import kmer_counts, read_fasta, tiara_accuracy, tiara_confusion, tiara_network

RNG = np.random.default_rng(3)
SEQUENCES = {  # k = 1: the letters of a sequence decide its class
    "archaea": ["TTTT", "TTTA"],
    "bacteria": ["CCCC" * 3000],
    "eukarya": ["GGTGGNNgg", "GGGG"],
    "mitochondria": ["AAAA"],
    "plast": ["AACA", "CCCA"],
}


def net(outputs):
    """Three layers that pass on A, C, G and T; the outputs in the order of the classes."""
    order = {5: ["A", "C", "", "T", "G"], 3: ["C", "", "A"]}[outputs]
    last = np.array([[10.0 * (letter == base) for letter in "ACGT"] for base in order])
    layers = {"0": np.eye(4), "3": np.eye(4), "6": last}
    storages, tensors = {}, {}
    for name, weight in layers.items():
        storages |= {f"{name}w": weight.reshape(-1), f"{name}b": np.zeros(len(weight))}
        tensors[f"{name}.weight"] = (f"{name}w", 0, weight.shape, (4, 1))
        tensors[f"{name}.bias"] = (f"{name}b", 0, (len(weight),), (1,))
    return torch_file(storages, tensors)


@pytest.fixture
def wheel(monkeypatch, tmp_path):
    def write(member, content):
        path = tmp_path / member
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    for stage, outputs in (("first", 5), ("second", 3)):
        write(f"tiara/models/nnet-models/{stage}_nnet_kmer_1.pkl", net(outputs))
        write(f"tiara/models/tfidf-models/k1-{stage}-stage/model.npy", b"")
        np.save(tmp_path / f"tiara/models/tfidf-models/k1-{stage}-stage/model.npy", np.array([1, 1, 1, 0.5], "f4"))
    for name, sequences in SEQUENCES.items():
        lines = [f">{name}_{i} text\n{bases[:5]}\n{bases[5:]}\n" for i, bases in enumerate(sequences)]
        write(f"tiara/test/test_data/{name}_fr.fasta", "".join(lines).encode())
    monkeypatch.setattr(tiara, "wheel_member", lambda _, member: tmp_path / member)
    tiara.tiara_sequences.cache_clear()
    tiara._layers.cache_clear()
    yield tmp_path
    tiara.tiara_sequences.cache_clear()
    tiara._layers.cache_clear()


@pytest.mark.parametrize("k", [1, 2, 3])
def test_counts_are_those_of_a_naive_count(k):
    letters = RNG.choice(list("ACGTNa"), 200, p=[0.24, 0.24, 0.24, 0.24, 0.02, 0.02])
    bases = "".join(letters)
    words = [""]
    for _ in range(k):
        words = [word + letter for word in words for letter in "ACGT"]
    naive = [sum(bases[i : i + k] == word for i in range(len(bases))) for word in words]
    np.testing.assert_array_equal(kmer_counts(bases.encode(), k), naive)
    assert kmer_counts(b"A" * (k - 1), k).sum() == 0


@pytest.mark.usefixtures("wheel")
def test_features_have_length_one_and_sequences_are_cut_into_fragments():
    sequences = tiara.tiara_sequences("first", 1)
    np.testing.assert_allclose(np.linalg.norm(sequences.features, axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(sequences.start, [0, 1, 2, 4, 5, 6, 7, 8, 9])  # 12,000 bases are two fragments
    np.testing.assert_array_equal(sequences.label, [3, 3, 1, 4, 4, 0, 0, 0])
    expected = np.array([1, 0, 0, 1.5]) / np.hypot(1, 1.5)  # one A; three T of half the weight
    np.testing.assert_allclose(sequences.features[1], expected, rtol=1e-6)


@pytest.mark.usefixtures("wheel")
def test_the_network_has_the_input_of_each_layer_and_the_accuracy_counts_sequences():
    network = tiara_network("first", 1, 1)
    assert [layer.name for layer in network.layers] == ["fc1", "fc2", "fc3"]
    assert [layer.relu for layer in network.layers] == [True, True, False]
    np.testing.assert_array_equal(network.layers[2].activation, network.layers[0].activation)
    table = tiara_confusion(network.layers)
    np.testing.assert_array_equal(table.sum(axis=1), [3, 1, 0, 2, 2])
    assert table[0, 1] == 1  # the plastid of many C
    assert tiara_accuracy(network.layers) == 7 / 8
    assert tiara_accuracy(tiara_network("second", 1).layers) == 2 / 3
    empty = [layer._replace(weight=np.zeros_like(layer.weight)) for layer in network.layers]
    assert tiara_accuracy(empty) == 3 / 8


def test_what_can_be_wrong(wheel):
    with pytest.raises(InputError, match="sample is 9; expected a fragment from 0 to 8"):
        tiara_network("first", 1, 9)
    layers = tiara_network("first", 1).layers
    with pytest.raises(InputError, match="the layers have 3 inputs and 5 outputs; expected 4..k inputs and 5 or 3"):
        tiara_confusion([layers[0]._replace(weight=np.zeros((4, 3), np.float32)), *layers[1:]])
    tiara._layers.cache_clear()
    tiara.tiara_sequences.cache_clear()
    (wheel / "tiara/models/nnet-models/first_nnet_kmer_1.pkl").write_bytes(torch_file({}, {}))
    with pytest.raises(InputError, match="it has no 0.weight; expected the tensors of 3 layers"):
        tiara_network("first", 1)
    model = wheel / "tiara/models/tfidf-models/k1-first-stage/model.npy"
    np.save(model, np.ones(3, np.float32))
    with pytest.raises(InputError, match=r"it has shape \[3\]; expected \[4\]"):
        tiara.tiara_sequences("first", 1)
    model.write_bytes(pickle.dumps(3))
    with pytest.raises(InputError, match="it cannot be read .*; expected 4 floats"):
        tiara.tiara_sequences("first", 1)
    for text in ("", "ACGT\n>a\nACGT"):
        (wheel / "bases.fasta").write_text(text)
        with pytest.raises(InputError, match="it does not begin with '>'; expected a FASTA file"):
            read_fasta(wheel / "bases.fasta")


REAL = [("first", 4, 1840), ("first", 5, 1840), ("first", 6, 1840)] + [("second", k, 29) for k in (4, 5, 6, 7)]


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "k", "right"), REAL)
def test_the_real_networks_classify_the_real_sequences(stage, k, right):
    network = tiara_network(stage, k)
    table = tiara_confusion(network.layers)
    assert np.trace(table) == right
    assert table.sum() == (1841 if stage == "first" else 29)


@pytest.mark.slow
def test_the_default_networks_say_what_tiara_said_of_the_same_sequences():
    """The wheel holds tiara's own output: one archaeal sequence below the cutoff of 0.65, all others as labelled."""
    sequences = tiara.tiara_sequences("first", 6)
    probability = tiara.tiara_probabilities(tiara_network("first", 6).layers, sequences)
    sure = probability.max(axis=1) > 0.65
    assert sequences.label[~sure].tolist() == [3]
    np.testing.assert_array_equal(probability.argmax(axis=1)[sure], sequences.label[sure])
