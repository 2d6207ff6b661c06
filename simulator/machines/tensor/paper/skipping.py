"""What skipping blocks of keys saves (BLASST), for a prompt and for the next token, against published speed-ups.

Time depends on which blocks are skipped, not on what scores they have: these are drawn uniformly at a share, never the
first of a tile. Published (secondary sources): a prompt of 64 K tokens on a B200.

A prompt is run with one array and with two, and with a vector unit that is fast, too: which of the units is the slowest
decides what skipping saves.
"""

from typing import NamedTuple

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.machines.tensor.engine.attention_schedule import schedule_of
from simulator.machines.tensor.engine.attention_timing import time_blocks
from simulator.machines.tensor.layout.attention import AttentionStreams, layout_attention
from simulator.machines.tensor.layout.folding import fold_attention
from workloads.document_types import Document
from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.attention.layer import CompressedAttention
from workloads.kinds.attention.shapes import attention_of_shape
from workloads.study import Progress

CONFIGURATION = "tensor_b200"
PUBLISHED = {0.0: 1.0, 0.492: 1.33, 0.719: 1.52, 0.889: 1.71}
"""Share of blocks skipped -> speed-up of attention on a prompt of 64 K tokens, B200."""
PROMPT_KEYS, NEXT_KEYS = 65_536, 32_768
GROUP, WIDTH, QUERIES = 16, 128, 256
"""Query heads that share keys, numbers of a head, and the queries of a prompt that are run: its last."""
SHARES = (0.0, 0.25, 0.5, 0.732, 0.9)
NEXT_PUBLISHED = {0.732: 1.48}
"""Of the next token, on hardware and at a length that the abstract of the work does not name."""
AHEAD = (1, 2, 4)
"""Blocks of each fold of the array whose scores are computed before they meet the values."""
SEQUENCES = 4
"""Key heads of the next token: each is a tile of 16 rows."""
FEWER_QUERIES, FASTER, DEEP = 64, 16, 4
"""Of the comparison of arrays: queries, how much faster a fast vector unit is, and blocks ahead, so that none waits."""


class SkippingRow(NamedTuple):
    """A share of blocks skipped."""

    share: float
    ahead: int
    arrays: int
    lanes: int  # of the vector unit
    cycles: int
    value_bytes: int  # read from DRAM


def layer_of_shape(config: Config, key_heads: int, queries: int, keys: int) -> CompressedAttention:
    """A layer without values, as the machine reads it, with nothing skipped."""
    arch = config.arch
    form = AttentionFormat(arch.cache_format.name, arch.tile_queries, arch.block_keys)
    return attention_of_shape("attention", form, key_heads * GROUP, key_heads, queries, keys, WIDTH, causal=True)


def draw_skipped(streams: AttentionStreams, share: float, rng: np.random.Generator) -> np.ndarray:
    """A mask, bool [blocks of all tiles], of that share of all blocks; the first of a tile is never among them."""
    first = np.concatenate([np.arange(len(tile.blocks)) == 0 for tile in streams.tiles])
    skipped = np.zeros(first.size, np.bool_)
    places = np.flatnonzero(~first)
    skipped[rng.choice(places, min(places.size, round(share * first.size)), replace=False)] = True
    return skipped


def run_skipping(config: Config, layer: CompressedAttention, share: float, rng: np.random.Generator) -> SkippingRow:
    """Time a layer with a drawn share of skipped blocks."""
    (streams,) = layout_attention(config.arch, layer)
    skipped = draw_skipped(streams, share, rng)
    arch = fold_attention(config.arch, streams.folds)
    plan = schedule_of(arch, streams, skipped)
    blocks = [block.place for tile in streams.tiles for block in tile.blocks]
    loaded = plan.lines[:, 3] > 0
    value_bytes = sum(streams.values[place].part.bytes for place, one in zip(blocks, loaded, strict=True) if one)
    given = config.arch
    cycles = time_blocks(arch, plan).cycles
    return SkippingRow(share, given.scores_ahead, given.arrays, given.vector_lanes, cycles, value_bytes)


def prompt_rows(seed: int) -> list[SkippingRow]:
    """The published shares, on a prompt: values are loaded with the keys."""
    config = load_arch(CONFIGURATION)
    layer = layer_of_shape(config, 1, QUERIES, PROMPT_KEYS)
    return [run_skipping(config, layer, share, np.random.default_rng(seed)) for share in PUBLISHED]


def array_rows(seed: int) -> list[SkippingRow]:
    """The published shares, on a shorter part of the prompt: two vector units, each with one array and with two.

    Operands are there before the run, so that the units alone decide.
    """
    lanes, found = load_arch(CONFIGURATION).arch.vector_lanes, []
    for faster in (1, FASTER):
        for separate in (0, 1):
            sizes = {"vector_lanes": faster * lanes, "scores_ahead": DEEP}
            config = load_arch(CONFIGURATION, dram="none", separate_arrays=separate, **sizes)
            layer = layer_of_shape(config, 1, FEWER_QUERIES, PROMPT_KEYS)
            found += [run_skipping(config, layer, share, np.random.default_rng(seed)) for share in PUBLISHED]
    return found


def next_rows(seed: int) -> list[SkippingRow]:
    """The next token: values are loaded when their block is kept; tiles of one query for each of 16 heads."""
    found = []
    for ahead in AHEAD:
        sizes = {"tile_queries": GROUP, "scores_ahead": ahead}
        config = load_arch(CONFIGURATION, value_on_demand=1, cache_format="bf16", **sizes)
        layer = layer_of_shape(config, SEQUENCES, 1, NEXT_KEYS)
        found += [run_skipping(config, layer, share, np.random.default_rng(seed)) for share in SHARES]
    return found


def study(seed: int, progress: Progress) -> Document:
    """All as tables, and as points of curves."""
    progress(f"a prompt of {PROMPT_KEYS:,} keys")
    prompt = prompt_rows(seed)
    progress("one array and two")
    arrays = array_rows(seed)
    progress(f"the next token after {NEXT_KEYS:,} keys")
    following = next_rows(seed)
    return {
        "study": "Attention that skips blocks of keys",
        "tables": [_prompt(prompt), _next(following), _arrays(arrays)],
        "points": [
            *_points("a prompt", prompt, PUBLISHED),
            *_points("the next token", following, NEXT_PUBLISHED),
            *_points("one array or two", arrays, {}),
        ],
    }


def speedups(found: list[SkippingRow]) -> list[float]:
    """Of each row over that without skipping on the same machine."""
    dense = {_machine(row): row.cycles for row in found if not row.share}
    return [dense[_machine(row)] / row.cycles for row in found]


def _machine(row: SkippingRow) -> tuple[int, int, int]:
    return row.ahead, row.arrays, row.lanes


def _name(lanes: int, arrays: int) -> str:
    return f"{'two arrays' if arrays > 1 else 'one array'}, {lanes:,} lanes"


def _points(case: str, found: list[SkippingRow], published: dict[float, float]) -> list[Document]:
    """Rows with what `zeroskip plot` draws: a case, a line in it, the speed-up, and a published one or none."""
    apart = len({row.arrays for row in found}) > 1
    names = [_name(row.lanes, row.arrays) if apart else f"{row.ahead} ahead" for row in found]
    return [
        {"case": case, "line": name, **row._asdict(), "speedup": speedup, "published": published.get(row.share)}
        for name, row, speedup in zip(names, found, speedups(found), strict=True)
    ]


def _prompt(found: list[SkippingRow]) -> Document:
    lines = []
    for row in found:
        simulated, published = found[0].cycles / row.cycles, PUBLISHED[row.share]
        formula = 1 / (1 - row.share / 2)
        off = f"{100 * (simulated / published - 1):+.1f}"
        lines.append(
            [f"{100 * row.share:.1f}", f"{row.cycles:,}", f"{simulated:.2f}", f"{formula:.2f}", f"{published:.2f}", off]
        )
    columns = ["skipped %", "cycles", "speed-up", "1 / (1 - share / 2)", "published", "off %"]
    return {
        "title": f"{QUERIES} queries of a prompt of {PROMPT_KEYS:,}, {CONFIGURATION}",
        "columns": columns,
        "rows": lines,
    }


def _next(found: list[SkippingRow]) -> Document:
    by = {(row.share, row.ahead): row for row in found}
    lines = [
        [
            f"{100 * share:.1f}",
            f"{by[share, AHEAD[0]].value_bytes / 1e6:.1f}",
            *(f"{by[0.0, ahead].cycles / by[share, ahead].cycles:.2f}" for ahead in AHEAD),
            f"{NEXT_PUBLISHED[share]:.2f}" if share in NEXT_PUBLISHED else "",
            *(f"{by[share, ahead].cycles:,}" for ahead in AHEAD),
        ]
        for share in SHARES
    ]
    columns = ["skipped %", "MB of values"]
    columns += [*(f"speed-up, {ahead} ahead" for ahead in AHEAD), "published"] + [
        f"cycles, {ahead} ahead" for ahead in AHEAD
    ]
    title = f"the next token of {SEQUENCES} key heads after {NEXT_KEYS:,} keys in BF16, {CONFIGURATION}"
    return {"title": title, "columns": columns, "rows": lines}


def _arrays(found: list[SkippingRow]) -> Document:
    """Speed-ups and cycles of one array and of two, by vector unit and share."""
    by = {(row.lanes, row.share, row.arrays): (row, one) for row, one in zip(found, speedups(found), strict=True)}
    lines = []
    for lanes in dict.fromkeys(row.lanes for row in found):
        for share in PUBLISHED:
            pair = [by[lanes, share, arrays] for arrays in (1, 2)]
            gains, cycles = [f"{gain:.2f}" for _, gain in pair], [f"{row.cycles:,}" for row, _ in pair]
            lines.append([f"{lanes:,}", f"{100 * share:.1f}", *gains, *cycles])
    columns = [
        "lanes",
        "skipped %",
        "speed-up, one array",
        "speed-up, two arrays",
        "cycles, one array",
        "cycles, two arrays",
    ]
    title = f"{FEWER_QUERIES} queries of a prompt of {PROMPT_KEYS:,}, one array and two, {CONFIGURATION} without DRAM"
    return {"title": title, "columns": columns, "rows": lines}
