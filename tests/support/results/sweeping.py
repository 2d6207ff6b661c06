"""What the tests of sweeps share: small spaces, a store's content, processes that run sweeps."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from simulator.results.store import Store
from simulator.sweeps.axes import parse_axis
from simulator.sweeps.run import sweep_space
from simulator.sweeps.sweep_file import make_space
from simulator.sweeps.workers.local import LocalExecutor
from support.paths import ROOT

SMALL = {"scale": 1 / 64}
AXES = ("seed=0:3:4", "pes=1,2,4", "queue_depth=1,2,8")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}


def space(*axes, machines=("eie",), workloads=("alexnet-fc7",), fixed=SMALL):
    return make_space("test", machines, workloads, [(parse_axis(axis),) for axis in axes or AXES], fixed)


def run(where, path, jobs=1, **more):
    """A sweep in worker processes of this one."""
    with Store(path) as store:
        return sweep_space(where, store, lambda: LocalExecutor(jobs), **more)


def content(path):
    """Every point of a store by its identity: its values, bit for bit, without times.

    Parameters and results are JSON with all names, whatever form the rows have.
    """
    with closing(sqlite3.connect(path)) as file:
        forms = {row[0]: (json.loads(row[1]), json.loads(row[2])) for row in file.execute("SELECT * FROM form")}
        rows = file.execute("SELECT form, id, parameters, results, layers, error, seed, code, configuration FROM point")
        return {row[1]: (*_whole(forms.get(row[0]), *row[2:4]), *row[4:]) for row in rows}


def _whole(form, parameters, results):
    if form is None:
        return parameters, results
    common, names = form
    values = dict(zip(names, json.loads(results), strict=True))
    return json.dumps({**common, **json.loads(parameters)}), json.dumps(values)


def command(*arguments):
    return [sys.executable, "-P", "-m", "simulator.cli", *map(str, arguments)]


def start(*arguments, cwd=None):
    """A command as a process of its own."""
    return subprocess.Popen(
        command(*arguments), cwd=cwd, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def children(pid):
    """The processes that a process started."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in found.read_text().split()] if found.exists() else []


def wait_until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def count(path):
    """Points in a store that may just be made."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            return file.execute("SELECT count(*) FROM point").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def figures(row):
    return json.loads(row[1])


__all__ = ["ROOT", "children", "command", "content", "count", "figures", "run", "space", "start", "wait_until"]
