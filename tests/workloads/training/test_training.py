"""The trainer: gradients against finite differences, constraints against their rules."""

import numpy as np
import pytest

from workloads.number_formats import find_format
from workloads.training.constraints import Free, Masked, Rounded, Shared, Ternary
from workloads.training.network import (
    ConvolutionLayer,
    DenseLayer,
    PoolLayer,
    backward,
    cross_entropy,
    divergence,
    forward,
    initialise,
)
from workloads.training.sgd import Examples, TrainingSchedule, current_parameters, error_percent, train

# of 2 x 8 x 8 images
LENET_LIKE = [ConvolutionLayer(2, 3, 3), PoolLayer(2), ConvolutionLayer(3, 4, 2), DenseLayer(16, 5), DenseLayer(5, 3)]


def loss_of(layers, parameters, batch, labels):
    scores, _ = forward(layers, parameters, batch)
    return cross_entropy(scores, labels)[0]


def test_gradients_are_finite_differences():
    rng = np.random.default_rng(0)
    batch, labels = rng.standard_normal((4, 2, 8, 8)), np.array([0, 1, 2, 1])
    parameters = [(w.astype(float), rng.standard_normal(b.size)) for w, b in initialise(LENET_LIKE, rng)]
    scores, held = forward(LENET_LIKE, parameters, batch)
    gradients = backward(LENET_LIKE, parameters, held, cross_entropy(scores, labels)[1])
    for pair, slopes in zip(parameters, gradients, strict=True):
        for array, slope in zip(pair, slopes, strict=True):
            for place in rng.integers(0, array.size, 6):
                before = array.flat[place]
                sides = []
                for step in (1e-6, -1e-6):
                    array.flat[place] = before + step
                    sides.append(loss_of(LENET_LIKE, parameters, batch, labels))
                array.flat[place] = before
                assert slope.flat[place] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-6)


def test_the_divergences_gradient_is_a_finite_difference():
    rng = np.random.default_rng(3)
    scores, teacher = rng.standard_normal((2, 5, 4))
    value, slope = divergence(scores, teacher)
    assert value > 0
    assert divergence(teacher, teacher)[0] == pytest.approx(0)
    for place in range(scores.size):
        moved = scores.copy()
        moved.flat[place] += 1e-6
        assert slope.flat[place] == pytest.approx((divergence(moved, teacher)[0] - value) / 1e-6, abs=1e-5)


def test_what_layers_read_is_rounded_and_gradients_pass():
    layers = [DenseLayer(2, 2), DenseLayer(2, 1)]
    parameters = [(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]
    scores, held = forward(layers, parameters, np.array([[1.4, 2.6]]), np.round)
    assert scores.tolist() == [[4.0]]
    gradients = backward(layers, parameters, held, np.ones((1, 1)))
    assert gradients[1][0].tolist() == [[1.0, 3.0]]
    assert gradients[0][0].tolist() == [[1.0, 3.0], [1.0, 3.0]]


def test_a_rounded_weight_is_what_its_format_says():
    form, weight = find_format("nvfp4"), np.random.default_rng(0).standard_normal((4, 32)).astype(np.float32)
    one = Rounded(weight, form)
    assert np.array_equal(one.weight(), form.decode(form.encode(weight)).astype(np.float32))
    assert np.array_equal(one.parameters[0], weight)
    gradient = np.ones_like(weight)
    assert one.parameter_gradients(gradient)[0] is gradient


def test_a_convolution_is_what_its_definition_says():
    rng = np.random.default_rng(1)
    layer, image = ConvolutionLayer(2, 3, 3), rng.standard_normal((1, 2, 5, 5))
    weight, bias = rng.standard_normal(layer.shape), rng.standard_normal(3)
    out, _ = forward([layer], [(weight, bias)], image)
    for k, y, x in np.ndindex(3, 3, 3):
        expected = (weight[k] * image[0, :, y : y + 3, x : x + 3]).sum() + bias[k]
        assert out[0, k, y, x] == pytest.approx(expected)


def two_clouds(n=400):
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, n)
    return Examples((rng.standard_normal((n, 6)) + 2 * labels[:, None]).astype(np.float32), labels)


def trained(constrain, start=None):
    layers, rng = [DenseLayer(6, 8), DenseLayer(8, 2)], np.random.default_rng(3)
    drawn = initialise(layers, rng)
    weights, biases = [constrain(w) for w in start or [w for w, _ in drawn]], [b for _, b in drawn]
    train(layers, weights, biases, two_clouds(), TrainingSchedule(10, 0.1), rng)
    return weights, error_percent(layers, current_parameters(weights, biases), two_clouds())


def test_training_learns():
    _, error = trained(Free)
    assert error < 2


def test_masked_weights_stay_zero_and_the_others_move():
    weights, error = trained(lambda w: Masked(w, np.abs(w) > np.median(np.abs(w))))
    for weight in weights:
        assert (weight.weight()[~weight.mask] == 0).all()
        assert (weight.weight()[weight.mask] != 0).all()
    assert error < 5


def test_shared_weights_stay_on_their_levels_and_zero_stays_zero():
    rng = np.random.default_rng(4)
    codebook = np.array([0, -0.5, 0.3, 0.6], np.float32)
    weights, error = trained(lambda w: Shared(rng.integers(0, 4, w.shape), codebook))
    for weight in weights:
        assert weight.parameters[0][0] == 0
        assert not np.array_equal(weight.parameters[0], codebook)
        assert np.unique(weight.weight()).size <= 4
    assert error < 5


def test_ternary_weights_have_three_values_and_trained_scales():
    start = [weight.weight() for weight in trained(Free)[0]]
    weights, error = trained(lambda w: Ternary(w, 0.05), start)
    for weight in weights:
        positive, negative = weight.parameters[1]
        assert set(np.unique(weight.weight())) <= {np.float32(-negative), np.float32(0), np.float32(positive)}
    assert error < 5


def test_the_rules_of_shared_and_ternary_gradients():
    gradient = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    shared = Shared(np.array([[0, 1, 1], [2, 0, 2]]), np.array([0, 7, 8], np.float32))
    assert shared.parameter_gradients(gradient)[0].tolist() == [0, 5, 10]
    ternary = Ternary(np.array([[0.9, -0.9, 0.01], [0.5, -0.2, -0.01]], np.float32), 0.1)
    positive, negative = ternary.parameters[1]
    assert (positive, negative) == (pytest.approx(0.7), pytest.approx(0.55))
    latent, scales = ternary.parameter_gradients(gradient)
    assert scales.tolist() == [1 + 4, -(2 + 5)]
    np.testing.assert_allclose(latent, gradient * [[positive, negative, 1], [positive, negative, 1]])
