"""The call of the Python interface, and what the command does: a system and a workload to the result of a step."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from simulator.config.formats import load_with_format
from simulator.config.load import Config
from simulator.core.registry import check_engine
from simulator.results.system_result import SystemResult
from simulator.run.executor import Execution, open_for
from simulator.run.steps import StepProgress, ignore_step
from simulator.system.collectives import COLLECTIVES, KINDS
from simulator.system.exchanges import FASTEST
from simulator.system.network import MOST_CHIPS
from simulator.system.step import BATCH, StepOptions, StepRun, run_decode, run_training
from simulator.system.system_file import System, load_system
from workloads.division import SPLITS, TENSOR
from workloads.errors import refuse
from workloads.model import Origin, make_options
from workloads.options import WorkloadOptions
from workloads.sources import names_workload
from workloads.training.networks import NETWORKS, trained_network
from workloads.yaml_files import shorten

MOST_COUNTS = 64
"""Numbers of chips in one comparison."""
MOST_BATCH = 1 << 16


class Asked(NamedTuple):
    """What a user asks of a step, checked."""

    system: System
    train: bool
    machine: str | None
    form: str | None
    options: StepOptions


def system(
    system: str | PathLike[str],
    workload: Origin,
    /,
    *,
    train: bool = False,
    chips: Sequence[int] = (),
    split: str = TENSOR,
    overlap: bool = False,
    collective: str = FASTEST,
    machine: str | None = None,
    format: str | None = None,  # noqa: A002  # as the option of the commands
    share: float = 0.001,
    engine: str = "numba",
    settings: Mapping[str, float | str] | None = None,
    **options: Any,
) -> SystemResult:
    """Run a step of a workload on several chips: time by what it goes to, joules of chips and links, speed-up.

    >>> found = system("tp4", "llama2-7b", chips=[1, 4], context=512)
    >>> [row.chips for row in found.rows], found.rows[1].speedup > 2
    ([1, 4], True)

    system: a shipped one or a .yaml file. workload: a language model, to run a decode step, or a prompt
    (`step="prefill"`); with `train`, the name of a network in training. chips: how many, each a row; none: one, and all
    of the system. split: `tensor` or `experts`. overlap: exchanges go on while chips compute what does not need them.
    collective: a name, or `fastest`. machine: the configuration of each chip, instead of the system's; format: of its
    weights. share: of a gradient that is sent. engine: of the system, `numba` or `simpy`. settings: numbers of the
    system by key, as `{"link.gb_per_s": 50}`. options: fields of `WorkloadOptions`, such as `batch` and `context`.
    Raises InputError where something is unknown, uneven, or of a wrong type or value.
    """
    asked = ask(system, train, chips, split, overlap, collective, machine, format, share, engine, settings or {})
    return run_step(asked, workload, make_options(**options))[0]


def ask(
    name: str | PathLike[str],
    train: bool,
    chips: Sequence[int],
    split: str,
    overlap: bool,
    collective: str,
    machine: str | None,
    form: str | None,
    share: float,
    engine: str,
    settings: Mapping[str, float | str],
) -> Asked:
    """Check all of it. InputError where something is unknown, or of a wrong type or value."""
    for key, value in (("train", train), ("overlap", overlap)):
        if not isinstance(value, bool):
            refuse(f"{key} is {shorten(repr(value), 60)}", "it is no truth value", "True or False")
    if not isinstance(settings, Mapping):
        refuse(f"settings is {shorten(repr(settings), 60)}", "it is no mapping", "numbers of the system by key")
    if not isinstance(chips, Iterable) or isinstance(chips, str | bytes | Mapping):
        refuse(f"chips is {shorten(repr(chips), 60)}", "it is no list of numbers", "[1, 2, 4, 8]")
    loaded = load_system(name, settings)
    check_engine(engine)
    if split not in SPLITS:
        refuse(f"split is {shorten(repr(split), 60)}", "there is no such split", " or ".join(SPLITS))
    if collective != FASTEST and not _is_collective(collective):
        what = f"collective is {shorten(repr(collective), 60)}"
        refuse(what, "there is none of this name", f"{FASTEST}, ring, or one of {', '.join(COLLECTIVES)}")
    if isinstance(share, bool) or not isinstance(share, float | int) or not 0 < share <= 1:
        refuse("gradients", f"the share that is sent is {shorten(repr(share), 40)}", "more than 0 and at most 1")
    counts = tuple(_count(loaded.name, one) for one in chips)
    if len(counts) > MOST_COUNTS:
        refuse(loaded.name, f"it has {len(counts)} numbers of chips", f"at most {MOST_COUNTS}")
    options = StepOptions(counts, overlap, split, collective, engine, float(share))
    return Asked(loaded, train, machine, form, options)


def _is_collective(name: object) -> bool:
    """Whether it names one collective of a kind, or of each of several; a kind alone names none."""
    return isinstance(name, str) and (name in COLLECTIVES or any(f"{name} {kind}" in COLLECTIVES for kind in KINDS))


def _count(name: str, chips: object) -> int:
    if isinstance(chips, bool) or not isinstance(chips, Integral) or not 1 <= int(chips) <= MOST_CHIPS:
        refuse(name, f"a number of chips is {shorten(repr(chips), 40)}", f"a whole number from 1 to {MOST_CHIPS}")
    return int(chips)


def run_step(
    asked: Asked, workload: Origin, options: WorkloadOptions, progress: StepProgress = ignore_step
) -> tuple[SystemResult, StepRun]:
    """The result, and the step on the largest number of chips. InputError as in `system`."""
    how = Execution(progress=progress)
    if asked.train:
        return _train(asked, workload, options, how)
    config = _config(asked, "a machine for its chips: `chip` in the file, or --machine")
    if isinstance(workload, str) and workload in NETWORKS and not names_workload(workload):
        refuse(workload, "it is a network in training", "--train-step with it, or a language model")
    if isinstance(workload, str | PathLike) and not isinstance(workload, Path):
        workload = str(workload)
    model = open_for(config, workload, options)
    return run_decode(asked.system, config, model._replace(options=options), asked.options, how)


def _train(asked: Asked, workload: Origin, options: WorkloadOptions, how: Execution) -> tuple[SystemResult, StepRun]:
    network = trained_network(str(workload))
    for key, value in options.given().items():
        if key not in ("batch", "seed"):
            refuse(network.name, f"{key} is {shorten(repr(value), 40)}", "none in a step of training")
    batch = options.batch or BATCH
    if batch > MOST_BATCH:
        refuse(network.name, f"batch is {batch:,}", f"at most {MOST_BATCH:,}")
    if asked.machine is None and asked.system.train_step_ps is not None:
        for key, value in (("batch", options.batch), ("format", asked.form)):
            if value is not None:
                what = "none, as train_step_ms of the system is the time of a step, or --machine with it"
                refuse(network.name, f"{key} is {shorten(repr(value), 40)}", what)
        return run_training(asked.system, None, network, batch, asked.options, how)
    config = _config(asked, "train_step_ms in the file, a machine for its chips (`chip`), or --machine")
    return run_training(asked.system, config, network, batch, asked.options, how)


def _config(asked: Asked, expected: str) -> Config:
    """The machine of each chip. InputError where neither the system nor the user names one."""
    name = asked.system.chip if asked.machine is None else asked.machine
    if name is None:
        refuse(asked.system.name, "its chips are of no machine", expected)
    own = asked.system.weight_format if asked.machine is None else None
    return load_with_format(name, {}, own if asked.form is None else asked.form)
