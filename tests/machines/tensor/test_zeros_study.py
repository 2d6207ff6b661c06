"""The study of skipped zero inputs: gains of 1 over the union in bytes, less in time, and unions of patterns."""

import numpy as np
import pytest

from simulator.machines.tensor.paper import zeros, zeros_elsewhere


def measured(name, form, density, tokens):
    rng = np.random.default_rng(0)
    return zeros.measure(name, form, zeros.draw_active(tokens, zeros.INPUTS, density, rng), density)


@pytest.mark.parametrize("name", zeros.CONFIGURATIONS)
@pytest.mark.parametrize("tokens", [1, 4])
def test_fp8_gains_one_over_the_union_in_bytes_and_less_in_time(name, tokens):
    row = measured(name, "fp8", 0.25, tokens)
    assert row.bytes_gain == pytest.approx(1 / row.union)
    assert row.line_bytes == 1  # 2,688 bytes are 84 whole lines
    assert row.union == pytest.approx(row.formula, abs=0.02)
    assert 1 < row.memory_gain < row.bytes_gain
    assert row.uneven > 1


def test_scales_of_nvfp4_are_read_with_any_input_of_their_block():
    """A row of codes is 2,688 / 2 bytes, a row of scales 2,688, for 16 inputs."""
    active = zeros.draw_active(1, zeros.INPUTS, 0.1, np.random.default_rng(0))
    row = zeros.measure("tensor_h200", "nvfp4", active, 0.1)
    blocks = int(active.reshape(-1, 16).any(axis=1).sum())
    expected = (1344 * zeros.INPUTS + 2688 * zeros.INPUTS // 16) / (1344 * int(active.sum()) + 2688 * blocks)
    assert row.bytes_gain == pytest.approx(expected)


def test_many_tokens_take_the_saving_away_and_narrow_tiles_lose():
    few, many = (measured("tensor_orin", "fp8", 0.1, tokens) for tokens in (1, 64))
    assert few.memory_gain > 5
    assert many.bytes_gain == pytest.approx(1, abs=0.01)
    assert many.line_bytes == 2  # 16 outputs of a byte in a line of 32
    assert many.memory_gain < 0.6


def test_experts_gain_less_than_their_bytes():
    row = zeros_elsewhere.run_experts("tensor_h200", 0.25, 1, 0)
    assert 1 < row.cycles_gain < row.bytes_gain < 2 / 1.25


def test_eie_gains_one_over_the_density():
    for row in zeros_elsewhere.run_eie((0.25,), 0):
        assert row.gain == pytest.approx(1 / row.density, rel=0.01)


def test_union_of_consecutive_rows():
    active = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1]], np.bool_)
    assert zeros_elsewhere.union_of(active, 1) == 8 / 20
    assert zeros_elsewhere.union_of(active, 2) == (2 + 1) / 8


def test_the_trained_network_has_a_known_share_of_positive_values():
    """Tokens of a reaction resemble each other: fewer values than of independent tokens are used by any."""
    found = zeros_elsewhere.real_rows((1, 4, 16))
    assert len(found) == 12
    for row in found:
        assert 0.13 < row.density < 0.17
        assert row.unions[0] == pytest.approx(row.density)
        assert row.unions[1] < 1 - (1 - row.density) ** 4
