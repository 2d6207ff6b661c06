"""The exchange: conservation in integers, each fix by its formula, and training on several nodes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.errors import InputError
from workloads.training.constraints import Free
from workloads.training.gradient_compression.compressor import Compression, Compressor
from workloads.training.gradient_compression.nodes import train_on_nodes
from workloads.training.gradient_compression.residual import Residual, Velocity, clip
from workloads.training.network import DenseLayer, initialise
from workloads.training.sgd import Examples, TrainingSchedule, current_parameters, train

LAYERS = (DenseLayer(12, 20), DenseLayer(20, 4))


@given(
    seed=st.integers(0, 2**32 - 1),
    nodes=st.integers(1, 4),
    momentum=st.sampled_from([0, 1, 2]),
    nesterov=st.booleans(),
    correction=st.booleans(),
    masking=st.booleans(),
    density=st.floats(0.005, 1),
)
@settings(deadline=None, max_examples=60)
def test_what_is_sent_and_what_is_left_is_all_that_was_accumulated(
    seed, nodes, momentum, nesterov, correction, masking, density
):
    rng = np.random.default_rng(seed)
    shapes = (30, 11), (5, 8)
    zero = [np.zeros(shape, np.int64) for shape in shapes]
    compressor = Compressor(zero, nodes, Compression(density, 2, correction, masking), rng, momentum, nesterov)
    added = _sums_of_added(compressor)
    received = [one.copy() for one in zero]
    compressor.received = None  # the sums themselves, without the receiver's momentum
    for epoch in range(4):
        gradients = [[rng.integers(-40, 41, shape) for shape in shapes] for _ in range(nodes)]
        directions, traffic = compressor.exchange(gradients, epoch)
        received = [total + one for total, one in zip(received, directions, strict=True)]
        assert traffic.pairs == traffic.sent >= traffic.union
    for place, total in enumerate(received):
        left = sum(residuals[place].v for residuals in compressor.residuals)
        assert left.dtype == np.int64
        assert np.array_equal(total + left, added[place])


def _sums_of_added(compressor):
    """Lists what residuals add, as sums over nodes; filled while the compressor runs."""
    sums = [np.zeros_like(one.v) for one in compressor.residuals[0]]
    for residuals in compressor.residuals:
        for residual, total in zip(residuals, sums, strict=True):

            def add(gradient, residual=residual, total=total):
                found = Residual.add(residual, gradient)
                total += found
                return found

            residual.add = add
    return sums


def test_momentum_correction_is_the_velocity_of_all_steps():
    plain, nesterov = (Residual(np.zeros(1), 0.5, which) for which in (False, True))
    for gradient in (8.0, 4.0):
        plain.add(np.array([gradient]))
        nesterov.add(np.array([gradient]))
    assert plain.v == 8 + (0.5 * 8 + 4)
    # u = m (u + g); v = v + u + g
    assert nesterov.v == (4 + 8) + (0.5 * (4 + 4) + 4)


@pytest.mark.parametrize(("masking", "velocity"), [(True, [0, 3]), (False, [2, 3])])
def test_masking_stops_what_was_sent(masking, velocity):
    residual = Residual(np.zeros((1, 2)), 0.9, masking=masking)
    residual.add(np.array([[2.0, 3.0]]))
    assert residual.take(np.array([0])).tolist() == [2]
    assert residual.v.tolist() == [[0, 3]]
    assert residual.velocity.u.tolist() == [velocity]


def test_without_correction_gradients_are_accumulated():
    residual = Residual(np.zeros(1), 0.9, correction=False)
    for _ in range(3):
        residual.add(np.ones(1))
    assert residual.v == 3


@pytest.mark.parametrize("nesterov", [False, True])
def test_everything_sent_without_masking_is_dense_momentum(nesterov):
    rng = np.random.default_rng(0)
    zero = [np.zeros((6, 5))]
    velocity = Velocity(zero[0], 0.9, nesterov)
    settings = Compression(1.0, masking=False)
    for correction in (False, True):
        compressor = Compressor(zero, 3, settings._replace(correction=correction), rng, 0.9, nesterov)
        velocity.u[:] = 0
        for epoch in range(5):
            gradients = rng.standard_normal((3, 1, 6, 5)).astype(np.float32)
            (found,), traffic = compressor.exchange(list(gradients), epoch)
            assert found == pytest.approx(velocity.step(gradients.sum(axis=0)[0]), rel=1e-5, abs=1e-5)
            assert traffic.union == 30


def test_clipping_shares_the_limit_over_nodes():
    gradients = [np.array([[3.0, 0]], np.float32), np.array([4.0], np.float32)]
    assert clip(gradients, 10, 4) == 1  # norm 5, and the share of the limit is 10 / 2
    assert clip(gradients, 6, 9) == pytest.approx(2 / 5)
    assert [one.tolist() for one in gradients] == [[[pytest.approx(1.2), 0]], [pytest.approx(1.6)]]


def _patterns(n=160):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 4, n)
    inputs = rng.standard_normal((4, 12), dtype=np.float32)[labels]
    return Examples(inputs + 0.2 * rng.standard_normal((n, 12), dtype=np.float32), labels)


def _train(compression, nodes=4, nodes_seed=0, epochs=3, decay=1e-3, nesterov=False):
    parameters = initialise(LAYERS, np.random.default_rng(7))
    schedule = TrainingSchedule(epochs, 0.05, batch=20, decay=decay)
    rng = np.random.default_rng(nodes_seed)
    traffic = train_on_nodes(LAYERS, parameters, _patterns(), schedule, nodes, rng, compression, nesterov=nesterov)
    return np.concatenate([array.ravel() for pair in parameters for array in pair]), traffic


def test_nodes_share_the_gradient_of_one():
    for nesterov in (False, True):
        alone, none = _train(None, 1, nesterov=nesterov)
        assert none == []
        for nodes in (3, 20):
            assert _train(None, nodes, nesterov=nesterov)[0] == pytest.approx(alone, rel=1e-3, abs=1e-5)
        everything = Compression(1.0, masking=False)
        assert _train(everything, 3, nesterov=nesterov)[0] == pytest.approx(alone, rel=1e-3, abs=1e-5)
    assert not np.allclose(alone, _train(None, 1)[0], atol=1e-3)


def test_dense_nodes_train_as_the_trainer_of_one_machine():
    """A constant rate in one epoch: then a velocity with the rate in it and one without are the same."""
    found, _ = _train(None, 1, epochs=1)
    parameters = initialise(LAYERS, np.random.default_rng(7))
    weights, biases = [Free(weight) for weight, _ in parameters], [bias for _, bias in parameters]
    order_rng, _ = np.random.default_rng(0).spawn(2)
    schedule = TrainingSchedule(1, 0.05, batch=20, decay=1e-3)
    train(LAYERS, weights, biases, _patterns(), schedule, order_rng)
    trained = current_parameters(weights, biases)
    assert found == pytest.approx(np.concatenate([a.ravel() for pair in trained for a in pair]), rel=1e-3, abs=1e-5)


def test_training_is_drawn_from_one_generator():
    compression = Compression(0.05, 1, clip=1.0)
    first, traffic = _train(compression)
    again, same = _train(compression)
    assert np.array_equal(first, again)
    assert traffic == same
    assert len(traffic) == 3 * 8
    assert [round(one.density, 4) for one in traffic[::8]] == [round(0.05**0.5, 4), 0.05, 0.05]
    for one in traffic[8:]:
        assert one.union <= one.sent <= 4 * (12 + 4)  # of 240 and 80 weights
    assert not np.array_equal(first, _train(compression, nodes_seed=1)[0])


def test_too_many_nodes():
    with pytest.raises(InputError, match="21 nodes share a batch of 20; expected 1 node"):
        _train(None, 21)
