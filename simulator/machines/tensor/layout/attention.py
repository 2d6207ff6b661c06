"""Attention on the tensor engine: its tiles, their blocks of keys, and where their lines are.

A tile is some rows of the queries that read the same keys and values; tiles of a key head follow each other. In DRAM,
blocks of keys, then of values, then tiles of queries and of outputs follow each other, each from the beginning of a
line. Keys and values of a head stay in the SRAM for its other tiles where they fit it. Lines take
turns over the channels, from one part to the next; the channel that is simulated is the first, and has at least a line
of each part.
"""

from typing import NamedTuple

import numpy as np

from simulator.hardware.dram.spec import lines_per_channel
from simulator.hardware.operand_format import OperandFormat
from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.folding import ALL, fold_attention, folds_of
from simulator.machines.tensor.layout.storage import Part, begun, format_of, to_bytes, touched
from simulator.machines.tensor.layout.streams import MOST_STEPS, Transfer, all_lines, split
from workloads.errors import refuse
from workloads.kinds.attention.layer import CompressedAttention

WORD = 2
"""Bytes of BF16: a query, a weight of a key, a quantised output."""


class Block(NamedTuple):
    """Keys that a tile reads at once."""

    keys: range  # that any row of the tile reads
    place: int  # of the stored block: its number among those of all heads
    score_cycles: int
    value_cycles: int
    vector_cycles: int  # once for the maximum, and once for the weights


class Tile(NamedTuple):
    """Rows of queries that are computed together."""

    head: int  # of the keys
    rows: range
    blocks: tuple[Block, ...]
    query: Transfer
    output: Transfer
    drain_cycles: int


class AttentionStreams(NamedTuple):
    """A whole layer."""

    folds: int  # of the array, see `layout.folding`
    layer: CompressedAttention
    form: OperandFormat  # of keys and values
    tiles: tuple[Tile, ...]
    keys: tuple[Transfer, ...]  # of each stored block
    values: tuple[Transfer, ...]
    stay: bool  # keys and values are loaded once for all tiles of a head
    bytes: int  # of SRAM that it takes


def layout_attention(arch: Arch, layer: CompressedAttention) -> tuple[AttentionStreams, ...]:
    """One pass. InputError where the layer is made for another machine, or beyond the DRAM."""
    made = layer.key.form.name, layer.tile_queries, layer.block_keys, layer.skip_thousandths
    wanted = arch.cache_format.name, arch.tile_queries, arch.block_keys, arch.skip_thousandths
    names = "cache_format", "tile_queries", "block_keys", "skip_thousandths"
    for name, one, other in zip(names, made, wanted, strict=True):
        if one != other and not (name == "cache_format" and layer.own_format):
            refuse(layer.name, f"it is compressed with {name} {one}", f"{other}, as this machine has it")
    folds = _folds(arch, layer)
    arch = fold_attention(arch, folds)
    form, stored = format_of(layer.key.form.name, arch.cache_format), split(layer.keys, arch.block_keys)
    group = layer.heads // layer.key_heads
    most = layer.key_heads * (1 - (-layer.queries * group // arch.tile_queries))  # tiles, and one more for each head
    if (count := most * len(stored)) > MOST_STEPS:
        refuse(layer.name, f"its tiles have {count:,} blocks of keys", f"at most {MOST_STEPS:,}, with larger tiles")
    parts = [_cache_part(form, keys, layer.width) for keys in stored] * layer.key_heads
    rows = split(layer.queries * group, arch.tile_queries)
    word = 4 if not arch.quantise_output else WORD
    queries = [Part(WORD * len(one) * layer.width, 0, 0) for one in rows] * layer.key_heads
    outputs = [Part(word * len(one) * layer.width, 0, 0) for one in rows] * layer.key_heads
    keys, line = place(arch, parts, 0)
    values, line = place(arch, parts, line)
    asked, line = place(arch, queries, line)
    given, line = place(arch, outputs, line)
    if arch.dram is not None and line > lines_per_channel(arch.dram):
        refuse(layer.name, f"it takes {line:,} lines of each channel", f"at most {lines_per_channel(arch.dram):,}")
    stay, room = _residency(arch, parts[: len(stored)], queries)
    tiles = [
        _tile(arch, layer, head, one, stored, asked[head * len(rows) + i], given[head * len(rows) + i])
        for head in range(layer.key_heads)
        for i, one in enumerate(rows)
    ]
    return (AttentionStreams(folds, layer, form, tuple(tiles), tuple(keys), tuple(values), stay, room),)


def _tile(
    arch: Arch, layer: CompressedAttention, head: int, rows: range, stored: list[range], query: Transfer, out: Transfer
) -> Tile:
    seen = int(layer.seen[rows.start : rows.stop].max())
    high, wide = -(-len(rows) // arch.rows), -(-layer.width // arch.columns)
    folds, blocks = _folds(arch, layer), []
    for number, whole in enumerate(stored):
        keys = range(whole.start, min(whole.stop, seen))
        if len(keys):
            blocks.append(Block(
                keys=keys,
                place=head * len(stored) + number,
                score_cycles=-(-high * -(-len(keys) // arch.columns) * -(-layer.width // arch.depth_16bit) // folds),
                value_cycles=-(-high * wide * -(-len(keys) // arch.depth_16bit) // folds),
                vector_cycles=-(-len(rows) * len(keys) // arch.vector_lanes),
            ))  # fmt: skip
    drain = arch.pipeline_stages + -(-len(rows) * layer.width // arch.drain_width)
    return Tile(head, rows, tuple(blocks), query, out, drain)


def _folds(arch: Arch, layer: CompressedAttention) -> int:
    """How often the array is folded for the rows of a tile."""
    rows = layer.queries * (layer.heads // layer.key_heads)
    return folds_of(arch, min(rows, arch.tile_queries), ALL)


def _residency(arch: Arch, blocks: list[Part], queries: list[Part]) -> tuple[bool, int]:
    """Whether keys and values of a head stay, and the bytes that the SRAM must hold.

    Without, it holds keys of a block for each buffer, and values of as many and of those whose scores are ahead.
    """
    block, query = max(part.bytes for part in blocks), 2 * max(part.bytes for part in queries)
    weights = (arch.scores_ahead + 1) * WORD * arch.tile_queries * arch.block_keys
    passing = (2 * arch.operand_buffers + arch.scores_ahead) * block + query + weights
    whole = 2 * 2 * sum(part.bytes for part in blocks) + query + weights  # of this head, and of the next one
    return (True, whole) if whole <= arch.operand_capacity else (False, passing)


def _cache_part(form: OperandFormat, keys: range, width: int) -> Part:
    """Keys or values of a block."""
    scales = begun(range(width), form.block) * touched(keys, form.block_rows)
    return Part(to_bytes(len(keys) * width * form.bits), to_bytes(scales * form.scale_bits), 0)


def place(arch: Arch, parts: list[Part], line: int) -> tuple[list[Transfer], int]:
    """Parts that follow each other from a line of the channel on, and the line after them.

    Each part begins with the channel after the one before it; the simulated channel is the first, and has at least a
    line of each part that has any byte.
    """
    found, before = [], 0
    for part in parts:
        after = before + all_lines(arch, part)
        share = max(min(1, after - before), -(-after // arch.memory_channels) - -(-before // arch.memory_channels))
        found.append(Transfer(line, share, part))
        line, before = line + share, after
    return found, line


def attention_words(streams: AttentionStreams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the array reads: queries uint16 [key heads, rows, width], keys and values [key heads, keys, width]."""
    layer = streams.layer
    queries = np.stack([layer.rows(head) for head in range(layer.key_heads)])
    return queries, layer.cache_words(layer.key), layer.cache_words(layer.value)
