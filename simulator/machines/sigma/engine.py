"""SIGMA by formulas for each fold, equal to the model: no step for a cycle, and none for a product."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.core.run import Run
from simulator.hardware.dot_units.compiled import sums_of
from simulator.machines.sigma.arch import Arch, Counts, DpeLetter, MemoryLetter, PortLetter, Reasons
from simulator.machines.sigma.layout import Streams, slab_places
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import numbers_of


class Columns(NamedTuple):
    """What the streamed columns have in each slab, int64 [slabs], and at each place, int64 [K]."""

    width: np.ndarray  # places
    values: np.ndarray
    sent: np.ndarray  # columns with a value
    cycles: np.ndarray  # of the port for all columns
    bits: np.ndarray  # of the port for all columns
    at: np.ndarray  # int64 [K]: columns with a value at a place


class Times(NamedTuple):
    """Cycles of each fold, int64 [folds]."""

    ready: np.ndarray  # when its load begins
    loaded: np.ndarray
    end: np.ndarray  # of its last column
    cycles: int  # of the run


def run(arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
    """Run a product; the trace holds its first `trace_cycles` cycles. output: False leaves it out."""
    columns = columns_of(arch, streams)
    times = times_of(arch, streams, columns)
    return Run(
        cycles=times.cycles,
        output=_output(streams.layer) if output else np.zeros(0, np.float32),
        counts=_counts(arch, streams, columns),
        reasons=_reasons(arch, streams, columns, times),
        trace=_trace(arch, streams, times, min(times.cycles, trace_cycles)),
    )


def columns_of(arch: Arch, streams: Streams) -> Columns:
    """Read all streamed columns once."""
    places = slab_places(arch, streams.streamed.shape[1])
    width = np.array([len(one) for one in places], np.int64)
    at, slabs = np.zeros(streams.streamed.shape[1], np.int64), np.zeros((4, width.size), np.int64)
    _read_columns(streams.streamed, arch.slab, arch.value_bits, arch.port_bits, arch.skip_empty_columns, at, slabs)
    values, sent, cycles, bits = slabs
    return Columns(width, values, sent, cycles, bits, at)


@njit(cache=True)
def _read_columns(streamed, slab, value_bits, port_bits, skip, at, slabs):  # type: ignore[no-untyped-def]
    """Fill `at`, int64 [K], and `slabs`, int64 [4, slabs]: values, columns with a value, cycles, bits.

    streamed: bool [columns, K]; skip: 1 where a column without a value takes no cycle.
    """
    depth = streamed.shape[1]
    for n in range(streamed.shape[0]):
        for s in range(slabs.shape[1]):
            found, last = 0, min((s + 1) * slab, depth)
            for k in range(s * slab, last):
                at[k] += streamed[n, k]
                found += streamed[n, k]
            if found == 0 and skip:
                continue
            bits = last - s * slab + value_bits * found
            slabs[0, s] += found
            slabs[1, s] += found > 0
            slabs[2, s] += -(-bits // port_bits)
            slabs[3, s] += bits


def times_of(arch: Arch, streams: Streams, columns: Columns) -> Times:
    """A fold is loaded when the one before has ended and its values are in SRAM."""
    ready, spent = np.zeros(streams.folds, np.int64), streams.load_cycles + columns.cycles[streams.slab]
    now = _follow(streams.arrival, spent, ready)
    loaded = ready + streams.load_cycles
    cycles = int(max(now + arch.latency, streams.fetched)) + streams.write_cycles
    return Times(ready, loaded, ready + spent, cycles)


@njit(cache=True)
def _follow(arrival, spent, ready):  # type: ignore[no-untyped-def]
    """Set `ready`, when each fold begins, of when it may and what it takes, int64 [folds]; return the last end."""
    now = 0
    for fold in range(arrival.size):
        ready[fold] = max(now, arrival[fold])
        now = ready[fold] + spent[fold]
    return now


def _counts(arch: Arch, streams: Streams, columns: Columns) -> Counts:
    slab, (rows, depth) = streams.slab, streams.stationary.shape
    dpes = np.zeros((4, arch.flex_dpes), np.int64)
    _read_values(streams.row, streams.place, streams.first, slab, arch.multipliers, columns.at, columns.sent, dpes)
    held, multiplies, slots, accumulations = dpes
    loaded = np.unique(slab)
    stationary = [
        int(np.count_nonzero(streams.stationary[:, one * arch.slab : (one + 1) * arch.slab])) for one in loaded
    ]
    scanned = rows * depth + streams.streamed.size  # to filter
    bitmaps = scanned + rows * int(columns.width[loaded].sum()) + streams.columns * int(columns.width[slab].sum())
    load_bits = int(streams.load_bits[-1]) if streams.folds else 0
    return Counts(
        stationary_reads=_one(sum(stationary)),
        streamed_reads=_one(columns.values[slab].sum()),
        bitmap_bits=_one(bitmaps),
        port_bits=_one(load_bits + int(columns.bits[slab].sum())),
        stationary_loads=held,
        distributions=held + multiplies,
        column_steps=_by_dpe(arch, used_dpes(arch, streams), columns.sent[slab]),
        multiplies=multiplies,
        gated=slots - multiplies,
        tree_additions=slots - accumulations,
        accumulations=accumulations,
        output_writes=_one(streams.layer.tokens * streams.layer.outputs),
        dram_weight_bytes=_one(streams.weight_bytes),
        dram_input_bytes=_one(streams.input_bytes),
        dram_output_bytes=_one(streams.output_bytes),
    )


@njit(cache=True)
def _read_values(row, place, first, slab, multipliers, at, sent, dpes):  # type: ignore[no-untyped-def]
    """Fill `dpes`, int64 [4, flex_dpes]: values, products, pairs with any partner, sums of rows.

    row, place: int32 [values]; first: int64 [folds + 1]; slab: int64 [folds]; at: int64 [K]; sent: int64 [slabs].
    """
    for fold in range(slab.size):
        columns = sent[slab[fold]]
        for value in range(first[fold], first[fold + 1]):
            dpe, slot = divmod(value - first[fold], multipliers)
            dpes[0, dpe] += 1
            dpes[1, dpe] += at[place[value]]
            dpes[2, dpe] += columns
            if slot == 0 or row[value] != row[value - 1]:
                dpes[3, dpe] += columns


def _reasons(arch: Arch, streams: Streams, columns: Columns, times: Times) -> Reasons:
    slab = streams.slab
    used = used_dpes(arch, streams)
    lasting, sent = columns.cycles[slab], columns.sent[slab]
    empty = (streams.columns - sent) * (0 if arch.skip_empty_columns else -(-columns.width[slab] // arch.port_bits))
    waits, loads = times.ready - np.concatenate([np.zeros(1, np.int64), times.end])[:-1], int(streams.load_cycles.sum())
    ones, last = np.ones(arch.flex_dpes, np.int64), int(times.end[-1]) if streams.folds else 0
    multiply, no_product, streaming = (_by_dpe(arch, used, one) for one in (sent, empty, lasting))
    return Reasons(
        multiply=multiply,
        starved=streaming - multiply - no_product,
        no_product=no_product,
        unused=int(lasting.sum()) - streaming,
        load=loads * ones,
        dram_wait=int(waits.sum()) * ones,
        drain=(times.cycles - last) * ones,
        read=_one(loads),
        broadcast=_one(lasting.sum()),
        idle=_one(times.cycles - loads - int(lasting.sum())),
        fetch=_one(streams.fetched),
        write=_one(streams.write_cycles),
        memory_idle=_one(times.cycles - streams.fetched - streams.write_cycles),
    )


def used_dpes(arch: Arch, streams: Streams) -> np.ndarray:
    """Flex-DPEs that have a value of each fold, int64 [folds]."""
    found: np.ndarray = -(-np.diff(streams.first) // arch.multipliers)
    return found


def _by_dpe(arch: Arch, used: np.ndarray, cycles: np.ndarray) -> np.ndarray:
    """The cycles of those folds that have a value in each Flex-DPE, int64 [flex_dpes].

    used, cycles: int64 [folds]; used: how many Flex-DPEs have one.
    """
    found = np.zeros(arch.flex_dpes + 1, np.int64)
    np.add.at(found, used, cycles)
    return found[::-1].cumsum()[::-1][1:]


def _one(number: int | np.integer) -> np.ndarray:
    return np.array([number], np.int64)


def _trace(arch: Arch, streams: Streams, times: Times, length: int) -> np.ndarray:
    """The letters of each Flex-DPE, the port and DRAM: uint8 [flex_dpes + 2, length]."""
    trace = np.empty((arch.flex_dpes + 2, length), np.uint8)
    trace[:-2], trace[-2], trace[-1] = ord(DpeLetter.DRAIN), ord(PortLetter.IDLE), ord(MemoryLetter.IDLE)
    trace[-1, : streams.fetched] = ord(MemoryLetter.FETCH)
    trace[-1, times.cycles - streams.write_cycles :] = ord(MemoryLetter.WRITE)
    used, places, before = used_dpes(arch, streams), slab_places(arch, streams.layer.inputs), 0
    for fold in range(int(np.count_nonzero(times.ready < length))):
        ready, loaded, end = (int(one[fold]) for one in times[:3])
        trace[:-2, before:ready] = ord(DpeLetter.DRAM_WAIT)
        trace[:-2, ready:loaded], trace[-2, ready:loaded] = ord(DpeLetter.LOAD), ord(PortLetter.READ)
        letters = _letters(arch, streams.streamed, places[int(streams.slab[fold])], length - loaded)
        trace[: used[fold], loaded : loaded + letters.size] = letters
        trace[used[fold] : -2, loaded:end], trace[-2, loaded:end] = ord(DpeLetter.UNUSED), ord(PortLetter.BROADCAST)
        before = end
    if streams.folds and times.ready[-1] >= length:
        trace[:-2, before : int(times.ready[-1])] = ord(DpeLetter.DRAM_WAIT)
    return trace


def _letters(arch: Arch, streamed: np.ndarray, places: range, length: int) -> np.ndarray:
    """What a Flex-DPE with values does in the first cycles of a fold's columns, uint8 [cycles]."""
    found = bytearray()
    for column in streamed:
        if len(found) >= length:
            break
        values = int(np.count_nonzero(column[places.start : places.stop]))
        cycles = -(-(len(places) + arch.value_bits * values) // arch.port_bits)
        if values:
            found += (DpeLetter.STARVED * (cycles - 1) + DpeLetter.MULTIPLY).encode()
        elif not arch.skip_empty_columns:
            found += (DpeLetter.NO_PRODUCT * cycles).encode()
    return np.frombuffer(bytes(found[: max(0, length)]), np.uint8)


def _output(layer: CompressedProduct) -> np.ndarray:
    """All outputs, float32 [tokens x outputs]."""
    sums = sums_of(numbers_of(layer.activation), numbers_of(layer.weight))
    if layer.bias is not None:
        with np.errstate(over="ignore"):
            sums = sums + layer.bias
    return (np.maximum(sums, np.float32(0)) if layer.relu else sums).ravel()
