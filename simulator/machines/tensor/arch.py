"""The tensor engine: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

from simulator.hardware.dram.component import MEMORY
from simulator.hardware.dram.spec import Dram
from simulator.hardware.operand_format import OPERAND_FORMAT, WIDTHS, OperandFormat
from simulator.hardware.state_format import STATE_FORMAT, StateFormat

Flag = Annotated[int, Interval(ge=0, le=1)]
Depth = Annotated[int, Interval(ge=1, le=1 << 12)]
STEP = 64
"""Places of K that every dot unit adds to its accumulators in whole steps; `tile_k` is a multiple of it."""
BLOCK = 32
"""Tokens and outputs whose products at a place of K are one outer product, where zeros of both sides are skipped."""
GROUP_ROWS, GROUP_COLUMNS = 8, 16
"""Activations and weights that are multiplied with each other in a step of an outer product."""


class Arch(NamedTuple):
    """All parameters that decide cycles and counts, and the energy of a bit of DRAM."""

    rows: Annotated[int, Interval(ge=1, le=1024)]  # of the array: tokens of a tile
    columns: Annotated[int, Interval(ge=1, le=1024)]  # of the array: outputs of a tile
    folds: Annotated[int, Interval(ge=1, le=1024)]  # for few tokens: up to this many times the columns, of fewer rows
    depth_4bit: Depth  # products of a dot unit in a cycle, of operands of 4 bits
    depth_8bit: Depth  # of 8 bits
    depth_16bit: Depth  # of 16 bits
    tile_k: Annotated[int, Interval(ge=STEP, le=1 << 20)]  # places of K that are loaded and computed at once
    operand_capacity: Annotated[int, Interval(ge=1, le=1 << 40)]  # bytes of the operand SRAM, all buffers
    operand_buffers: Annotated[int, Interval(ge=2, le=16)]  # steps whose operands are in the SRAM or on their way
    pipeline_stages: Annotated[int, Interval(ge=0, le=256)]  # from the last operands of a tile to its last sum
    drain_width: Annotated[int, Interval(ge=1, le=1 << 20)]  # sums that leave the accumulators in a cycle
    output_buffers: Annotated[int, Interval(ge=1, le=16)]  # tiles whose outputs are drained and not yet written
    quantise_output: Flag  # 1: outputs are stored in the format of the activations; 0: in FP32
    vector_lanes: Annotated[int, Interval(ge=1, le=1 << 20)]  # numbers that the vector unit takes in a cycle
    vector_multiplies: Annotated[int, Interval(ge=1, le=1 << 20)]  # multiply-adds of the vector unit in a cycle
    tile_queries: Annotated[int, Interval(ge=1, le=1 << 12)]  # rows of attention that are computed together
    block_keys: Annotated[int, Interval(ge=1, le=1 << 12)]  # keys of attention that are computed together
    scores_ahead: Annotated[int, Interval(ge=1, le=16)]  # blocks whose scores are computed before they meet the values
    separate_arrays: Flag  # 1: a second array of the same size multiplies weights and values of attention
    value_on_demand: Flag  # 1: values of a block of keys are loaded when it is not skipped; 0: with the keys
    skip_thousandths: Annotated[int, Interval(ge=0, le=1 << 40)]  # 1000 x lambda x keys, see `kernels_ref.attention`
    two_of_four: Flag  # 1: of each four weights along K, two are stored and multiplied
    skip_zero_inputs: Flag  # 1: weights lie input after input in DRAM, and those of inputs that are zero are not read
    dual_side: Flag  # 1: products with a zero weight or a zero activation are skipped, see `layout.dual_side`
    memory_channels: Annotated[int, Interval(ge=1, le=1 << 12)]  # of the DRAM, over which lines are spread evenly
    dram_fj_per_bit: Annotated[int, Interval(ge=1, le=1 << 20)]  # decides the price of a byte of DRAM, and no cycle
    dram: Annotated[Dram | None, MEMORY]  # of operands and outputs; none: operands are there before the run
    weight_format: Annotated[OperandFormat, OPERAND_FORMAT]  # of both operands, or of weights alone
    cache_format: Annotated[OperandFormat, OPERAND_FORMAT]  # of the keys and values of attention
    state_format: Annotated[StateFormat, STATE_FORMAT]  # of the states of state-space layers

    @property
    def depth(self) -> int:
        """Products of a dot unit in a cycle, in the machine's number format."""
        return self.depth_of(self.weight_format.multiplier)

    def depth_of(self, multiplier: str) -> int:
        """The same with multipliers of another kind, see PRODUCTS."""
        return {4: self.depth_4bit, 8: self.depth_8bit, 16: self.depth_16bit}[WIDTHS[multiplier]]

    @property
    def arrays(self) -> int:
        """Of dot units."""
        return 1 + self.separate_arrays

    @property
    def line_bytes(self) -> int:
        """Of DRAM; without one, bytes are counted in lines of 64."""
        return 64 if self.dram is None else self.dram.line_bytes


PRODUCTS = {"fp4": "products_fp4", "fp8": "products_fp8", "int8": "products_int8", "half": "products_16bit"}
"""Kind of multipliers -> the event of their products."""


class Counts(NamedTuple):
    """How often each event happened: int64 [1] each."""

    products_fp4: np.ndarray  # of E2M1
    products_fp8: np.ndarray  # of E4M3 or E5M2
    products_int8: np.ndarray  # of INT8
    products_16bit: np.ndarray  # of BF16 or FP16
    array_cycles: np.ndarray  # in which an array multiplies, added up over both where there are two
    decodes: np.ndarray  # weights that become BF16 on their way into the array
    scale_multiplies: np.ndarray  # sums of a block times its scales; of weights that are decoded, each times its scale
    accumulations: np.ndarray  # additions to an accumulator in FP32 (INT8: 32 bits)
    operand_reads: np.ndarray  # bytes of codes, scales and places read from the operand SRAM
    operand_writes: np.ndarray  # bytes written to it, as they come from DRAM
    output_multiplies: np.ndarray  # sums times the tensors' scales
    output_additions: np.ndarray  # of a bias
    quantiser_maxima: np.ndarray  # the greatest of up to 16 outputs
    quantiser_reciprocals: np.ndarray  # of a block's scale
    quantiser_multiplies: np.ndarray  # of an output by it
    maxima: np.ndarray  # scores of attention that are compared with the greatest one
    exponentials: (
        np.ndarray
    )  # powers of two, of scores and of differences between maxima; of a state space, logarithms too
    weight_additions: np.ndarray  # of the weights of a row
    rescales: np.ndarray  # of a sum after another maximum was found
    divisions: np.ndarray  # of outputs of attention; of a state space, those of sigmoids and logarithms
    blocks: np.ndarray  # of keys, each with a tile of queries
    blocks_skipped: np.ndarray  # those whose values are not multiplied
    state_multiplies: np.ndarray  # multiply-adds of a state space
    update_cycles: np.ndarray  # in which the vector unit updates states
    dram_weight_bytes: np.ndarray  # codes; of a state space, its parameters
    dram_scale_bytes: np.ndarray  # of weights and of activations
    dram_metadata_bytes: np.ndarray  # places of two of four, and bits that say which inputs are zero
    dram_activation_bytes: np.ndarray  # codes
    dram_key_bytes: np.ndarray  # codes and scales
    dram_value_bytes: np.ndarray  # likewise
    dram_state_bytes: np.ndarray  # states and windows, read and written
    dram_output_bytes: np.ndarray  # outputs, with their scales
    dram_lines: np.ndarray  # read or written on all channels


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [1]; the reasons of a unit add up to the run's cycles."""

    compute: np.ndarray  # PE: the array multiplies; of two, one or both
    operand_wait: np.ndarray  # PE: the operands of the next step are on their way
    vector_wait: np.ndarray  # PE: the vector unit decides on a block of keys, or computes its weights
    drain: np.ndarray  # PE: sums leave its pipeline and its accumulators
    write_wait: np.ndarray  # PE: all buffers hold outputs that are being written
    finished: np.ndarray  # PE: the last outputs are being written
    unused: np.ndarray  # PE: the layer has no work for the array
    read: np.ndarray  # memory: operands are asked for and not all there
    write: np.ndarray  # memory: no reads, but outputs are being written
    idle: np.ndarray  # memory
    maximum: np.ndarray  # vector unit: it finds the greatest scores of a block
    exponential: np.ndarray  # vector unit: it computes the weights of a block
    update: np.ndarray  # vector unit: it updates states
    vector_idle: np.ndarray  # vector unit


REASON_UNITS = {
    "PE": ("compute", "operand_wait", "vector_wait", "drain", "write_wait", "finished", "unused"),
    "memory": ("read", "write", "idle"),
    "vector unit": ("maximum", "exponential", "update", "vector_idle"),
}
"""The reasons of each kind of unit, which add up to all cycles of its units."""


class ArrayLetter(StrEnum):
    """Letters of the array, the first row of the trace."""

    COMPUTE = "m"
    OPERAND_WAIT = "w"
    VECTOR_WAIT = "v"
    DRAIN = "d"
    WRITE_WAIT = "o"
    FINISHED = "."
    UNUSED = "-"


class MemoryLetter(StrEnum):
    """Letters of the memory, the second row of the trace."""

    READ = "r"
    WRITE = "s"
    IDLE = "."


class VectorLetter(StrEnum):
    """Letters of the vector unit, the third row of the trace."""

    MAXIMUM = "x"
    EXPONENTIAL = "e"
    UPDATE = "u"
    IDLE = "."
