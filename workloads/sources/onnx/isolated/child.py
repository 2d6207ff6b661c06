"""The process that runs models in onnxruntime: a script, so that it imports nothing of this project but `frames`."""

import contextlib
import os
import sys
from pathlib import Path
from typing import IO, Any

with contextlib.suppress(ImportError):
    import resource

sys.path.insert(0, str(Path(__file__).parent))
import frames  # type: ignore[import-not-found]
import numpy as np

sys.path.pop(0)
STACK_BYTES = 16 << 20
"""For each of onnxruntime's threads, with what the C library keeps for it."""


def main() -> None:
    """Answer each request on standard input until it ends; nothing else is printed."""
    requests = sys.stdin.buffer
    with contextlib.suppress(Exception):  # else the answer says so
        import onnxruntime  # type: ignore[import-untyped]  # noqa: F401 - before there is a limit of memory
    with os.fdopen(os.dup(1), "wb") as answers:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
        while True:
            try:
                request, model, given = frames.receive(requests)
            except EOFError:
                return
            _limit(request["bytes"])
            answer(answers, request["wanted"], model, given)


def answer(answers: IO[bytes], wanted: list[str], model: bytes, given: dict[str, np.ndarray]) -> None:
    """Send the wanted tensors of a model, given numbers [any shape] by input name, or what went wrong."""
    try:
        values = [np.asarray(value) for value in run(model, wanted, given)]
    except Exception as error:  # the exceptions of onnxruntime have no other common base
        frames.send(answers, {"error": str(error) or type(error).__name__}, b"", {})
        return
    numbers = {name: value for name, value in zip(wanted, values, strict=True) if value.dtype.kind in "biufc"}
    frames.send(answers, {}, b"", numbers)


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


def _limit(size: int) -> None:
    """Let this process take this many bytes more than it has, where the system can bound it."""
    if "resource" not in globals() or not sys.platform.startswith("linux"):
        return
    pages = Path("/proc/self/statm").read_text().split()
    used = int(pages[5]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    soft = used + size + STACK_BYTES * (os.cpu_count() or 1)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


if __name__ == "__main__":
    main()
