"""Where savings come from: a layer on a machine that learns one idea after another, each step simulated."""

from functools import partial
from typing import Any

from simulator.config.load import load_arch
from simulator.core.registry import find, machines
from simulator.core.savings import Ablation, Savings
from workloads.errors import InputError
from workloads.model import load_workload, make_options, only_layer, open_model
from workloads.study import Progress


def ablate(name: str, machine: str | None = None, say: Progress = str, **options: Any) -> Ablation:
    """The chain of a layer on a machine or configuration; without one, on the first machine that runs its kind.

    options: of `load_workload`. say: gets the name of each step when it is done. InputError where the machine has no
    chain, or the layer cannot be loaded.
    """
    if machine is None:
        machine = default_machine(kind_of_source(name, **options))
    config = load_arch(machine)
    savings = find_savings(config.machine)
    if savings is None:
        known = ", ".join(one for one in machines() if find_savings(one) is not None)
        raise InputError(f"{machine}: there is no chain of savings for it; expected one of {known}")
    found = []
    for step in savings.steps(machine, partial(load_workload, name, **options)):
        found.append(step)
        say(step.name)
    seed = options.get("seed", 0)
    return Ablation(name, config.machine, config.name, seed, tuple(found), savings.published, savings.notes)


def find_savings(machine: str) -> Savings | None:
    """The chain of a machine, if it has one."""
    paper = find(machine).paper()
    return None if paper is None else paper.savings


def default_machine(kind: str) -> str:
    """The first machine that has a chain and runs layers of a kind. InputError where there is none."""
    for name, machine in machines().items():
        if kind in machine.kinds and find_savings(name) is not None:
            return name
    raise InputError(f"there is no chain of savings for {kind} layers; expected another layer")


def kind_of_source(name: str, **options: Any) -> str:
    """The kind of a layer, which is drawn or read only where it is not known before. InputError for a network."""
    layer = only_layer(open_model(name, make_options(**options)))
    return layer.kind or layer.load({}).kind
