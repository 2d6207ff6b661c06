"""The same runs in many environments; results are compared byte by byte, without times.

python -m tests.faults.environments --json docs/validation/environments.json

`--python OTHER/bin/python` adds the Python of another environment, with the packages that it has.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
CACHE = "NUMBA_CACHE_DIR"
RUNS = """
import json, sys
sys.path.insert(0, {root!r})
from simulator.config.load import load_arch, shipped
from simulator.core.registry import find
from simulator.run.simulate import simulate
from simulator.run.verify import check_output
from workloads.model import load_workload
from workloads.sources.zoo.recipes import zoo
from workloads.kinds import kind_of_recipe

def layers(machine):
    # a layer of each kind that has a recipe; products of matrices are fully connected layers there
    for kind in find(machine).kinds:
        yield from [name for name, recipe in zoo().items() if kind_of_recipe(recipe).name == kind][:1]

found = []
for name in shipped():
    config = load_arch(name)
    for layer in layers(config.machine):
        workload = load_workload(layer, scale=0.02, seed=3, formats=find(config.machine).formats(config.arch))
        result = check_output(simulate(config, workload, trace_cycles=200))
        document = result.to_dict()
        for key in ("elapsed_s", "versions"):
            document.pop(key)
        found.append([name, layer, document, result.run.output.tolist(), result.run.trace.tolist()])
json.dump(found, sys.stdout, sort_keys=True)
"""
PLAIN = "compiled, warm cache, one thread"
COLD = "compiled, cold cache"
ENVIRONMENTS = {
    COLD: {},
    PLAIN: {"ZEROSKIP_THREADS": "1"},
    "two threads": {"ZEROSKIP_THREADS": "2", "NUMBA_NUM_THREADS": "2"},
    "another working directory": {},
    "LC_ALL=C": {"LC_ALL": "C"},
    "LC_ALL=C, ASCII": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "another order of hashes": {"PYTHONHASHSEED": "12345"},
    "time zone and optimised Python": {"TZ": "Asia/Kathmandu", "PYTHONOPTIMIZE": "1"},
    "without a home": {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": ""},
    "NUMBA_BOUNDSCHECK=1": {"NUMBA_BOUNDSCHECK": "1"},
    "NUMBA_DISABLE_JIT=1": {"NUMBA_DISABLE_JIT": "1"},
    "NUMBA_CPU_NAME=generic": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
}
OWN_CACHE = COLD, "NUMBA_BOUNDSCHECK=1", "NUMBA_DISABLE_JIT=1"
"""Numba's cache does not know these modes."""


VERSIONS = """
import sys
from importlib.metadata import version
python = ".".join(map(str, sys.version_info[:3]))
print(f"Python {python},", ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "pydantic")))
"""


def describe(python):
    """The versions of a Python and of the packages that figures depend on."""
    return subprocess.run([python, "-c", VERSIONS], capture_output=True, text=True, check=True).stdout.strip()


def run(name, folder, python=sys.executable):
    """The results of all runs in an environment, bytes of JSON, and the seconds that it took."""
    here = folder / "elsewhere" if name == "another working directory" else ROOT
    here.mkdir(exist_ok=True)
    own = name in OWN_CACHE or name not in ENVIRONMENTS
    cache = folder / (name.replace(" ", "") if own and name != COLD else "warm")
    environment = {**os.environ, CACHE: str(cache), **ENVIRONMENTS.get(name, {})}
    command = [python, "-c", RUNS.format(root=str(ROOT))]
    began = perf_counter()
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.decode()[-2000:]}")
    return done.stdout, perf_counter() - began


def compare(names, show=lambda _: None, pythons=()):
    """A row for each environment: how many runs it made, and how many differ from those of the first.

    pythons: paths of other ones, after the environments that have names.
    """
    rows, first, expected = [], b"", []
    with tempfile.TemporaryDirectory() as folder:
        for name, python in [*((name, sys.executable) for name in names), *((describe(one), one) for one in pythons)]:
            content, seconds = run(name, Path(folder), python)
            found = json.loads(content)
            first, expected = first or content, expected or found
            differing = sum(one != other for one, other in zip(found, expected, strict=True))
            row = {"environment": name, "runs": len(found), "bytes": len(content), "differences": differing}
            rows.append({**row, "passed": content == first, "seconds": round(seconds, 1)})
            show(rows[-1])
    return rows


def main():
    """Run all environments. Exit code 1 where a result differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.environments", description=__doc__)
    parser.add_argument("--json", type=Path, help="the summary")
    parser.add_argument("--only", action="append", choices=list(ENVIRONMENTS), help="with the first; may be repeated")
    parser.add_argument("--python", action="append", default=[], help="that of another environment; may be repeated")
    given = parser.parse_args()
    names = [name for name in ENVIRONMENTS if given.only is None or name in (COLD, *given.only)]
    rows = compare(names, lambda row: print(json.dumps(row), flush=True), given.python)
    if given.json is not None:
        old = json.loads(given.json.read_text()) if given.only and given.json.exists() else []
        found = {row["environment"]: row for row in (*old, *rows)}
        order = [*ENVIRONMENTS, *sorted(set(found) - set(ENVIRONMENTS))]
        given.json.write_text(json.dumps([found[name] for name in order if name in found], indent=1) + "\n")
    return int(not all(row["passed"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
