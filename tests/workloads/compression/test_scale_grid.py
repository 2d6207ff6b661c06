"""Matrices as formats with blocks along outputs encode them: outputs go to PEs in turn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workloads.compression.scale_grid import arrange, arrange_back


@given(
    outputs=st.integers(1, 20),
    inputs=st.integers(1, 6),
    across=st.integers(1, 7),
    block=st.integers(1, 5),
)
def test_each_pe_has_outputs_in_turn_filled_to_whole_blocks(outputs, inputs, across, block):
    weight = np.arange(1, outputs * inputs + 1, dtype=np.float32).reshape(outputs, inputs)
    found = arrange(weight, across, block)
    longest = -(-outputs // across)
    local = -(-longest // block) * block
    assert (found.dtype, found.shape) == (np.float32, (inputs, across * local))
    for pe in range(across):
        mine = weight[pe::across]
        part = found[:, pe * local : (pe + 1) * local]
        np.testing.assert_array_equal(part[:, : len(mine)], mine.T)
        assert not part[:, len(mine) :].any()
    np.testing.assert_array_equal(arrange_back(found.astype(np.uint8), across, outputs), weight.astype(np.uint8))


def test_with_blocks_along_inputs_a_matrix_stays_as_it_is():
    weight = np.ones((3, 4), np.float32)
    assert arrange(weight, 0, 16) is weight
    codes = np.ones((3, 4), np.uint8)
    assert arrange_back(codes, 0, 3) is codes
