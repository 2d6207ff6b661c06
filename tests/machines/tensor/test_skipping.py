"""The study of skipped blocks: near the published speed-ups, monotone, and below two."""

import pytest

from simulator.machines.tensor.paper import skipping
from zeroskip import load_arch


@pytest.fixture(scope="module")
def prompt():
    return skipping.prompt_rows(0)


@pytest.fixture(scope="module")
def arrays():
    return skipping.array_rows(0)


@pytest.fixture(scope="module")
def following():
    return skipping.next_rows(0)


def test_a_prompt_is_within_seven_percent_of_the_published_curve(prompt):
    for row in prompt:
        assert prompt[0].cycles / row.cycles == pytest.approx(skipping.PUBLISHED[row.share], rel=0.07)
    cycles = [row.cycles for row in prompt]
    assert cycles == sorted(cycles, reverse=True)
    assert cycles[0] / cycles[-1] < 2


def test_a_prompt_loads_its_values_whatever_is_skipped(prompt):
    assert len({row.value_bytes for row in prompt}) == 1


def test_the_next_token_loads_the_values_of_what_is_kept(following):
    for row in following:
        whole = skipping.SEQUENCES * skipping.NEXT_KEYS * skipping.WIDTH * 2
        assert row.value_bytes == pytest.approx((1 - row.share) * whole, rel=0.005)


def test_the_next_token_gains_less_than_twice_and_as_published(following):
    """The more is skipped, the more; each fold of the array has blocks ahead, so that their number changes little."""
    for share in skipping.SHARES:
        cycles = [row.cycles for row in following if row.share == share]
        assert max(cycles) < 1.05 * min(cycles)
    for ahead in skipping.AHEAD:
        cycles = {row.share: row.cycles for row in following if row.ahead == ahead}
        assert list(cycles.values()) == sorted(cycles.values(), reverse=True)
        assert cycles[0] / min(cycles.values()) < 2
        for share, speedup in skipping.NEXT_PUBLISHED.items():
            assert cycles[0] / cycles[share] == pytest.approx(speedup, rel=0.05)


def test_two_arrays_gain_nothing_from_skipping(arrays):
    """With a fast vector unit; else it decides, and a second array changes nothing."""
    lanes = load_arch(skipping.CONFIGURATION).arch.vector_lanes
    speedups = {}
    for row, speedup in zip(arrays, skipping.speedups(arrays), strict=True):
        speedups.setdefault((row.lanes, row.arrays), []).append(speedup)
    fast = lanes * skipping.FASTER
    assert speedups[fast, 2] == pytest.approx([1] * 4, abs=0.01)
    assert speedups[fast, 1] == pytest.approx([1 / (1 - share / 2) for share in skipping.PUBLISHED], rel=0.03)
    assert speedups[lanes, 2] == pytest.approx(speedups[lanes, 1], rel=0.01)


def test_tables_have_every_row():
    first, second, third = skipping.study(0, lambda _: None)["tables"]
    assert len(third["rows"]) == 2 * len(skipping.PUBLISHED)  # on each of two machines
    assert [row[0] for row in first["rows"]] == [f"{100 * share:.1f}" for share in skipping.PUBLISHED]
    assert len(second["rows"]) == len(skipping.SHARES)


def test_other_seeds_move_the_speed_up_by_little():
    base = [skipping.prompt_rows(seed)[-1].cycles for seed in range(3)]
    assert max(base) / min(base) < 1.02


def test_the_machine_is_as_its_configuration_says():
    arch = load_arch(skipping.CONFIGURATION).arch
    assert (arch.value_on_demand, arch.skip_thousandths) == (0, 0)
