"""A product whose inputs are split over chips, on machines: the bits of each order, and what the tree costs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.layers import PLAIN, drawn
from support.paths import EXAMPLES

from simulator.config.load import load_arch
from simulator.core.registry import find
from simulator.machines.eie import engine as eie_engine
from simulator.machines.eie.layout.streams import layout as eie_layout
from simulator.studies import split_products
from simulator.studies.split_products import (
    compress_for,
    layer_for,
    outputs_of,
    smaller,
    sums_on,
    variants,
)
from workloads.errors import InputError
from workloads.experiments.split_layers import add_words, split_inputs
from workloads.kinds import reference_output
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.layer import MatrixProduct

SHAPE = 3, 2048, 5
"""Tokens, inputs and outputs: eight tiles, which are four runs of two."""


def products(layer):
    """Each stored weight's row and rounded product, in plain integers."""
    for column, value in enumerate(layer.activation.tolist()):
        for entry in range(int(layer.columns.start[column]), int(layer.columns.start[column + 1])):
            product = int(layer.codebook[layer.columns.code[entry]]) * value
            yield column, int(layer.columns.row[entry]), (2 * product + (1 << layer.shift)) >> (layer.shift + 1)


@settings(max_examples=EXAMPLES)
@given(st.integers(0, 1 << 30), st.sampled_from([1, 2, 4, 8]), st.booleans(), st.sampled_from([1, 2, 5]))
def test_parts_of_fixed_point_words_add_up_to_the_whole_on_any_number_of_pes(seed, chips, relu, pes):
    """Where no partial sum saturates: of the magnitudes of all products of an output."""
    layer = drawn(seed, 8 * 3, 6, 0.5, 0.7, bias=False, relu=relu)
    layer = layer._replace(shift=20, codebook=(layer.codebook // 8).astype(np.int16))
    most = np.zeros(layer.outputs, np.int64)
    for _, row, product in products(layer):
        most[row] += abs(product)
    arch = PLAIN._replace(pes=pes)
    parts = [eie_engine.run(arch, *eie_layout(arch, one)).output for one in split_inputs(layer, chips)]
    safe = most < 1 << 15
    assert safe.any()
    np.testing.assert_array_equal(add_words(layer, parts)[safe], reference_output(layer)[safe])


def test_sums_that_saturate_on_one_chip_depend_on_the_split():
    """30,000 + 30,000 - 30,000: one chip saturates at 32,767 and goes down from there; two chips do not."""
    layer = drawn(0, 4, 1, 1.0, 1.0, bias=False, relu=False)._replace(
        codebook=np.array([0, 1, -1, *[0] * 13], np.int16), shift=0, activation=np.full(4, 30_000, np.int16)
    )
    layer = layer._replace(columns=layer.columns._replace(code=np.array([1, 1, 2, 0], np.uint8)))
    assert reference_output(layer).tolist() == [32_767 - 30_000]
    parts = [reference_output(one) for one in split_inputs(layer, 4)]
    assert add_words(layer, parts).tolist() == [30_000]


@pytest.mark.parametrize("form", ["codebook", "int8", "nvfp4"])
def test_eie_needs_no_tree(form):
    config = load_arch("eie", weight_format=form)
    layer = layer_for(find("eie"), SHAPE, 1)
    held = compress_for(config, layer)
    for chips in (1, 2, 4, 8):
        for one in smaller(config):
            found = sums_on(one, compress_for(one, layer), chips)
            assert {order: sums.tolist() for order, sums in found.items()} == dict.fromkeys(
                ("chain", "ring", "tree"), reference_output(held).tolist()
            )


@pytest.mark.parametrize("name", ["tensor", "sigma"])
@pytest.mark.parametrize("form", ["bf16", "nvfp4", "int8"])
def test_a_tree_gives_equal_bits_on_any_number_of_chips_any_size_of_machine_and_any_batch(name, form):
    if name == "sigma" and form != "bf16":
        pytest.skip("SIGMA has one format")
    config = load_arch(name) if name == "sigma" else load_arch(name, weight_format=form)
    tokens, inputs, outputs = 16, 2048, 12
    layer = layer_for(find(name), (tokens, inputs, outputs), 2)
    held = compress_for(config, layer)
    alone = sums_on(config, held, 1)
    differ = []
    for chips in (2, 4):
        found = [sums_on(one, compress_for(one, layer), chips) for one in (config, *smaller(config))]
        assert {one["tree"].tobytes() for one in found} == {alone["tree"].tobytes()}
        differ.append(np.mean(found[0]["ring"] != alone["ring"]))
        assert {one["ring"].tobytes() for one in found} == {found[0]["ring"].tobytes()}
    if form == "int8":
        assert differ == [0, 0]
        np.testing.assert_array_equal(alone["ring"], reference_output(held))
    else:
        assert 0.2 < differ[0] < 0.6
        assert differ[0] < differ[1] < 0.75
    first = layer._replace(activation=layer.activation[:1])
    if form == "bf16":  # scales of a whole tensor change with the batch
        assert sums_on(config, compress_for(config, first), 2)["tree"].tolist() == alone["tree"][:outputs].tolist()


def test_a_part_is_the_product_of_its_places_alone():
    rng = np.random.default_rng(3)
    arrays = rng.standard_normal((4, 64), dtype=np.float32), rng.standard_normal((3, 64), dtype=np.float32)
    layer = compress_product(MatrixProduct("given", arrays[0], np.ones(4, np.float32), arrays[1], relu=True))
    for part, one in enumerate(split_inputs(layer, 4)):
        place = slice(16 * part, 16 * part + 16)
        alone = compress_product(MatrixProduct("given", arrays[0][:, place], None, arrays[1][:, place], relu=False))
        assert reference_output(one).tolist() == reference_output(alone).tolist()
    config = load_arch("tensor", weight_format="bf16")
    assert outputs_of(config, layer, 2).shape == (2, 12)


def test_splits_that_cannot_be():
    layer = compress_product(
        MatrixProduct("given", np.ones((2, 32), np.float32), None, np.ones((1, 32), np.float32), relu=False),
        None,
        ProductFormat("nvfp4"),
    )
    with pytest.raises(InputError, match="32 inputs are split over 3 chips; expected as many for each"):
        split_inputs(layer, 3)
    with pytest.raises(InputError, match="places 0 to 8 of blocks of 16; expected whole blocks"):
        split_inputs(layer, 4)
    convolution = compress_for(load_arch("scnn"), FullyConnected("fc", np.ones((2, 4)), None, np.ones(4), False))
    with pytest.raises(InputError, match="it is a convolution; expected a kind whose inputs can be split over chips"):
        split_inputs(convolution, 2)


def test_configurations_are_those_whose_layers_are_split():
    names = [name for name, _ in split_products.configurations()]
    assert {"eie_64pe, codebook", "eie_64pe, nvfp4", "tensor, bf16", "tensor, int8", "sigma"} <= set(names)
    assert not any(name.startswith(("scnn", "edgedrnn")) for name in names)
    assert [name for name, _ in variants(load_arch("sigma"))] == ["sigma"]


def test_what_equal_bits_cost(monkeypatch):
    """Additions, bytes and partial sums are formulas; times of links without contention are, too."""
    monkeypatch.setattr(split_products, "COST_TOKENS", 16)
    monkeypatch.setattr(split_products, "COST_OUTPUTS", 32)
    monkeypatch.setattr(split_products, "TOKENS", 2)
    monkeypatch.setattr(split_products, "OUTPUTS", 4)
    sigma = load_arch("sigma")
    monkeypatch.setattr(split_products, "configurations", lambda: [("sigma", sigma)])
    (bits, costs), numbers = split_products.tables(0, str)
    assert [row[2] for row in bits["rows"]] == ["1", "2", "4", "8"]
    assert all(row[-1] == "3" for row in bits["rows"])
    rows, words = numbers[4:], 16 * 32
    assert [row["registers"] for row in rows] == [4, 3, 2, 1]
    for row, chips in zip(rows, (1, 2, 4, 8), strict=True):
        assert row["additions"] == 24 // chips - 1 + chips - 1
        assert row["roundings"] == 24 // chips + 24 // chips - 1 + chips - 1
        assert (row["ring_bytes"], row["tree_bytes"]) == (2 * (chips - 1) * 2 * words // chips, (chips - 1) * 2 * words)
        assert row["tiles_us"] >= row["plain_us"] > 0
    assert rows[0]["ring_us"] == rows[0]["tree_us"] == 0
    assert len(costs["rows"]) == 4
