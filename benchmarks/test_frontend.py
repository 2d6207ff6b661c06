"""How fast the frontend is, compared with other libraries on the same data: `pytest benchmarks/test_frontend.py -s`.

The comparisons need `pip install dahuffman scikit-learn` and are skipped without.
"""

import time
import tracemalloc

import numpy as np
import pytest

from workloads.compression.huffman import code_lengths, count_symbols, decode, encode
from workloads.compression.storage import list_entries
from workloads.kinds.drawing import generator
from workloads.kinds.fully_connected.compress import share_weights
from workloads.kinds.fully_connected.recipe import draw
from workloads.number_formats.codebook import kmeans, share, starting_points
from workloads.sources.zoo.recipes import zoo

NAMES = ("alexnet-fc6", "alexnet-fc7", "alexnet-fc8")


@pytest.fixture(scope="module")
def layers():
    return [draw(name, zoo()[name], 1.0, generator(name, 0)) for name in NAMES]


def seconds(function, *arguments):
    began = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - began, result


def shrink(layers):
    for layer in layers:
        shared = share_weights(layer, zoo()[layer.name].weight_density.value, 4)
        list_entries(shared, 4)


def test_alexnets_fully_connected_layers(layers):
    shrink(layers[2:])  # compiles
    weights = sum(layer.weight.nbytes for layer in layers)
    spent, _ = seconds(shrink, layers)
    tracemalloc.start()
    shrink(layers)
    peak = tracemalloc.get_traced_memory()[1] + weights
    tracemalloc.stop()
    count = weights / 4e6
    print(
        f"\n{count:.1f} M weights pruned, shared and encoded in {spent:.2f} s; peak {peak / weights:.2f} x the weights"
    )
    assert spent < 15
    assert peak <= 3 * weights


def test_huffman_symbols_per_second(layers):
    shared = share_weights(layers[0], 0.09, 4)
    symbols = np.tile(list_entries(shared, 4).code, 6)
    length = code_lengths(count_symbols(symbols, 16))
    decode(encode(symbols[:100], length), 100, length)
    packing, stream = seconds(encode, symbols, length)
    unpacking, back = seconds(decode, stream, symbols.size, length)
    assert np.array_equal(back, symbols)
    rates = symbols.size / packing / 1e6, symbols.size / unpacking / 1e6
    print(
        f"\nHuffman: {rates[0]:.0f} M symbols/s encoded, {rates[1]:.0f} M decoded ({symbols.size / 1e6:.0f} M symbols)"
    )
    assert min(rates) >= 50


def test_beside_dahuffman(layers):
    dahuffman = pytest.importorskip("dahuffman")
    shared = share_weights(layers[2], 0.25, 4)
    symbols = list_entries(shared, 4).code
    length = code_lengths(count_symbols(symbols, 16))
    ours, stream = seconds(encode, symbols, length)
    ours_back, _ = seconds(decode, stream, symbols.size, length)
    text = symbols.tobytes()
    codec = dahuffman.HuffmanCodec.from_data(text)
    theirs, other = seconds(codec.encode, text)
    theirs_back, _ = seconds(codec.decode, other)
    print(f"\nbeside dahuffman: encoding {theirs / ours:.0f} x faster, decoding {theirs_back / ours_back:.0f} x")
    print(f"stream of {stream.size:,} bytes, theirs {len(other):,} (with an end mark)")
    assert abs(stream.size - len(other)) <= 0.01 * stream.size


def test_beside_scikit_learn(layers):
    cluster = pytest.importorskip("sklearn.cluster")
    values = layers[2].weight.ravel()[:400_000]
    ours, (codebook, code) = seconds(share, values, 4)
    ordered = np.sort(values).astype(np.float64)
    start = starting_points(ordered, 15)
    model = cluster.KMeans(15, init=start[:, None], n_init=1, algorithm="lloyd", max_iter=10_000, tol=0)
    theirs, fitted = seconds(model.fit, values[:, None].astype(np.float64))
    loss = float(((values - codebook[code]).astype(np.float64) ** 2).sum())
    print(
        f"\nbeside scikit-learn's KMeans, {values.size:,} values, 15 centroids: {theirs / ours:.0f} x faster, ", end=""
    )
    print(f"squared error {loss:.6g} against {fitted.inertia_:.6g}")
    np.testing.assert_allclose(kmeans(ordered, start), np.sort(fitted.cluster_centers_.ravel()), atol=1e-3)
