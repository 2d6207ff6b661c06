"""The laws that every machine obeys, on each configuration that comes with the simulator."""

import json
import math
from importlib import import_module
from inspect import signature

import numpy as np
import pytest
from support.configurations import EVERY_CONFIGURATION, formats, small
from support.lstms import draw, save, torch_tensors
from support.paths import ROOT

from simulator.config.architecture import limits_of
from simulator.core.registry import find, machines
from simulator.core.run import first_difference, totals
from simulator.machines import OURS
from simulator.pricing.energy import STATIC, by_component
from simulator.run.simulate import simulate
from simulator.run.verify import check_output
from zeroskip import load_arch, load_workload


@EVERY_CONFIGURATION
def test_model_and_engine_are_equal_and_right(config):
    found = check_output(simulate(config, small(config), engine="simpy", trace_cycles=10**6))
    fast = check_output(simulate(config, small(config), engine="numba", trace_cycles=10**6))
    assert first_difference(found.run, fast.run) is None
    assert found.output_matches_reference
    assert fast.output_matches_reference


@EVERY_CONFIGURATION
def test_without_the_output_nothing_else_changes(config):
    same_without_output(config, small(config))


def test_a_stack_of_layers_runs_without_its_output(tmp_path):
    path, config = save(tmp_path / "net.safetensors", rnn=torch_tensors(2)), load_arch("ese")
    same_without_output(config, load_workload(path, activation=draw(5, 3), formats=formats(config)))


def same_without_output(config, workload):
    whole, lean = (simulate(config, workload, output=output).run for output in (True, False))
    assert (whole.output.size > 0, lean.output.size) == (True, 0)
    assert first_difference(lean._replace(output=whole.output), whole) is None


@EVERY_CONFIGURATION
def test_no_trace_is_kept_where_none_is_asked_for(config):
    machine = find(config.machine)
    first, *_ = machine.layout(config.arch, small(config).layer)
    assert machine.run_model(config.arch, first).trace.size == machine.run_engine(config.arch, first).trace.size == 0


RUNS = [path for path in (ROOT / "simulator" / "machines").rglob("*.py") if "\ndef run(arch" in path.read_text("utf-8")]


@pytest.mark.parametrize("path", RUNS, ids=lambda path: str(path.relative_to(ROOT / "simulator" / "machines")))
def test_the_functions_that_run_machines_keep_no_trace_by_themselves(path):
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    assert signature(module.run).parameters["trace_cycles"].default == 0


@EVERY_CONFIGURATION
def test_numbers_that_are_not_used_change_nothing(config):
    """Both ways: as configured, and with what switches others on or off."""
    machine = find(config.machine)
    others = [config, load_arch(config.name, dram="none")] if config.written.get("dram", "none") != "none" else [config]
    for one in others:
        run = simulate(one, small(one)).run
        for key in machine.unused(one.arch):
            least = limits_of(machine)[key][0]
            value = least if one.written[key] != least else least + 1
            value = one.written[key] + 1 if key == "dram_channels" else value  # SCNN keeps some of them for bands
            changed = load_arch(config.name, **{**one.changes, key: value})
            assert any(note.startswith(f"{key} is set and does nothing") for note in changed.notes)
            assert first_difference(simulate(changed, small(changed)).run, run) is None, key


def test_what_is_not_used_is_known():
    cases = [
        ("scnn", {"linear_banks": 1}, {"bank_step": "linear_banks 1"}),
        ("scnn", {"linear_banks": 0}, {}),
        ("ese", {}, {"line_cycles": "a dram"}),
        ("ese", {"dram": "none"}, {}),
    ]
    for name, changes, expected in cases:
        arch = load_arch(name, **changes).arch
        found = find(name).unused(arch)
        assert {key: why for key, why in found.items() if why != "dram none"} == expected
    assert load_arch("scnn").notes == load_arch("scnn", bank_step=3).notes
    (note,) = set(load_arch("scnn", linear_banks=1, bank_step=3).notes) - set(load_arch("scnn", linear_banks=1).notes)
    assert note == "bank_step is set and does nothing: the configuration has linear_banks 1"


@EVERY_CONFIGURATION
def test_counts_are_integers_and_each_event_has_one_price_with_a_source(config):
    result = simulate(config, small(config))
    assert all(array.dtype == np.int64 for array in (*result.run.counts, *result.run.reasons))
    priced = [line.event for line in result.energy if line.event != STATIC]
    assert sorted(priced) == sorted(result.run.counts._fields)
    assert all(line.source for line in result.energy)


@EVERY_CONFIGURATION
def test_energy_adds_up(config):
    result = simulate(config, small(config))
    counts = totals(result.run.counts)
    for line in result.energy:
        assert line.energy_pj == line.times * line.pj_each
        if line.event != STATIC:
            assert line.times == counts[line.event]
    parts = by_component(result.energy)
    total = parts.pop("total")
    assert math.isclose(math.fsum(parts.values()), total, rel_tol=1e-12)


@EVERY_CONFIGURATION
def test_the_same_seed_gives_the_same_result(config):
    one, two = (simulate(config, small(config)).to_dict() for _ in range(2))
    for found in (one, two):
        found.pop("elapsed_s")
    assert one == two


@EVERY_CONFIGURATION
def test_what_a_result_gives_away_can_be_changed(config):
    def empty(value):
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            empty(part)
        if isinstance(value, dict | list):
            value.clear()

    result = simulate(config, small(config))
    before = json.dumps(result.to_dict())
    empty(result.to_dict())
    assert json.dumps(result.to_dict()) == before


def test_every_machine_has_its_default_configuration():
    assert {machine.name for machine in OURS} == set(machines())
    for machine in OURS:
        assert load_arch(machine.name).name == machine.default
        assert find(machine.name) is machine


@EVERY_CONFIGURATION
def test_no_run_is_above_its_roof(config):
    result = simulate(config, small(config))
    roof, cycles = result.roofline, result.run.cycles
    least = 2 * result.figures["multiplies"]
    assert roof["operations"] >= least > 0
    assert roof["operations"] == least or config.machine == "selection"  # which adds and compares more often
    assert roof["operations"] <= roof["operations_per_cycle"] * cycles
    assert 0 < roof["bytes"] <= roof["bytes_per_cycle"] * cycles
    assert roof["memory"] in ("DRAM", "sparse-matrix SRAM", "SRAM port")
