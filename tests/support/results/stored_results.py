"""Results of every machine as their JSON, for what reads them back."""

import json
from functools import cache

from simulator.run.executor import Execution, run_model
from workloads.model import open_layers
from workloads.options import WorkloadOptions
from zeroskip import load_arch, simulate

LAYERS = {
    "eie": ("alexnet-fc8", 0.02, {"pes": 4, "spmat_bytes": 8}),
    "ese": ("google-lstm", 0.02, {"channels": 2, "pes": 4}),
    "scnn": ("vgg16-conv5_1", 0.05, {}),
    "dcnn": ("vgg16-conv5_1", 0.05, {}),
    "dcnn_opt": ("alexnet-fc8", 0.02, {}),
}


@cache
def single(name):
    """The result of a small layer on a configuration."""
    layer, scale, changes = LAYERS[name]
    return simulate(load_arch(name, **changes), layer, scale=scale, seed=1)


def run_layers(configs, names, **options):
    """The results of some layers of AlexNet, one for each configuration."""
    chosen = WorkloadOptions(**options)
    return run_model(configs, open_layers("alexnet", names, chosen), Execution())


@cache
def network(name):
    """The result of three layers of AlexNet on a configuration."""
    (result,) = run_layers([load_arch(name)], ("alexnet-conv3", "alexnet-conv5", "alexnet-fc8"), scale=0.05)
    return result


def written(path, result):
    """The file that `run --json` would print."""
    path.write_text(json.dumps(result.to_dict(), indent=2, allow_nan=False))
    return path
