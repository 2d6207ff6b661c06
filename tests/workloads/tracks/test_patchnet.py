"""PatchNet: its operations addend by addend, its first layer as a slow loop, what interleaving saves."""

import numpy as np
import pytest

from workloads.errors import InputError
from workloads.tracks.cost import macs_of_shape, network_macs, shape_of
from workloads.tracks.patchnet import KERNEL_WEIGHTS, correlate, make_kernels, operations, parameters, reduction

ADDENDS = {  # millions, of the grouped variant
    "correlation": 38.535,
    "transform": 0.885,
    "conv2": 4.326,
    "pool2": 0.649,
    "conv3": 0.774,
    "conv3 box": 12.390,
    "pool3": 0.029,
    "conv4": 0.005,
    "conv4 box": 0.078,
}


@pytest.mark.parametrize("name", ADDENDS)
def test_an_addend(name):
    assert round(operations()[name] / 1e6, 3) == ADDENDS[name]


def test_the_sum_is_the_published_58_million():
    assert set(operations()) == set(ADDENDS)
    assert sum(operations().values()) == 57_672_404
    assert operations(grouped=False)["conv2"] == 69_222_400
    assert round(sum(operations(grouped=False).values()) / 1e6, 1) == 122.6
    assert (parameters(), parameters(grouped=False)) == (30_621, 54_621)
    assert KERNEL_WEIGHTS == 12_288


def test_the_convolutions_of_the_zoo_are_the_addends():
    counted = operations()
    for name in ("correlation", "conv2", "conv3", "conv3 box", "conv4", "conv4 box"):
        assert macs_of_shape(shape_of(f"patchnet-{name.replace(' ', '_')}")) == counted[name]
    others = counted["transform"] + counted["pool2"] + counted["pool3"]
    assert network_macs("patchnet") == sum(counted.values()) - others


@pytest.mark.parametrize(("interval", "expected"), [(1, 1), (2, 1.99), (3, 2.96), (4, 3.92)])
def test_the_law_against_siamfc(interval, expected):
    """SiamFC: 8.17 GMAC a frame; one object."""
    assert round(reduction(interval, 1, 8.17e9), 2) == expected


def test_the_law_is_the_ratio_of_sums_over_an_interval():
    for interval in (1, 2, 6, 30):
        for objects in (0, 1, 7):
            frames = [100.0] + [3.0 * objects] * (interval - 1)
            assert reduction(interval, objects, 100.0, 3.0) == pytest.approx(100.0 * interval / sum(frames))


def slow_correlation(search, kernels):
    found = np.zeros((64, 56, 56))
    for row in range(56):
        for column in range(56):
            window = search[:, 2 * row : 2 * row + 8, 2 * column : 2 * column + 8].astype(float)
            energy = np.sqrt((window**2).sum())
            for kernel in range(64):
                total = 0.0
                for colour in range(3):
                    total += float((kernels[kernel, colour] * window[colour]).sum())
                found[kernel, row, column] = total / energy if energy else 0
    return found


def test_the_correlation_equals_a_slow_loop():
    rng = np.random.default_rng(0)
    search = rng.normal(size=(3, 119, 119))
    search[:, :20, :20] = 0  # places without energy
    kernels = make_kernels(rng.normal(size=(3, 64, 64)), rng.normal(size=(8, 5, 2)))
    np.testing.assert_allclose(correlate(search, kernels), slow_correlation(search, kernels), rtol=1e-5, atol=1e-5)


def test_kernels_are_the_patches_row_by_row_and_a_filter_of_ones_leaves_them():
    template = np.random.default_rng(0).normal(size=(3, 64, 64))
    kernels = make_kernels(template)
    np.testing.assert_array_equal(kernels[9], template[:, 8:16, 8:16].astype(np.float32))
    np.testing.assert_allclose(make_kernels(template, np.ones((8, 5, 2))), kernels, atol=1e-6)
    np.testing.assert_allclose(make_kernels(template, np.full((8, 5, 2), 2.0)), 2 * kernels, atol=1e-5)


def test_each_patch_answers_most_where_it_is():
    """An object at 20, 30 of the search crop: patch (i, j) is at 20 + 8 i, 30 + 8 j."""
    rng = np.random.default_rng(1)
    search = rng.normal(size=(3, 119, 119))
    maps = correlate(search, make_kernels(search[:, 20:84, 30:94]))
    for kernel in range(64):
        i, j = divmod(kernel, 8)
        assert np.unravel_index(maps[kernel].argmax(), (56, 56)) == (10 + 4 * i, 15 + 4 * j)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: make_kernels(np.zeros((64, 64, 3))), "PatchNet: the template has shape [64, 64, 3]; expected [3, 64"),
        (lambda: make_kernels(np.zeros((3, 64, 64)), np.zeros(3)), "PatchNet: the coefficients have shape [3]; exp"),
        (lambda: correlate(np.zeros((3, 64, 64)), np.zeros((64, 3, 8, 8))), "expected [3, 119, 119] and [64, 3, 8, 8]"),
        (lambda: reduction(0, 1, 1e9), "PatchNet: interval 0, 1 objects"),
    ],
)
def test_wrong_arguments(call, sentence):
    with pytest.raises(InputError) as error:
        call()
    assert sentence in str(error.value)
