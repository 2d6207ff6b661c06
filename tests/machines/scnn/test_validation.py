"""SCNN's published figures: how they are put together, on networks of a layer each."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.small_networks import one_layer, small_networks  # noqa: F401

from simulator.core.published import CLASSES, PREDICTED, read_published, standing
from simulator.machines.scnn.paper import runs
from simulator.machines.scnn.paper.curves import crossover
from simulator.machines.scnn.paper.formula import Shape, expected_vectors, latency
from simulator.machines.scnn.paper.runs import at_density
from simulator.machines.scnn.paper.validation import rows
from workloads.errors import InputError

PUBLISHED = read_published("simulator.machines.scnn.paper")
MODULES = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")


@pytest.mark.usefixtures("small_networks")
def test_every_row_has_a_figure_a_class_and_its_reason():
    found = list(rows(seed=0, draws=2))
    wanted = [
        (table["table"], table["quantity"], str(name))
        for table in PUBLISHED["tables"]
        for name in [*(table.get("rows") or (f"density {d}" for d in table["densities"]))]
        + (["crossover"] if "crossover" in table else [])
    ]
    assert [(row.table, row.quantity, row.row) for row in found] == wanted
    assert all(row.simulated >= 0 or math.isnan(row.simulated) for row in found)
    assert all(row.figure_class in CLASSES and row.reason for row in found)
    areas = [row.error_percent for row in found if row.quantity == "area_mm2"]
    assert len(areas) == 2
    assert all(abs(error) < 1 for error in areas)
    assert {row.draws for row in found if row.table == "Fig 9, layers"} == {2}


@pytest.mark.usefixtures("small_networks")
def test_rows_can_be_restricted_and_a_module_is_the_sum_of_its_layers():
    found = {(row.row, row.quantity): row.simulated for row in rows(0, 1, layers=["googlenet", "googlenet-3a"])}
    assert {name for name, _ in found} == {"googlenet", "googlenet-3a"}
    results = runs.run_all((runs.DENSE, runs.OURS), runs.network("googlenet", 0))
    module = [place for place, one in enumerate(results[runs.OURS]) if one.workload.name.startswith("googlenet-3a-")]
    assert len(module) == 6
    dense, ours = (sum(results[name][place].run.cycles for place in module) for name in (runs.DENSE, runs.OURS))
    assert found["googlenet-3a", "speed_up_over_dcnn"] == dense / ours


def test_no_predicted_row_has_a_value_that_a_fit_used():
    used = 0
    for fit in PUBLISHED["fits"]:
        for part in fit["used"]:
            tables = [
                t for t in PUBLISHED["tables"] if (t["table"], t["quantity"]) == (part["table"], part["quantity"])
            ]
            assert tables, part
            for table in tables:
                values = table.get("rows") or {f"density {d}": value for d, value in table["densities"].items()}
                chosen = part.get("rows", values)
                for name in chosen:
                    used += values[name] is not None
                    assert values[name] is None or standing(table, name).figure_class != PREDICTED, (table, name)
    assert used > 50


def test_kept_back_rows_are_listed_without_a_value():
    layers = next(t for t in PUBLISHED["tables"] if t["table"] == "Fig 9, layers")["rows"]
    assert [name for name, value in layers.items() if value is None] == [
        *(f"alexnet-conv{k}" for k in range(1, 6)),
        *(f"googlenet-{module}" for module in MODULES),
    ]
    curves = [t for t in PUBLISHED["tables"] if "densities" in t and any(t["densities"].values())]
    assert len(curves) == 10
    for table in curves:
        assert [d for d, value in table["densities"].items() if value is None] == [0.9, 0.7, 0.4, 0.3, 0.1]


@given(st.integers(1, 30), st.floats(0, 1))
def test_expected_vectors_are_a_mean_over_all_patterns(places, density):
    found = expected_vectors(places, density)
    assert found == pytest.approx(sum(_chance(places, n, density) * -(-n // 4) for n in range(places + 1)))
    assert expected_vectors(places, 1.0) == -(-places // 4)


def _chance(places, count, density):
    return math.comb(places, count) * density**count * (1 - density) ** (places - count)


def test_the_formula_is_the_ideal_where_vectors_are_full():
    # 64 x 64: tiles of 64 places are 16 vectors; SCNN needs C K R S / 4 x 16 cycles, DCNN C K R S x 64 / 16
    assert latency([Shape(3, 8, 9, 64)], 1.0, 1.0) == pytest.approx(4 / 4 / 1.048)
    assert latency([Shape(3, 8, 9, 64)], 0.5, 1.0) == pytest.approx(0.5 / 1.048)


def test_a_network_that_the_zoo_lacks_is_named():
    with pytest.raises(InputError, match="lenet: there is no such workload; expected"):
        runs.network("lenet", 0)


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
