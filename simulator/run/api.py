"""The calls of the Python interface: what the commands do, with objects in place of printed tables."""

from collections.abc import Callable, Sequence
from numbers import Integral
from os import PathLike
from typing import Any

from simulator.config.formats import load_with_format
from simulator.config.load import CHANGEABLE, Config, load_arch
from simulator.config.machine_first import check_machine_first
from simulator.results.model_result import ModelResult
from simulator.results.result import Result
from simulator.run.compare import Comparison, compare_on
from simulator.run.executor import Execution, load_one
from simulator.run.executor import run as execute
from simulator.run.machines import name_machines, on_terms, with_formats
from simulator.run.simulate import simulate as run_layer
from simulator.run.twins import Twins, check_twins
from simulator.run.verify import check_output
from workloads.errors import InputError
from workloads.model import Origin, open_model
from workloads.model import load_workload as load_plain
from workloads.options import WorkloadOptions
from workloads.path_texts import path_text
from workloads.workload import Model, Workload
from workloads.yaml_files import shorten

Machine = str | PathLike[str] | Config
"""A machine, a shipped configuration or a .yaml file by name, or what `load_arch` gives."""
Prices = Any
"""See `simulator.export.prices`."""


def simulate(
    machine: Machine,
    layer: Origin,
    /,
    activation: Any = None,
    *,
    name: str | None = None,
    engine: str = "numba",
    output: bool = True,
    compare: bool = True,
    trace_cycles: int = 0,
    prices: Prices = None,
    format: str | None = None,  # noqa: A002  # as the option of the commands
    **options: Any,
) -> Result:
    """Run one layer on a machine; its output is compared with the reference kernel's.

    >>> result = simulate("eie", "alexnet-fc8", scale=0.01)
    >>> result.cycles, result.to_dict()["multiplies"], result.output_matches_reference
    (27, 54, True)
    >>> import numpy as np
    >>> weights = np.where(np.arange(256).reshape(8, 32) % 5, 0, 1.5)
    >>> simulate("scnn", weights, np.ones(32), name="fifths").run.output.shape
    (8,)

    layer: weights as a matrix of numpy or scipy.sparse [outputs, inputs], or anything that `open_model` or
    `load_workload` takes or gives. activation: its input, numbers [inputs]; without one, it is drawn. name: what it is
    called. engine: `numba` or `simpy`. output: False saves the work of the output where the engine can. compare: False
    saves that of the kernel. trace_cycles: cycles in the trace, see `show`. prices: of every event in pJ, by name, or
    what `read_ert` gives. format: the number format of the weights, where the machine has a choice, as in
    `load_arch(machine, weight_format=...)`. options: fields of `WorkloadOptions`. Raises InputError where there is no
    such machine, the layer cannot be opened or does not run on it, or an argument is of a wrong type or value.
    """
    config = load_machine(machine, format)
    workload = load_one(config, open_source(layer, activation, name, options, config), WorkloadOptions())
    cycles = _whole("trace_cycles", trace_cycles)
    wanted, compared = _truth("output", output), _truth("compare", compare)
    result = run_layer(config, workload, engine=engine, output=wanted, trace_cycles=cycles)
    if compared and wanted:
        result = check_output(result)
    return _repricing(prices)(result)


def run(
    machine: Machine,
    source: Origin,
    activation: Any = None,
    *,
    name: str | None = None,
    engine: str = "numba",
    trace_cycles: int = 0,
    prices: Prices = None,
    format: str | None = None,  # noqa: A002  # as the option of the commands
    **options: Any,
) -> ModelResult:
    """Run a layer or a network on a machine, each output compared with the reference kernel's.

    >>> result = run("scnn", "alexnet", scale=0.02)
    >>> result.output_matches_reference, len(result.rows)
    (True, 8)

    source: a name that `zeroskip list` shows, a file (FILE:LAYER chooses a layer), arrays by name, a matrix, or what
    `open_model` or `load_workload` gives. activation: the input of the layer or the network. trace_cycles: of a single
    layer. See `simulate` for all else. Raises InputError where `simulate` does, and where no layer of a network runs.
    """
    how = Execution(engine, reprice=_repricing(prices), trace_cycles=_whole("trace_cycles", trace_cycles))
    model = open_source(source, activation, name, options, config := load_machine(machine, format))
    return execute([config], model, WorkloadOptions(), how)[0]


def compare(
    machines: Sequence[Machine],
    source: Origin,
    activation: Any = None,
    *,
    baseline: str | PathLike[str] | None = None,
    layers: Sequence[str] = (),
    formats: Sequence[str] = (),
    name: str | None = None,
    engine: str = "numba",
    prices: Prices = None,
    common_prices: bool = False,
    clock_mhz: float | None = None,
    **options: Any,
) -> Comparison:
    """Run a workload on several machines.

    >>> compared = compare(["eie", "dcnn"], "alexnet-fc8", scale=0.05)
    >>> compared.baseline, compared.ratios("eie", "alexnet-fc8").speedup > 1
    ('dcnn', True)

    Machines of one file are set apart by their changes: `eie_64pe pes=4`. baseline: the machine that ratios refer to.
    layers: only these of a network. formats: each machine with each of these number formats of the weights, called as
    `eie nvfp4`; then one machine is enough. prices: by event, for machines with the same events. common_prices: price
    all machines by one list at 45 nm. clock_mhz: of all machines; None: each has its own. See `run` for all else.
    InputError where `run` raises it, and where the machines, the baseline or the layers are not what is expected.
    """
    check_machine_first(machines)
    if isinstance(machines, str | PathLike | Config) or not isinstance(machines, Sequence):
        raise InputError(f"machines is {_shown(machines)}; expected a list of two or more machines")
    pairs = list(zip(names_of(machines), map(load_machine, machines), strict=True))
    if forms := _texts("formats", formats):
        pairs = [one for pair in pairs for one in with_formats(*pair, forms)]
    configs = on_terms(name_machines(pairs), clock_mhz, _truth("common_prices", common_prices))
    asked = None if baseline is None else path_text("baseline", baseline, "the name of one of the machines")
    model, how = open_source(source, activation, name, options), Execution(engine, reprice=_repricing(prices))
    return compare_on(configs, model, WorkloadOptions(), asked, _texts("layers", layers), how)


def check(
    machine: Machine,
    source: Origin,
    activation: Any = None,
    *,
    name: str | None = None,
    format: str | None = None,  # noqa: A002  # as the option of the commands
    **options: Any,
) -> list[Twins]:
    """Run the SimPy model and the engine of a machine on each layer; `difference` of each is None where they are equal.

    >>> [twins.difference for twins in check("ese", "google-lstm", scale=0.02)]
    [None]

    See `run` for what it takes, and where it raises InputError.
    """
    model = open_source(source, activation, name, options, config := load_machine(machine, format))
    return list(check_twins(config, model, WorkloadOptions()))


def load_workload(
    source: Origin,
    machine: Machine | None = None,
    activation: Any = None,
    *,
    name: str | None = None,
    **options: Any,
) -> Workload:
    """One layer, compressed: for a machine, or in the formats that most have.

    >>> load_workload("alexnet-fc8", scale=0.1, density=0.25).layer.weight_density
    0.25
    >>> load_workload("alexnet-fc8", "scnn", scale=0.1).layer.output_plane
    (1, 1)

    See `run` for what it takes. InputError where `open_model` raises it, where the source is a network, or where the
    machine does not run its kind.
    """
    model = open_source(source, activation, name, options)
    if machine is not None:
        return load_one(machine if isinstance(machine, Config) else load_arch(machine), model, WorkloadOptions())
    return load_plain(model)


def load_machine(machine: Machine, form: str | None = None) -> Config:
    """A configuration, loaded where it is a name. InputError where there is none, or where it is a workload.

    form: the number format of its weights; None: as it has it.
    """
    check_machine_first(machine)
    config = machine if isinstance(machine, Config) else load_arch(machine)
    if not isinstance(form, str | None):
        raise InputError(f"format is {_shown(form)}; expected the name of a number format")
    return config if form is None else load_with_format(config.file, config.changes, form)


def open_source(
    source: Origin, activation: Any, name: str | None, options: dict[str, Any], config: Config | None = None
) -> Model:
    """The model of a source; an activation is an option like the others. InputError where it cannot be opened."""
    given = {} if activation is None else {"activation": activation}
    if config is not None and (key := next((one for one in options if one in _numbers(config)), None)):
        call = f'load_arch("{config.name}", {key}={_shown(options[key])})'
        raise InputError(
            f"{key} is an option of no workload, but a number of the machine; expected {call} as the machine"
        )
    return open_model(source, name=name, **given, **options)


def _numbers(config: Config) -> set[str]:
    """Keys that `load_arch` changes, and that are no options of workloads."""
    return {*config.written, *CHANGEABLE} - set(WorkloadOptions._fields)


def _repricing(prices: Prices) -> Callable[[Result], Result]:
    """What puts a user's prices into a result; without any, the result as it is."""
    if prices is None:
        return lambda result: result
    from simulator.export.prices import price_with

    return lambda result: price_with(result, prices)


def names_of(machines: Sequence[Machine]) -> list[str]:
    """As a table shows them: where names are equal, changes of the configurations set them apart."""
    names = [one.name if isinstance(one, Config) else str(one) for one in machines]
    changes = [one.changes if isinstance(one, Config) else {} for one in machines]
    return [
        " ".join([name, *(f"{key}={value}" for key, value in changed.items())]) if names.count(name) > 1 else name
        for name, changed in zip(names, changes, strict=True)
    ]


def _texts(key: str, given: Any) -> Sequence[str]:
    """Names. InputError where they are a single text, or are no texts."""
    if isinstance(given, str) or not isinstance(given, Sequence) or not all(isinstance(one, str) for one in given):
        raise InputError(f"{key} is {_shown(given)}; expected a list of names")
    return given


def _whole(key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 0:
        raise InputError(f"{key} is {_shown(value)}; expected a whole number, 0 or more")
    return int(value)


def _truth(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{key} is {_shown(value)}; expected True or False")
    return value


def _shown(value: object) -> str:
    return shorten(repr(value), 60)
