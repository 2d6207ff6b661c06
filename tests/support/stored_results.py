"""Results of every machine as their JSON, for what reads them back."""

import json
from functools import cache

from simulator.run.parts import drawn_parts

from simulator.core.registry import find
from simulator.results.model_result import run_parts
from workloads.kinds.fully_connected.as_convolution import as_convolution
from zeroskip import load_arch, load_workload, simulate

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
    config = load_arch(name, **changes)
    options = find(config.machine).part("arch").options(config.arch)
    convolution = options.pop("convolution", False)
    workload = load_workload(layer, scale=scale, seed=1, **options)
    if convolution and workload.name.endswith("fc8"):
        workload = workload._replace(layer=as_convolution(workload.layer))
    return simulate(config, workload)


@cache
def network(name):
    """The result of three layers of AlexNet on a configuration."""
    layers = ("alexnet-conv3", "alexnet-conv5", "alexnet-fc8")
    (result,) = run_parts("alexnet", [load_arch(name)], drawn_parts("alexnet", layers, scale=0.05))
    return result


def written(path, result):
    """The file that `run --json` would print."""
    path.write_text(json.dumps(result.to_dict(), indent=2, allow_nan=False))
    return path
