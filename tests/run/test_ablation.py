"""Savings step by step: each step is a run that can be done by hand, and factors divide what they say."""

import io
import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from support.configurations import formats
from typer.testing import CliRunner

from simulator import plots
from simulator.cli import app
from simulator.core.savings import Ablation, Factors, SavingStep, divide
from simulator.hardware.sram.interpolation import log_log
from simulator.machines.eie.paper import savings as eie_chain
from simulator.pricing.energy import by_component
from simulator.studies.ablation import ablate, default_machine
from workloads.compression.relative_index import encode
from workloads.errors import InputError
from workloads.kinds.convolution.format import ConvolutionFormat
from zeroskip import load_arch, load_workload, simulate

PES, INPUTS, OUTPUTS = 64, 20, 2560  # 40 places of a column on each PE
FIG_9 = {32: 13.65, 64: 18.7, 128: 29.1, 256: 53.8, 512: 113}
POINTER_PJ = 13.737


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(5)
    weight = rng.standard_normal((OUTPUTS, INPUTS)).astype(np.float32)
    activation = np.where(rng.random(INPUTS) < 0.4, 1 + rng.random(INPUTS), 0).astype(np.float32)
    return {"weight": weight, "activation": activation}


@pytest.fixture(scope="module")
def workload(arrays):
    return load_workload(arrays, density=0.05)


@pytest.fixture(scope="module")
def chain(workload):
    return list(eie_chain.chain(partial(load_arch, "eie"), workload))


def rows_read(banks, columns, entries):
    """Rows that the PEs read for these columns, the last row kept: counted one by one."""
    found = 0
    for pe in range(PES):
        kept = None
        for column in columns:
            for place in range(banks.pointer[column, pe], banks.pointer[column + 1, pe]):
                found += place // entries != kept
                kept = place // entries
    return found


def test_the_steps_of_eie_fetch_what_they_store(workload, chain):
    columns = workload.layer.columns
    banks = encode(columns, PES, 4)
    every, awake = range(INPUTS), np.flatnonzero(workload.layer.activation)
    places, entries = INPUTS * OUTPUTS, int(banks.start[-1])
    assert columns.row.size < entries < places
    shared = rows_read(banks, every, 8) * 18.7 + POINTER_PJ * INPUTS * PES
    last = rows_read(banks, awake, 8) * 18.7 + POINTER_PJ * awake.size * PES
    wide = rows_read(banks, every, 2) * log_log(FIG_9, 72) + POINTER_PJ * INPUTS * PES
    expected = [places / 2 * 1280, places / 2 * 18.7, wide, shared, last]
    assert [step.weight_pj for step in chain] == pytest.approx(expected)
    issued = int(np.diff(banks.start)[awake].sum())
    assert [step.counted_pj for step in chain] == pytest.approx(
        [places * 640, places * 5, entries * 5, entries * 5 / 8, issued * 5 / 8]
    )
    assert [step.over for step in chain] == [None, 0, 1, 2, 3]
    assert [step.published for step in chain] == [None, 120, 10, 8, 3]


def test_only_the_fetch_of_weights_differs_between_dram_and_sram_and_between_widths(chain):
    outside, inside, pruned, shared, skipped = chain
    assert outside.cycles == inside.cycles >= INPUTS * OUTPUTS / PES
    assert pruned.cycles == shared.cycles
    rest = [step.energy_pj - step.weight_pj for step in chain]
    assert rest[0] == pytest.approx(rest[1])
    assert rest[2] == pytest.approx(rest[3])
    assert inside.cycles > pruned.cycles > skipped.cycles


def test_the_last_step_is_the_machine_as_it_is(workload, chain):
    result = simulate(load_arch("eie"), workload)
    assert chain[-1].cycles == result.run.cycles
    assert chain[-1].energy_pj == by_component(result.energy)["total"]
    assert chain[-1].time_us == result.time_us


def test_a_layer_that_does_not_fit_is_fetched_from_dram_in_the_machines_own_steps_only(workload):
    small = partial(load_arch, "eie", spmat_bytes=16)
    _, inside, pruned, shared, skipped = eie_chain.chain(small, workload)
    words = simulate(small(), workload).run.counts.dram_words.sum()
    assert words > 0
    assert skipped.weight_pj > 640 * words
    assert shared.weight_pj > 640 * words
    assert inside.weight_pj == INPUTS * OUTPUTS / 2 * 18.7
    assert pruned.weight_pj < shared.weight_pj


def test_a_filled_matrix_has_every_place_once(workload):
    columns = eie_chain.dense_columns(workload.layer)
    assert columns.start.tolist() == [OUTPUTS * j for j in range(INPUTS + 1)]
    assert columns.row.reshape(INPUTS, OUTPUTS).tolist() == [list(range(OUTPUTS))] * INPUTS
    assert (columns.code == 1).all()


def test_the_factors_of_the_zoos_layer_are_the_papers_as_it_counts():
    found = ablate("alexnet-fc7-table3")  # the paper's factors are those of Table III's densities
    for factors, paper, most in zip(found.factors[1:], (120, 10, 8, 3), (7, 8, 0.1, 7), strict=True):
        assert abs(100 * (factors.counted_factor / paper - 1)) < most
    assert abs(found.product.counted_factor / 28_800 - 1) < 0.08


def test_the_steps_of_scnn_are_its_machines():
    found = ablate("vgg16-conv5_1", scale=0.25)
    machines = ("dcnn", "dcnn_opt", "scnn_sparse_weights", "scnn_sparse_activations", "scnn_8x8")
    assert found.machine == "scnn"
    words = {"convolution": ConvolutionFormat(bits=16)}
    for step, name in zip(found.steps, machines, strict=True):
        result = simulate(load_arch(name), load_workload("vgg16-conv5_1", scale=0.25, formats=words))
        assert (step.cycles, step.energy_pj) == (result.run.cycles, by_component(result.energy)["total"])
        lines = [line for line in result.energy if "weight" in line.event or line.event.startswith("fifo")]
        assert step.weight_pj == sum(line.energy_pj for line in lines) > 0
    assert [step.over for step in found.steps] == [None, 0, 0, 0, 0]
    assert found.published is None


def test_the_steps_of_ese_are_its_prunings():
    dense, plain, balanced = ablate("google-lstm", scale=0.1).steps
    assert dense.cycles > plain.cycles >= balanced.cycles
    assert dense.weight_pj > 3 * plain.weight_pj
    config = load_arch("ese")
    for step, even in ((plain, False), (balanced, True)):
        wanted = {kind: one._replace(balanced=even) for kind, one in formats(config).items()}
        result = simulate(config, load_workload("google-lstm", scale=0.1, formats=wanted))
        assert (step.cycles, step.energy_pj) == (result.run.cycles, by_component(result.energy)["total"])
    assert plain.energy_pj != balanced.energy_pj


def test_the_machine_is_found_by_the_layers_kind(tmp_path, arrays):
    assert [default_machine([kind]) for kind in ("fully connected", "LSTM", "convolution")] == ["eie", "ese", "scnn"]
    np.savez(tmp_path / "own.npz", **arrays)
    assert ablate(str(tmp_path / "own.npz"), density=0.3).config == "eie_64pe"
    assert ablate("nt-we", "scnn", scale=0.05).config == "scnn_8x8"
    with pytest.raises(InputError, match="dcnn: there is no chain of savings for it; expected one of eie, ese, scnn"):
        ablate("nt-we", "dcnn")
    with pytest.raises(InputError, match="its kind is fully connected; expected LSTM"):
        ablate("nt-we", "ese", scale=0.05)
    for machine in (None, "eie"):
        with pytest.raises(InputError, match="alexnet: no layer is chosen; expected one of its layers: alexnet-conv1"):
            ablate("alexnet", machine)


def step_of(time, counted, weights, energy, over, published):
    return SavingStep(f"at {time}", "s", "p", 1, time, weights, energy, counted, over, published)


def test_factors_divide_by_the_step_that_is_named():
    steps = step_of(8, None, 6, 10, None, None), step_of(4, 2, 3, 5, 0, 2.0), step_of(1, 1, 0, 2, 0, None)
    found = Ablation("w", "m", "c", 0, steps, 9.0, ("n",))
    assert found.factors == [None, Factors(2, None, 2, 2), Factors(8, None, None, 5)]
    assert found.product == divide(steps[0], steps[2]) == found.factors[2]
    printed = found.to_dict()
    assert json.loads(json.dumps(printed, allow_nan=False)) == printed
    assert [one["over"] for one in printed["steps"]] == [None, "at 8", "at 8"]
    assert printed["product"] == {**found.product._asdict(), "published": 9.0}
    frame = found.to_frame()
    assert frame["energy_factor"].tolist()[1:] == [2, 5]
    assert frame["workload"].tolist() == ["w"] * 3


def test_the_command(tmp_path):
    arguments = ["ablate", "nt-lstm", "--scale", "0.2", "--seed", "3"]
    shown = CliRunner().invoke(app, arguments).stdout
    for text in ("dense from DRAM", "zero activations skipped", "28,800", "32 + 4 bits in rows of 72", "20.1593 pJ"):
        assert text in shown
    printed = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    expected = ablate("nt-lstm", seed=3, scale=0.2)
    assert printed == json.loads(json.dumps(expected.to_dict()))
    frame = pd.read_csv(io.StringIO(CliRunner().invoke(app, [*arguments, "--csv"]).stdout))
    assert frame["cycles"].tolist() == [step.cycles for step in expected.steps]
    both = CliRunner().invoke(app, [*arguments, "--json", "--csv"])
    assert isinstance(both.exception, InputError)
    (tmp_path / "printed.json").write_text(json.dumps(printed))
    picture = tmp_path / "waterfall.png"
    done = CliRunner().invoke(app, ["plot", str(tmp_path / "printed.json"), "waterfall", "-o", str(picture)])
    assert done.exit_code == 0, done.output
    assert picture.stat().st_size > 2000
    (tmp_path / "printed.json").write_text("{}")
    bad = CliRunner().invoke(app, ["plot", str(tmp_path / "printed.json"), "waterfall", "-o", str(picture)])
    assert "expected" in str(bad.exception)
    assert "ablate" in str(bad.exception)


def test_the_waterfall_shows_all_energy_and_the_papers_factors(tmp_path):
    steps = (
        step_of(8, 4e6, 6e6, 10e6, None, None),
        step_of(4, 2e6, 3e6, 5e6, 0, 2.0),
        step_of(1, 1e6, 4e6, 2e6, 0, None),
    )
    path = tmp_path / "printed.json"
    path.write_text(json.dumps(Ablation("w", "m", "c", 0, steps, 9.0, ()).to_dict()))
    axes = plots.draw([path], "waterfall")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["at 8", "at 4 (paper: 2x)", "at 1"]
    assert [bar.get_x() for bar in axes.patches] == [0, 0, 0]  # both steps are over the first: alternatives
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([10, 5, 2])
    assert axes.get_xlabel().startswith("energy of one inference (µJ)")
