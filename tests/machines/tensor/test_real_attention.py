"""Attention of a trained network on the tensor engine."""

import pytest

from simulator.machines.tensor.paper import real_attention


@pytest.mark.slow
def test_nothing_is_lost_without_skipping_and_more_with_a_larger_threshold(monkeypatch):
    monkeypatch.setattr(real_attention, "ROWS", (8,))
    monkeypatch.setattr(real_attention, "FACTORS", (0, 3000, 20_000))
    found = real_attention.rows(lambda _: None)
    assert found[0].skipped == 0
    assert found[0].kl < 1e-4
    for key, order in (("skipped", 1), ("kl", 1), ("cycles", -1), ("nanojoules", -1)):
        values = [order * getattr(row, key) for row in found]
        assert values == sorted(values)
