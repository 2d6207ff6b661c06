"""Times of exchanges in closed form, and the published steps that they reproduce."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.errors import InputError
from workloads.training.gradient_compression import exchange_times as times
from workloads.training.gradient_compression.exchange_times import GIGABIT, Network
from workloads.training.gradient_compression.message_sizes import MessageSize, alexnet, message_size

NETWORK = Network(8, 1000.0, 0.5)


def test_closed_forms():
    assert times.ring_all_reduce(NETWORK, 4000) == 14 * (0.5 + 4000 / 8 / 1000)
    assert times.halving_all_reduce(NETWORK, 4000) == pytest.approx(6 * 0.5 + 14 * 500 / 1000)
    assert times.ring_all_gather(NETWORK, 4000) == 7 * (0.5 + 4)
    # messages of 1, 2 and 4 parts of 4,000 bytes, at most 10,000
    assert times.doubling_all_gather(NETWORK, 4000, 10_000) == 1.5 + 4 + 8 + 10
    size = MessageSize(4000, 60, 40)
    assert times.dense_exchange(NETWORK, size) == times.ring_all_reduce(NETWORK, 4000)
    assert times.sparse_exchange(NETWORK, size) == pytest.approx(7 * (0.5 + 0.06) + 14 * (0.5 + 0.005))


@given(st.integers(0, 8), st.floats(1, 1e9), st.floats(1, 1e12))
def test_doubling_sends_the_volume_of_a_ring(power, size, rate):
    network = Network(2**power, rate)
    ring = times.ring_all_gather(network, size)
    assert times.doubling_all_gather(network, size, size * 2**power) == pytest.approx(ring)


def test_one_node_exchanges_nothing():
    alone = Network(1, 1.0, 1.0)
    for exchange in (times.ring_all_reduce, times.halving_all_reduce, times.ring_all_gather):
        assert exchange(alone, 1e9) == 0


@given(st.integers(2, 2000), st.floats(0.001, 1), st.sampled_from([6, 8, 12]))
def test_all_gather_loses_from_the_break_even_on(nodes, density, pair_bytes):
    dense = 4e9
    network = Network(nodes, 1e9)
    sparse = times.ring_all_gather(network, dense / 4 * density * pair_bytes)
    limit = times.break_even_nodes(density, pair_bytes)
    if abs(nodes - limit) > 1e-6 * limit:
        assert (sparse > times.ring_all_reduce(network, dense)) == (nodes > limit)


@pytest.mark.parametrize(("density", "nodes"), [(0.25, 5.3), (0.0625, 21), (0.015625, 85), (0.004, 333), (0.001, 1333)])
def test_break_even_of_the_warm_up(density, nodes):
    assert times.break_even_nodes(density, 6) == pytest.approx(nodes, rel=0.02)


def test_union_of_64_nodes():
    assert times.union_density(64, 0.001) == pytest.approx(0.0620, abs=5e-5)


def test_speedups_of_alexnet_on_64_nodes():
    size = message_size(alexnet())
    fast, slow = Network(64, 10 * GIGABIT), Network(64, GIGABIT)
    compute = times.fitted_compute(64, times.dense_exchange(fast, size), 30)
    assert times.speedup(64, compute, times.dense_exchange(fast, size)) == pytest.approx(30)
    assert compute == pytest.approx(0.339, abs=0.0005)
    assert times.speedup(64, compute, times.sparse_exchange(slow, size)) > 40
    assert times.speedup(64, compute, times.dense_exchange(slow, size)) < 10


@pytest.mark.parametrize("wanted", [0, 64, 70, float("nan")])
def test_no_time_gives_such_a_speedup(wanted):
    with pytest.raises(InputError, match="expected more than 0 and less than"):
        times.fitted_compute(64, 1.0, wanted)


@pytest.mark.parametrize("nodes", [0, 3, 12])
def test_doubling_needs_a_power_of_two(nodes):
    for exchange in (times.halving_all_reduce, lambda network, size: times.doubling_all_gather(network, size, size)):
        with pytest.raises(InputError, match=f"{nodes} nodes; expected a power of two"):
            exchange(Network(nodes, 1.0), 1.0)
