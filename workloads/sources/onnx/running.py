"""The tensors between the nodes of an ONNX model when it runs on an input, within limits of time and memory."""

from collections.abc import Iterable, Mapping
from threading import Timer
from typing import Any

import numpy as np

from workloads.errors import refuse
from workloads.extras import import_extra
from workloads.sources.onnx.graph import OnnxGraph, reason

MOST_BYTES = 1 << 32
"""Of all tensors of a model while it runs; a damaged file may ask for any number."""
MOST_SECONDS = 1800


def run_graph(graph: OnnxGraph, given: Mapping[str, np.ndarray], wanted: Iterable[str]) -> dict[str, np.ndarray]:
    """Run the model and return the wanted tensors by name, arrays [batch, ...] of the model's dtypes (mostly float32).

    given: arrays by input name, of the declared dtypes. Constants and the model's inputs may be wanted too. InputError
    where the model does not run on the input, or onnx or onnxruntime is not installed.
    """
    runtime = import_extra("onnxruntime", "onnx", graph.path)
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
        values = _run(runtime, model.SerializeToString(), captured, dict(given))
    except Exception as error:  # the exceptions of onnxruntime have no other common base
        needed = ", ".join(f"{name} {list(graph.sizes.get(name, ()))}" for name in graph.inputs)
        expected = f"{needed} (0: any size)" if needed else "a model that runs without an input"
        refuse(graph.path, f"it does not run on the given input ({reason(error)})", expected)
    return {**known, **{name: np.asarray(value) for name, value in zip(captured, values, strict=True)}}


def _run(runtime: Any, content: bytes, captured: list[str], given: dict[str, np.ndarray]) -> list[Any]:
    """The captured tensors of a serialised model. Exception of onnxruntime's where it does not run."""
    limit = runtime.OrtArenaCfg({"max_mem": MOST_BYTES})
    place = runtime.OrtMemoryInfo("Cpu", runtime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, runtime.OrtMemType.DEFAULT)
    runtime.create_and_register_allocator(place, limit)
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.use_env_allocators", "1")
    here = ["CPUExecutionProvider"]
    session = runtime.InferenceSession(content, options, providers=here, enable_fallback=False)  # it would print
    running = runtime.RunOptions()
    running.log_severity_level = 4
    timer = Timer(MOST_SECONDS, setattr, (running, "terminate", True))
    timer.daemon = True
    timer.start()
    try:
        return list(session.run(captured, given, running))
    finally:
        timer.cancel()
