"""Which operands stay in the SRAM between tiles: of what fits, that with which the fewest bytes are read."""

from typing import NamedTuple

from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.storage import Part


class Residency(NamedTuple):
    """Whether weights stay while the tokens change, and activations while the outputs change."""

    weights: bool
    activations: bool
    bytes: int  # of SRAM that it takes


def choose(arch: Arch, weights: list[list[Part]], activations: list[list[Part]]) -> Residency:
    """weights, activations: the parts of each column or row tile, a part for each step of K.

    The SRAM holds what stays, and of what does not a part for each buffer: one in use, the others on their way. Weights
    that stay are there twice: those of this column tile and of the next. Where nothing fits, nothing stays.
    """
    column = max(sum(part.bytes for part in parts) for parts in weights)
    step = max(part.bytes for parts in weights for part in parts)
    token = max(part.bytes for parts in activations for part in parts)
    whole = sum(part.bytes for parts in activations for part in parts)
    ways = [
        Residency(False, False, arch.operand_buffers * (step + token)),
        Residency(True, False, 2 * column + arch.operand_buffers * token),
        Residency(False, True, arch.operand_buffers * step + whole),
        Residency(True, True, 2 * column + whole),
    ]
    fitting = [way for way in ways if way.bytes <= arch.operand_capacity] or ways[:1]
    return min(fitting, key=lambda way: read_bytes(way, weights, activations))


def read_bytes(way: Residency, weights: list[list[Part]], activations: list[list[Part]]) -> int:
    """Bytes of operands that are read from DRAM."""
    every = sum(part.bytes for parts in weights for part in parts)
    tokens = sum(part.bytes for parts in activations for part in parts)
    return every * (1 if way.weights else len(activations)) + tokens * (1 if way.activations else len(weights))
