"""Networks in ONNX."""

from pathlib import Path
from random import Random

from ..harness import Harness
from .models import compress, run, try_all, write


def seeds() -> list[bytes]:
    from support.onnx_models import proto
    from support.onnx_networks import NETWORKS

    made = [maker() for maker in NETWORKS.values()]
    return [proto(nodes, inputs, opset=17, **constants).SerializeToString() for nodes, inputs, constants, _ in made]


def change_model(data: bytes, rng: Random) -> bytes:
    """Sizes, names, kinds, types, order, as the tests of damaged files do."""
    from support.onnx_damage import damage

    try:
        return bytes(damage(data, rng.randrange(2**32)))
    except Exception:  # of a file that is no model, or lacks what was to be changed
        return data[: len(data) // 2]


def read(data: bytes, folder: Path) -> None:
    path = str(write(folder, "in.onnx", data))
    try_all(lambda: run("scnn", path, density=0.5), lambda: compress(path))


HARNESS = Harness("onnx", read, seeds, [change_model], needs=("onnx", "onnxruntime"))
