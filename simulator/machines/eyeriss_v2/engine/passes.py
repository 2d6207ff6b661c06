"""The passes of a block: how long each works and moves, and what each PE does in it."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.eyeriss_v2.arch import Arch
from simulator.machines.eyeriss_v2.engine.work import Work
from simulator.machines.eyeriss_v2.layout.streams import Streams


class Passes(NamedTuple):
    """Of each pass of a block: int64 [passes]."""

    compute: np.ndarray  # cycles of the slowest PE, without filling the pipeline
    input_bits: np.ndarray  # of the cluster that needs most
    sum_bits: np.ndarray  # of the lane that moves most, one way
    weight_bits: np.ndarray  # through the busiest router of weights
    all_weight_bits: np.ndarray  # of all tiles, each once
    all_input_bits: np.ndarray  # of all streams of inputs, each once
    output_bits: np.ndarray  # of outputs that the pass finishes


class Totals(NamedTuple):
    """Added up over passes: int64 [pes], then [1]."""

    work: np.ndarray  # [fields of Work, pes]
    windows: np.ndarray  # [pes] columns of windows
    tile_words: np.ndarray  # [pes] words of weights that are loaded
    sums: np.ndarray  # [pes] sums that are sent
    deliveries: np.ndarray  # [1] inputs to clusters
    port_words: np.ndarray  # [1] words of inputs that leave the global buffer
    global_sums: np.ndarray  # [1] sums of the last PEs of all lanes


class Shape(NamedTuple):
    """The numbers that the loops need."""

    cluster_rows: int
    cluster_columns: int
    pe_rows: int
    pe_columns: int
    chain: int
    tile_rows: int
    row_steps: int
    steps: int
    bubble: int
    reload: int  # 1: tiles are loaded in each pass; 0: they are there
    input_bits: int
    port_bits: int
    sum_bits: int
    activation_bits: int


def shape_of(arch: Arch, streams: Streams, block: int) -> Shape:
    """The numbers of a block; a layer of one tile for each PE loads its weights once."""
    rows, steps = streams.row_steps, streams.steps(arch)
    return Shape(
        arch.cluster_rows,
        arch.cluster_columns,
        arch.pe_rows,
        arch.pe_columns,
        streams.mapping.chain,
        streams.mapping.tile_rows,
        rows,
        steps,
        arch.bubble,
        int(block == 0 or rows * steps > 1),
        arch.input_bits,
        arch.input_port_bits,
        arch.sum_bits,
        arch.activation_bits,
    )


def new_totals(arch: Arch) -> Totals:
    """All zero."""
    one, all_pes = np.zeros(1, np.int64), np.zeros(arch.pes, np.int64)
    work = np.zeros((len(Work._fields), arch.pes), np.int64)
    return Totals(work, all_pes, all_pes.copy(), all_pes.copy(), one, one.copy(), one.copy())


def block_passes(arch: Arch, streams: Streams, block: int, work: Work, totals: Totals) -> Passes:
    """The passes of a block; what all PEs do is added to `totals`."""
    shape = shape_of(arch, streams, block)
    passes = Passes(*(np.zeros(shape.row_steps * shape.steps, np.int64) for _ in Passes._fields))
    places = np.array([len(streams.chunk(block, number)) for number in range(streams.mapping.chunks)], np.int64)
    tiles = streams.tiles
    outputs = tiles.outputs[:, 1] - tiles.outputs[:, 0]
    widths = tiles.pieces[:, 2] - tiles.pieces[:, 1]
    given = outputs, tiles.first_input, widths, streams.tile_bits, streams.tile_words, places
    _run_passes(shape, given, work, passes, totals)
    return passes


@njit(cache=True)
def _run_passes(shape, tiles, work, passes, totals):  # type: ignore[no-untyped-def]
    """Fill in `passes` and add to `totals`.

    tiles: outputs int64 [rows of tiles], first_input int64 [rows of tiles], widths int64 [pieces], tile_bits and
    tile_words int64 [rows of tiles, parts], places int64 [chunks].
    """
    outputs, _, _, _, _, places = tiles
    for number in range(passes.compute.size):
        row_step, step = number // shape.steps, number % shape.steps
        first = row_step * shape.tile_rows
        end = min(first + shape.tile_rows, outputs.size)
        begin = step * shape.chain * shape.pe_rows
        parts = begin, min(begin + shape.chain * shape.pe_rows, work.words.shape[1])
        for row in range(first, end):
            moved = outputs[row] * shape.sum_bits * places.max()
            passes.sum_bits[number] = max(passes.sum_bits[number], moved)
            totals.global_sums[0] += outputs[row] * places.sum()
            if step == shape.steps - 1:
                passes.output_bits[number] += outputs[row] * places.sum() * shape.activation_bits
        _streams_of_pass(shape, tiles, work, (first, end), parts, number, passes, totals)
        for cluster in range(shape.cluster_rows * shape.cluster_columns):
            _cluster(shape, tiles, work, (first, end), parts, cluster, number, passes, totals)


@njit(cache=True)
def _streams_of_pass(shape, tiles, work, rows, parts, number, passes, totals):  # type: ignore[no-untyped-def]
    """What all clusters together need of a pass: each tile and each stream of inputs once.

    rows, parts: first and end of the pass's rows of tiles and parts. tiles: int64 arrays, see `_run_passes`; work:
    int64 [rows of tiles, parts, chunks]; passes: int64 [passes], filled in at `number`.
    """
    _, first_input, _, tile_bits, _, places = tiles
    for row in range(rows[0], rows[1]):
        fresh = row == rows[0] or first_input[row] != first_input[row - 1]
        for part in range(parts[0], parts[1]):
            passes.all_weight_bits[number] += shape.reload * tile_bits[row, part]
            for n in range(places.size if fresh else 0):
                bits = work.new[row, part, n] * shape.input_bits
                passes.all_input_bits[number] += bits
                totals.port_words[0] += (bits + shape.port_bits - 1) // shape.port_bits


@njit(cache=True)
def _cluster(shape, tiles, work, rows, parts, cluster, number, passes, totals):  # type: ignore[no-untyped-def]
    """What the PEs and routers of a cluster do in a pass.

    cluster: its number; tiles, work int64 [rows of tiles, parts, chunks], and others: as in `_streams_of_pass`.
    """
    outputs, first_input, widths, tile_bits, tile_words, places = tiles
    down, across = cluster // shape.cluster_columns, cluster % shape.cluster_columns
    lane = (down // shape.chain * shape.cluster_columns + across) * shape.pe_columns
    needed = 0
    for i in range(shape.pe_rows):
        part, loaded = parts[0] + down % shape.chain * shape.pe_rows + i, 0
        if part >= parts[1]:
            break
        for column in range(shape.pe_columns):
            row, n = rows[0] + (lane + column) // places.size, (lane + column) % places.size
            if row >= rows[1] or places[n] == 0:
                continue
            pe = (cluster * shape.pe_rows + i) * shape.pe_columns + column
            _add_pe(work, row, part, n, pe, totals)
            totals.windows[pe] += places[n] * widths[part % widths.size]
            totals.tile_words[pe] += shape.reload * tile_words[row, part]
            totals.sums[pe] += places[n] * outputs[row]
            spent = work.words[row, part, n] + shape.bubble * work.empty[row, part, n]
            passes.compute[number] = max(passes.compute[number], spent)
            same_row, same_inputs = False, False
            for other in range(column):
                other_row, other_n = rows[0] + (lane + other) // places.size, (lane + other) % places.size
                same_row |= other_row == row
                same_inputs |= first_input[other_row] == first_input[row] and other_n == n
            loaded += 0 if same_row else shape.reload * tile_bits[row, part]
            needed += 0 if same_inputs else work.new[row, part, n]
        passes.weight_bits[number] = max(passes.weight_bits[number], loaded)
    passes.input_bits[number] = max(passes.input_bits[number], needed * shape.input_bits)
    totals.deliveries[0] += needed


@njit(cache=True)
def _add_pe(work, row, part, n, pe, totals):  # type: ignore[no-untyped-def]
    """Add the work of a tile, int64 [rows of tiles, parts, chunks], to the totals of a PE."""
    totals.work[0, pe] += work.words[row, part, n]
    totals.work[1, pe] += work.multiplies[row, part, n]
    totals.work[2, pe] += work.empty[row, part, n]
    totals.work[3, pe] += work.read[row, part, n]
    totals.work[4, pe] += work.new[row, part, n]
