"""The types of `import zeroskip`: in a wheel, this file is the package of stubs `zeroskip-stubs`."""

from simulator.config.load import Config as Config
from simulator.config.load import load_arch as load_arch
from simulator.core.registry import machines as machines
from simulator.display.traces import show as show
from simulator.export.ert import read_ert as read_ert
from simulator.export.prices import price_with as price_with
from simulator.results.camera_result import CameraResult as CameraResult
from simulator.results.model_result import ModelResult as ModelResult
from simulator.results.result import Result as Result
from simulator.results.store_reader import open_store as open_store
from simulator.results.system_result import SystemResult as SystemResult
from simulator.run.api import check as check
from simulator.run.api import compare as compare
from simulator.run.api import load_workload as load_workload
from simulator.run.api import run as run
from simulator.run.api import simulate as simulate
from simulator.run.compare import Comparison as Comparison
from simulator.run.contexts import Contexts as Contexts
from simulator.run.contexts import compare_contexts as compare_contexts
from simulator.run.why import Why as Why
from simulator.run.why import why as why
from simulator.studies.calibration import Calibration as Calibration
from simulator.studies.calibration import calibrate as calibrate
from simulator.studies.validation import Validation as Validation
from simulator.studies.validation import validate as validate
from simulator.sweeps.api import run_sweep as run_sweep
from simulator.sweeps.api import sweep as sweep
from simulator.sweeps.explore.api import explore as explore
from simulator.sweeps.explore.exploration import Exploration as Exploration
from simulator.system.api import system as system
from simulator.system.camera.api import camera as camera
from workloads.errors import InputError as InputError
from workloads.model import open_model as open_model
from workloads.options import WorkloadOptions as WorkloadOptions
from workloads.workload import Model as Model
from workloads.workload import Workload as Workload

__version__: str
