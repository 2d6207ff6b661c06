"""The block formats that come with the simulator, a line each, and those without blocks: FP8, INT8, BF16, FP16."""

from workloads.number_formats.block import Block, BlockFormat, CastFormat, FourOverSix
from workloads.number_formats.elements import BF16, E2M1, E4M3, FP16, INT4, INT8
from workloads.number_formats.number_format import NumberFormat
from workloads.number_formats.scale_rules import HalfScale, PowerOfTwo, TensorScale, TwoLevel

ROW16, ROW32, SQUARE = Block(1, 16), Block(1, 32), Block(16, 16)
NO_SCALES = Block(1, 1024)
"""Of formats without a scale of blocks: their codes are found by a part at a time, as those of the others."""


def int4(group: int) -> BlockFormat:
    """INT4 with an FP16 scale for each `group` weights along K."""
    return BlockFormat(f"int4-g{group}", f"INT4, an FP16 scale for {group} along K", INT4, HalfScale(), Block(1, group))


BLOCK_FORMATS: tuple[NumberFormat, ...] = (
    BlockFormat("nvfp4", "E2M1, an E4M3 scale for 16 along K, FP32 for the tensor", E2M1, TwoLevel(), ROW16),
    BlockFormat("nvfp4-16x16", "NVFP4 with a scale for 16 x 16, as for weights in training", E2M1, TwoLevel(), SQUARE),
    BlockFormat("nvfp4-division", "NVFP4, divided by the scale (Model-Optimizer)", E2M1, TwoLevel(True), ROW16),
    BlockFormat("nvfp4-a16", "NVFP4 for weights, activations in BF16", E2M1, TwoLevel(), ROW16, weights_only=True),
    FourOverSix("nvfp4-four-over-six", "NVFP4 whose blocks end at 6 or at 4, by error", E2M1, ROW16),
    BlockFormat("mxfp4", "E2M1, a power of two for 32 along K, rounded down", E2M1, PowerOfTwo(), ROW32),
    BlockFormat("mxfp4-ceil", "MXFP4 with powers rounded up", E2M1, PowerOfTwo(True), ROW32),
    BlockFormat("mxfp8", "E4M3, a power of two for 32 along K, rounded down", E4M3, PowerOfTwo(), ROW32),
    BlockFormat("fp8", "E4M3, an FP32 scale for the tensor", E4M3, TensorScale(), NO_SCALES),
    BlockFormat("int8", "INT8, an FP32 scale for the tensor", INT8, TensorScale(), NO_SCALES),
    int4(16),
    int4(32),
    int4(128),
    CastFormat("bf16", "bfloat16", BF16),
    CastFormat("fp16", "IEEE half precision", FP16),
)
