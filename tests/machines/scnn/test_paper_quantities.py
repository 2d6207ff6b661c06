"""SCNN's published quantities, curves and means, from written results whose figures follow by arithmetic."""

from types import SimpleNamespace

import numpy as np
import pytest
from support.scnn_layers import PLAIN
from support.small_networks import one_layer

from simulator.machines.scnn.arch import Counts, Reasons
from simulator.machines.scnn.paper import runs, validation
from simulator.machines.scnn.paper.curves import FORMULA, curve
from simulator.machines.scnn.paper.quantities import part, quantity_of
from simulator.machines.scnn.paper.runs import (
    ACTIVATIONS_ONLY,
    COARSE,
    DENSE,
    FITTING,
    OPT,
    OURS,
    WEIGHTS_ONLY,
    at_density,
    configuration,
)
from simulator.pricing.energy import Line

CYCLES = {DENSE: 840, OPT: 800, OURS: 120, FITTING: 210, COARSE: 300, WEIGHTS_ONLY: 420, ACTIVATIONS_ONLY: 600}
PICOJOULES = {
    DENSE: 60.0,
    OPT: 30.0,
    OURS: 12.0,
    FITTING: 20.0,
    COARSE: 4.0,
    WEIGHTS_ONLY: 15.0,
    ACTIVATIONS_ONLY: 24.0,
}


def written(name="layer", cycles=100, picojoules=1.0, ideal=1.0, layer=None, **spent):
    """What the paper's figures read of a result on two PEs of four multipliers; spent: counts and reasons by PE."""
    counts, reasons = (
        kind(**{field: np.array(spent.get(field, [0, 0])) for field in kind._fields}) for kind in (Counts, Reasons)
    )
    return SimpleNamespace(
        config=SimpleNamespace(arch=PLAIN),
        workload=SimpleNamespace(name=name, layer=layer),
        run=SimpleNamespace(cycles=cycles, counts=counts, reasons=reasons),
        figures={"theoretical_cycles": ideal},
        energy=[Line("whole", "all", 1, picojoules, picojoules, "test")],
    )


def two_layers(machine):
    """A third and two thirds of the machine's cycles, half and half of its energy; SCNN's ideal is 40 and 30 cycles."""
    cycles, energy = CYCLES[machine] // 3, PICOJOULES[machine] / 2
    return [written("first", cycles, energy, ideal=40.0), written("second", 2 * cycles, energy, ideal=30.0)]


RUNS = {machine: two_layers(machine) for machine in CYCLES}


def percent(name, *results):
    return quantity_of(name, OURS)({OURS: results})


@pytest.mark.parametrize(
    ("name", "machine", "expected"),
    [
        ("speed_up_over_dcnn", OURS, 7),
        ("speed_up_over_dcnn", None, 7),
        ("speed_up_over_dcnn", FITTING, 4),
        ("oracle_speed_up_over_dcnn", OURS, 12),
        ("speed_up_of_64_pes", OURS, 2.5),
        ("energy_over_dcnn", OURS, 0.2),
        ("energy_gain_over_dcnn", OURS, 5),
        ("energy_of_dcnn_opt_over_dcnn", OPT, 0.5),
        ("energy_gain_of_dcnn_opt_over_dcnn", OPT, 2),
    ],
)
def test_a_ratio_is_that_of_the_sums_of_its_two_machines(name, machine, expected):
    assert quantity_of(name, machine)(RUNS) == pytest.approx(expected)


def test_idle_is_all_waiting_and_neither_work_nor_stalls_nor_the_end():
    waits = {"starved": [1, 0], "barrier": [2, 0], "ppu_wait": [4, 0], "dram_wait": [8, 0]}
    others = {name: [16, 16] for name in ("multiply", "bank_stall", "drain", "finished", "fifo_full", "ppu_idle")}
    assert percent("idle_percent", written(cycles=50, **waits, **others)) == pytest.approx(15)
    for name, (cycles, _) in waits.items():
        assert percent("idle_percent", written(cycles=50, **{name: [0, cycles]})) == pytest.approx(cycles)


def test_a_wait_is_without_a_tile_in_the_layers_in_which_its_pe_issues_no_step():
    first = written(cycles=60, fifo_reads=[9, 0], starved=[3, 5], barrier=[10, 20])
    second = written(cycles=40, fifo_reads=[0, 2], starved=[7, 1], dram_wait=[30, 4])
    assert percent("without_tile_percent", first, second) == pytest.approx((5 + 20 + 7 + 30) / 2)
    assert percent("starved_percent", first, second) == pytest.approx((3 + 1) / 2)
    assert percent("idle_percent", first, second) == pytest.approx((13 + 25 + 37 + 5) / 2)


def test_utilisation_is_useful_products_over_the_multipliers_of_all_steps():
    first = written(fifo_reads=[10, 5], multiplies=[20, 10], entries=[36, 18], scatters=[20, 10])
    second = written(fifo_reads=[1, 4], multiplies=[2, 16], entries=[4, 16], scatters=[2, 16])
    assert percent("utilisation_percent", first, second) == pytest.approx(100 * (30 + 18) / (4 * 20))


def test_a_row_is_its_layer_or_module_and_no_longer_name():
    module = ["googlenet-3a-3x3_reduce", "googlenet-3a-3x3", "googlenet-3a-1x1"]
    results = {
        DENSE: [
            written(name, layer={"weight_density": share, "activation_density": 1 - share})
            for name, share in zip([*module, "googlenet-3ab-1x1"], (0.1, 0.2, 0.3, 0.4), strict=True)
        ]
    }
    assert [one.workload.name for one in part(results, "googlenet-3a")[DENSE]] == module
    layer = part(results, "googlenet-3a-3x3")
    assert [quantity_of(f"{what}_density", None)(layer) for what in ("weight", "activation")] == [0.2, 0.8]


@pytest.mark.parametrize(
    ("quantity", "name", "expected"),
    [
        ("latency_over_dcnn", "SCNN", 120 / 840),
        ("latency_over_dcnn", "SparseW", 420 / 840),
        ("latency_over_dcnn", "SparseA", 600 / 840),
        ("energy_over_dcnn", "SCNN", 12 / 60),
        ("energy_over_dcnn", "SparseW", 15 / 60),
        ("energy_over_dcnn", "SparseA", 24 / 60),
        ("energy_over_dcnn", "DCNN-opt", 30 / 60),
        ("energy_over_dcnn_opt", "SCNN", 12 / 30),
    ],
)
def test_a_curve_is_its_machine_over_the_dense_one_that_it_names(quantity, name, expected):
    table = {"configuration": OURS, "curve": name, "quantity": quantity, "densities": {0.5: 1.5}}
    ((row, published, simulated),) = curve(SimpleNamespace(at={0.5: RUNS}.get), table)
    assert (row, published) == ("density 0.5", 1.5)
    assert simulated == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "weights", "activations"), [("SCNN", 0.5, 0.5), ("SparseW", 0.5, 1.0), ("SparseA", 1.0, 0.5)]
)
def test_the_formula_thins_what_the_curve_skips(name, weights, activations):
    """On 64 PEs a plane of 16 has tiles of 4 places, which are a vector, and a plane of 8 has tiles of one."""
    shapes = (2, 8, 3, 2, 16, 16), (4, 4, 1, 1, 8, 8)
    sizes = 2 * 8 * 3 * 2, 4 * 4
    results = {DENSE: [written(layer={"shape": shape}) for shape in shapes]}
    table = {"configuration": FORMULA, "curve": name, "quantity": "latency_over_dcnn", "densities": {0.5: None}}
    ((_, _, simulated),) = curve(SimpleNamespace(at={1.0: results}.get), table)
    steps = weights / 4 * (sizes[0] * (1 - (1 - activations) ** 4) + sizes[1] * activations)
    dense = (4 * sizes[0] + sizes[1]) / 16
    assert simulated == pytest.approx(steps / dense / 1.048)


def test_four_large_pes_have_the_parts_of_64_small_ones():
    coarse, fine = configuration(COARSE).arch, configuration(OURS).arch
    assert [(one.pes, one.multipliers) for one in (coarse, fine)] == [(4, 256), (64, 16)]
    for each in ("multipliers", "banks", "accumulators", "iaram_bytes", "oaram_bytes", "ppu_width"):
        assert coarse.pes * getattr(coarse, each) == fine.pes * getattr(fine, each), each
    in_fifos = [one.pes * one.fifo_vectors * one.weights_per_vector for one in (coarse, fine)]
    assert in_fifos == [64 * 50 * 4] * 2
    assert coarse.banks == 2 * coarse.weights_per_vector * coarse.activations_per_vector


@pytest.mark.parametrize(("name", "weights", "activations"), [(WEIGHTS_ONLY, 1, 0), (ACTIVATIONS_ONLY, 0, 1)])
def test_a_one_sided_machine_skips_the_zeros_of_its_name_alone(name, weights, activations):
    ours = configuration(OURS).arch
    assert (ours.skip_weights, ours.skip_activations) == (1, 1)
    assert configuration(name).arch == ours._replace(skip_weights=weights, skip_activations=activations)


def test_a_layer_at_a_density_follows_its_seed_and_its_name():
    (workload,) = one_layer("any", 3)

    def drawn(**changes):
        layer = at_density(workload._replace(**changes), 0.5).layer
        return layer.weight.tobytes(), layer.activation.tobytes()

    assert drawn(seed=3) == drawn(seed=3)
    for other in (drawn(seed=4), drawn(name="other")):
        assert all(one != two for one, two in zip(drawn(), other, strict=True))


def test_the_sweep_draws_from_the_first_seed(monkeypatch):
    monkeypatch.setattr(runs, "network", one_layer)
    monkeypatch.setattr(runs, "run_all", lambda machines, layers: dict.fromkeys(machines, layers))
    (swept,) = runs.ResultCache(range(5, 7)).at(0.5)[OURS]
    (expected,) = [at_density(one, 0.5) for one in one_layer("googlenet", 5)]
    assert np.array_equal(swept.layer.weight, expected.layer.weight)
    assert np.array_equal(swept.layer.activation, expected.layer.activation)


GAINS = {"alexnet": 2, "googlenet": 3, "vgg16": 7}


class WrittenCache:
    """Networks that take SCNN 1 pJ, and DCNN their gain and the seed; one-sided machines slow down with density."""

    def __init__(self, seeds):
        self.seeds = seeds

    def network(self, name, seed):
        return {**RUNS, DENSE: [written(cycles=840, picojoules=GAINS[name] + seed)], OURS: [written(cycles=120)]}

    def at(self, density):
        return {
            OURS: [written(cycles=10)],
            WEIGHTS_ONLY: [written(cycles=round(100 * density))],
            ACTIVATIONS_ONLY: [written(cycles=round(200 * density))],
        }


@pytest.fixture
def written_cache(monkeypatch):
    monkeypatch.setattr(validation, "ResultCache", WrittenCache)


@pytest.mark.usefixtures("written_cache")
def test_a_mean_row_is_the_mean_of_all_networks_in_each_draw():
    found = {row.row: row for row in validation.rows(0, 2, quantities={"energy_gain_over_dcnn"})}
    assert {name: row.simulated for name, row in found.items()} == {
        "alexnet": 2.5,
        "googlenet": 3.5,
        "vgg16": 7.5,
        "mean": 4.5,
    }
    assert found["mean"].deviation == pytest.approx(np.std([4, 5], ddof=1))


@pytest.mark.usefixtures("written_cache")
def test_memories_are_enforced_in_the_table_that_says_so():
    found = {
        row.table: row.simulated for row in validation.rows(0, 1, layers=["vgg16"], quantities={"speed_up_over_dcnn"})
    }
    assert found == {"Fig 9, networks": 7, "networks, memories enforced": 4}


@pytest.mark.usefixtures("written_cache")
def test_one_sided_versions_are_compared_at_a_density_of_two_fifths():
    found = {row.row: row.simulated for row in validation.rows(0, 1, quantities={"speed_up_of_scnn"})}
    assert found == {"SparseW": 4, "SparseA": 8}
