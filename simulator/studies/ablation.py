"""Where savings come from: a layer on a machine that learns one thing after another, each step simulated."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from simulator.config.load import Config, load_arch
from simulator.core.registry import accelerators, find
from simulator.machines.eie.paper import savings as eie_chain
from simulator.run.simulate import simulate
from simulator.studies.steps import Ablation, Step, make_step
from workloads.catalogue import load_workload
from workloads.errors import InputError
from workloads.kinds import Kind, kind_of, kind_of_recipe
from workloads.sources.zoo.recipes import zoo
from workloads.workload import Workload

Draw = Callable[..., Workload]
"""What a workload is made for, and its density where it is another -> the workload."""

SCNN_STEPS = (
    ("dense", "dcnn", "all weights, all activations"),
    ("dense and gated", "dcnn_opt", "all weights; zeros are not multiplied, nor moved to or from DRAM"),
    ("weights only", "scnn_sparse_weights", "non-zero weights, all activations"),
    ("activations only", "scnn_sparse_activations", "all weights, non-zero activations"),
    ("both", "scnn_8x8", "non-zero weights, non-zero activations"),
)
SCNN_FETCHES = ("fifo_writes", "fifo_reads", "weight_reads", "dram_weight_bytes")
SCNN_NOTES = (
    "the paper, mean of three networks: DCNN-opt needs 2.0 and SCNN 2.3 times less energy than DCNN (summary)",
)
ESE_STEPS = (("dense", True, True), ("pruned", False, False), ("pruned with balance", False, True))
ESE_FETCHES = ("weight_reads", "buffer_lines", "pointer_reads", "dram_weight_lines")
ESE_NOTES = ("the paper, on 32 PEs at density 0.1: plain pruning is about 5.5 and balanced 6.2 times as fast as dense",)


def ablate(
    name: str, machine: str | None = None, say: Callable[[str], object] = str, *, seed: int = 0, **drawn: Any
) -> Ablation:
    """The chain of a layer on a machine or configuration; without one, on the machine that is made for its kind.

    drawn: `scale`, `density`, `activation_density` of `load_workload`. say: told the name of each step when it is done.
    """
    if machine is None:
        machine = default_machine(_kind(name, seed=seed, **drawn))
    config = load_arch(machine)
    if config.machine not in CHAINS:
        raise InputError(f"{machine}: there is no chain of savings for it; expected one of {', '.join(CHAINS)}")
    chain, published, notes = CHAINS[config.machine]
    found = []
    for step in chain(machine, partial(load_workload, name, seed=seed, **drawn)):
        found.append(step)
        say(step.name)
    return Ablation(name, config.machine, config.name, seed, tuple(found), published, notes)


def default_machine(kind: Kind) -> str:
    """The first machine that has a chain and runs layers of a kind."""
    return next(name for name in accelerators() if name in CHAINS and kind in find(name).part("arch").KINDS)


def _kind(name: str, **drawn: Any) -> Kind:
    """The kind of a layer, drawn or read only where its recipe is not at hand."""
    return kind_of_recipe(zoo()[name]) if name in zoo() else kind_of(load_workload(name, **drawn).layer)


def _options(config: Config) -> dict[str, Any]:
    options: dict[str, Any] = find(config.machine).part("arch").options(config.arch)
    return options


def _eie(machine: str, draw: Draw) -> Iterator[Step]:
    config = load_arch(machine)
    return eie_chain.steps(partial(load_arch, machine), draw(**_options(config)))


def _scnn(machine: str, draw: Draw) -> Iterator[Step]:
    """The shipped machines, and the one that was asked for in the last place."""
    for place, (name, shipped, stored) in enumerate(SCNN_STEPS):
        config = load_arch(machine if place == len(SCNN_STEPS) - 1 else shipped)
        result = simulate(config, draw(**_options(config)), output=False)
        yield make_step(result, SCNN_FETCHES, name, stored, f"prices of {config.name}", 0 if place else None)


def _ese(machine: str, draw: Draw) -> Iterator[Step]:
    """Dense is every weight, stored as the pruned ones are."""
    config = load_arch(machine)
    for place, (name, dense, balanced) in enumerate(ESE_STEPS):
        given = _options(config)
        given["lstm"] = given["lstm"]._replace(balanced=balanced)
        result = simulate(config, draw(**given, **({"density": 1.0} if dense else {})), output=False)
        stored = (
            f"{config.arch.weight_bits} + {config.arch.index_bits} bits in lines of {config.arch.line_bits}, in DRAM"
        )
        yield make_step(result, ESE_FETCHES, name, stored, f"prices of {config.name}", 0 if place else None)


CHAINS: dict[str, tuple[Callable[[str, Draw], Iterator[Step]], float | None, tuple[str, ...]]] = {
    "eie": (_eie, eie_chain.PUBLISHED, eie_chain.NOTES),
    "ese": (_ese, None, ESE_NOTES),
    "scnn": (_scnn, None, SCNN_NOTES),
}
"""The steps of each machine, the paper's factor over all of them, and what is to be known."""
