"""The study of a low-rank side path: bytes by formula, a gain that falls with the number of tokens."""

import numpy as np
import pytest

from simulator.machines.tensor.paper import lora
from workloads.number_formats import find_format
from zeroskip import load_arch, run


@pytest.fixture(scope="module")
def found():
    return list(lora.rows(lambda _: None))


def test_bytes_are_the_formula(found):
    for row in found:
        bits = 4.5 if row.format == "nvfp4-a16" else 16
        assert row.weight_bytes == bits / 8 * 4096 * row.outputs + 2 * row.rank * (4096 + row.outputs)


def test_nvfp4_gains_most_with_one_token_and_little_with_many(found):
    ratios = {}
    for row in found:
        ratios.setdefault((row.outputs, row.rank, row.tokens), {})[row.format] = row.cycles
    gains = {key: pair["bf16"] / pair["nvfp4-a16"] for key, pair in ratios.items()}
    for outputs in lora.SIDES:
        for rank in lora.RANKS:
            first, last = gains[outputs, rank, 1], gains[outputs, rank, lora.TOKENS[-1]]
            assert first > last
            assert 1 < first < 16 / 4.5
            assert last < 1.2


def test_the_table_has_every_row():
    table = lora.study(0, lambda _: None)["tables"][0]
    assert len(table["rows"]) == len(lora.SIDES) * len(lora.RANKS) * len(lora.TOKENS) * 2
    assert {row[-1] for row in table["rows"] if row[3] == "bf16"} == {"1.00"}


def test_weights_alone_are_in_nvfp4():
    result = run(load_arch("tensor", weight_format="nvfp4-a16"), "alexnet-fc8", scale=0.02).single
    layer = result.workload.layer
    assert result.output_matches_reference
    assert (layer.weight.form.name, layer.activation.form.name) == ("nvfp4-a16", "bf16")
    plain, other = find_format("nvfp4"), find_format("nvfp4-a16")
    values = np.random.default_rng(0).standard_normal((4, 32)).astype(np.float32)
    assert np.array_equal(plain.encode(values).code, other.encode(values).code)
