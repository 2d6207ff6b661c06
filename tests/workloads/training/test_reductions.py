"""The study of sums over chips: rows, bytes, and what holds in each of them."""

from workloads.experiments.reductions import CHIPS, INPUTS, study


def test_the_tree_is_the_same_on_any_number_of_chips_and_the_ring_is_not():
    said = []
    found = study(1, said.append)
    assert len(said) == len(found["points"]) == len(INPUTS) * len(CHIPS) - 1  # 2,048 inputs are four runs of two tiles
    for row in found["points"]:
        assert row["tree_same"]
        assert 0.33 < row["pairs_differ"] <= row["ring_differs"] + 0.03 < 0.68
        assert 2 < row["tree_error"] / row["plain_error"] < 3.2
        chips, words = row["chips"], 64 * 96 * 2
        assert row["tree_bytes"] == (chips - 1) * words
        assert row["ring_bytes"] == 2 * words * (chips - 1) // chips
        assert row["additions"] == row["inputs"] // 256 - 1
    assert [row["registers"] for row in found["points"] if row["chips"] == 2] == [3, 4, 4, 5, 4]
    assert study(1, said.append) == found
