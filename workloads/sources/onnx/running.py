"""The tensors between the nodes of an ONNX model when it runs on an input, within limits of time and memory."""

from collections.abc import Iterable, Mapping
from importlib.util import find_spec

import numpy as np

from workloads.errors import InputError, refuse
from workloads.sources.onnx.graph import OnnxGraph, reason
from workloads.sources.onnx.isolated.client import LateError, RunError, run_isolated

LEAST_BYTES, MOST_BYTES, TENSORS_A_BYTE = 1 << 29, 1 << 32, 64
"""What all tensors of a model may take while it runs: the least and the most, and what each byte given to it allows."""
COPIES = 4
"""Of the model and its input, which are made to run it."""
LEAST_SECONDS, MOST_SECONDS, SECONDS_A_BYTE = 8.0, 1800.0, 1e-6
"""How long a model may run, likewise; a damaged file, or one with a loop, may ask for any number."""
NO_ROOM = ("allocate", "bad_alloc", "out of memory")
"""In the errors of onnxruntime where it gets no more memory."""
NOT_NUMBERS = np.empty(0, object)
"""Given for a tensor of texts, a sequence or a map."""


def run_graph(graph: OnnxGraph, given: Mapping[str, np.ndarray], wanted: Iterable[str]) -> dict[str, np.ndarray]:
    """Run the model and return the wanted tensors by name, arrays [batch, ...] of the model's dtypes (mostly float32).

    given: arrays by input name, of the declared dtypes. Constants and the model's inputs may be wanted too. InputError
    where the model does not run on the input, or onnx or onnxruntime is not installed.
    """
    if find_spec("onnxruntime") is None:
        raise InputError(f"{graph.path}: onnxruntime is not installed; expected pip install 'zeroskip[onnx]'")
    known = {**graph.constants, **given}
    captured = sorted({name for name in wanted if name not in known})
    if not captured:
        return known
    model = type(graph.model)()
    model.CopyFrom(graph.model)
    for name in captured:
        if name not in graph.outputs:
            model.graph.output.add(name=name)
    try:
        content = model.SerializeToString()
    except Exception as error:  # protobuf's, for more than 2 GiB
        refuse(graph.path, f"it cannot be run ({reason(error)})", "a model of less than 2 GiB")
    most_bytes, most_seconds = _limits(len(content) + sum(array.nbytes for array in given.values()))
    try:
        values = run_isolated(content, captured, given, most_bytes, most_seconds)
    except LateError:
        what = f"it ran for more than {most_seconds:.3g} s"
        refuse(
            graph.path, what, f"one that is faster: {LEAST_SECONDS:g} s and one for each MB of the file and its input"
        )
    except RunError as error:
        if any(word in str(error) for word in NO_ROOM):
            what = f"it takes more than {most_bytes >> 20:,} MiB when it runs"
            refuse(graph.path, what, "one that takes less, for a file and an input of this size")
        needed = ", ".join(f"{name} {list(graph.sizes.get(name, ()))}" for name in graph.inputs)
        expected = f"{needed} (0: any size)" if needed else "a model that runs without an input"
        refuse(graph.path, f"it does not run on the given input ({reason(error)})", expected)
    return {**known, **{name: values.get(name, NOT_NUMBERS) for name in captured}}


def _limits(size: int) -> tuple[int, float]:
    """Bytes and seconds that a model may take when it and its input have this many bytes."""
    tensors = min(MOST_BYTES, LEAST_BYTES + TENSORS_A_BYTE * size)
    return tensors + COPIES * size, min(MOST_SECONDS, LEAST_SECONDS + SECONDS_A_BYTE * size)
