"""Attention as a kind of layer: arrays, recipes, options, and what is said where it has no part in a command."""

import numpy as np
import pytest
from support.attentions import attention

from workloads.errors import InputError
from workloads.kinds import reference_output
from workloads.kinds.attention.compress import compress_attention
from workloads.kinds.attention.format import AttentionFormat
from workloads.model import read_matrices
from workloads.pipeline import compress_matrices
from zeroskip import load_arch, load_workload, run

RNG = np.random.default_rng(5)


def arrays(**changes):
    shapes = {"query": (4, 3, 6), "key": (2, 9, 6), "value": (2, 9, 6), **changes}
    return {name: RNG.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}


def test_heads_that_share_keys_are_rows_of_one_tile():
    """Each head alone, on the keys of its group, gives what it gives with the others."""
    given = arrays()
    whole = load_workload(given).layer
    output = reference_output(whole).reshape(4, 3, 6)
    for head in range(4):
        own = {"query": given["query"][head : head + 1]} | {
            name: given[name][head // 2 : head // 2 + 1] for name in ("key", "value")
        }
        np.testing.assert_array_equal(reference_output(load_workload(own).layer).reshape(3, 6), output[head])


def test_a_causal_query_reads_the_keys_up_to_its_own():
    layer = attention(1, queries=3, keys=9, causal=True)
    found = reference_output(compress_attention(layer, None, AttentionFormat())).reshape(2, 3, 4)
    for query in range(3):
        seen = 9 - 3 + query + 1
        alone = layer._replace(
            query=layer.query[:, query : query + 1], key=layer.key[:, :seen], value=layer.value[:, :seen], causal=False
        )
        np.testing.assert_array_equal(
            reference_output(compress_attention(alone, None, AttentionFormat())).reshape(2, 4), found[:, query]
        )


def test_numbers_beyond_fp32_are_its_largest_and_never_nan():
    layer = attention(2)
    large = layer._replace(query=layer.query * np.float32(1e30), key=layer.key * np.float32(1e30))
    output = reference_output(compress_attention(large, None, AttentionFormat()))
    assert np.isfinite(output).all()


def test_drawn_scores_have_a_sink_and_near_keys():
    layer = load_workload("qwen3-attention-prefill", scale=0.1).layer
    keys, scores = layer.cache_words(layer.key)[0], []
    for words in (layer.rows(0), keys):
        scores.append((words.astype(np.uint32) << 16).view(np.float32))
    score = scores[0] @ scores[1].T / np.sqrt(layer.width)
    group = layer.heads // layer.key_heads
    place = np.arange(layer.keys - layer.queries, layer.keys).repeat(group)
    near, far = score[np.arange(len(place)), place].mean(), score[:, 2 : layer.keys // 4].mean()
    assert score[:, 0].mean() - far == pytest.approx(10, abs=2.5)
    assert near - far == pytest.approx(8, abs=2.5)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"query": (3, 3, 6)}, "it has 3 heads on 2 key heads; expected key heads that divide the heads"),
        ({"value": (2, 8, 6)}, "value has shape \\[2, 8, 6\\]; expected \\[2 key heads, 9 keys, 6 width\\]"),
        ({"key": (2, 9)}, "key has shape \\[2, 9\\]; expected \\[key heads, keys, 6 width\\]"),
        ({"weight": (2, 9)}, "it has an unknown key weight; expected only query, key, value, causal"),
    ],
)
def test_arrays_that_are_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        load_workload(arrays(**changes))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"density": 0.5}, "density is 0.5; expected none, as attention has no weights"),
        ({"tokens": 2}, "tokens is 2; expected none, as it is attention"),
    ],
)
def test_options_that_are_refused(options, sentence):
    with pytest.raises(InputError, match=sentence):
        load_workload(arrays(), **options)


def test_other_queries_take_the_place_of_the_given_ones():
    assert load_workload(arrays(), activation=np.ones((4, 30, 6))).layer.queries == 30
    with pytest.raises(InputError, match=r"expected numbers \[4, queries, 6\]"):
        load_workload(arrays(), activation=np.ones((3, 30, 6)))


def test_a_threshold_that_would_skip_everything():
    with pytest.raises(InputError, match="so that lambda is 1 or more; expected less than 9000"):
        run(load_arch("tensor", skip_thousandths=9000), arrays())


def test_compress_says_that_there_are_no_weights(tmp_path):
    np.savez(tmp_path / "att.npz", **arrays())
    with pytest.raises(InputError, match=r"no weights that are read \(att: attention has no weights\)"):
        compress_matrices(read_matrices(str(tmp_path / "att.npz")), None, 4, 4)
