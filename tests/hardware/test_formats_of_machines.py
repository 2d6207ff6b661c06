"""Number formats as parts of an architecture: what a machine stores and multiplies, of public names."""

import pytest

from simulator.hardware.operand_format import OPERAND_FORMAT
from simulator.hardware.state_format import STATE_FORMAT


@pytest.mark.parametrize(
    ("name", "weights", "activations", "decoded", "tensor_scale"),
    [
        ("nvfp4", (4, 16, 1, 8), (4, 16, 8), False, True),
        ("nvfp4-16x16", (4, 16, 16, 8), (4, 16, 8), False, True),
        ("nvfp4-a16", (4, 16, 1, 8), (16, 0, 0), True, False),
        ("mxfp4", (4, 32, 1, 8), (4, 32, 8), False, False),
        ("mxfp8", (8, 32, 1, 8), (8, 32, 8), False, False),
        ("int4-g32", (4, 32, 1, 16), (16, 0, 0), True, False),
        ("fp8", (8, 0, 1, 0), (8, 0, 0), False, True),
        ("int8", (8, 0, 1, 0), (8, 0, 0), False, True),
        ("bf16", (16, 0, 1, 0), (16, 0, 0), False, False),
    ],
)
def test_operands(name, weights, activations, decoded, tensor_scale):
    """Bits, elements of a block along K, rows of it, bits of its scale; the same without rows of activations."""
    found = OPERAND_FORMAT.load(name, 1000)
    assert (found.bits, found.block, found.block_rows, found.scale_bits) == weights
    assert (found.activation_bits, found.activation_block, found.activation_scale_bits) == activations
    assert (found.name, found.decoded, found.tensor_scale) == (name, decoded, tensor_scale)


def test_states():
    assert {name: STATE_FORMAT.load(name, 1000).bits for name in STATE_FORMAT.names()} == {
        "fp32": 32, "fp16": 16, "bf16": 16,
    }  # fmt: skip
