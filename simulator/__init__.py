"""zeroskip: a cycle-level simulator of accelerators that skip zeros.

from simulator import load_arch, load_workload, simulate

result = simulate(load_arch("eie", pes=128), load_workload("alexnet-fc7"))
print(result.run.cycles, result.to_frame())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import workloads  # noqa: F401 - decides where compiled functions are kept, before anything imports Numba

if TYPE_CHECKING:
    from workloads.catalogue import load_workload

    from simulator.config.load import load_arch
    from simulator.export.ert import price_with, read_ert
    from simulator.results.result import Result
    from simulator.run.simulate import simulate
    from simulator.sweeps.results import open_store
    from simulator.sweeps.sweeping import run_study, sweep

__all__ = [
    "Result",
    "load_arch",
    "load_workload",
    "open_store",
    "price_with",
    "read_ert",
    "run_study",
    "simulate",
    "sweep",
]
_HOMES = {
    "Result": "simulator.results.result",
    "load_arch": "simulator.config.load",
    "load_workload": "workloads.catalogue",
    "open_store": "simulator.sweeps.results",
    "price_with": "simulator.export.ert",
    "read_ert": "simulator.export.ert",
    "run_study": "simulator.sweeps.sweeping",
    "simulate": "simulator.run.simulate",
    "sweep": "simulator.sweeps.sweeping",
}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """The public names, imported when first used: a command's help needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
