"""A sweep from Python: what varies, where it is kept, where it runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from os import PathLike, cpu_count
from typing import Any, overload

from simulator.config.load import Config, load_arch
from simulator.config.machine_first import check_machine_first
from simulator.results.store import Store
from simulator.sweeps.axes import Axis, Value, make_axis, shown, take_groups
from simulator.sweeps.in_memory import Sweep, sweep_in_memory
from simulator.sweeps.run import Executor, Progress, ProgressCallback, StopRequested, sweep_space
from simulator.sweeps.sweep_file import NamedSweep, load_sweep, make_space
from simulator.sweeps.workers.local import LocalExecutor
from workloads.errors import refuse
from workloads.model import Origin
from workloads.path_texts import path_text
from workloads.yaml_files import shorten

Fixed = Value | PathLike[str]
Values = str | Iterable[Fixed]
"""Values one by one, or a text as on the command line, in which `start:stop:count` is a range."""
Machine = str | PathLike[str] | Config
STORE = "sweep.db"


@overload
def sweep(
    machine: Machine | Sequence[Machine],
    workload: Origin,
    over: Mapping[str, Values],
    *,
    store: None = None,
    zipped: Sequence[Mapping[str, Values]] = (),
    fixed: Mapping[str, Fixed] | None = None,
) -> Sweep: ...


@overload
def sweep(
    machine: str | PathLike[str] | Sequence[str | PathLike[str]],
    workload: str | PathLike[str] | Sequence[str | PathLike[str]],
    over: Mapping[str, Values],
    *,
    store: str | PathLike[str],
    zipped: Sequence[Mapping[str, Values]] = (),
    fixed: Mapping[str, Fixed] | None = None,
    jobs: int | None = None,
    cluster: str | PathLike[str] | None = None,
    cluster_security: str | PathLike[str] | None = None,
    watch: ProgressCallback = lambda _: None,
) -> Progress: ...


def sweep(
    machine: Any,
    workload: Any,
    over: Mapping[str, Values],
    *,
    store: str | PathLike[str] | None = None,
    zipped: Sequence[Mapping[str, Values]] = (),
    fixed: Mapping[str, Fixed] | None = None,
    jobs: int | None = None,
    cluster: str | PathLike[str] | None = None,
    cluster_security: str | PathLike[str] | None = None,
    watch: ProgressCallback = lambda _: None,
    **unknown: Any,
) -> Progress | Sweep:
    """Run every combination of the values in `over`: a table; with a store, those that it does not hold yet.

    >>> sweep("eie", "alexnet-fc8", {"pes": [1, 4]}, fixed={"scale": 0.01}).to_frame()["cycles"].to_list()
    [70, 34]
    >>> done = sweep("eie", "alexnet-fc8", {"pes": [1, 4], "scale": "0.01,0.02"}, store="example.db", jobs=1)
    >>> done.points, done.run, done.failed
    (4, 4, 0)

    machine, workload: one, or several to combine with all else. Without a store, it is anything that `open_model`
    takes, several are a list of names, and all points run in this process. over: values by key of the machine, of the
    recipe or of the run: a list or a tuple of values, or a text, `1,2,4` or `0.1:1.0:10` (start:stop:count). zipped:
    keys whose values move together. fixed: keys with one value. store: a file that keeps the points. jobs: worker
    processes here (None: one for each processor). cluster: the address of a Dask scheduler, or the path of its
    scheduler file. cluster_security: a client's keys for an encrypted one: a folder with ca.pem, cert.pem and key.pem,
    or the path of a file that names them. A point that fails is a row with its error. Raises InputError where an
    argument is of a wrong type, a key or a value is not known, or `jobs` or `cluster` is given without a store.
    """
    check_callable("sweep", "watch", watch)
    if unknown:
        key, value = next(iter(unknown.items()))
        here = f'fixed={{"{key}": {shorten(repr(value), 60)}}} for one value, or over={{"{key}": [...]}} for several'
        refuse("sweep", f"{shorten(key, 60)} is given as an argument", here)
    groups = _grouped(over, zipped)
    settings = named_values("sweep", "fixed", {} if fixed is None else fixed)
    machines, workloads = _several(machine), _several(workload)
    for one in machines:
        check_machine_first(one)
    if store is None:
        if jobs is not None or cluster is not None or cluster_security is not None:
            refuse("sweep", "jobs or a cluster is given without a store", "store=FILE.db to run in other processes")
        return sweep_in_memory([_checked(one) for one in machines], workloads, groups, settings)
    named = _texts("machine", machines), _texts("workload", workloads)
    space = make_space("sweep", *named, groups, settings)
    return run_sweep(
        NamedSweep("sweep", space, STORE),
        store=store,
        jobs=jobs,
        cluster=cluster,
        cluster_security=cluster_security,
        watch=watch,
    )


def run_sweep(
    which: NamedSweep | str | PathLike[str],
    *,
    store: str | PathLike[str] | None = None,
    jobs: int | None = None,
    cluster: str | PathLike[str] | None = None,
    cluster_security: str | PathLike[str] | None = None,
    watch: ProgressCallback = lambda _: None,
    stop: StopRequested = lambda: False,
) -> Progress:
    """Run a sweep, by name, from a file or made before, into its store or another one; see `sweep`.

    Raises InputError where there is no such sweep, it is wrong, or its store or its workers fail.
    """
    check_callable("sweep", "watch", watch)
    check_callable("sweep", "stop", stop)
    named = which if isinstance(which, NamedSweep) else path_text("sweep", which, "a name, or the path of a .yaml file")
    chosen = load_sweep(named) if isinstance(named, str) else named
    start = executor(jobs, cluster, cluster_security)
    with Store(path_text("store", chosen.store if store is None else store, "the path of a file")) as kept:
        return sweep_space(chosen.space, kept, start, watch, stop)


def executor(
    jobs: int | None, cluster: str | PathLike[str] | None, security: str | PathLike[str] | None = None
) -> Callable[[], AbstractContextManager[Executor]]:
    """What makes the executor: worker processes here, or those of a Dask scheduler.

    InputError where `jobs` is no number, the cluster is no text, or its keys cannot be used.
    """
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int)):
        refuse("sweep", f"jobs is {shown(jobs)}", "a whole number of processes")
    if cluster is None:
        if security is not None:
            refuse("sweep", "cluster_security is given without a cluster", "cluster=tls://HOST:PORT, too")
        return partial(LocalExecutor, cpu_count() or 1 if jobs is None else jobs)
    from simulator.sweeps.workers.cluster_security import EXPECTED, find_keys
    from simulator.sweeps.workers.dask_cluster import ClusterExecutor

    address = path_text("cluster", cluster, "tcp://HOST:PORT, or the path of a scheduler file")
    keys = None if security is None else find_keys(path_text("cluster_security", security, EXPECTED))
    return partial(ClusterExecutor, address, keys)


def _several(one: Any) -> list[Any]:
    """A list of names or configurations as it is, anything else as the only one."""
    listed = (
        isinstance(one, list | tuple) and bool(one) and all(isinstance(part, str | PathLike | Config) for part in one)
    )
    return list(one) if listed and not isinstance(one, Config) else [one]


def _texts(key: str, given: Sequence[Any]) -> list[str]:
    """Names and paths as texts. InputError where one is another object: a point with a store names what it runs."""
    return [path_text(f"sweep: {key}", one, "a name or a path, as a store keeps names") for one in given]


def _checked(machine: Any) -> Any:
    """A machine, or its name. InputError where there is none."""
    return machine if isinstance(machine, Config) else load_arch(machine) and machine


def named_values(where: str, argument: str, values: Any) -> Mapping[str, Any]:
    """What was given as an argument. InputError where it is no mapping with texts as its keys."""
    if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
        refuse(where, f"{argument} is {shown(values)}", "values by the names of keys")
    return values


def check_callable(where: str, argument: str, given: object) -> None:
    """InputError where an argument cannot be called."""
    if not callable(given):
        refuse(where, f"{argument} is {shown(given)}", "a function")


def _grouped(over: Any, zipped: Any) -> list[tuple[Axis, ...]]:
    """Axes, each group of those that move together. InputError where `zipped` is no list of mappings, or as `_axis`."""
    groups = [{name: values} for name, values in named_values("sweep", "over", over).items()]
    if not isinstance(zipped, list | tuple):
        refuse("sweep", f"zipped is {shown(zipped)}", "a list, for each group of keys their values by name")
    groups += [dict(named_values("sweep", "zipped", one)) for one in zipped]
    return take_groups("sweep", ((_axis(name, values) for name, values in group.items()) for group in groups))


def _axis(name: str, values: Values) -> Axis:
    return make_axis("sweep", name, [values] if isinstance(values, str) else values)
