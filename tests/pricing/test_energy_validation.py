"""Published figures of energy over all machines: put together from those of each, and from the chain of savings."""

import json

import pytest
from support.small_networks import small_networks  # noqa: F401
from typer.testing import CliRunner

from simulator.cli import app
from simulator.core.registry import find_paper
from simulator.core.savings import Ablation, SavingStep
from simulator.studies import ablation, energy_figures


def step(name, counted, weights, energy, over, published):
    return SavingStep(name, "", "", 10, 1.0, weights, energy, counted, over, published)


@pytest.fixture
def short_chain(monkeypatch):
    """Two draws with known factors."""

    def ablate(name, seed):
        first, second = step("a", 8.0, 8.0, 8.0, None, None), step("b", 1.0, 2.0 + seed, 4.0, 0, 10.0)
        return Ablation(name, "eie", "c", seed, (first, second), 20.0, ())

    monkeypatch.setattr(ablation, "ablate", ablate)


@pytest.mark.usefixtures("short_chain")
def test_the_chains_factors_are_means_over_draws():
    rows = list(energy_figures.chain("a paper", 0, 3))
    assert {(row.paper, row.table) for row in rows} == {("a paper", "savings")}
    found = {(row.row, row.quantity): row for row in rows}
    assert set(found) == {(a, f"{b}_factor") for a in ("b", "product") for b in ("counted", "weight", "energy")}
    assert found["b", "counted_factor"][4:7] == (10.0, 8.0, pytest.approx(-20))
    assert found["product", "weight_factor"].published == 20.0
    assert found["b", "weight_factor"].simulated == pytest.approx((8 / 2 + 8 / 3 + 8 / 4) / 3)
    assert (found["b", "energy_factor"].published, found["b", "energy_factor"].simulated) == (None, 2.0)


@pytest.mark.slow
@pytest.mark.usefixtures("small_networks", "short_chain")
def test_the_command_shows_all_parts():
    done = CliRunner().invoke(app, ["validate", "energy", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    dram = {"Ramulator 2.1", "DRAMsim3", "zeroskip alone", "data sheets, TN-41-01"}
    papers = {
        "EIE (ISCA 2016)",
        "SCNN (ISCA 2017)",
        "Eyeriss v2 (JETCAS 2019)",
        "Cambricon-S (MICRO 2018), -X (MICRO 2016)",
    } | dram
    assert {row["paper"] for row in found} == papers
    quantities = {row["quantity"] for row in found}
    assert quantities >= find_paper("scnn").energy | {
        "pe_power_mw",
        "power_w",
        "spmat_read_energy_nj",
        "counted_factor",
    }
    assert not quantities & {"speed_up_over_dcnn", "utilisation_percent", "load_balance_percent", "theoretical_us"}
    assert sum(row["quantity"] == "spmat_read_energy_nj" for row in found) == 25
    assert all(row["error_percent"] is not None for row in found if row["published"] is not None)


def test_the_papers_product_is_what_its_factors_give():
    chain = ablation.ablate("alexnet-fc7", scale=0.05)
    product = 1.0
    for one in chain.steps:
        product *= one.published or 1.0
    assert product == chain.published == 28_800
