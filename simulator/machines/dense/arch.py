"""The dense machines: their parameters, their events, and the reasons for their cycles."""

from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import numpy as np
from annotated_types import Interval

from simulator.core.machine import Track
from workloads.kinds import Kind

Flag = Annotated[int, Interval(ge=0, le=1)]


class Arch(NamedTuple):
    """All parameters that decide cycles and counts."""

    rows: Annotated[int, Interval(ge=1, le=128)]  # of the PE array
    columns: Annotated[int, Interval(ge=1, le=128)]  # of the PE array
    multipliers: Annotated[int, Interval(ge=1, le=1024)]  # of a PE: the length of its dot product
    group_channels: Annotated[
        int, Interval(ge=1, le=1 << 16)
    ]  # output channels computed for each input vector that is read
    sram_bytes: Annotated[int, Interval(ge=1, le=1 << 34)]  # of the whole machine, for inputs and outputs
    weight_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    activation_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    sum_bits: Annotated[int, Interval(ge=24, le=24)]  # an accumulator wraps around at this width
    index_bits: Annotated[int, Interval(ge=1, le=8)]  # of a zero count, in compressed traffic
    dram_bytes_per_kcycle: Annotated[int, Interval(ge=1, le=1 << 30)]  # in a thousand cycles
    gate_zeros: Flag  # 1: a multiplier with a zero operand does nothing
    compress_traffic: Flag  # 1: activations go to and from DRAM without their zeros

    @property
    def pes(self) -> int:
        """PE (row, column) is number row * columns + column."""
        return self.rows * self.columns


class Counts(NamedTuple):
    """How often each event happened: int64 arrays, [1] for DRAM, [pes] for the others."""

    dot_products: np.ndarray  # of `multipliers` pairs, or of the last pairs of an output
    weight_reads: np.ndarray  # vectors
    input_reads: np.ndarray  # vectors, each read once for a group of output channels
    multiplies: np.ndarray  # pairs that are multiplied
    gated: np.ndarray  # pairs with a zero operand, where those are gated
    accumulations: np.ndarray  # additions of a dot product to an output
    output_writes: np.ndarray  # finished outputs
    dram_weight_bytes: np.ndarray  # all weights, once
    dram_input_bytes: np.ndarray  # where inputs and outputs together do not fit the SRAM
    dram_output_bytes: np.ndarray  # likewise


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [pes] and [1]; the reasons of a unit add up to the run's cycles."""

    compute: np.ndarray  # PE: a dot product
    weight_wait: np.ndarray  # PE: waits for the group's weights
    barrier: np.ndarray  # PE: other PEs still work on the group
    load: np.ndarray  # channel: weights from DRAM
    idle: np.ndarray  # channel


REASON_UNITS = {"PE": ("compute", "weight_wait", "barrier"), "channel": ("load", "idle")}
"""The reasons of each kind of unit, which add up to all cycles of its units."""


class PeLetter(StrEnum):
    """Letters of a PE in the trace."""

    COMPUTE = "m"
    WEIGHT_WAIT = "w"
    BARRIER = "b"


class ChannelLetter(StrEnum):
    """Letters of the memory channel of weights, the last row of the trace."""

    LOAD = "l"
    IDLE = "."


def tracks(arch: Arch) -> list[Track]:
    """The rows of the trace: unit, name, and meaning of their letters."""
    pes = [Track("PE", f"PE {k}", PeLetter, PeLetter.COMPUTE) for k in range(arch.pes)]
    return [*pes, Track("channel", "memory channel of weights", ChannelLetter, ChannelLetter.LOAD)]


def problem(arch: Arch) -> str | None:  # noqa: ARG001 - every machine has this function
    """Why the parameters contradict each other: they never do."""
    return None


KINDS: tuple[Kind, ...] = ("convolution", "fully connected")
"""The kinds of layers that this machine runs."""
DRAM = "all weights; inputs and outputs where the SRAM does not hold both"
"""What `dram_bytes` counts, for people to read."""


def dram_bytes(arch: Arch, counts: Counts) -> int:  # noqa: ARG001
    """Bytes that a run moves between DRAM and chip."""
    return int(counts.dram_weight_bytes.sum() + counts.dram_input_bytes.sum() + counts.dram_output_bytes.sum())


def roofline(arch: Arch, counts: Counts) -> dict[str, Any]:
    """Operations that are not gated and bytes of DRAM of a run, and their peaks per cycle."""
    return {
        "operations": 2 * int(counts.multiplies.sum()),
        "operations_per_cycle": 2 * arch.pes * arch.multipliers,
        "bytes": dram_bytes(arch, counts),
        "bytes_per_cycle": arch.dram_bytes_per_kcycle / 1000,
        "memory": "DRAM",
    }


def options(arch: Arch) -> dict[str, Any]:  # noqa: ARG001
    """The machine's options for compressing a workload: see `workloads.catalogue.load_workload`."""
    return {"convolution": True}


def units(arch: Arch) -> dict[str, int]:
    """The number of parts of each kind, for static power and area."""
    return {"machine": 1, "pe": arch.pes, "multiplier": arch.pes * arch.multipliers}


def figures(arch: Arch, cycles: int, counts: Counts) -> dict[str, Any]:
    """Figures of merit. theoretical_cycles: every pair, zeros included, spread evenly over all multipliers."""
    multiplies, gated = int(counts.multiplies.sum()), int(counts.gated.sum())
    ideal = (multiplies + gated) / (arch.pes * arch.multipliers)
    return {
        "theoretical_cycles": ideal,
        "entries": multiplies + gated,
        "padding_entries": gated,
        "multiplies": multiplies,
        "load_balance": int(counts.dot_products.sum()) / (arch.pes * cycles),
        "utilisation": ideal / cycles,
    }
