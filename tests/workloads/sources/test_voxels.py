"""BEVFusion's sparse encoder over a scan: drawn, of a file, of points."""

from itertools import pairwise

import numpy as np
import pytest
from support.paths import ROOT

from workloads.errors import InputError
from workloads.kinds import reference_output
from workloads.kinds.sparse_convolution.rings import draw_points
from workloads.model import open_model
from workloads.sources.voxels.network import read_voxel_networks, voxel_networks

NAME = "bevfusion-encoder"
HANDED = ROOT.parent / "shared" / "data" / "lidar_voxels.npz"


def layers(source=NAME, **options):
    return [layer.load({}).layer for layer in open_model(source, **options).layers]


def ratios(found):
    """Voxels at each stage over those of the scan, and neighbours of an output in its submanifold layers."""
    stages = [found[number] for number in (1, 6, 11, 16)]
    return [one.sites / found[0].sites for one in stages], [one.book.pairs / one.sites for one in stages]


def test_a_drawn_scan_is_like_a_real_one_of_a_turn():
    """Within a fifth of the facts: 17,055 to 17,748 voxels, 3.3 neighbours, 1.56, 1.05 and 0.59 times as many."""
    found = layers(scale=1.0)
    assert found[0].voxels == pytest.approx(17_400, rel=0.1)
    more, neighbours = ratios(found)
    assert more == pytest.approx([1, 1.56, 1.05, 0.59], rel=0.2)
    assert neighbours == pytest.approx([3.3, 10.2, 12.5, 14.2], rel=0.2)


@pytest.mark.skipif(not HANDED.is_file(), reason="the scan is no part of the distribution")
def test_the_handed_scan():
    """Voxels by stage, pairs and multiply-adds of the facts."""
    found = layers(activation=HANDED)
    assert [found[number].sites for number in (0, 6, 11, 16)] == [17_748, 27_774, 18_711, 10_476]
    assert sum(one.book.pairs for one in found) / 1e6 == pytest.approx(3.18, abs=0.005)
    assert sum(one.multiplies for one in found) / 1e9 == pytest.approx(15.80, abs=0.005)
    assert ratios(found)[1] == pytest.approx([3.3, 10.2, 12.5, 14.2], abs=0.05)
    scattered = sum(2 * one.book.pairs * (one.inputs + one.outputs) for one in found)
    once = sum(2 * (one.voxels * one.inputs + one.sites * one.outputs) for one in found)
    assert (round(scattered / 1e6), round(once / 1e6)) == (762, 77)
    corners = np.diff(found[1].book.first)[[0, 2, 6, 8, 18, 20, 24, 26]]  # 1 to 2 % of the voxels
    assert (min(corners), max(corners) / found[1].voxels) == (251, pytest.approx(0.021, abs=0.001))


def test_layers_of_a_stage_share_their_map():
    """21 layers have 8 maps, and each reads where the one before it writes."""
    found = layers(scale=0.05)
    assert sum(not one.shares_map for one in found) == 8
    for before, after in pairwise(found):
        assert np.array_equal(before.book.places, after.places)
        assert not after.shares_map or after.book is before.book
    assert found[-1].geometry.output_grid == (180, 180, 2)


def test_one_layer_has_the_weights_that_it_has_in_the_network_and_a_map_of_its_own():
    whole = layers(scale=0.05)[2]
    one = open_model(NAME, layer="1b", scale=0.05)
    (layer,) = one.layers
    alone = layer.load({}).layer
    assert (one.network, one.among, layer.name, alone.shares_map) == (False, 21, f"{NAME}-1b", False)
    assert np.array_equal(whole.weight, alone.weight)
    assert np.array_equal(reference_output(whole), reference_output(alone))


def test_features_of_a_scan_are_read_and_points_are_voxelised():
    points = np.random.default_rng(0).uniform(-4, 4, (300, 5)).astype(np.float32) * [1, 1, 0.2, 1, 1]
    model = open_model(NAME, activation={"points": points}, scale=0.1)
    first = model.layers[0].load({}).layer
    values = np.ldexp(first.activation.astype(float), -first.activation_fraction_bits)
    cells = np.floor((points[:, :3] - [-54, -54, -5]) / [0.075, 0.075, 0.2]).astype(int)
    wanted = {tuple(cell) for cell in cells.tolist()}
    assert {tuple(place) for place in first.places.tolist()} == wanted
    (only,) = [place for place in wanted if (cells == place).all(axis=1).sum() == 1][:1]
    row = first.places.tolist().index(list(only))
    np.testing.assert_allclose(values[row], points[(cells == only).all(axis=1)][0], atol=1e-3)
    assert any("300 points fill" in note for note in model.notes)


def test_features_of_other_points_are_drawn_and_that_is_said():
    points = np.random.default_rng(0).uniform(-4, 4, (300, 4)) * [1, 1, 0.2, 1]
    notes = open_model(NAME, activation={"points": points}, scale=0.1).notes
    assert "its points have 4 numbers each, bevfusion-encoder reads 5: features are drawn" in notes
    assert any(note.endswith("voxels of 1440 x 1440 x 41 cells") for note in notes)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"activation": np.ones(3)}, "one array is given as its scan"),
        ({"activation": {"voxel": np.zeros((1, 3), int)}}, "input: shape is missing"),
        ({"activation": {"voxel": np.zeros((1, 3), int), "shape": np.array([9, 9, 9]), "feature": np.ones((1, 2))}},
         "input: feature has 2 numbers of a voxel; expected 5"),
        ({"layer": "9z"}, "layer is '9z'"),
        ({"steps": 3}, "steps is 3; expected none"),
        ({"activation": "missing.npz"}, "missing.npz"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(options, said):
    with pytest.raises(InputError) as error:
        open_model(NAME, **options)
    assert said in str(error.value)


@pytest.mark.filterwarnings("error")
def test_level_beams_that_meet_nothing_return_nothing():
    network = voxel_networks()[NAME]
    level = {name: network.rings.lowest.model_copy(update={"value": 0.0}) for name in ("lowest", "highest")}
    rings = network.rings.model_copy(update=level)
    few = rings.model_copy(update={"obstacles": rings.obstacles.model_copy(update={"value": 1})})
    met = [len(draw_points(one, 100, np.random.default_rng(0))) for one in (rings, few)]
    assert 0 <= met[1] < met[0] < 100 * rings.beams.value


def test_a_bad_network_is_refused():
    with pytest.raises(InputError, match=r"file: n: about"):
        read_voxel_networks("file", "n: {layers: []}")
    assert list(voxel_networks()) == [NAME]
