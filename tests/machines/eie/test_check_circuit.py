"""`zeroskip check --circuit`, and that nothing else needs Amaranth."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from simulator.cli import app

LAYER = "alexnet-fc8", "--scale", "0.02", "--set", "pes=4"
CIRCUIT = "check", "eie", *LAYER, "--circuit"


def test_the_circuit_is_compared_and_timed():
    pytest.importorskip("amaranth")
    shown = CliRunner().invoke(app, [*CIRCUIT])
    assert shown.exit_code == 0
    assert "equal" in shown.stdout
    assert "circuit" in shown.stdout
    (layer,) = json.loads(CliRunner().invoke(app, [*CIRCUIT, "--json"]).stdout)["layers"]
    assert layer["equal"] is True
    assert layer["circuit_s"] > 0
    (without,) = json.loads(CliRunner().invoke(app, ["check", "eie", *LAYER, "--json"]).stdout)["layers"]
    assert without["circuit_s"] is None


def test_the_first_difference_of_a_circuit_is_shown(monkeypatch):
    pytest.importorskip("amaranth")
    from simulator.machines.eie.circuit import run as found

    def late(arch, streams, trace_cycles=0):
        run = found(arch, streams, trace_cycles)
        return run._replace(counts=run.counts._replace(spmat_row_reads=run.counts.spmat_row_reads + 1))

    monkeypatch.setattr("simulator.machines.eie.circuit.run", late)
    shown = CliRunner().invoke(app, [*CIRCUIT])
    assert shown.exit_code == 1
    assert "different" in shown.stdout
    assert "counts: spmat_row_reads[0] is" in shown.stdout
    assert "engine against circuit" in shown.stdout.replace("\n", " ")


def test_a_machine_without_a_circuit_and_a_computer_without_amaranth(monkeypatch):
    refused = CliRunner().invoke(app, ["check", "scnn", "vgg16-conv5_1", "--scale", "0.02", "--circuit"])
    assert str(refused.exception) == "machine scnn: it has no circuit; expected a machine with one, as eie"
    monkeypatch.setitem(sys.modules, "amaranth", None)
    refused = CliRunner().invoke(app, [*CIRCUIT])
    expected = "circuit of eie: amaranth is not installed; expected pip install 'zeroskip[rtl]'"
    assert str(refused.exception) == expected


def test_nothing_else_imports_amaranth():
    script = (
        "import sys, zeroskip; zeroskip.run('eie', 'alexnet-fc8', scale=0.02); "
        "import simulator.machines.scnn.model.units; "
        "assert not any(name.startswith('amaranth') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
