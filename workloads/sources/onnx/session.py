"""What runs models in onnxruntime, in a process of its own: a script, which imports nothing of this project."""

import contextlib
from typing import Any

import numpy as np

with contextlib.suppress(Exception):  # else the answer says so
    import onnxruntime  # type: ignore[import-untyped]  # noqa: F401 - before there is a limit of memory


def answer(
    fields: dict[str, Any], model: bytes, given: dict[str, np.ndarray]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The wanted tensors of a model that hold numbers, by name, given numbers [any shape] by input name."""
    wanted = fields["wanted"]
    values = [np.asarray(value) for value in run(model, wanted, given)]
    return {}, {name: value for name, value in zip(wanted, values, strict=True) if value.dtype.kind in "biufc"}


def run(model: bytes, wanted: list[str], given: dict[str, np.ndarray]) -> list[Any]:
    """The wanted tensors of a model, given numbers [any shape]. Exception of onnxruntime where it does not run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    here = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(model, options, providers=here, enable_fallback=False)  # it would print
    running = onnxruntime.RunOptions()
    running.log_severity_level = 4
    return list(session.run(wanted, given, running))
