"""A sweep from Python: what varies, where it is kept, where it runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from os import PathLike, cpu_count, fspath

from simulator.results.store import Store
from simulator.sweeps.axes import Axis, Value, make_axis
from simulator.sweeps.run import Executor, Progress, ProgressCallback, StopRequested, sweep_space
from simulator.sweeps.sweep_file import NamedSweep, load_sweep, make_space
from simulator.sweeps.workers.local import LocalExecutor

Values = str | Iterable[Value]


def sweep(
    machine: str | Sequence[str],
    workload: str | Sequence[str],
    over: Mapping[str, Values],
    *,
    store: str | PathLike[str],
    zipped: Sequence[Mapping[str, Values]] = (),
    fixed: Mapping[str, Value] | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    watch: ProgressCallback = lambda _: None,
) -> Progress:
    """Run every combination of the values in `over` that the store does not hold yet; return what was done.

    >>> done = sweep("eie", "alexnet-fc8", {"pes": [1, 4], "scale": "0.01,0.02"}, store="example.db", jobs=1)
    >>> done.points, done.run, done.failed
    (4, 4, 0)

    machine, workload: one, or several to combine with all else. over: values by key of the machine, of the recipe or
    of the run: a list, or a text such as `1,2,4` or `0.1:1.0:10`. zipped: keys whose values move together. fixed: keys
    with one value. jobs: worker processes here (None: one for each processor). cluster: the address of a Dask
    scheduler, or the path of its scheduler file. A point that fails is a row with its error. InputError names what
    cannot be.
    """
    machines, workloads = ([one] if isinstance(one, str) else list(one) for one in (machine, workload))
    groups: list[tuple[Axis, ...]] = [(_axis(name, values),) for name, values in over.items()]
    groups += [tuple(_axis(name, values) for name, values in named.items()) for named in zipped]
    space = make_space("sweep", machines, workloads, groups, dict(fixed or {}))
    return run_sweep(NamedSweep("sweep", space, fspath(store)), jobs=jobs, cluster=cluster, watch=watch)


def run_sweep(
    which: NamedSweep | str,
    *,
    store: str | PathLike[str] | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    watch: ProgressCallback = lambda _: None,
    stop: StopRequested = lambda: False,
) -> Progress:
    """Run a sweep, by name, from a file or made before, into its store or another one; see `sweep`."""
    chosen = load_sweep(which) if isinstance(which, str) else which
    start = executor(jobs, cluster)
    with Store(chosen.store if store is None else store) as kept:
        return sweep_space(chosen.space, kept, start, watch, stop)


def executor(jobs: int | None, cluster: str | None) -> Callable[[], AbstractContextManager[Executor]]:
    """What makes the executor: worker processes here, or those of a Dask scheduler."""
    if cluster is None:
        return partial(LocalExecutor, cpu_count() or 1 if jobs is None else jobs)
    from simulator.sweeps.workers.dask_cluster import ClusterExecutor

    return partial(ClusterExecutor, cluster)


def _axis(name: str, values: Values) -> Axis:
    return make_axis("sweep", name, [values] if isinstance(values, str) else values)
