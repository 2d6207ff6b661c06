"""What is stored, bit by bit, and the file that holds it."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.damage import damage

from workloads.compression.huffman import code_lengths, count_symbols, decode, encode
from workloads.compression.relative_index import encode as spread
from workloads.compression.storage import account, flatten, huffman_bits, list_entries, total
from workloads.errors import InputError
from workloads.kinds.fully_connected.compress import share_weights
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.model import load_workload, read_matrices
from workloads.sources.compressed.file import KEY, read_network, write_network


def layer(seed=0, outputs=20, inputs=30, density=0.2, bias=True, bits=4, name="fc"):
    rng = np.random.default_rng(seed)
    column = rng.standard_normal(outputs, dtype=np.float32) if bias else None
    weight = rng.standard_normal((outputs, inputs), dtype=np.float32)
    return share_weights(FullyConnected(name, weight, column, None, True), density, bits)


def same(left, right):
    arrays = ("codebook", "bias", "bias_code")
    assert left[:3] == right[:3]
    assert all(np.array_equal(a, b) for a, b in zip(left.columns, right.columns, strict=True))
    assert all(np.array_equal(getattr(left, name), getattr(right, name)) for name in arrays)
    assert left.relu == right.relu


def test_flattening_keeps_every_weight_in_its_place():
    shared = layer()
    flat = flatten(shared.columns, shared.outputs)
    dense = np.zeros(30 * 20, np.uint8)
    dense[flat.row] = flat.code
    for j in range(30):
        part = slice(shared.columns.start[j], shared.columns.start[j + 1])
        column = np.zeros(20, np.uint8)
        column[shared.columns.row[part]] = shared.columns.code[part]
        np.testing.assert_array_equal(dense.reshape(30, 20)[j], column)


def test_bits_of_each_stage_are_counted():
    # 1 x 40 weights; the first and the last stay: 38 zeros between them take two 4-bit counts and a padding
    weight = np.zeros((1, 40), np.float32)
    weight[0, [0, 39]] = [1, 2]
    shared = share_weights(FullyConnected("x", weight, np.zeros(1, np.float32), None, False), None, 2)
    entries = list_entries(shared, 4)
    assert entries.zeros.tolist() == [0, 15, 15, 6]
    assert entries.code.tolist() == [1, 0, 0, 3]
    found = account(shared, 2, 4)
    assert (found.weights, found.kept, found.padding) == (40, 2, 2)
    assert found.dense == 32 * 40 + 32
    assert found.pruned == 4 * (32 + 4) + 32
    assert found.shared == 4 * (2 + 4) + 4 * 32 + 32
    # codes 1 0 0 3: words of 2, 1, 1, 2 bits; counts 0 15 15 6 alike; tables of 4 and 16 lengths of 5 bits
    assert found.huffman == (6 + 4 * 5) + (6 + 16 * 5) + 4 * 32 + 32
    assert found.rate == found.dense / found.huffman


def test_the_density_of_a_layer_is_the_share_of_its_weights_that_it_keeps():
    assert [layer(density=share).density for share in (0.2, 0.5)] == [0.2, 0.5]


@pytest.mark.parametrize("stage", ["dense", "pruned", "shared", "huffman"])
def test_a_layer_without_a_bias_takes_the_bits_of_its_bias_less(stage):
    biased = layer()
    without = biased._replace(bias=None, bias_code=None)
    assert getattr(account(biased, 4, 5), stage) - getattr(account(without, 4, 5), stage) == 32 * 20


def test_totals_add_up():
    parts = [account(layer(seed, bits=bits), bits, 5) for seed, bits in ((0, 4), (1, 5))]
    whole = total(parts)
    assert (whole.weights, whole.weight_bits) == (1200, 5)
    assert whole.huffman == sum(part.huffman for part in parts)


@given(
    st.integers(0, 1000), st.sampled_from([0.0, 0.01, 0.3, 1.0]), st.booleans(), st.integers(1, 8), st.integers(1, 8)
)
def test_a_network_is_read_as_it_was_written(tmp_path_factory, seed, density, bias, bits, index_bits):
    path = tmp_path_factory.mktemp("stored") / "net.safetensors"
    layers = [layer(seed, density=density, bias=bias, bits=bits), layer(seed + 1, 7, 3, name="last")]
    write_network(path, layers, [index_bits, 4], "drawn")
    stored = read_network(path)
    assert (stored.method, stored.index_bits) == ("drawn", (index_bits, 4))
    for ours, theirs in zip(layers, stored.matrices, strict=True):
        same(ours, theirs)
    assert [p.name for p in path.parent.iterdir()] == ["net.safetensors"]


def test_the_file_is_as_small_as_the_account_says(tmp_path):
    shared = layer(outputs=300, inputs=784, density=0.08, bits=5)
    write_network(tmp_path / "net.safetensors", [shared], [5], "x")
    found = account(shared, 5, 5)
    names = 1200  # of header and metadata; lengths take a byte each here and 5 bits there
    assert found.huffman / 8 <= (tmp_path / "net.safetensors").stat().st_size <= found.huffman / 8 + names


@given(st.data())
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "net.safetensors"
    write_network(path, [layer()], [4], "x")
    damage(data, path)
    try:
        stored = read_network(path)
    except InputError as error:
        assert "; expected " in str(error)
    else:  # a flipped bit in a name or a space of the header
        assert stored.matrices[0].columns.row.size == layer().columns.row.size


def hostile(tmp_path, **changes):
    """A file with a right checksum and wrong contents."""
    from safetensors import safe_open
    from safetensors.numpy import save_file

    from workloads.sources.compressed import file as network_file

    path = tmp_path / "net.safetensors"
    write_network(path, [layer()], [4], "x")
    with safe_open(path, "numpy") as file:
        found = json.loads(file.metadata()[KEY])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for key, value in changes.items():
        if key.startswith("fc_"):
            tensors[key.replace("fc_", "fc.")] = value
        elif key in found:
            found[key] = value
        else:
            found["matrices"][0][key] = value
    found["checksum"] = network_file._checksum(tensors)
    save_file(tensors, path, {KEY: json.dumps(found)})
    return path


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"version": 5}, "version is 5; expected one from 1 to 4"),
        ({"inputs": 0}, "matrices.0.inputs is 0; expected greater than or equal to 1"),
        ({"inputs": 2, "shape": [20, 2]}, "expected 2 x 20 places"),
        ({"outputs": 21, "shape": [21, 30]}, "its bias has 20 values; expected 21"),
        ({"entries": 1 << 32}, "4294967296 entries in too few bytes"),
        ({"entries": 3}, "something follows the 3 symbols"),
        ({"index_bits": 9}, "matrices.0.index_bits is 9"),
        ({"shape": [20]}, "matrices.0.shape is [20]"),
        ({"shape": [20, 31]}, "its shape is [20, 31]; expected 20 x 30 weights"),
        ({"name": "other"}, "its tensor other.code is missing"),
        ({"fc_code_length": np.full(16, 1, np.uint8)}, "make no complete code"),
        ({"fc_code": np.zeros(0, np.uint8)}, "too few bytes"),
        ({"fc_codebook": np.full(16, np.nan, np.float32)}, "expected finite levels"),
        ({"fc_codebook": np.zeros(16, np.float64)}, "is missing or of another type; expected float32"),
        ({"fc_codebook": np.zeros(3, np.float32)}, "its codebook has 3 levels"),
        ({"fc_bias": np.full(20, np.inf, np.float32)}, "its bias has 20 values"),
    ],
)
def test_a_file_of_nonsense_with_a_right_checksum(tmp_path, changes, complaint):
    path = hostile(tmp_path, **changes)
    with pytest.raises(InputError) as error:
        read_network(path)
    assert complaint in str(error.value)


def test_other_files(tmp_path):
    from safetensors.numpy import save_file

    with pytest.raises(InputError, match="there is no such file"):
        read_network(tmp_path / "none.safetensors")
    save_file({"a": np.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="its metadata have no zeroskip"):
        read_network(tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="it cannot be written"):
        write_network(tmp_path / "no" / "net.safetensors", [layer()], [4], "x")


def test_the_real_fc8_comes_near_its_entropy(alex8):
    banks = spread(load_workload(alex8).layer.columns, 64, 4)  # the bias among them, as the machine holds it
    for symbols, entropy in ((banks.code, 3.40), (banks.zeros, 2.85)):
        counts = count_symbols(symbols, 16)
        share = counts[counts > 0] / symbols.size
        assert -(share * np.log2(share)).sum() == pytest.approx(entropy, abs=0.005)
        length = code_lengths(counts)
        assert (huffman_bits(symbols, 4) - 16 * 5) / symbols.size < entropy + 0.05
        np.testing.assert_array_equal(decode(encode(symbols, length), symbols.size, length), symbols)


@given(st.data())
def test_damaged_weights_by_name_are_refused_in_a_sentence(tmp_path_factory, data):
    from safetensors.numpy import save_file

    path = tmp_path_factory.mktemp("weights") / "net.safetensors"
    save_file({"a.weight": np.ones((2, 3), np.float32), "a.bias": np.ones(2, np.float32)}, path)
    damage(data, path)
    try:
        read_matrices(str(path))
    except InputError as error:
        assert "; expected " in str(error)


def test_weights_by_name(tmp_path):
    from safetensors.numpy import save_file

    path = tmp_path / "net.safetensors"
    tensors = {"b.weight": np.ones((2, 3), np.float32), "b.bias": np.ones(2, np.float32)}
    tensors |= {"a.weight": np.ones((4, 2, 3, 3), np.float32), "norm.mean": np.ones(4, np.float32)}
    save_file(tensors, path)
    read = read_matrices(str(path))
    assert [(matrix.layer.name, matrix.shape) for matrix in read.matrices] == [("a", (4, 2, 3, 3)), ("b", (2, 3))]
    assert read.matrices[1].layer.bias.tolist() == [1, 1]
    assert read.left_out == ("norm.mean [4] is no weight or bias of a layer that is known",)
    write_network(
        tmp_path / "c.safetensors", [share_weights(m.layer) for m in read.matrices], [4, 4], "x", [(4, 2, 3, 3), (2, 3)]
    )
    with pytest.raises(InputError, match=r"the input of a is float64 \[18\]; expected numbers \[2, height, width\]"):
        load_workload(f"{tmp_path / 'c.safetensors'}:a", activation=np.ones(18))
    assert load_workload(f"{tmp_path / 'c.safetensors'}:b", activation=np.ones(3)).layer.outputs == 2


def test_drawn_weights_are_called_drawn_and_compared_by_width_and_density():
    from typer.testing import CliRunner

    from simulator.cli import app

    flat = " ".join(CliRunner().invoke(app, ["compress", "alexnet-fc8"]).stdout.split())
    assert "weights are drawn" in flat
    assert "5-bit codes, 4-bit counts" in flat
    shared = share_weights(read_matrices("alexnet-fc8").matrices[0].layer, 0.2566, 4)
    ours = account(shared, 5, 4)
    assert f"alexnet-fc8 25.66 25.00 {100 * ours.shared / ours.dense:.2f} 7.30" in flat
