"""Every contract of pyproject.toml can fail: a forbidden import, planted into a copy of the sources, breaks it."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from support.code.syntax import last_name, read_sources
from support.paths import ROOT

from simulator.config.load import shipped
from simulator.core.registry import machines

CONTRACTS = {
    "kernels": "kernels_ref: numpy and numba only",
    "workloads": "workloads: kernels_ref only for fixed-point words and where kinds name their kernel",
    "kinds": "the simulator reaches kernels through the kinds only",
    "rooms": "common rooms know no machine",
    "models": "models and layouts import neither numba nor an engine",
    "engines": "engines and layouts import neither simpy, the clock nor a model",
    "machines": "no machine imports another",
    "layers": "layers of a machine: from its numbers to its paper",
    "circuits": "Amaranth: circuits only",
    "results": "results and exports: no simpy, no numba",
    "made": "results know nothing of what makes or shows them",
    "pictures": "pictures and pages see results and the declarations of machines, never what runs one",
    "systems": "systems see core, config and run, and nothing that makes many results or shows them",
}
"""How the names of the contracts begin."""
HELPER = "simulator.hardware.helper"
"""A new module that belongs to the common rooms; SHORTCUT belongs to none of them."""
SHORTCUT = "simulator.shortcut"
SCNN, ESE, EIE = "simulator.machines.scnn", "simulator.machines.ese", "simulator.machines.eie"
PLANTS = [
    ([], ""),
    ([("kernels_ref.fully_connected", "pandas")], "kernels"),
    ([("kernels_ref.cache", "workloads.errors")], "kernels"),
    ([("kernels_ref.lstm", "simulator.core.trace")], "kernels"),
    ([("workloads.compression.packing", "kernels_ref.lstm")], "workloads"),
    ([("workloads.kinds.lstm.recipe", "kernels_ref.lstm")], "workloads"),
    ([("kernels_ref.fixed_point", "kernels_ref.lstm")], "workloads"),
    ([("workloads.model", "simulator.core.trace")], "workloads"),
    ([("workloads.pipeline", "simpy")], "workloads"),
    ([("simulator.run.simulate", "kernels_ref.lstm")], "kinds"),
    ([("simulator.hardware.convolution_sums", "kernels_ref.convolution")], "kinds"),
    ([("simulator.sweeps.api", EIE)], "rooms"),
    ([("simulator.cli.run", f"{SCNN}.arch")], "rooms"),
    ([("simulator.core.registry", f"{ESE}.arch")], "rooms machines"),
    ([("simulator.studies.memories", SHORTCUT), (SHORTCUT, EIE)], "rooms"),
    ([("simulator.plots.roofs", f"{SCNN}.arch")], "rooms machines pictures"),
    ([(f"{SCNN}.model.ledger", f"{SCNN}.engine.counts")], "models layers"),
    ([(f"{ESE}.model.ledger", f"{ESE}.engine.output")], "models layers"),
    ([(f"{SCNN}.model.tile", "numba")], "models"),
    ([(f"{EIE}.layout.capacity", "numba")], "models"),
    ([(f"{SCNN}.model.tile", HELPER), (HELPER, "numba")], "models"),
    ([(f"{EIE}.model", "simulator.hardware.dram.engine.state")], "models"),
    ([("simulator.hardware.dram.model.channel", HELPER), (HELPER, "numba")], "models"),
    ([(f"{ESE}.engine.timing", "simpy")], "engines"),
    ([(f"{ESE}.engine.timing", HELPER), (HELPER, "simpy")], "engines"),
    ([(f"{EIE}.engine", HELPER), (HELPER, "simulator.hardware.clock")], "engines"),
    ([("simulator.hardware.dram.engine.memory", "simulator.hardware.dram.model.channel")], "engines"),
    ([(f"{SCNN}.engine.round", f"{SCNN}.model.weight_buffer")], "engines layers"),
    ([(f"{ESE}.arch", f"{SCNN}.arch")], "machines"),
    ([(f"{ESE}.report.tables", SHORTCUT), (SHORTCUT, f"{SCNN}.arch")], "machines"),
    ([(f"{EIE}.arch", f"{EIE}.layout.capacity")], "layers"),
    ([(f"{EIE}.layout.capacity", f"{EIE}.paper.scaling")], "layers"),
    ([(f"{SCNN}.report.dram_requests", f"{SCNN}.paper.merging")], "layers"),
    ([("simulator.machines.dense.arch", SHORTCUT), (SHORTCUT, "simulator.machines.dense.layout")], "layers"),
    ([(f"{EIE}.circuit.memories", f"{EIE}.engine.run")], "layers"),
    ([(f"{EIE}.engine.run", f"{EIE}.circuit.sizes")], "layers"),
    ([(f"{EIE}.layout.capacity", "amaranth")], "circuits"),
    ([("simulator.results.pareto", "numba")], "results"),
    ([("simulator.export.ert", "simpy")], "results"),
    ([("simulator.results.pareto", "simulator.html.parts")], "made"),
    ([("simulator.html.render", "simulator.run.simulate")], "pictures"),
    ([("simulator.plots.style", "simulator.hardware.clock")], "pictures"),
    ([("simulator.system.values", "simulator.sweeps.api")], "systems"),
    ([("simulator.system.schedule", f"{EIE}.arch")], "rooms"),
    ([("simulator.system.deadlock", "numba")], "models"),
    ([("simulator.system.schedule", "simpy")], "engines"),
    ([("simulator.system.camera.camera", "numba")], "models"),
    ([("simulator.system.camera.camera", "simpy")], "engines"),
]
"""(module, what it imports), each planted at its end, and the contracts that this breaks."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout")
    for package in ("simulator", "workloads", "kernels_ref"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("zeroskip.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.mark.parametrize(("imports", "broken"), PLANTS, ids=[", ".join(map("->".join, one)) for one, _ in PLANTS])
def test_a_planted_import_breaks_its_contracts(copy, imports, broken):
    before = {path: path.read_text() if path.exists() else None for path in (file_of(copy, one) for one, _ in imports)}
    try:
        for module, imported in imports:
            with file_of(copy, module).open("a") as file:
                file.write(f"\ndef late():\n    import {imported}\n")
        failed, report = lint(copy)
    finally:
        for path, text in before.items():
            path.unlink() if text is None else path.write_text(text)
    assert failed == {name for name in contracts() if name.startswith(tuple(CONTRACTS[key] for key in broken.split()))}
    for module, imported in imports:
        assert re.search(rf"\b{module} -> {imported} \(l\.\d+", report)


def test_each_contract_is_broken_by_a_planted_import():
    assert sorted(CONTRACTS) == sorted({key for _, broken in PLANTS for key in broken.split()})
    begins = list(CONTRACTS.values())
    assert [sum(name.startswith(begin) for begin in begins) for name in contracts()] == [1] * len(begins)
    indirect = {key for imports, broken in PLANTS if len(imports) > 1 for key in broken.split()}
    assert indirect >= {"rooms", "models", "engines", "machines", "layers"}


def test_the_rooms_are_all_folders_but_the_machines():
    (sources,) = (found["source_modules"] for found in settings() if found["name"].startswith(CONTRACTS["rooms"]))
    folders = {path.parent.name for path in (ROOT / "simulator").glob("*/__init__.py")}
    assert sorted(sources) == sorted(f"simulator.{folder}" for folder in folders - {"machines"})


SCALE = {("workloads/sources/keras/walk.py", "gamma")}
"""What a batch normalisation multiplies with is called as a machine."""


def test_common_rooms_name_no_machine():
    """A docstring or the help of an option may name one as an example; a label may spell one."""
    names, found = {*machines(), *shipped()} - {"points"}, []  # of results and sweeps, too
    for source in common_rooms():
        for node in ast.walk(source.tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and (node.value in names or "simulator.machines" in node.value):
                found.append((source.path, node.value))
    known = {("simulator/plots/words.py", "dcnn"), ("workloads/sources/pretrained/restricted_pickle.py", "tensor")}
    known |= {("workloads/division.py", "tensor")}  # tensor parallel
    noise = {"workloads/experiments/aqn.py", "simulator/plots/kinds.py", "simulator/plots/studies.py"}
    assert set(found) == known | {(path, "sigma") for path in noise} | SCALE  # PyTorch's tensor, deviations


def test_modules_are_imported_by_name_only_where_they_are_optional_or_rows_of_a_table():
    found = [
        source.path
        for source in read_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and last_name(node.func) in ("import_module", "__import__", "exec", "eval")
    ]
    optional = ["workloads/clips/decoding.py", "workloads/extras.py"]
    assert sorted(found) == ["simulator/cli/commands.py", *optional, "workloads/sources/__init__.py"]


def common_rooms():
    return [source for source in read_sources() if not source.path.startswith("simulator/machines/")]


def settings():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def contracts():
    return [found["name"] for found in settings()]


def file_of(folder, module):
    path = folder / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def lint(folder):
    """The names of the broken contracts, and the whole report."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "1000"}
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    failed = {name for name in contracts() if re.search(rf"^{re.escape(name)} BROKEN", done.stdout, re.M)}
    assert f"{len(contracts()) - len(failed)} kept, {len(failed)} broken" in done.stdout, done.stdout + done.stderr
    assert done.returncode == bool(failed)
    return failed, done.stdout
