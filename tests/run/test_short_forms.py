"""What Python prints of results and configurations, layers by name, and sentences in place of TypeErrors."""

from dataclasses import replace

import numpy as np
import pytest

import zeroskip as zs
from simulator.run import twins


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(0)
    return {f"{name}/weight": rng.standard_normal((16, 16)) for name in ("a", "b")}


@pytest.fixture(scope="module")
def network(arrays):
    return zs.run("eie", arrays, density=0.3)


def test_layers_by_name(network):
    assert network["a"] is network.layer("a") is network.rows[0]
    assert network[0] is network.config
    for wrong in (lambda: network["c"], lambda: network.layer("c")):
        with pytest.raises(zs.InputError, match=r"layer is 'c'; expected one of a, b$"):
            wrong()


def test_totals_and_configurations_are_a_line(network):
    total = repr(network.total())
    assert total.startswith(f"2 layers: {network.cycles:,} cycles, ")
    assert total.endswith("output equal to the reference kernel's")
    config = str(zs.load_arch("eie", pes=4))
    assert config.startswith("eie_64pe (eie) with pes = 4: 800 MHz, 45 nm, pes = 4, queue_depth = 8")
    assert "\n" not in total + config
    assert "Price(" not in config


def test_what_is_missing_is_said_in_a_sentence(network, arrays):
    both = zs.compare(["eie", "dcnn"], arrays)
    with pytest.raises(zs.InputError, match="no kind of picture is given; expected one of energy, latency"):
        network.plot()
    with pytest.raises(zs.InputError, match="no layer is given; expected one of a, b, or `total_ratios"):
        both.ratios("eie")
    one = zs.compare(["eie", "dcnn"], "alexnet-fc8", scale=0.02)
    assert one.ratios("eie") == one.ratios("eie", "alexnet-fc8")


@pytest.mark.parametrize("call", [zs.simulate, zs.run, zs.check])
def test_a_number_of_the_machine_is_no_option(call):
    with pytest.raises(zs.InputError, match=r'pes is .*; expected load_arch\("eie_64pe", pes=2\) as the machine'):
        call("eie", "alexnet-fc8", pes=2)


def test_common_prices_in_python(arrays):
    both = zs.compare(["eie", "dcnn"], arrays, common_prices=True)
    assert any("one list of prices for all machines" in note for note in both.notes())
    assert both.results["eie"].energy_uj != zs.compare(["eie", "dcnn"], arrays).results["eie"].energy_uj
    with pytest.raises(zs.InputError, match="common_prices is 'yes'; expected True or False"):
        zs.compare(["eie", "dcnn"], arrays, common_prices="yes")


def test_the_baseline_is_a_machine_that_ran_something(arrays):
    found = zs.compare(["eie", "ese"], {"weight": arrays["a/weight"]})
    assert found.baseline == "eie"
    asked = zs.compare(["eie", "ese"], {"weight": arrays["a/weight"]}, baseline="ese")
    assert asked.baseline == "ese"
    assert any(note == "ese is the baseline and ran no layer, so that there are no ratios" for note in asked.notes())


def test_a_note_that_machines_share_is_one_sentence_that_names_them(arrays):
    both = zs.compare(["eie", "scnn"], arrays)
    shared = set(both.results["eie"].notes()) & set(both.results["scnn"].notes())
    assert shared
    for note in shared:
        assert [one for one in both.notes() if note in one] == [f"eie, scnn: {note}"]


def test_times_of_a_check_are_without_compilation(monkeypatch):
    run, times = twins.simulate, iter([8.0, 1.0, 0.25])
    monkeypatch.setattr(twins, "simulate", lambda *a, **k: replace(run(*a, **k), elapsed_s=next(times)))
    (found,) = zs.check("eie", "alexnet-fc8", scale=0.02)
    assert (found.difference, found.engine.elapsed_s, found.model.elapsed_s) == (None, 0.25, 1.0)
