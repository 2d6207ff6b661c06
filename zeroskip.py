"""zeroskip: a cycle-level simulator of sparse accelerators.

>>> import zeroskip
>>> result = zeroskip.simulate(zeroskip.load_arch("eie", pes=16), "alexnet-fc8", scale=0.01)
>>> result.cycles, result.time_us, result.output_matches_reference
(28, 0.035, True)
>>> import numpy
>>> zeroskip.simulate("eie", numpy.eye(16), numpy.ones(16), name="identity").output_matches_reference
True

A name is imported when it is first used, so that a command's help needs neither numpy nor Numba.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import workloads  # noqa: F401 - decides where compiled functions are kept, before anything imports Numba

if TYPE_CHECKING:
    from simulator.config.load import Config, load_arch
    from simulator.core.registry import machines
    from simulator.display.traces import show
    from simulator.export.ert import read_ert
    from simulator.export.prices import price_with
    from simulator.results.camera_result import CameraResult
    from simulator.results.model_result import ModelResult
    from simulator.results.result import Result
    from simulator.results.store_reader import open_store
    from simulator.results.system_result import SystemResult
    from simulator.run.api import check, compare, load_workload, run, simulate
    from simulator.run.compare import Comparison
    from simulator.run.contexts import Contexts, compare_contexts
    from simulator.run.why import Why, why
    from simulator.studies.calibration import Calibration, calibrate
    from simulator.studies.validation import Validation, validate
    from simulator.sweeps.api import run_sweep, sweep
    from simulator.sweeps.explore.api import explore
    from simulator.sweeps.explore.exploration import Exploration
    from simulator.system.api import system
    from simulator.system.camera.api import camera
    from workloads.errors import InputError
    from workloads.model import open_model
    from workloads.options import WorkloadOptions
    from workloads.workload import Model, Workload

__all__ = [
    "Calibration",
    "CameraResult",
    "Comparison",
    "Config",
    "Contexts",
    "Exploration",
    "InputError",
    "Model",
    "ModelResult",
    "Result",
    "SystemResult",
    "Validation",
    "Why",
    "Workload",
    "WorkloadOptions",
    "calibrate",
    "camera",
    "check",
    "compare",
    "compare_contexts",
    "explore",
    "load_arch",
    "load_workload",
    "machines",
    "open_model",
    "open_store",
    "price_with",
    "read_ert",
    "run",
    "run_sweep",
    "show",
    "simulate",
    "sweep",
    "system",
    "validate",
    "why",
]
_HOMES = {
    "simulator.run.api": ("check", "compare", "load_workload", "run", "simulate"),
    "simulator.config.load": ("Config", "load_arch"),
    "simulator.core.registry": ("machines",),
    "simulator.display.traces": ("show",),
    "simulator.export.ert": ("read_ert",),
    "simulator.export.prices": ("price_with",),
    "simulator.results.model_result": ("ModelResult",),
    "simulator.results.result": ("Result",),
    "simulator.run.compare": ("Comparison",),
    "simulator.run.contexts": ("Contexts", "compare_contexts"),
    "simulator.run.why": ("Why", "why"),
    "simulator.studies.calibration": ("Calibration", "calibrate"),
    "simulator.studies.validation": ("Validation", "validate"),
    "simulator.sweeps.api": ("run_sweep", "sweep"),
    "simulator.sweeps.explore.api": ("explore",),
    "simulator.sweeps.explore.exploration": ("Exploration",),
    "simulator.results.store_reader": ("open_store",),
    "simulator.results.system_result": ("SystemResult",),
    "simulator.system.api": ("system",),
    "simulator.system.camera.api": ("camera",),
    "simulator.results.camera_result": ("CameraResult",),
    "workloads.errors": ("InputError",),
    "workloads.model": ("open_model",),
    "workloads.options": ("WorkloadOptions",),
    "workloads.workload": ("Model", "Workload"),
}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """The public names, imported when first used; and the version."""
    if name == "__version__":
        return version("zeroskip")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
