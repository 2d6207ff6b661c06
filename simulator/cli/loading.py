"""From what the user typed to a configuration and a layer."""

from typing import TYPE_CHECKING, Any

from simulator.cli import network
from simulator.cli.parts import progress

if TYPE_CHECKING:
    from simulator.config.load import Config
    from workloads.workload import Workload


def load_config(machine: str, settings: list[str] | None, engine: str) -> "Config":
    """The cheap checks come first, then a layer may be drawn."""
    from simulator.config.load import load_arch, parse_changes
    from simulator.core.registry import check_engine

    config = load_arch(machine, **parse_changes(settings or []))
    check_engine(engine)
    return config


def load_layer(config: "Config", workload: str, prune: str | None, **chosen: Any) -> "Workload":
    """Draw or read the layer, compressed for the machine."""
    from simulator.core.registry import find
    from workloads.catalogue import load_workload

    workload, chosen["layer"] = network.find_layer(workload, chosen["layer"])
    options = find(config.machine).part("arch").options(config.arch)
    if prune is not None:
        options = _choose_pruning(config.machine, options, prune)
    with progress(f"drawing and compressing {workload}"):
        return load_workload(workload, **chosen, **options)


def _choose_pruning(machine: str, options: dict[str, Any], prune: str) -> dict[str, Any]:
    from workloads.errors import InputError

    if prune not in ("balanced", "plain"):
        raise InputError(f"--prune is {prune!r}; expected balanced or plain")
    if "lstm" not in options:
        raise InputError(f"--prune {prune}: {machine} runs no LSTM layers; expected a machine that does")
    return {**options, "lstm": options["lstm"]._replace(balanced=prune == "balanced")}
