"""Configurations of machines in YAML, with a small layer that runs on them."""

from pathlib import Path

from ..harness import Harness
from ..mutators.trees import change_yaml, fill_json, insert_yaml
from .models import write

LAYERS = {
    "eie": "nt-we",
    "ese": "google-lstm",
    "scnn": "alexnet-conv3",
    "dcnn": "alexnet-conv3",
    "eyeriss_v2": "alexnet-conv3",
}
FILES = ("eie_64pe", "ese_32x32", "scnn_8x8", "dcnn", "eie_cacti", "eyeriss_v2")
MOST = 4096
"""Units of a machine that is run: more take more time, as they should."""


def seeds() -> list[bytes]:
    """The shipped files without their comments, in which most changes would be lost."""
    from simulator.config.load import shipped

    texts = [shipped()[name] for name in FILES]
    return ["\n".join(line for line in text.splitlines() if not line.startswith("#")).encode() for text in texts]


def read(data: bytes, folder: Path) -> None:
    """As `zeroskip run FILE LAYER --scale 0.01`."""
    from simulator.config.load import load_arch
    from simulator.run.executor import run
    from workloads.model import make_options

    config = load_arch(str(write(folder, "in.yaml", data)))
    config.describe_sources()
    numbers = [value for value in config.written.values() if isinstance(value, int)]
    if max(numbers, default=0) > 1 << 20 or config.arch[0] > MOST:
        return
    layer = LAYERS.get(config.machine, "alexnet-conv3")
    (result,) = run([config], layer, make_options(scale=0.01))
    result.to_dict()


HARNESS = Harness("configuration", read, seeds, [change_yaml, change_yaml, insert_yaml, fill_json])
