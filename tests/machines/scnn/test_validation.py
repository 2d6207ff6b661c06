"""SCNN's published figures: how they are put together, on networks of a layer each."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.small_networks import one_layer, small_networks  # noqa: F401

from simulator.machines.scnn.paper import validation
from simulator.machines.scnn.paper.validation import at_density, crossover, rows
from workloads.errors import InputError


@pytest.mark.usefixtures("small_networks")
def test_every_row_has_a_figure_and_names_its_baseline():
    found = list(rows(seed=0, draws=2))
    assert {row.quantity for row in found} == {
        "speed_up_over_dcnn",
        "speed_up_over_ideal",
        "energy_gain_over_dcnn",
        "energy_gain_of_dcnn_opt_over_dcnn",
        "energy_over_dcnn",
        "energy_over_dcnn_opt",
        "speed_up_of_scnn",
        "speed_up_of_64_pes",
        "area_mm2",
        "utilisation_percent",
        "idle_percent",
    }
    assert all(row.simulated > 0 or math.isnan(row.simulated) for row in found)
    areas = {row.row: row.error_percent for row in found if row.quantity == "area_mm2"}
    assert all(abs(error) < 1 for error in areas.values())
    assert [row.row for row in found if row.quantity == "idle_percent"] == ["alexnet-one", "googlenet-one", "vgg16-one"]


@pytest.mark.usefixtures("small_networks")
def test_rows_can_be_restricted():
    assert {row.row for row in rows(seed=0, draws=1, layers=["vgg16"])} == {"vgg16", "vgg16-one"}


def test_a_network_that_the_zoo_lacks_is_named():
    with pytest.raises(InputError, match="lenet: there is no such workload; expected"):
        validation.network("lenet", 0)


@given(st.floats(0.5, 2), st.floats(0.11, 0.99))
def test_a_crossover_lies_on_the_line(slope, place):
    points = [(density, 1 + slope * (density - place)) for density in (1.0, 0.8, 0.5, 0.1)]
    assert crossover(points) == pytest.approx(place)
    assert math.isnan(crossover([(1.0, 2.0), (0.5, 1.5)]))


def test_a_layer_at_another_density_keeps_its_shape():
    (workload,) = one_layer("any", 3)
    for density in (0.0, 0.5, 1.0):
        layer = at_density(workload, density).layer
        assert layer.weight.shape == workload.layer.weight.shape
        assert np.count_nonzero(layer.activation) == pytest.approx(density * layer.activation.size, rel=0.1)
    assert np.array_equal(layer.weight, at_density(workload, 1.0).layer.weight)
