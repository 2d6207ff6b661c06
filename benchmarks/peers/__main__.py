"""`python -m benchmarks.peers --python PEERS/bin/python`: one layer on SCALE-Sim, ZigZag and here.

PEERS is an environment with `pip install scalesim zigzag-dse six`. SCALE-Sim takes ten minutes.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.peers import layer
from benchmarks.speed.pairs import with_children

FILE = Path(__file__).parents[2] / "docs" / "validation" / "same_layer.json"
Row = dict[str, Any]


def main() -> None:
    """Run all, or those that are named, and write down what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("tools", nargs="*", help="all without one")
    parser.add_argument("--python", type=Path, help="that of an environment with the other tools")
    given = parser.parse_args()
    found = {row["what"]: row for row in json.loads(FILE.read_text("utf-8"))} if FILE.exists() else {}
    for name in given.tools or TOOLS:
        with tempfile.TemporaryDirectory() as folder:
            for row in TOOLS[name](Path(folder), str(given.python or sys.executable)):
                print(row, flush=True)
                found[row["what"]] = row
    FILE.write_text(json.dumps(list(found.values()), indent=1) + "\n", "utf-8")


def _scalesim(folder: Path, python: str) -> list[Row]:
    names = {"arch.cfg": layer.CONFIGURATION, "topology.csv": layer.TOPOLOGY, "layout.csv": layer.LAYOUT}
    for name, text in names.items():
        (folder / name).write_text(text)
    files = ["-c", "arch.cfg", "-t", "topology.csv", "-l", "layout.csv", "-p", "out", "-s", "N"]
    seconds = _run([python, "-m", "scalesim.scale", *files], folder)[1]
    (report,) = folder.rglob("COMPUTE_REPORT.csv")
    (row,) = csv.DictReader(report.open())
    cycles = next(float(value) for key, value in row.items() if key.strip().startswith("Total Cycles"))
    what = f"SCALE-Sim {_version(python, 'scalesim')}, {layer.SIDE} x {layer.SIDE} systolic array, weight-stationary"
    return [_row(what, "dense", cycles, seconds)]


def _zigzag(folder: Path, python: str) -> list[Row]:
    layer.write_onnx(folder / "layer.onnx")
    (folder / "run.py").write_text(layer.ZIGZAG)
    printed, seconds = _run([python, "run.py", "layer.onnx"], folder)
    cycles = float(printed.rpartition("cycles ")[2])
    what = f"ZigZag {_version(python, 'zigzag-dse')}, its TPU-like array of {layer.SIDE} x {layer.SIDE}, best mapping"
    return [_row(what, "dense", cycles, seconds)]


def _ours(folder: Path, _: str) -> list[Row]:
    rows = []
    for machine, title in (("dcnn", "DCNN"), ("scnn", "SCNN, every bank conflict, output checked")):
        command = [sys.executable, "-m", "simulator.cli", "run", machine, layer.NAME, "--json"]
        _run(command, folder)  # compiles
        printed, seconds = _run(command, folder)
        found = json.loads(printed)
        densities = f"{100 * found['weight_density']:.0f} % x {100 * found['activation_density']:.0f} %"
        zeros = "dense" if machine == "dcnn" else densities
        rows.append(_row(f"zeroskip, {title}", zeros, found["cycles"], seconds))
    return rows


TOOLS: dict[str, Callable[[Path, str], list[Row]]] = {"zigzag": _zigzag, "scalesim": _scalesim, "ours": _ours}


def _row(what: str, zeros: str, cycles: float, seconds: float) -> Row:
    ideal = layer.MULTIPLIES / layer.SIDE**2
    return {"what": what, "zeros": zeros, "cycles": round(cycles), "over_ideal": cycles / ideal, "seconds": seconds}


def _run(command: list[str], folder: Path) -> tuple[str, float]:
    """What a program prints, and its processor time in seconds."""
    root = str(Path(__file__).parents[2])
    variables = os.environ | ({"PYTHONPATH": root} if command[0] == sys.executable else {})
    done = []
    seconds = with_children(
        lambda: done.append(
            subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=True)
        )
    )()
    return done[0].stdout, seconds


def _version(python: str, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
