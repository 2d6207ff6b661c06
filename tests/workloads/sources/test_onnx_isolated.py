"""Models that would take all memory, never end, or end the process: a sentence, and the next model runs."""

import io
import os
import resource
import signal
import sys
import time

import numpy as np
import onnx
import pytest
from support.onnx_models import draw, node, proto, save

from workloads.errors import InputError
from workloads.isolated import asking, messages
from workloads.model import open_model
from workloads.sources.onnx import running
from workloads.sources.onnx.graph import load_graph
from workloads.sources.onnx.running import run_graph

INT64 = onnx.TensorProto.INT64


def double(path):
    """A model that adds its input to itself, and what it gives for [1, 2]."""
    save(path, [node("Add", ["x", "x"], ["y"])], {"x": [2]})
    return run_graph(load_graph(path), {"x": np.array([1, 2], np.float32)}, ["y"])["y"].tolist()


def ones(path, *sizes):
    """A model that makes a tensor of ones as large as is asked for, and adds its input."""
    shape = np.array(sizes, np.int64)
    nodes = [node("Expand", ["x", "shape"], ["large"]), node("ReduceSum", ["large"], ["y"])]
    return save(path, nodes, {"x": [1]}, shape=shape)


def endless(path):
    """A loop of 2**62 rounds whose condition stays true."""
    value = onnx.helper.make_tensor_value_info
    body = onnx.helper.make_graph(
        [node("Identity", ["go"], ["on"]), node("Add", ["a", "a"], ["b"])],
        "body",
        [value("i", INT64, []), value("go", onnx.TensorProto.BOOL, []), value("a", 1, [2])],
        [value("on", onnx.TensorProto.BOOL, []), value("b", 1, [2])],
    )
    nodes = [node("Loop", ["rounds", "", "x"], ["y"], body=body)]
    return save(path, nodes, {"x": [2]}, rounds=np.array(2**62, np.int64))


def refused(path, **given):
    with pytest.raises(InputError) as caught:
        run_graph(load_graph(path), given, ["y"])
    return str(caught.value)


X = np.ones(1, np.float32)


def test_a_model_gets_only_so_much_memory(tmp_path):
    path = ones(tmp_path / "large.onnx", 1 << 15, 1 << 14)
    assert refused(path, x=X) == (
        f"{path}: it takes more than 512 MiB when it runs; expected one that takes less, for a file and an input of "
        "this size"
    )
    small = ones(tmp_path / "small.onnx", 1 << 10, 1 << 14)  # 64 MiB
    assert run_graph(load_graph(small), {"x": X}, ["y"])["y"].item() == 2**24
    assert double(tmp_path / "double.onnx") == [2, 4]


def test_what_is_given_raises_the_limits():
    (least, time_least), (more, time_more) = running._limits(0), running._limits(10**6)
    assert (least, time_least) == (512 << 20, 8)
    assert (more - least, time_more) == (68 * 10**6, 9)
    assert running._limits(10**12) == (running.MOST_BYTES + 4 * 10**12, 1800)


def test_a_model_that_never_ends_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "LEAST_SECONDS", 0.5)
    path, begin = endless(tmp_path / "endless.onnx"), time.monotonic()
    assert refused(path, x=np.ones(2, np.float32)).startswith(f"{path}: it ran for more than 0.5 s; expected one ")
    assert time.monotonic() - begin < 5
    monkeypatch.undo()  # the next process has to start
    assert double(tmp_path / "double.onnx") == [2, 4]


def test_the_end_of_the_process_is_a_sentence(tmp_path, monkeypatch):
    first = double(tmp_path / "double.onnx")
    os.kill(running.SESSION.child.process.pid, signal.SIGKILL)
    running.SESSION.child.process.wait()
    assert double(tmp_path / "double.onnx") == first  # another process was started
    path = ones(tmp_path / "ones.onnx", 2)
    send = messages.send

    def end_before(stream, *message):
        os.kill(running.SESSION.child.process.pid, signal.SIGABRT)
        running.SESSION.child.process.wait()
        send(stream, *message)

    with monkeypatch.context() as patched:
        patched.setattr(asking, "send", end_before)
        assert "it does not run on the given input (onnxruntime ended with signal 6)" in refused(path, x=X)
    assert double(tmp_path / "double.onnx") == first


def test_an_interrupt_ends_the_process(tmp_path, monkeypatch):
    double(tmp_path / "double.onnx")
    process = running.SESSION.child.process

    def interrupt(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(asking, "receive", interrupt)
        with pytest.raises(KeyboardInterrupt):
            double(tmp_path / "double.onnx")
    assert process.returncode == -signal.SIGKILL
    assert double(tmp_path / "double.onnx") == [2, 4]


def test_the_limit_is_of_that_process_alone(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_DATA)
    double(tmp_path / "double.onnx")
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_a_process_that_cannot_start_is_a_sentence(tmp_path, monkeypatch):
    if running.SESSION.child is not None:
        running.SESSION.child.end()
    monkeypatch.setattr(asking, "SCRIPT", tmp_path / "none.py")
    monkeypatch.setattr(sys, "executable", "/bin/true")
    path = ones(tmp_path / "ones.onnx", 2)
    assert "(onnxruntime ended with exit code 0)" in refused(path, x=X)


def test_a_tensor_of_texts_is_no_array_of_numbers(tmp_path):
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node("Cast", ["x"], ["y"], to=onnx.TensorProto.STRING)],
        "net",
        [value("x", 1, [2])],
        [value("y", onnx.TensorProto.STRING, [2])],
    )
    onnx.save(
        onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8),
        tmp_path / "t.onnx",
    )
    found = run_graph(load_graph(tmp_path / "t.onnx"), {"x": np.ones(2, np.float32)}, ["y"])
    assert found["y"].dtype == object
    assert found["y"].size == 0


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int8", "bool", "complex64"])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3, 1)])
def test_a_message_comes_back_as_it_was(dtype, shape):
    stream, array = io.BytesIO(), draw(*shape).astype(dtype)
    array = np.asarray(array)
    messages.send(stream, {"a": 1}, b"content", {"one": array, "other": array.T})
    stream.seek(0)
    fields, content, arrays = messages.receive(stream)
    assert (fields, content) == ({"a": 1}, b"content")
    for name, expected in (("one", array), ("other", array.T)):
        assert arrays[name].dtype == expected.dtype
        np.testing.assert_array_equal(arrays[name], expected)
    whole = stream.getvalue()
    for size in (0, 10, len(whole) - 1):
        if array.size or size < 11:
            with pytest.raises(EOFError):
                messages.receive(io.BytesIO(whole[:size]))


def test_functions_that_would_make_millions_of_nodes_are_refused(tmp_path):
    helper, count = onnx.helper, 24
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    model = proto([node("f0", ["x"], ["y"], domain="own")], {"x": [2]}, opset=17, domains=["own"])
    for number in range(count):
        last = number == count - 1
        inner = f"f{number + 1}"
        nodes = (
            [node("Neg", ["a"], ["b"])]
            if last
            else [node(inner, ["a"], ["t"], domain="own"), node(inner, ["t"], ["b"], domain="own")]
        )
        model.functions.append(helper.make_function("own", f"f{number}", ["a"], ["b"], nodes, opsets))
    path = tmp_path / "functions.onnx"
    onnx.save(model, path)
    # f(n) = 2 + 2 f(n + 1) nodes, with 1 in the last one, and the node that calls the first
    size = 1
    for _ in range(count - 1):
        size = 2 + 2 * size
    with pytest.raises(InputError, match=f"its functions make {size + 1:,} nodes of it; expected at most 1,000,000"):
        load_graph(path)
    del model.functions[3:]
    model.functions[2].node[0].op_type = "f0"
    onnx.save(model, path)
    with pytest.raises(InputError, match="one of its functions calls itself; expected functions that end"):
        load_graph(path)


def test_an_input_that_a_small_file_declares_is_not_drawn_at_any_size(tmp_path):
    path = save(tmp_path / "wide.onnx", [node("MatMul", ["x", "w"], ["y"])], {"x": [30_000_000, 8]}, w=draw(8, 2))
    with pytest.raises(InputError, match=r"its input x \[30000000, 8\] is too large to draw; expected at most 16,777,"):
        open_model(path)
