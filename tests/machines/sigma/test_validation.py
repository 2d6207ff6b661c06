"""SIGMA's published cycles stay as near as they are said to be; what it refuses; what it reports."""

import numpy as np
import pytest
from support.sigma_machines import PLAIN, drawn, product
from typer.testing import CliRunner

from simulator.cli import app
from simulator.config.load import load_arch
from simulator.machines.sigma import MACHINE, NO_DRAM
from simulator.machines.sigma.layout import layout, violations
from simulator.machines.sigma.paper.products import Shape, dense_cycles, draw, run_product
from simulator.machines.sigma.paper.validation import rows
from workloads.errors import InputError
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.layer import MatrixProduct


@pytest.fixture(scope="module")
def validated():
    return list(rows(seed=0, draws=2))


def test_published_cycles(validated):
    ours = {row.row: row for row in validated if row.table == "SIGMA"}
    assert len(ours) == 6
    for name, row in ours.items():
        assert abs(row.error_percent) <= (3 if name == "2048 x 1 x 128" else 1), name
        assert row.draws == 2
        assert row.seeds == "0..1"


def test_the_dense_baseline_is_exact(validated):
    dense = [row for row in validated if row.table == "TPU"]
    assert len(dense) == 6
    assert [row.simulated for row in dense] == [row.published for row in dense]


@pytest.mark.parametrize(
    ("shape", "cycles"), [((256, 10, 256), 2 * 512), ((256, 256, 256), 4 * 512), ((9, 1, 5), 134), ((1, 9, 5), 134)]
)
def test_the_dense_baseline_keeps_the_operand_that_is_faster(shape, cycles):
    assert dense_cycles(Shape(*shape)) == cycles


def test_cycles_follow_the_law_of_columns_and_loads():
    """N x folds, and 133 bits of the port for each stationary value at density 0.2."""
    result = run_product(load_arch("sigma"), draw(Shape(512, 300, 256), 3))
    folds = 2 * 1  # 512 x 128 x 0.2 values are less than 16,384
    loads = 512 * 256 * (0.2 * 128 + 1) / 15360
    assert result.run.cycles == pytest.approx(300 * folds + loads + 10, rel=0.01)


def test_draws_have_their_densities_and_no_values_of_the_streamed_operand():
    layer = draw(Shape(200, 300, 400), 5, 0.3, 0.6)
    assert np.count_nonzero(layer.weight.code) == pytest.approx(0.3 * 200 * 400, rel=0.03)
    assert np.count_nonzero(layer.active) == pytest.approx(0.6 * 300 * 400, rel=0.03)
    assert layer.activation.code.strides == (0, 0)


def test_another_number_format_is_refused():
    given = MatrixProduct("layer", np.ones((2, 3), np.float32), None, np.ones((2, 3), np.float32), False)
    with pytest.raises(InputError, match="layer: its weights are in fp8; expected bf16, which SIGMA multiplies"):
        layout(PLAIN, compress_product(given, None, ProductFormat("fp8")))


def test_multipliers_are_a_power_of_two():
    with pytest.raises(InputError, match="multipliers is 3; expected a power of two"):
        load_arch("sigma", multipliers=3)


def test_too_many_folds_are_refused(monkeypatch):
    monkeypatch.setattr("simulator.machines.sigma.layout.MOST_FOLDS", 1)
    with pytest.raises(InputError, match="it takes 2 folds; expected at most 1, with more multipliers"):
        layout(PLAIN, product([[1, 2, 3], [4, 5, 6]], [[1, 1, 1]]))


def test_what_does_not_fit_is_said():
    arch = PLAIN._replace(sram_bytes=13)
    (found,) = violations(arch, layout(arch, product([[1, 2]], [[1, 1]])))
    assert found.startswith("SRAM: 14 bytes of operands and outputs, 13 fit")  # twice 34 bits, and 32
    assert violations(arch._replace(sram_bytes=14), layout(arch, product([[1, 2]], [[1, 1]]))) == []


def test_folds_are_reported():
    layer = drawn(0, 3, 10, 6, 0.5, 1.0)
    passes = layout(PLAIN, layer)
    (table,) = MACHINE.tables(PLAIN, passes)
    assert [row[0] for row in table.rows] == ["0 to 3", "4 to 7", "8 to 9", "all 3 slabs"]
    values = [int(row[2]) for row in table.rows]
    assert values[-1] == sum(values[:-1]) == np.count_nonzero(layer.weight.code)


def test_a_run_says_that_it_waits_for_no_dram():
    assert MACHINE.warnings(PLAIN) == (NO_DRAM,)
    assert MACHINE.warnings(PLAIN._replace(wait_for_dram=1)) == ()


def test_a_network_runs_in_its_kinds():
    done = CliRunner().invoke(app, ["run", "sigma", "alexnet", "--scale", "0.03"])
    assert done.exit_code == 0, done.output
    assert "5 of 8 layers" in done.output
    assert "it has 2 groups" in " ".join(done.output.split())
