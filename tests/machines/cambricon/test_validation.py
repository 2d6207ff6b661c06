"""The published curves of Cambricon-S and -X stay as near as they are said to be."""

from functools import cache

import pytest

from simulator.core.published import read_published
from simulator.machines.cambricon.paper import layers
from simulator.machines.cambricon.paper.curves import CURVES, speed_up, study
from simulator.machines.cambricon.paper.validation import rows

KNOWN = (95, 75, 55, 35, 15, 5)
ABOVE = {("S weights in conv", 5), ("S weights in FC", 5)}
"""Published points at or above what a selector of 16 of 256 can give: 15.5 and 17.59."""


@cache
def validated():
    """Rows by name, of one draw."""
    return {row.row: row for row in rows(seed=0, draws=1)}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("percent", KNOWN)
def test_published_points_are_met_within_five_percent(curve, percent):
    row = validated()[f"{curve}, kept_percent={percent}"]
    assert row.published is not None
    if (curve, percent) in ABOVE:
        assert 12.5 < row.simulated < 16
        return
    assert abs(row.error_percent) < 5.2  # one draw; 5 over ten draws (docs/validation/cambricon.csv)


def test_powers_and_areas_are_the_papers():
    for name, power, area in (("cambricon_s", 798.55, 6.73), ("cambricon_x", 954, 6.38)):
        found = [row for row in rows(0, 1, quantities={"power_mw", "area_mm2"}) if row.row == name]
        assert [row.simulated for row in found] == pytest.approx([power, area], rel=1e-4)


def test_every_row_has_a_curve_and_between_points_are_predicted():
    tables = read_published("simulator.machines.cambricon.paper")["tables"]
    assert [row for table in tables if "over" in table for row in table["rows"]] == list(CURVES)
    for name, row in validated().items():
        if "kept_percent" in name and row.published is None:
            assert row.figure_class == "predicted"


def test_speed_ups_grow_as_less_is_kept():
    for curve in CURVES:
        found = [validated()[f"{curve}, kept_percent={percent}"].simulated for percent in KNOWN]
        assert found == sorted(found)


def test_the_widths_of_selectors_bound_a_speed_up():
    """16 of 256 and 16 of 64: at most 16 times by weights and 4 times by inputs; X moves over 128 inputs a cycle."""
    small = layers.Shape(256, 64, 1, 1)
    for name, most in (("S weights in conv", 16), ("S inputs in conv", 4), ("X weights in conv", 8)):
        assert speed_up(CURVES[name]._replace(shape=small), 0.01, 0) <= most


def test_a_drawn_layer_has_the_shares_that_are_asked_for():
    layer = layers.draw(layers.SMALL, 0.35, 0.6, 16, 3)
    assert layer.weight_density == pytest.approx(0.35, abs=1e-3)
    assert layer.activation_density == pytest.approx(0.6, abs=1e-4)
    blocks = (layer.weight != 0).reshape(8, 16, -1)
    assert (blocks.all(axis=1) == blocks.any(axis=1)).all()


def test_the_study_has_all_points(monkeypatch):
    monkeypatch.setattr("simulator.machines.cambricon.paper.curves.speed_up", lambda _, kept, seed: 1 / kept + seed)
    said = []
    found = study(0, said.append)
    assert said == list(CURVES)
    assert len(found["points"]) == 11 * len(CURVES)
    first = found["points"][0]
    assert first["published"] == 1.05
    assert (first["simulated"], first["spread"]) == pytest.approx((1 / 0.95 + 1, 2))
    assert found["tables"][0]["rows"][1] == ["S inputs in conv", "85", "-", f"{1 / 0.85 + 1:.2f}"]
