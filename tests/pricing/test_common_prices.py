"""One price list for all machines: each event costs what it does, and `compare` says on what energies are based."""

import json

import pytest
from typer.testing import CliRunner

from simulator.cli import app
from simulator.core.run import totals
from simulator.hardware.sram.figures import sram
from simulator.machines import OURS
from simulator.pricing.common import NOTE
from simulator.pricing.common.prices import with_common_prices
from workloads.errors import InputError
from zeroskip import load_arch, load_workload, simulate

SMALL = ("alexnet-fc8", "--scale", "0.05", "--machines", "eie,scnn")


def test_eie_is_charged_for_its_accesses_operations_and_bits_alone():
    config = with_common_prices(load_arch("eie", spmat_bytes=1024))
    result = simulate(config, load_workload("alexnet-fc8", scale=0.3))
    n = totals(result.run.counts)
    assert n["dram_words"] > 0
    queue, bank, file = sram(45, "lop", 32, 28), sram(45, "lop", 16384, 16), sram(45, "lop", 128, 16)
    expected = (
        n["queue_pushes"] * queue.write_pj
        + n["queue_pops"] * queue.read_pj
        + n["pointer_reads"] * 2 * bank.read_pj
        + n["spmat_row_reads"] * sram(45, "lop", 1024, 64).read_pj
        + n["multiplies"] * (0.60 + 0.05)
        + (n["accumulator_reads"] + n["activation_reads"]) * file.read_pj
        + (n["accumulator_writes"] + n["activation_writes"]) * file.write_pj
        + n["dram_words"] * 32 * 20
    )
    assert result.energy_uj * 1e6 == pytest.approx(expected)
    assert NOTE in result.to_dict()["notes"]


@pytest.mark.parametrize("machine", OURS, ids=lambda one: one.name)
def test_every_event_of_every_machine_is_listed_and_a_source_given(machine):
    config = with_common_prices(load_arch(machine.default))
    prices = {price.event: price for price in config.technology.energy_pj}
    assert set(prices) == set(machine.counts_type._fields)
    assert all(price.source for price in prices.values())
    multiply = prices["multiplies"].pj if "multiplies" in prices else 0.0  # the tensor engine's depend on its format
    assert 0.60 <= multiply <= 0.70 or not multiply or (multiply, machine.name) == (0.2, "eyeriss_v2")  # of 8 bits
    for name in machine.dram_events:
        assert prices[name].pj > multiply


def test_cycles_and_areas_stay():
    plain = load_arch("scnn")
    layer = load_workload("vgg16-conv5_1", scale=0.2)
    own, common = simulate(plain, layer), simulate(with_common_prices(plain), layer)
    assert own.run.cycles == common.run.cycles
    assert own.area_mm2 == common.area_mm2
    assert own.energy_uj != common.energy_uj


def compare(*options):
    done = CliRunner().invoke(app, ["compare", *SMALL, *options, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_compare_says_that_bases_differ_and_prices_all_alike_where_asked():
    own, common = compare(), compare("--common-prices")
    assert any("energies have different bases" in note and "--common-prices" in note for note in own["notes"])
    assert not any("different bases" in note for note in common["notes"])
    assert NOTE in common["notes"]
    same = CliRunner().invoke(app, ["compare", *SMALL[:-1], "scnn,dcnn", "--json"])
    assert not any("different bases" in note for note in json.loads(same.stdout)["notes"])


def test_a_machine_without_a_list_is_refused(monkeypatch):
    from simulator.pricing.common import prices

    monkeypatch.setattr(prices, "_events", lambda _: None)
    with pytest.raises(InputError, match="its package has no common_prices.yaml; expected it, for --common-prices"):
        with_common_prices(load_arch("eie"))
