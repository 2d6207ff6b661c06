"""Where a PE keeps the scales of its weights' blocks, and how many.

The scales of a column group are contiguous. With blocks along the inputs there is one for each output of the PE; with
blocks along the outputs, one for each block. A 16 x 16 block along the inputs has a scale with each of its outputs.
"""

from typing import NamedTuple

import numpy as np

from simulator.machines.eie.arch import Arch
from workloads.kinds.fully_connected.layer import WordScales


class ScaleMemory(NamedTuple):
    """The scales of a pass, and where a PE finds them.

    The scale of an entry for output r of the pass and column j has the place (group[j], R % pes, R // pes // rows) in
    `significand` and `shift`, with R = first_row + r and pes their second dimension, and the address
    group[j] * stride + r's output on its PE // rows_each - first_block in the scale SRAM.
    """

    significand: np.ndarray  # int32 [column groups, pes, row groups]
    shift: np.ndarray  # int16, the same shape: to the right, of element x significand x activation
    group: np.ndarray  # int32 [columns]
    rows: int
    first_row: int  # of the layer, the first output of the pass
    stride: int  # scales of a column group on a PE
    rows_each: int  # outputs of a PE that share an address
    first_block: int
    per_row: int  # scales in a row of the SRAM: a power of two
    multiplier: int  # of sums on the way out, over 2**15; 0: none


def scale_memory(arch: Arch, scales: WordScales, first_row: int, outputs: int) -> ScaleMemory:
    """The scales of a pass of `outputs` outputs from `first_row` on, which is a multiple of the PEs."""
    first, local = first_row // arch.pes, -(-outputs // arch.pes)
    each = scales.rows if scales.across else 1
    first_block = first // each
    return ScaleMemory(
        significand=scales.significand,
        shift=scales.shift,
        group=scales.group,
        rows=scales.rows,
        first_row=first_row,
        stride=(first + local - 1) // each - first_block + 1,
        rows_each=each,
        first_block=first_block,
        per_row=1 << ((arch.scale_width_bits // scales.bits).bit_length() - 1),
        multiplier=scales.multiplier,
    )


def scale_words(memory: ScaleMemory | None, columns: int) -> int:
    """How many scales each PE needs for columns 0 .. columns - 1 of a pass; 0 without scales."""
    if memory is None or columns == 0:
        return 0
    return (int(memory.group[columns - 1]) + 1) * memory.stride
