"""BEVFusion's encoder on the machine for pairs: cycles of the first order, dataflows, baselines, speed."""

import time

import numpy as np
import pytest
from support.paths import ROOT

from simulator.config.load import load_arch
from simulator.machines.points import MACHINE
from simulator.machines.points.paper.study import DATAFLOWS, first_order, total
from simulator.run.executor import run as execute
from workloads.model import open_model
from workloads.options import WorkloadOptions

NAME = "bevfusion-encoder"
HANDED = ROOT.parent / "shared" / "data" / "lidar_voxels.npz"
GIVEN = pytest.mark.skipif(not HANDED.is_file(), reason="the scan is no part of the distribution")


def layers(**options):
    return [layer.load({}).layer for layer in open_model(NAME, **options).layers]


@GIVEN
def test_first_order_cycles_of_the_handed_scan():
    """5.19 ms with 64 x 64 multipliers and a merger of 64 at 1 GHz, 61.9 ms with 16 x 16; maps take 2 % of products."""
    found = layers(activation=HANDED)
    arch = load_arch("points").arch
    array, maps = first_order(arch, found)
    assert (array + maps) / 1e6 == pytest.approx(5.19, abs=0.005)
    assert maps / array == pytest.approx(0.02, abs=0.005)
    narrow = arch._replace(rows=16, columns=16)
    assert sum(first_order(narrow, found)) / 1e6 == pytest.approx(61.9, abs=0.05)
    multiplies = sum(one.multiplies for one in found)
    assert multiplies / (array * arch.rows * arch.columns) == pytest.approx(0.76, abs=0.005)
    assert multiplies / (first_order(narrow, found)[0] * 256) == pytest.approx(0.999, abs=0.001)
    for config in ("points", "points_edge"):
        for dataflow in range(len(DATAFLOWS)):
            arch = load_arch(config, dataflow=dataflow).arch
            assert total(arch, found).cycles > first_order(arch, found)[0]


@GIVEN
def test_the_encoder_is_mapped_and_timed_in_three_seconds():
    """Of a processor, compiled functions apart; without outputs, which are not timing."""
    arch = load_arch("points").arch
    for _ in range(2):  # the first one compiles
        begin = time.process_time()
        for layer in layers(activation=HANDED):
            MACHINE.run_engine(arch, *MACHINE.layout(arch, layer), 0, False)
        spent = time.process_time() - begin
    assert spent < 3


def test_time_follows_multiply_adds_and_not_voxels_where_the_array_is_narrow():
    """A drawn scan, and the same with a third of its voxels: the ratio of times is that of their work, within 10 %."""
    arch, whole = load_arch("points_edge").arch, layers()
    grid, places = whole[0].geometry.grid, whole[0].places
    thin = layers(activation={"voxel": places[::3], "shape": np.array(grid)})
    times, work = ([of(one) for one in (whole, thin)] for of in (
        lambda found: total(arch, found).cycles, lambda found: sum(one.multiplies for one in found)
    ))  # fmt: skip
    assert times[0] / times[1] == pytest.approx(work[0] / work[1], rel=0.1)
    assert times[0] / times[1] != pytest.approx(3, rel=0.1)


def test_each_machine_runs_the_encoder():
    """SCNN and DCNN by im2col over active sites; outputs equal those of their own kernels."""
    configs = [load_arch(name) for name in ("points", "points_edge", "scnn", "dcnn")]
    for result in execute(configs, NAME, WorkloadOptions(scale=0.02, layer="2-down")):
        (row,) = result.rows
        assert row.output_matches_reference
        assert row.cycles > 0
