"""The tensors between the nodes of an ONNX model when it runs on an input, within limits of time and memory."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from workloads.errors import refuse
from workloads.extras import check_extra
from workloads.isolated.asking import EndedError, Isolated, LateError, Limits
from workloads.sources.onnx.graph import OnnxGraph, reason

SESSION = Isolated(Path(__file__).with_name("session.py"))

LEAST_BYTES, MOST_BYTES, TENSORS_A_BYTE = 1 << 29, 1 << 32, 64
"""What all tensors of a model may take while it runs: the least and the most, and what each byte given to it allows."""
COPIES = 4
"""Of the model and its input, which are made to run it."""
LEAST_SECONDS, MOST_SECONDS, SECONDS_A_BYTE = 8.0, 1800.0, 1e-6
"""How long a model may run, likewise; a damaged file, or one with a loop, may ask for any number."""
STACK_BYTES = 16 << 20
"""For each of onnxruntime's threads, with what the C library keeps for it."""
NO_ROOM = ("allocate", "bad_alloc", "out of memory")
"""In the errors of onnxruntime where it gets no more memory."""
NOT_NUMBERS = np.empty(0, object)
"""Given for a tensor of texts, a sequence or a map."""


def run_graph(graph: OnnxGraph, given: Mapping[str, np.ndarray], wanted: Iterable[str]) -> dict[str, np.ndarray]:
    """Run the model and return the wanted tensors by name, arrays [batch, ...] of the model's dtypes (mostly float32).

    given: arrays by input name, of the declared dtypes. Constants and the model's inputs may be wanted too. InputError
    where the model does not run on the input, or onnx or onnxruntime is not installed.
    """
    check_extra("onnxruntime", "onnx", graph.path)
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
    values = _run_isolated(graph, content, captured, given)
    return {**known, **{name: values.get(name, NOT_NUMBERS) for name in captured}}


def _run_isolated(
    graph: OnnxGraph, content: bytes, wanted: list[str], given: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The wanted tensors that hold numbers, by name, of a serialised model. InputError where it does not run."""
    most_bytes, most_seconds = _limits(len(content) + sum(array.nbytes for array in given.values()))
    limits = Limits(most_bytes + STACK_BYTES * (os.cpu_count() or 1), 0.0, most_seconds)
    try:
        fields, values = SESSION.ask({"wanted": wanted}, limits, content, given)
    except LateError:
        what = f"it ran for more than {most_seconds:.3g} s"
        refuse(
            graph.path, what, f"one that is faster: {LEAST_SECONDS:g} s and one for each MB of the file and its input"
        )
    except EndedError as error:
        fields, values = {"error": f"onnxruntime ended with {error}"}, {}
    if "error" in fields:
        if any(word in fields["error"] for word in NO_ROOM):
            what = f"it takes more than {most_bytes >> 20:,} MiB when it runs"
            refuse(graph.path, what, "one that takes less, for a file and an input of this size")
        needed = ", ".join(f"{name} {list(graph.sizes.get(name, ()))}" for name in graph.inputs)
        expected = f"{needed} (0: any size)" if needed else "a model that runs without an input"
        refuse(graph.path, f"it does not run on the given input ({reason(fields['error'])})", expected)
    return values


def _limits(size: int) -> tuple[int, float]:
    """Bytes and seconds that a model may take when it and its input have this many bytes."""
    tensors = min(MOST_BYTES, LEAST_BYTES + TENSORS_A_BYTE * size)
    return tensors + COPIES * size, min(MOST_SECONDS, LEAST_SECONDS + SECONDS_A_BYTE * size)
