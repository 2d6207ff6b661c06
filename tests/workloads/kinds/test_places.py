"""The places of non-zeros in drawn images: anywhere, or in patches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.machines.scnn.paper.activations import RealMap, draw_mask, fit, measure, places_of, tile_counts
from workloads.errors import InputError
from workloads.kinds.convolution.places import draw_field, smooth_noise
from workloads.model import load_workload
from workloads.sources.zoo.recipes import read_recipes, zoo

RECIPE = """
patched:
  about: test
  shape: {{inputs: 64, outputs: 2, height: 24, width: 24, kernel: 1, stride: 1, padding: 0, groups: 1, source: test}}
  bias: false
  relu: true
  weight_density: {{value: 0.5, source: test}}
  weights: trained-convolution
  activations: {{distribution: half-normal, density: {{value: 0.4, source: test}}, {more}}}
"""


@pytest.mark.parametrize("sigma", [0.3, 0.7, 2.0])
def test_smoothed_noise_has_deviation_one_everywhere_and_a_gaussian_correlation(sigma):
    noise = smooth_noise((4000, 12, 12), sigma, np.random.default_rng(1)).astype(np.float64)
    np.testing.assert_allclose(noise.std(axis=0), 1, atol=0.06)
    neighbours = (noise[:, :, 1:] * noise[:, :, :-1]).mean()
    reach = np.ceil(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    assert neighbours == pytest.approx((kernel[1:] * kernel[:-1]).sum() / (kernel**2).sum(), abs=0.02)


@given(st.floats(0, 2), st.floats(0, 1.5), st.floats(0, 0.9), st.floats(0.05, 0.95), st.integers(0, 99))
def test_a_density_is_exact_with_any_places(smoothing, shift, shared, density, seed):
    mask = draw_mask((5, 9, 7), density, places_of(smoothing, shift, shared), np.random.default_rng(seed))
    assert np.count_nonzero(mask) == round(density * mask.size)


def test_a_channel_shift_spreads_densities_and_smoothing_fills_tiles():
    def measured(*numbers):
        return measure(draw_mask((256, 16, 16), 0.4, places_of(*numbers), np.random.default_rng(3)))

    anywhere, shifted, smooth, common = measured(0, 0, 0), measured(0, 1, 0), measured(1, 0, 0), measured(1, 0, 0.3)
    assert anywhere.filling == pytest.approx(0.4 / (1 - 0.6**4), abs=0.01)  # of tiles with any of four
    assert shifted.channel_deviation > 5 * anywhere.channel_deviation
    assert smooth.filling > anywhere.filling + 0.1
    assert common.unevenness > smooth.unevenness + 0.1


def test_a_shared_part_is_the_same_in_all_channels():
    field = draw_field(places_of(0.5, 0, 0.5), (400, 16, 16), np.random.default_rng(2)).reshape(400, -1)
    assert field.var() == pytest.approx(1, abs=0.3)
    between = np.corrcoef(field)[np.triu_indices(400, 1)].mean()
    assert 0.2 < between < 0.7


def test_a_shared_part_reaches_as_far_as_the_tile_of_a_pe():
    """Noise smoothed by a Gaussian of sigma is correlated by exp(-(d / 2 sigma)^2) at distance d; a tile has 3 rows."""
    places, tile = places_of(0, 0, 1), 24 // 8
    fields = np.array([draw_field(places, (2, 24, 40), np.random.default_rng(seed)) for seed in range(150)])
    np.testing.assert_array_equal(fields[:, 0], fields[:, 1])
    for distance in (tile, 2 * tile):
        expected = pytest.approx(np.exp(-((distance / (2 * tile)) ** 2)), abs=0.06)
        assert (fields[:, 0, distance:] * fields[:, 0, :-distance]).mean() == expected
        assert (fields[:, 0, :, distance:] * fields[:, 0, :, :-distance]).mean() == expected


def test_measures_are_what_they_say():
    mask = np.zeros((1, 4, 4), bool)
    mask[0, 0, :3] = True
    assert tile_counts(mask, 2, 2).tolist() == [[[2, 1], [0, 0]]]
    assert measure(mask).filling == 3 / 8
    assert measure(mask).unevenness == 1 - (3 / 16) / 1  # tiles of one place on an array of 8 x 8: 4 x 4 of them


def test_the_fit_finds_the_places_that_maps_were_drawn_with():
    truth, maps = places_of(0.8, 0.6, 0.0), []
    for number in range(6):
        mask = draw_mask((96, 14, 14), 0.3 + 0.05 * number, truth, np.random.default_rng(100 + number))
        maps.append(RealMap(mask.shape, float(mask.mean()), measure(mask)))
    found = fit(maps, 0, lambda _: None, shared=False)
    assert found.smoothing.value == pytest.approx(0.8, abs=0.06)
    assert found.channel_shift.value == pytest.approx(0.6, abs=0.08)


def test_recipes_name_places_and_numbers_can_be_changed():
    recipe = read_recipes("test", RECIPE.format(more="places: relu-patches"))["patched"]
    assert recipe.activations.places == zoo()["vgg16-conv5_1"].activations.places
    assert read_recipes("test", RECIPE.format(more="places: anywhere"))["patched"].activations.places.anywhere
    with pytest.raises(InputError, match="places is 'nowhere'; expected a mapping or one of anywhere, relu-patches"):
        read_recipes("test", RECIPE.format(more="places: nowhere"))
    spread = "places: relu-patches, channel_spread: {value: 1, source: test}"
    with pytest.raises(InputError, match=r"no channel_spread \(1\) with patches"):
        read_recipes("test", RECIPE.format(more=spread))
    filled = {}
    for name, changes in (("patches", {}), ("anywhere", {"smoothing": 0, "channel_shift": 0})):
        layer = load_workload("vgg16-conv5_1", scale=0.5, recipe=changes).layer
        assert np.count_nonzero(layer.activation) == round(0.393 * layer.activation.size)
        filled[name] = measure(layer.activation != 0).filling
    assert filled["patches"] > filled["anywhere"] + 0.1


def test_the_margin_of_smoothed_noise_counts(tmp_path):
    wide = (
        RECIPE.replace("inputs: 64", "inputs: 1000000")
        .replace("24", "1")
        .format(more="places: {smoothing: {value: 16, source: test}}")
    )
    (tmp_path / "r.yaml").write_text(wide)
    with pytest.raises(
        InputError, match=r"it has 9,409,000,000 elements in its smoothed input with a margin; expected"
    ):
        load_workload(f"{tmp_path}/r.yaml")
