"""Scaling between nodes: published factors, laws of any scaling, and what it does to a result."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import zeroskip
from simulator.cli import app
from simulator.core.registry import find
from simulator.hardware.sram.table import tables
from simulator.machines.eie.paper.scaling import rows
from simulator.pricing.energy import Line, area_um2, by_component
from simulator.pricing.scaling import cacti, stillmaker_baas
from simulator.pricing.scaling.factors import Factors, between
from simulator.pricing.scaling.projection import project, scale
from simulator.pricing.scaling.sets import SETS, factors, known, reaching
from workloads.errors import InputError
from zeroskip import load_arch, load_workload, simulate

ALL = [(name, devices) for name in SETS for devices in known(name)]


def stillmaker(devices, node, volts, from_volts):
    nodes = stillmaker_baas.nodes()[devices]
    return nodes[node].at(volts).energy / nodes[45].at(from_volts).energy


@pytest.mark.parametrize(
    ("devices", "node", "volts", "from_volts", "expected"),
    [
        ("hp", 32, 0.9, 1.0, 0.531),
        ("hp", 32, 0.9, 0.9, 0.654),
        ("hp", 20, 0.9, 1.0, 0.233),
        ("hp", 20, 0.9, 0.9, 0.287),
        ("hp", 16, 0.8, 1.0, 0.140),
        ("hp", 16, 0.8, 0.9, 0.172),
        ("lp", 16, 0.8, 1.0, 0.097),
        ("hp", 7, 0.7, 1.0, 0.056),
        ("hp", 7, 0.7, 0.9, 0.068),
    ],
)
def test_energy_factors_from_45_nm(devices, node, volts, from_volts, expected):
    assert stillmaker(devices, node, volts, from_volts) == pytest.approx(expected, abs=6e-4)
    if from_volts == 1.0:
        assert factors("stillmaker-baas", devices, 45, node).energy == pytest.approx(expected, abs=6e-4)


def test_the_polynomials_are_read_in_their_order():
    # 45 nm HP at 1 V: the sums of the coefficients; 32 nm LP at 0.9 V, term by term
    assert stillmaker_baas.nodes()["hp"][45].at(1.0) == pytest.approx((0.8612, 4224.4, 1, 12.5))
    delay = -325.9 * 0.9**3 + 1374 * 0.9**2 - 1922 * 0.9 + 913.2
    assert stillmaker_baas.nodes()["lp"][32].at(0.9).delay == pytest.approx(delay)
    power = 4557 * 0.81 - 3037 * 0.9 + 1323
    assert stillmaker_baas.nodes()["lp"][32].at() == pytest.approx(
        (0.9559 * 0.81 - 0.7823 * 0.9 + 0.471, power, 0.46, delay)
    )


def test_area_factors_from_45_nm():
    expected = {65: 1.5, 32: 0.46, 20: 0.21, 16: 0.19, 14: 0.17, 10: 0.10, 7: 0.059}
    assert {n: factors("stillmaker-baas", "hp", 45, n).area for n in expected} == pytest.approx(expected)


def test_single_arrays_of_the_table_scale_as_published():
    """128 KB, 64 bits, from 45 nm: read energy."""
    for cell, at_32, at_22 in (("hp", 0.424, 0.216), ("lstp", 0.552, 0.216), ("lop", 0.418, 0.262)):
        base = tables()[45, cell][131072, 64].read_pj
        assert tables()[32, cell][131072, 64].read_pj / base == pytest.approx(at_32, abs=1e-3)
        assert tables()[22, cell][131072, 64].read_pj / base == pytest.approx(at_22, abs=1e-3)


@pytest.mark.parametrize("cell", ["hp", "lop", "lstp"])
def test_the_sram_set_is_the_mean_of_common_sizes(cell):
    common = [s for s in tables()[45, cell] if s in tables()[32, cell] and s in tables()[22, cell]]
    assert len(common) == 44
    for node in (32, 22):
        step = factors("cacti", cell, 45, node)
        for figures, value in (
            (("read_pj", "write_pj"), step.energy),
            (("leakage_mw",), step.leakage),
            (("area_mm2",), step.area),
            (("access_ns",), step.delay),
        ):
            ratios = [
                getattr(tables()[node, cell][s], f) / getattr(tables()[45, cell][s], f) for s in common for f in figures
            ]
            assert value == pytest.approx(math.prod(ratios) ** (1 / len(ratios)))


def test_below_22_nm_energy_falls_with_the_root_of_the_node():
    at_22, at_16 = factors("cacti", "hp", 45, 22), factors("cacti", "hp", 45, 16)
    assert at_16.energy / at_22.energy == pytest.approx(0.853, abs=5e-4)
    assert at_16.area / at_22.area == pytest.approx((16 / 22) ** 2)
    root = math.sqrt(16 / 22)
    assert at_16.leakage / at_22.leakage == pytest.approx(root)
    assert at_16.delay / at_22.delay == pytest.approx(root)
    assert cacti.shrink(Factors(1, 2, 3, 4), 0.25) == (0.5, 1, 3 / 16, 2)


def test_between_nodes():
    nodes = {45.0: Factors(1, 1, 1, 1), 20.0: Factors(0.25, 16, 0.5, 1)}
    middle = math.sqrt(45 * 20)
    assert between(nodes, middle) == pytest.approx((0.5, 4, math.sqrt(0.5), 1))
    assert between(nodes, 45) == (1, 1, 1, 1)


@pytest.mark.parametrize(("name", "devices"), ALL)
def test_the_same_node_is_the_identity_and_steps_multiply(name, devices):
    for node in (45, 28, 22, 13.3, 7):
        assert factors(name, devices, node, node) == (1, 1, 1, 1)
    whole, first, second = (factors(name, devices, *step) for step in ((45, 16), (45, 28), (28, 16)))
    assert whole == pytest.approx([a * b for a, b in zip(first, second, strict=True)])


@given(st.sampled_from(ALL), st.floats(7, 45), st.floats(7, 45))
def test_a_smaller_node_needs_less_energy_and_area(which, one, other):
    if abs(one - other) > 1e-3:
        step = factors(*which, max(one, other), min(one, other))
        assert step.energy < 1
        assert step.area < 1


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (("cacti", "hp", 65, 45), "scaling set cacti hp: node is 65 nm; expected one from 45 to 7"),
        (("cacti", "hp", 45, 5), "node is 5 nm"),
        (("stillmaker-baas", "hp", 45, 90), "scaling set stillmaker-baas hp: node is 90 nm; expected one from 65 to 7"),
        (("stillmaker-baas", "lop", 45, 28), "devices are 'lop'; expected one of hp, lp"),
        (("itrs", "hp", 45, 28), "scaling set is 'itrs'; expected stillmaker-baas or cacti"),
    ],
)
def test_what_a_set_does_not_know(call, sentence):
    with pytest.raises(InputError, match=sentence):
        factors(*call)


def test_which_sets_reach_a_node():
    assert reaching(45, 28) == ALL
    assert reaching(45, 65) == [("stillmaker-baas", "hp")]
    assert reaching(45, 90) == []


def test_eies_own_projection_stands_beside_the_sets():
    found = {(row.row, row.quantity.partition(",")[0]): row for row in rows()}
    assert len(found) == 2 * len(ALL)
    for (name, quantity), row in found.items():
        assert row.published == pytest.approx({"energy": 0.667, "area": 0.391}[quantity], abs=5e-4)
        assert row.simulated == getattr(factors(*name.split(), 45, 28), quantity)
    assert found["stillmaker-baas hp", "energy"].error_percent == pytest.approx(-37.0, abs=0.1)
    assert found["cacti hp", "area"].error_percent == pytest.approx(2.2, abs=0.1)


def test_lines_scale_by_what_they_are():
    by = Factors(energy=0.5, leakage=3, area=0.25, delay=0.8)
    assert scale(Line("a", "reads", 3, 2.0, 6.0, "s"), by) == Line("a", "reads", 3, 1.0, 3.0, "s")
    assert scale(Line("a", "static", 3, 2.0, 6.0, "s", leakage=True), by) == Line(
        "a", "static", 3, 6.0, 18.0, "s", leakage=True
    )
    assert scale(Line("a", "static", 3, 2.0, 6.0, "s"), by).energy_pj == 3.0
    assert scale(Line("dram", "words", 3, 2.0, 6.0, "s"), by).energy_pj == 6.0


def run(name, workload="nt-we", scale=0.1, **changes):
    return simulate(load_arch(name, **changes), load_workload(workload, scale=scale))


def test_a_result_at_another_node():
    plain, asked = run("eie_cacti"), run("eie_cacti", node_nm=28)
    assert plain.to_dict()["at_node"] is None
    found, own = asked.to_dict(), plain.to_dict()
    for key in ("cycles", "time_us", "energy_pj", "area_mm2", "node_nm", "notes", "clock_mhz"):
        assert found[key] == own[key]
    at = found["at_node"]
    assert (at["node_nm"], at["energy_from_nm"], at["area_from_nm"], at["out_of_reach"]) == (28, 45, 45, [])
    assert list(at["sets"]) == [f"{name} {devices}" for name, devices in ALL]
    leaks = math.fsum(line.energy_pj for line in plain.energy if line.leakage)
    rest = own["energy_pj"]["total"] - leaks
    for name, one in at["sets"].items():
        step = factors(*name.split(), 45, 28)
        assert one["energy_pj"]["total"] == pytest.approx(step.energy * rest + step.leakage * leaks)
        assert one["area_mm2"]["total"] == pytest.approx(step.area * own["area_mm2"])
        assert one["area_mm2"]["combinational"] == pytest.approx(step.area * 64 * 8946 / 1e6)
        assert one["frequency_headroom"] == pytest.approx(1 / step.delay)
    for key, total in (
        ("energy_pj", lambda one: one["energy_pj"]["total"]),
        ("area_mm2", lambda one: one["area_mm2"]["total"]),
    ):
        totals = [total(one) for one in at["sets"].values()]
        assert at[key] == {"low": min(totals), "high": max(totals)}
    frame = asked.to_frame()
    assert frame["at_node.energy_pj.low"].item() == at["energy_pj"]["low"]
    assert frame["at_node.sets.cacti lop.area_mm2.spmat_read"].item() > 0


def test_the_own_node_changes_nothing():
    result = run("eie", node_nm=45)
    for one in result.at_node["sets"].values():
        assert one["energy_pj"] == by_component(result.energy)
        assert one["area_mm2"]["total"] == pytest.approx(result.area_mm2)


def test_prices_and_areas_may_be_of_two_nodes():
    """SCNN: prices of 45 nm, areas of 16; at 16 nm only energy is scaled, and DRAM's is not."""
    config = load_arch("scnn", node_nm=16)
    lines = [Line("multipliers", "multiplies", 10, 0.6, 6.0, "s"), Line("dram", "bytes", 1, 64.0, 64.0, "s")]
    area = area_um2(find("scnn").units(config.arch), config.technology)
    assert area["crossbar"] == 64 * 26000
    one = project(lines, config.technology, area, 16)["sets"]["stillmaker-baas hp"]
    assert one["energy_pj"]["multipliers"] == pytest.approx(6 * 0.1397, rel=1e-3)
    assert one["energy_pj"]["dram"] == 64
    assert one["area_mm2"]["crossbar"] == 64 * 0.026
    assert one["frequency_headroom"] == 1


def test_a_node_beyond_one_set_is_shown_under_the_other():
    at = run("eie", node_nm=65).at_node
    assert list(at["sets"]) == ["stillmaker-baas hp"]
    assert at["out_of_reach"] == ["cacti"]
    assert at["energy_pj"]["low"] == at["energy_pj"]["high"]


@pytest.mark.parametrize(("name", "node", "sentence"), [
    ("eie", 5, "node_nm is 5, from 45 nm; expected nodes that one set knows: stillmaker-baas hp 65 to 7"),
    ("scnn", 90, "node_nm is 90, from 45 and 16 nm; expected"),
    ("eie", 0, "node_nm is 0"),
    ("eie", "x", "node_nm is x"),
])  # fmt: skip
def test_nodes_that_cannot_be_asked_for(name, node, sentence):
    with pytest.raises(InputError, match=sentence):
        load_arch(name, node_nm=node)


def test_the_command_shows_every_set_and_the_range():
    arguments = ["eie", "nt-we", "--scale", "0.1", "--set", "node_nm=28"]
    shown = CliRunner().invoke(app, ["run", *arguments]).stdout
    at = run("eie", node_nm=28).at_node
    assert "at 28 nm, same cycles and clock" in shown
    for name, one in at["sets"].items():
        (line,) = [line for line in shown.splitlines() if line.strip().startswith(name)]
        assert f"{one['energy_pj']['total'] / 1000:,.1f}" in line
        assert f"{one['area_mm2']['total']:,.2f}" in line
    assert f"{at['energy_pj']['low'] / 1000:,.1f} - {at['energy_pj']['high'] / 1000:,.1f}" in shown
    assert "out of reach" not in shown
    assert "scaling set" not in CliRunner().invoke(app, ["run", *arguments[:-2]]).stdout
    far = CliRunner().invoke(app, ["run", *arguments[:-1], "node_nm=65"]).stdout
    assert [line.split()[0] for line in far.splitlines() if "out of reach" in line] == ["cacti"]


def test_a_network_shows_the_sum_of_its_layers_at_the_node():
    names = ["alexnet-fc6", "alexnet-fc8"]
    config = load_arch("eie", node_nm=28)
    both = zeroskip.compare([config, "eie"], "alexnet", layers=names, scale=0.05).results
    result, own = both[config.name], both["eie"]
    singles = [simulate(config, load_workload(name, scale=0.05)).at_node["sets"] for name in names]
    for name, one in result.at_node["sets"].items():
        energies = [single[name]["energy_pj"]["total"] for single in singles]
        assert one["energy_pj"]["total"] == pytest.approx(math.fsum(energies), rel=1e-12)
        assert all(one["area_mm2"] == single[name]["area_mm2"] for single in singles)
    assert result.to_dict()["at_node"] == result.at_node
    assert not any("node_nm" in note for note in result.notes())
    assert own.at_node is None


def test_the_command_shows_a_network_at_the_node():
    arguments = ["run", "eie", "alexnet", "--scale", "0.05"]
    shown = CliRunner().invoke(app, [*arguments, "--set", "node_nm=28"]).stdout
    assert "at 28 nm, same cycles and clock" in shown
    assert "scaling set" not in CliRunner().invoke(app, arguments).stdout
