"""The real pruned AlexNet FC8, against what the simulator of EIE's authors does with it."""

import pytest

from simulator.core.run import first_difference
from simulator.run.verify import check_output
from zeroskip import load_arch, load_workload, simulate


@pytest.fixture(scope="module")
def layer(alex8):
    return load_workload(str(alex8))


def test_cycles_and_reads_are_those_of_the_authors_simulator(layer):
    found = check_output(simulate(load_arch("eie"), layer)).to_dict()
    assert found["cycles"] == 7926
    assert found["time_us"] == 9.9075
    assert found["entries"] == 453_748
    assert found["counts"]["spmat_row_reads"] == 100_900
    assert found["counts"]["pointer_reads"] == 112_640
    assert found["counts"]["padding"] == 0
    assert found["output_argmax"] == 708
    assert found["output_matches_reference"] is True


def test_half_the_pes(layer):
    found = simulate(load_arch("eie", pes=32), layer).to_dict()
    assert found["cycles"] == 15_162
    assert found["load_balance"] == pytest.approx(0.940, abs=5e-4)


def test_the_simpy_model_runs_the_whole_layer_and_equals_the_engine(layer):
    config = load_arch("eie")
    found = simulate(config, layer, engine="simpy", trace_cycles=10_000)
    fast = simulate(config, layer, engine="numba", trace_cycles=10_000)
    assert first_difference(found.run, fast.run) is None
    assert found.elapsed_s < 30


def test_the_zoo_draws_rows_and_columns_as_uneven_as_the_real_ones(layer):
    import numpy as np

    def spread(columns):
        inside = columns.start[4096]
        rows = np.bincount(columns.row[:inside], minlength=1000)
        return rows.std(), np.diff(columns.start[:4097]).std()

    real, zoo = spread(layer.layer.columns), spread(load_workload("alexnet-fc8").layer.columns)
    assert real == pytest.approx((139.4, 25.15), abs=0.05)
    assert zoo == pytest.approx(real, rel=0.05)
