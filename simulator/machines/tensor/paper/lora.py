"""A layer with a low-rank side path (LoRA) in a decode step: weights in NVFP4 against weights in 16 bits (QeRL).

QeRL keeps a model's weights in NVFP4 and trains, in 16 bits, two thin matrices next to each: y = W x + B (A x), with A
of [rank, inputs] and B of [outputs, rank]. The three products run one after the other.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.config.load import load_arch
from simulator.hardware.operand_format import OperandFormat
from simulator.machines.tensor.paper.gemm import run_product
from workloads.document_types import Document
from workloads.study import Progress

CONFIGURATION = "tensor_b200"
BASES = ("bf16", "nvfp4-a16")
"""The format of W; the side path is BF16."""
SIDE_FORMAT = "bf16"
SIDES = (4096, 14336)
"""Inputs and outputs of a square layer, and outputs of a wider one."""
INPUTS = 4096
RANKS = (16, 64)
TOKENS = (1, 2, 8, 64, 512)


class LoraRow(NamedTuple):
    """A layer with its side path."""

    outputs: int
    rank: int
    tokens: int
    format: str
    weight_bytes: float  # of W, A and B, by formula
    cycles: int  # of the three products
    side_cycles: int  # of those of A and B


def weight_bytes(form_bits: float, inputs: int, outputs: int, rank: int) -> float:
    """Bytes of W at `form_bits` bits a weight, and of A and B in 16 bits."""
    return form_bits / 8 * inputs * outputs + 2 * rank * (inputs + outputs)


def _bits(form: OperandFormat) -> float:
    """Of a weight, with its share of a scale."""
    return form.bits + (form.scale_bits / (form.block * form.block_rows) if form.block else 0)


def rows(progress: Progress) -> Iterator[LoraRow]:
    """All sizes, ranks, numbers of tokens and formats."""
    for outputs in SIDES:
        for rank in RANKS:
            for tokens in TOKENS:
                side = load_arch(CONFIGURATION, weight_format=SIDE_FORMAT)
                thin = sum(run_product(side, tokens, *sizes).cycles for sizes in ((INPUTS, rank), (rank, outputs)))
                for form in BASES:
                    config = load_arch(CONFIGURATION, weight_format=form)
                    base = run_product(config, tokens, INPUTS, outputs)
                    size = weight_bytes(_bits(config.arch.weight_format), INPUTS, outputs, rank)
                    yield LoraRow(outputs, rank, tokens, form, size, base.cycles + thin, thin)
            progress(f"{INPUTS} x {outputs}, rank {rank}")


def study(seed: int, progress: Progress) -> Document:  # noqa: ARG001 - nothing is drawn
    """Bytes, cycles and speed-up of NVFP4 weights over 16-bit weights, both with the same side path."""
    found = list(rows(progress))
    base = {row[:3]: row for row in found if row.format == BASES[0]}
    lines = []
    for row in found:
        other = base[row[:3]]
        size, side = row.weight_bytes, 100 * row.side_cycles / row.cycles
        shape = f"{INPUTS:,} x {row.outputs:,}", str(row.rank), str(row.tokens), row.format
        ratios = other.weight_bytes / size, other.cycles / row.cycles
        figures = f"{size / 1e6:.2f}", f"{ratios[0]:.2f}", f"{row.cycles:,}", f"{side:.0f}", f"{ratios[1]:.2f}"
        lines.append([*shape, *figures])
    columns = ["layer", "rank", "tokens", "W", "MB of weights", "bytes ratio", "cycles", "side path %", "speed-up"]
    title = f"W with a side path of 16 bits on {CONFIGURATION}; ratios over W in {BASES[0]}"
    return {
        "study": "Weights in NVFP4 with a low-rank side path (QeRL)",
        "tables": [{"title": title, "columns": columns, "rows": lines}],
        "points": [row._asdict() for row in found],
    }
