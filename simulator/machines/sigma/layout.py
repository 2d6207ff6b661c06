"""From a compressed product to SIGMA's folds: which stationary values are in the multipliers together.

The stationary operand is cut into slabs of K. Of a slab, values that any streamed value meets follow each other row
after row and fill the multipliers, one fold after the other; a Flex-DPE has `multipliers` of them.
"""

from typing import NamedTuple

import numpy as np

from simulator.machines.sigma.arch import Arch
from workloads.errors import refuse
from workloads.kinds import expect
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import Operand
from workloads.number_formats.block import CastFormat

FORMAT = "bf16"
MOST_FOLDS = 1 << 24


class Streams(NamedTuple):
    """A whole product: a stationary matrix [rows, K] times streamed columns [columns, K]."""

    layer: CompressedProduct
    stationary: np.ndarray  # bool [rows, K]: which values are not zero
    streamed: np.ndarray  # bool [columns, K]
    row: np.ndarray  # int32 [values]: of each stationary value, fold after fold
    place: np.ndarray  # int32 [values]: of K
    first: np.ndarray  # int64 [folds + 1]: the first value of each fold
    slab: np.ndarray  # int64 [folds]
    load_bits: np.ndarray  # int64 [folds]: of the port, up to the end of each fold
    load_cycles: np.ndarray  # int64 [folds]
    arrival: np.ndarray  # int64 [folds]: the cycle in which all values of a fold are in SRAM
    fetched: int  # the cycle in which DRAM has sent everything
    write_cycles: int  # of DRAM, for the outputs at the end
    weight_bytes: int  # from DRAM
    input_bytes: int  # from DRAM
    output_bytes: int  # to DRAM
    needed_bytes: int  # of both operands and the outputs

    @property
    def rows(self) -> int:
        """Of the stationary matrix."""
        return self.stationary.shape[0]

    @property
    def columns(self) -> int:
        """That are streamed."""
        return self.streamed.shape[0]

    @property
    def folds(self) -> int:
        """How often the multipliers are loaded."""
        return self.slab.size


class Operands(NamedTuple):
    """Where the values of both operands are, and which of them DRAM sends before a fold."""

    stationary: np.ndarray  # bool [rows, K]
    streamed: np.ndarray  # bool [columns, K]
    stationary_sent: bool
    streamed_sent: bool


class Slab(NamedTuple):
    """The folds of a slab."""

    row: np.ndarray  # int32 [values]
    place: np.ndarray  # int32 [values]
    ends: np.ndarray  # int64 [folds]: values up to the end of each fold
    load_bits: np.ndarray  # int64 [folds]: up to the end of each fold
    dram_bits: np.ndarray  # int64 [folds]: likewise, of the stationary matrix


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """One pass. InputError where the layer is of another kind or number format."""
    layer = expect(given, CompressedProduct, "SIGMA")
    if layer.form != FORMAT:
        refuse(layer.name, f"its weights are in {layer.form}", f"{FORMAT}, which SIGMA multiplies")
    weights = nonzero(layer.weight)
    inputs = nonzero(layer.activation) if layer.active is None else layer.active
    outputs = layer.outputs * layer.tokens * arch.sum_bits // 8
    sizes = stored_bytes(arch, weights), stored_bytes(arch, inputs)
    spills = sum(sizes) + outputs > arch.sram_bytes
    pair = (inputs, weights, spills, True) if arch.stationary_activations else (weights, inputs, True, spills)
    moved = sizes[0], sizes[1] * spills, outputs * spills
    return (_streams(arch, layer, Operands(*pair), moved, sum(sizes) + outputs),)


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each limit that the layer exceeds."""
    return [
        f"SRAM: {one.needed_bytes:,} bytes of operands and outputs, {arch.sram_bytes:,} fit (inputs and outputs go "
        "through DRAM)"
        for one in passes
        if one.needed_bytes > arch.sram_bytes
    ]


def nonzero(operand: Operand) -> np.ndarray:
    """Which codes are neither zero nor minus zero, bool [rows, K]."""
    form = operand.form
    assert isinstance(form, CastFormat)
    found: np.ndarray = (form.element.parts.significand != 0)[operand.code]
    return found


def stored_bytes(arch: Arch, mask: np.ndarray) -> int:
    """Of a matrix in DRAM or SRAM, bool [any shape]: a bit a place, and its values."""
    return -(-(mask.size + arch.value_bits * int(np.count_nonzero(mask))) // 8)


def slab_places(arch: Arch, depth: int) -> list[range]:
    """The places of K of each slab."""
    return [range(first, min(first + arch.slab, depth)) for first in range(0, depth, arch.slab)]


def _streams(
    arch: Arch, layer: CompressedProduct, operands: Operands, moved: tuple[int, int, int], needed: int
) -> Streams:
    """moved: bytes of weights, inputs and outputs through DRAM; needed: all bytes."""
    met = np.asarray(operands.streamed.any(axis=0))
    places = slab_places(arch, layer.inputs)
    slabs = [_slab(arch, operands.stationary, met, one) for one in places]
    counts = [slab.ends.size for slab in slabs]
    if sum(counts) > MOST_FOLDS:
        refuse(layer.name, f"it takes {sum(counts):,} folds", f"at most {MOST_FOLDS:,}, with more multipliers")
    loaded = _running([slab.load_bits for slab in slabs])
    sent, everything = _dram_bits(arch, operands, places, slabs)
    starts = np.cumsum([0, *(slab.row.size for slab in slabs)])
    ends = [start + slab.ends for start, slab in zip(starts[:-1].tolist(), slabs, strict=True)]
    lines = -(-np.concatenate([np.zeros(1, np.int64), loaded]) // arch.port_bits)
    return Streams(
        layer, operands.stationary, operands.streamed,
        row=np.concatenate([slab.row for slab in slabs]),
        place=np.concatenate([slab.place for slab in slabs]),
        first=np.concatenate([np.zeros(1, np.int64), *ends]),
        slab=np.repeat(np.arange(len(slabs)), counts),
        load_bits=loaded,
        load_cycles=np.maximum(1, np.diff(lines)),
        arrival=_cycles(arch, sent),
        fetched=int(_cycles(arch, np.array([everything]))[0]),
        write_cycles=int(_cycles(arch, np.array([8 * moved[2]]))[0]),
        weight_bytes=moved[0], input_bytes=moved[1], output_bytes=moved[2], needed_bytes=needed,
    )  # fmt: skip


def _slab(arch: Arch, stationary: np.ndarray, met: np.ndarray, places: range) -> Slab:
    """stationary: bool [rows, K]; met: bool [K], places with a streamed value."""
    given = stationary[:, places.start : places.stop]
    kept = given & met[places.start : places.stop] if arch.filter_stationary else given
    row, place = np.nonzero(kept)
    ends = np.minimum(np.arange(arch.size, row.size + arch.size, arch.size), row.size)
    if not ends.size:
        none = np.zeros(0, np.int64)
        return Slab(row.astype(np.int32), place.astype(np.int32), none, none, none)
    scanned = row[ends - 1] * len(places) + place[ends - 1] + 1
    scanned[-1] = given.size
    values = np.cumsum(given.ravel())[scanned - 1]
    return Slab(
        row.astype(np.int32),
        (place + places.start).astype(np.int32),
        ends,
        scanned + arch.stationary_bits * values,
        scanned + arch.value_bits * values,
    )


def _running(parts: list[np.ndarray]) -> np.ndarray:
    """Sums that run on from slab to slab, int64 [folds]; parts: those within each slab."""
    found, before = [np.zeros(0, np.int64)], 0
    for part in parts:
        found.append(part + before)
        before += int(part[-1]) if part.size else 0
    return np.concatenate(found)


def _dram_bits(arch: Arch, operands: Operands, places: list[range], slabs: list[Slab]) -> tuple[np.ndarray, int]:
    """Bits that DRAM sends until each fold can be loaded, int64 [folds], and all that it sends.

    Of each slab, first the streamed values and then the stationary ones, of those that are sent at all.
    """
    found, before = [np.zeros(0, np.int64)], 0
    for one, slab in zip(places, slabs, strict=True):
        if operands.streamed_sent:
            before += _bits(arch, operands.streamed[:, one.start : one.stop])
        found.append(before + slab.dram_bits * operands.stationary_sent)
        if operands.stationary_sent:
            before += _bits(arch, operands.stationary[:, one.start : one.stop])
    return np.concatenate(found), before


def _bits(arch: Arch, mask: np.ndarray) -> int:
    return mask.size + arch.value_bits * int(np.count_nonzero(mask))


def _cycles(arch: Arch, bits: np.ndarray) -> np.ndarray:
    """In which DRAM sends these bits, int64 [any shape]; none where it is not waited for."""
    if not arch.wait_for_dram:
        return np.zeros(bits.shape, np.int64)
    found: np.ndarray = -(-1000 * bits // arch.dram_bits_per_kcycle)
    return found
