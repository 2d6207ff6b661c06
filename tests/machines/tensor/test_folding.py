"""An array that is folded for few tokens: it is the array of that shape."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.attentions import attention, attention_for
from support.products import PLAIN, machines, product_for

from simulator.config.load import load_arch
from simulator.core.run import first_difference
from simulator.machines.tensor import MACHINE
from simulator.machines.tensor.layout.folding import fold, fold_attention, folds_of


@pytest.mark.parametrize(
    ("rows", "folds", "tokens", "outputs", "times"),
    [
        (256, 32, 1, 10_000, 32),
        (256, 32, 8, 10_000, 32),
        (256, 32, 9, 10_000, 16),
        (256, 32, 64, 10_000, 4),
        (256, 32, 128, 10_000, 2),
        (256, 32, 129, 10_000, 1),
        (256, 1, 1, 10_000, 1),
        (256, 32, 1, 100, 1),
        (256, 32, 1, 101, 2),
        (6, 4, 1, 10_000, 4),
    ],
)
def test_an_array_is_folded_as_often_as_its_rows_and_the_outputs_allow(rows, folds, tokens, outputs, times):
    """A row for each token, and no columns without an output."""
    assert folds_of(PLAIN._replace(rows=rows, columns=100, folds=folds), tokens, outputs) == times


@settings(max_examples=60, deadline=None)
@given(machines, st.integers(1, 4), st.integers(1, 300), st.integers(1, 20))
def test_a_folded_array_is_the_array_of_that_shape(arch, tokens, inputs, outputs):
    """Run by run: the same letters, counts and bits; of the rows that are left over, none works."""
    other = fold(arch, tokens, outputs)._replace(folds=1)
    layer = product_for(arch, tokens, inputs, outputs)
    runs = [MACHINE.run_engine(one, MACHINE.layout(one, layer)[0], 10_000) for one in (arch, other)]
    assert first_difference(*runs) is None


def test_each_fold_of_attention_works_on_a_block_of_its_own():
    """Four folds: a fourth of the cycles of a block, four times the buffers, four times as many scores ahead."""
    arch = PLAIN._replace(rows=8, columns=4, tile_queries=2, scores_ahead=2, operand_buffers=3)
    folded = arch._replace(folds=4)
    layer = attention_for(arch, attention(0, heads=2, key_heads=1, queries=1, keys=9, width=40))
    (plain,), (quick,) = MACHINE.layout(arch, layer), MACHINE.layout(folded, layer)
    for one, other in zip(plain.tiles[0].blocks, quick.tiles[0].blocks, strict=True):
        assert (other.score_cycles, other.value_cycles) == (-(-one.score_cycles // 4), -(-one.value_cycles // 4))
    assert (plain.folds, quick.folds) == (1, 4)
    seen = fold_attention(folded, quick.folds)
    assert (seen.operand_buffers, seen.scores_ahead) == (12, 8)
    assert fold_attention(arch, plain.folds) == arch


def test_a_token_on_a_folded_array_waits_for_the_memory_alone():
    """On H200: a matrix of 4,096 x 4,096 in FP8 is bound by bytes; unfolded, by the columns of the array."""
    folded, plain = (load_arch("tensor_h200", folds=folds).arch for folds in (32, 1))
    layer = product_for(folded, 1, 1024, 4096)
    quick, slow = (MACHINE.run_engine(one, MACHINE.layout(one, layer)[0], 0, False) for one in (folded, plain))
    assert int(slow.reasons.compute.sum()) > 4 * int(quick.reasons.compute.sum())
    assert quick.cycles < 0.9 * slow.cycles
