"""A search from Python: what varies, what is to be small or large, how many simulations it may take."""

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

from simulator.config.machine_first import check_machine_first
from simulator.sweeps.api import Fixed, check_callable, executor, named_values
from simulator.sweeps.axes import Axis, shown, take_groups
from simulator.sweeps.explore.exploration import Exploration
from simulator.sweeps.explore.goals import make_goals
from simulator.sweeps.explore.keys import make_key, make_search_space
from simulator.sweeps.explore.search import Search, run_search
from simulator.sweeps.points import machine_keys
from simulator.sweeps.run import ProgressCallback, StopRequested
from workloads.errors import refuse
from workloads.extras import import_extra
from workloads.path_texts import path_text

TRIALS, MOST_TRIALS = 300, 10_000
MOST_SEED = (1 << 32) - 1
Names = str | Iterable[str]
"""`A,B`, or a list of them."""
Keys = Mapping[str, str | Iterable[Fixed]]


def explore(
    machine: str | PathLike[str],
    workload: str | PathLike[str],
    over: Keys,
    *,
    minimise: Names = (),
    maximise: Names = (),
    limits: Names = (),
    fits: bool = True,
    fixed: Mapping[str, Fixed] | None = None,
    trials: int = TRIALS,
    seed: int = 0,
    store: str | PathLike[str] | None = None,
    jobs: int | None = None,
    cluster: str | PathLike[str] | None = None,
    cluster_security: str | PathLike[str] | None = None,
    watch: ProgressCallback = lambda _: None,
    stop: StopRequested = lambda: False,
) -> Exploration:
    """Search the values of a machine's keys for those that nothing beats in all objectives, by NSGA-II (Optuna).

    >>> keys = {"pes": "1:32", "queue_depth": [1, 2, 4, 8]}
    >>> found = explore("eie", "alexnet-fc8", keys, minimise="time_us,area_mm2", fixed={"scale": 0.01}, trials=20)
    >>> len(found.trials), found.trials == explore(
    ...     "eie", "alexnet-fc8", keys, minimise="time_us,area_mm2", fixed={"scale": 0.01}, trials=20, jobs=1
    ... ).trials
    (20, True)

    over: keys of the machine, each with a list of values, or a text: `a,b,c`; `start:stop`, each whole number;
    `start:stop:x2`, each twice the one before it; `start:stop:count` as in `sweep`. minimise, maximise: figures of a
    result. limits: bounds such as `area_mm2<=40`. fits: points that do not fit their machine take no part. fixed: keys
    with one value, of the machine or the workload. trials: different points, those that the store holds among them. The
    result depends on `seed`, not on the number of workers. store: a file that keeps the points, which sweeps may share;
    without one, they are kept until the call ends. jobs, cluster, cluster_security: as in `sweep`. Raises InputError
    where an argument is wrong, Optuna is not installed (pip install 'zeroskip[search]'), or no objective is a figure.
    """
    import_extra("optuna", "search", "explore")
    what = path_text("explore: machine", machine, "a name, or the path of a .yaml file")
    on = path_text("explore: workload", workload, "a name or a path, as a store keeps names")
    check_machine_first(what)
    _check_count("trials", trials, 1, MOST_TRIALS)
    _check_count("seed", seed, 0, MOST_SEED)
    goals = make_goals(minimise, maximise, limits, fits)
    if not isinstance(fits, bool):
        refuse("explore", f"fits is {shown(fits)}", "True or False")
    for argument, given in (("watch", watch), ("stop", stop)):
        check_callable("explore", argument, given)
    keys = ([make_key(name, values)] for name, values in named_values("explore", "over", over).items())
    axes = {axis.name: axis for (axis,) in take_groups("explore", keys)}
    settings = named_values("explore", "fixed", {} if fixed is None else fixed)
    space = make_search_space(what, on, axes, settings)
    start = executor(jobs, cluster, cluster_security)
    search = Search(space, goals, trials, seed, _ignored(what, axes, dict(space.fixed)) if goals.uses_area else ())
    return run_search(search, store, start, watch, stop)


def _ignored(machine: str, axes: Mapping[str, Axis], settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of the machine that vary and that its area does not follow."""
    from simulator.config.load import load_arch
    from simulator.run.areas import without_area

    known = machine_keys(machine)
    config = load_arch(machine, **{key: value for key, value in settings.items() if key in known})
    return tuple(without_area(config, [(key, axis.values) for key, axis in axes.items() if key in config.written]))


def _check_count(name: str, value: Any, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        refuse("explore", f"{name} is {shown(value)}", f"a whole number from {least} to {most}")
