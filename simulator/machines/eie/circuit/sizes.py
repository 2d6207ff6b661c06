"""What decides the widths of the circuit's wires and the number of its registers."""

from typing import NamedTuple

from amaranth.hdl import Shape, signed, unsigned

WORD = signed(16)
"""Of an activation, a weight and a sum."""


class Sizes(NamedTuple):
    """Sizes of memories are in words, per PE."""

    pes: int
    queue_depth: int  # 1: no queue, the PEs work in lockstep
    scan_fill: int
    code_bits: int
    index_bits: int
    pointer_bits: int
    per_row: int  # entries in a row of the sparse-matrix SRAM: a power of two
    columns: int
    rows: int
    registers: int
    stop_registers: int = 0  # between the queues and the bus: 1: of the stop, 2: of the stop and of the bus

    @property
    def entry_bits(self) -> int:
        """A code, and above it the count of zeros before the entry."""
        return self.code_bits + self.index_bits

    @property
    def column(self) -> Shape:
        """The shape of a column's number."""
        return unsigned(max(1, (self.columns - 1).bit_length()))

    @property
    def groups(self) -> int:
        """How often the control scans an activation of each PE."""
        return -(-self.columns // self.pes)
