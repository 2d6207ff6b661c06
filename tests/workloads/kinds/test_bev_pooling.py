"""BEV pooling over an idealised rig, of arrays, and what is refused."""

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.config.load import load_arch
from simulator.machines.bevpool import MACHINE
from simulator.machines.bevpool.report.tables import balance
from workloads.errors import InputError
from workloads.kinds import find_kind, reference_output
from workloads.kinds.bev_pooling.rig import OUTSIDE, Rig, View, points_of
from workloads.model import load_workload

SIZES = ("bevfusion-pooling-coarse", "bevfusion-pooling", "bevfusion-pooling-fine")


def layer_of(name):
    return load_workload(name).layer


def test_the_rig_is_like_the_facts():
    """Published: 1,993,728 points; idealised elsewhere: 1,663,675 kept, 45,944 cells, mean 36, median 30, p99 160."""
    layer = layer_of(SIZES[1])
    lengths = layer.intervals().lengths
    assert layer.inputs == 6 * 32 * 88 * 118 == 1_993_728
    assert layer.cells == 360**2
    assert layer.kept == pytest.approx(1_663_675, rel=0.03)
    assert lengths.size == pytest.approx(45_944, rel=0.01)
    found = lengths.mean(), np.median(lengths), np.percentile(lengths, 99)
    assert found == pytest.approx((36, 30, 160), rel=0.07)
    assert lengths.max() == pytest.approx(1152, rel=0.25)


def test_balance_falls_with_lanes_as_in_the_facts():
    """Cells in the order of the view; those with as many points together keep lanes busy."""
    layer = layer_of(SIZES[1])
    lengths = layer.intervals().lengths
    assert [balance(lengths, lanes) for lanes in (32, 256, 1024)] == pytest.approx([0.60, 0.27, 0.21], abs=0.1)
    assert balance(-np.sort(-lengths), 256) > 0.9


def test_time_is_linear_in_points_over_three_resolutions():
    """With the cloud in DRAM, as published, for ranks and for prefix sums; no fixed time is put in."""
    layers = [load_workload(name).layer for name in SIZES]
    for ranks in (0, 1):
        arch = load_arch("bevpool", ranks=ranks, fused=0).arch
        each = [
            MACHINE.run_engine(arch, *MACHINE.layout(arch, layer), 0, False).cycles / layer.inputs for layer in layers
        ]
        assert max(each) / min(each) < 1.02, each


def small(**changed):
    """A rig of two cameras with one feature and three depths each, by hand."""
    numbers = {"cameras": 2, "image_rows": 2, "image_columns": 2, "stride": 2, "depths": 3}
    lengths = {"height": 1, "nearest": 1, "step": 2}
    places = {"focal": 1, "horizon": 1e-9}
    given = {
        name: {"value": value, "source": "x"} for name, value in {**numbers, **lengths, **places, **changed}.items()
    }
    return Rig.model_validate(given)


def test_points_of_a_small_rig():
    """Its column is 1 left of the middle, its row level: at 1, 3, 5 m ahead, as far to the left; 4 m reach two."""
    view = View.model_validate({name: {"value": value, "source": "x"} for name, value in
                                {"reach": 4, "cell": 1, "tallest": 2}.items()})  # fmt: skip
    found = points_of(small(), view)
    assert found.side == 8
    # ahead 1 and 3, aside -1 and -3: rows 5 and 7, columns 3 and 1; the other camera looks back
    assert found.cell.tolist() == [[5 * 8 + 3, 7 * 8 + 1, OUTSIDE], [3 * 8 + 5, 1 * 8 + 7, OUTSIDE]]


def view_of(reach, cell):
    lengths = {"reach": reach, "cell": cell, "tallest": 2}
    return View.model_validate({name: {"value": value, "source": "x"} for name, value in lengths.items()})


@pytest.mark.parametrize(("reach", "cell"), [(1, 1e-300), (1000, 0.01), (1, 500)])
def test_a_view_has_as_many_cells_as_numbers_can_count(reach, cell):
    with pytest.raises(ValidationError, match="1 to 16,384 cells along a side"):
        view_of(reach, cell)


def test_the_largest_and_the_smallest_view():
    assert [view_of(reach, cell).side for reach, cell in ((1000, 0.125), (1, 2))] == [16_000, 1]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("focal", [1e-300, 1e-320])
def test_points_beyond_all_numbers_are_in_no_cell(focal):
    """Those aside, as of a focal length of next to nothing."""
    assert (points_of(small(focal=focal), view_of(4, 1)).cell == OUTSIDE).all()


def arrays(**changed):
    found = {"cell": np.array([[0, 2], [-1, 2]]), "depth": np.array([[0.5, 0.5], [1.0, 0.25]]),
             "activation": np.array([[1.0, -1.0], [2.0, 4.0]]), **changed}  # fmt: skip
    return {key: array for key, array in found.items() if array is not None}


def test_a_layer_of_arrays():
    workload = load_workload(arrays(), name="x")
    layer = workload.layer
    assert workload.kind == "BEV pooling"
    assert layer.output_value(reference_output(layer)).tolist() == [0.5, -0.5, 1.0, 0.5]
    kind = find_kind("BEV pooling")
    assert kind.shape(layer) == "2 x 2, 2"
    assert kind.shape_in_words(layer) == "2 rays of 2 depths, 2 channels"
    assert kind.measures(layer, np.zeros(0, np.int16)) == {"kept_points": 3, "hit_cells": 2}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"depth": None}, "it has no depth"),
        ({"cell": np.zeros((2, 2))}, "cell is float64"),
        ({"cell": np.zeros((2, 3), int)}, "cell has shape [2, 3]; expected [2 rays, 2 depths]"),
        ({"cell": np.full((2, 2), 1 << 28)}, "cell is int64 up to 268435456"),
        ({"cell": np.full((2, 2), -1)}, "none of its 4 points is in a cell; expected one at least"),
        ({"activation": np.ones((3, 2))}, "activation has shape [3, 2]"),
        ({"other": np.ones(3)}, "it has an unknown key 'other'"),
        (
            {"cell": np.arange(8194).reshape(1, -1), "depth": np.ones((1, 8194)), "activation": np.ones((1, 8192))},
            "8,194 cells with a point have 8,192 channels; expected at most 67,108,864 in all",
        ),
    ],
)
def test_bad_arrays_are_refused(changed, said):
    with pytest.raises(InputError) as error:
        load_workload(arrays(**changed), name="x")
    assert said in str(error.value)
    with pytest.raises(InputError, match="density is"):
        load_workload(arrays(), name="x", density=0.5)


def test_cells_of_no_numbers_in_a_file_are_refused(tmp_path):
    np.savez(tmp_path / "x.npz", cell=np.zeros((2, 2), "V4"), depth=np.ones((2, 2), np.float32))
    with pytest.raises(InputError, match=r"x.npz: cell is \|V4; expected integers below"):
        load_workload(tmp_path / "x.npz")
