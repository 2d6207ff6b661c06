"""Cambricon-S and Cambricon-X: their parameters, their events, and the reasons for their cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

from simulator.hardware.dram.component import MEMORY
from simulator.hardware.dram.spec import Dram

Flag = Annotated[int, Interval(ge=0, le=1)]
Bytes = Annotated[int, Interval(ge=32, le=1 << 30)]
WEIGHT_BITS = (4, 8, 16)
"""Of a weight that the decoder reads."""
HALVES = 2
"""Of NBin, NBout and the index buffer: one half is filled while the other one is used."""
FEWEST_BYTES, TILES_OUTERMOST, WEIGHTS_OUTERMOST = range(3)
"""Of `loop_order`."""


class Arch(NamedTuple):
    """All parameters that decide cycles and counts."""

    pes: Annotated[int, Interval(ge=1, le=256)]  # each computes one output of a group
    multipliers: Annotated[int, Interval(ge=1, le=1024)]  # of a PE, with one tree of adders
    shared_selector: Flag  # 1: one selector and one index for the outputs of all PEs; 0: one of each for each PE
    neuron_window: Annotated[int, Interval(ge=1, le=1 << 16)]  # inputs that a selector moves over in a cycle at most
    synapse_window: Annotated[int, Interval(ge=1, le=1 << 16)]  # stored weights that a PE moves over, likewise
    skip_weights: Flag  # 0: weights are stored without an index, zeros included
    skip_activations: Flag  # 1: inputs that are zero are not selected; only with a shared selector
    prune_blocks: Flag  # 1: where the front end prunes, outputs of a group keep and lose the same places
    step_bits: Annotated[int, Interval(ge=1, le=16)]  # own selectors: of a step from one stored weight to the next
    step_rows: Annotated[
        int, Interval(ge=0, le=1 << 16)
    ]  # own selectors: selections for a cycle of reading steps; 0: none
    weight_bits: Annotated[int, Interval(ge=4, le=16)]  # of a stored weight: 4 or 8 are codes of a table
    activation_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    sum_bits: Annotated[int, Interval(ge=24, le=24)]  # an accumulator wraps around at this width
    nbin_bytes: Bytes  # of inputs, in two halves
    nbout_bytes: Bytes  # of sums, in two halves
    sb_bytes: Bytes  # of weights, of each PE
    sb_slots: Annotated[int, Interval(ge=1, le=2)]  # 2: one half is loaded while the other one is used
    index_bytes: Bytes  # of the shared index, in two halves
    loop_order: Annotated[int, Interval(ge=0, le=2)]  # 0: by the fewest bytes; 1: tiles outermost; 2: weights
    piece_rows: Annotated[
        int, Interval(ge=0, le=1 << 16)
    ]  # a piece cut to save bytes has as many rows of multipliers of stored weights, in the mean; 0: none is cut
    chunk_bytes: Annotated[int, Interval(ge=1, le=1 << 16)]  # what the memory port grants at a time
    chunks_per_cycle: Annotated[int, Interval(ge=1, le=1 << 10)]  # of the memory port
    dram_channels: Annotated[int, Interval(ge=1, le=64)]  # lines are interleaved over them
    dram: Annotated[Dram | None, MEMORY]  # each of the channels; None: a chunk is there in the cycle after its grant

    @property
    def selectors(self) -> int:
        """Units that take their work one job after the other: all PEs together, or each PE."""
        return 1 if self.shared_selector else self.pes

    def pes_of(self, selector: int, outputs: int) -> range:
        """The PEs that a selector works with for as many outputs."""
        return range(outputs) if self.shared_selector else range(selector, selector + 1)

    @property
    def steps_each(self) -> int:
        """Selections for a cycle of reading steps; 0: no cycle goes to that."""
        return self.step_rows if self.skip_weights and not self.shared_selector else 0

    @property
    def outputs_each(self) -> int:
        """Outputs that a selector works for at the same time."""
        return self.pes if self.shared_selector else 1


class Counts(NamedTuple):
    """How often each event happened: int64 [selectors] for inputs and indices, [1] for the port, else [pes]."""

    neuron_reads: np.ndarray  # windows of NBin
    selections: np.ndarray  # of up to `multipliers` inputs
    index_reads: np.ndarray  # of the shared index
    step_reads: np.ndarray  # of steps, in a cycle without a selection
    weight_reads: np.ndarray  # rows of SB
    synapse_selections: np.ndarray  # of stored weights whose input is selected
    decodes: np.ndarray  # rows of codes
    multiplies: np.ndarray  # pairs without a zero
    padding: np.ndarray  # pairs with a zero that takes the place of a pair
    sum_reads: np.ndarray  # of sums that another piece of the inputs began
    sum_writes: np.ndarray  # of sums, after each piece
    port_chunks: np.ndarray  # that the port grants
    dram_weight_bytes: np.ndarray  # with stored zeros, as often as they are loaded
    dram_index_bytes: np.ndarray  # likewise
    dram_input_bytes: np.ndarray  # likewise
    dram_output_bytes: np.ndarray  # once


BY_SELECTOR = ("neuron_reads", "selections", "index_reads", "step_reads")
"""Events that are counted by selector."""
BYTES = ("dram_weight_bytes", "dram_index_bytes", "dram_input_bytes", "dram_output_bytes")


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [selectors] and [1]; the reasons of a unit add up to the run's cycles."""

    compute: np.ndarray  # selector: its PEs multiply, it moves over a window without a pair, or it reads steps
    weight_wait: np.ndarray  # selector: its weights are not there
    input_wait: np.ndarray  # selector: the weights are there, the inputs are not
    finished: np.ndarray  # selector: no job is left
    transfer: np.ndarray  # port: at least one chunk
    idle: np.ndarray  # port


REASON_UNITS = {
    "PE": ("compute", "weight_wait", "input_wait", "finished"),
    "port": ("transfer", "idle"),
}
"""The reasons of each kind of unit, which add up to all cycles of its units."""


class SelectorLetter(StrEnum):
    """Letters of a selector and its PEs in the trace."""

    COMPUTE = "m"
    WEIGHT_WAIT = "w"
    INPUT_WAIT = "n"
    FINISHED = "."


class PortLetter(StrEnum):
    """Letters of the memory port, the last row of the trace."""

    TRANSFER = "t"
    IDLE = "."
