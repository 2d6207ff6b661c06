"""The calls of the Python interface: what the commands do, with objects in place of printed tables."""

from collections.abc import Sequence
from os import PathLike, fspath
from typing import Any

from simulator.config.load import Config, load_arch
from simulator.results.model_result import ModelResult
from simulator.results.result import Result
from simulator.run.compare import Comparison, choose_baseline, compare_on, name_machines
from simulator.run.executor import Execution, load_one
from simulator.run.executor import run as execute
from simulator.run.simulate import simulate as run_layer
from simulator.run.twins import Twins, check_twins
from workloads.errors import InputError
from workloads.model import Origin, make_options
from workloads.workload import Workload

Machine = str | PathLike[str] | Config
"""A machine, a shipped configuration or a .yaml file by name, or what `load_arch` gives."""


def simulate(
    machine: Machine,
    layer: Workload | Origin,
    *,
    engine: str = "numba",
    output: bool = True,
    trace_cycles: int = 0,
    **options: Any,
) -> Result:
    """Run one layer on a machine.

    >>> result = simulate("eie", "alexnet-fc8", scale=0.01)
    >>> result.run.cycles, result.to_dict()["multiplies"]
    (27, 54)

    layer: what `load_workload` gives, or anything that it takes, with its options. The output is not compared with
    the reference kernel: see `run`. engine: `numba` or `simpy`. output: False saves the work of the output where the
    engine can. trace_cycles: cycles in the trace `result.run.trace`. InputError says what cannot be.
    """
    config = _load(machine)
    if not isinstance(layer, Workload):
        layer = load_one(config, layer, make_options(**options))
    elif options:
        name = next(iter(options))
        raise InputError(f"{layer.name}: {name} is given; expected no option, as it is loaded already")
    return run_layer(config, layer, engine=engine, output=output, trace_cycles=trace_cycles)


def run(machine: Machine, source: Origin, *, engine: str = "numba", **options: Any) -> ModelResult:
    """Run a layer or a network on a machine, each output compared with the reference kernel's.

    >>> result = run("scnn", "alexnet", scale=0.02)
    >>> result.total().output_matches_reference, len(result.rows)
    (True, 8)

    source: a name that `zeroskip list` shows, a file (FILE:LAYER chooses a layer), or arrays by name. options: fields
    of `WorkloadOptions`. InputError says what cannot be.
    """
    (result,) = execute([_load(machine)], source, make_options(**options), Execution(engine))
    return result


def compare(
    machines: Sequence[Machine],
    source: Origin,
    *,
    baseline: str | None = None,
    layers: Sequence[str] = (),
    **options: Any,
) -> Comparison:
    """Run a workload on several machines.

    >>> compared = compare(["eie", "dcnn"], "alexnet-fc8", scale=0.05)
    >>> compared.baseline, compared.ratios("eie", "alexnet-fc8").speedup > 1
    ('dcnn', True)

    Machines of one file are set apart by their changes: `eie_64pe pes=4`. baseline: the machine that ratios refer to.
    layers: only these of a network. InputError says what cannot be.
    """
    configs = name_machines(list(zip(_names(machines), map(_load, machines), strict=True)))
    return compare_on(configs, source, make_options(**options), choose_baseline(configs, baseline), layers)


def check(machine: Machine, source: Origin, **options: Any) -> list[Twins]:
    """Run the SimPy model and the engine of a machine on each layer; `difference` of each is None where they are equal.

    >>> [twins.difference for twins in check("ese", "google-lstm", scale=0.02)]
    [None]

    InputError says what cannot be.
    """
    return list(check_twins(_load(machine), source, make_options(**options)))


def _names(machines: Sequence[Machine]) -> list[str]:
    """As a table shows them: where names are equal, changes of the configurations set them apart."""
    names = [one.name if isinstance(one, Config) else fspath(one) for one in machines]
    changes = [one.changes if isinstance(one, Config) else {} for one in machines]
    return [
        " ".join([name, *(f"{key}={value}" for key, value in changed.items())]) if names.count(name) > 1 else name
        for name, changed in zip(names, changes, strict=True)
    ]


def _load(machine: Machine) -> Config:
    return machine if isinstance(machine, Config) else load_arch(machine)
