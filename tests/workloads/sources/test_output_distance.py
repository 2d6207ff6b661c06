"""What compression changes in a network's own output: by formula, in `run`, `compress`, and the file it writes."""

import io
import json
import re
from html import unescape

import numpy as np
import pytest
from rich.console import Console
from support import own_networks

from simulator.cli import main
from simulator.cli.tables.model import print_comparison
from simulator.core.registry import machines
from simulator.html import build
from workloads.distance import compare_tensors, describe_distance, distance
from workloads.sources.onnx.graph import load_graph, make_graph
from workloads.sources.onnx.put_back import put_back
from workloads.sources.onnx.reader import find_layers
from workloads.sources.onnx.running import run_graph
from zeroskip import compare, load_arch, open_model, run

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
RNG = np.random.default_rng(4)


@pytest.fixture
def command(capsys, monkeypatch):
    def run_it(*arguments):
        monkeypatch.setattr("sys.argv", ["zeroskip", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, capsys.readouterr()

    return run_it


def outputs(path, x):
    return ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]


def test_formulas():
    exact, noise = RNG.standard_normal((5, 7)), RNG.standard_normal((5, 7)) / 10
    found = distance("t", exact, exact + noise, output=True)
    assert found.sqnr_db == pytest.approx(20 * np.log10(np.linalg.norm(exact) / np.linalg.norm(noise)))
    assert found.relative == pytest.approx(np.linalg.norm(noise) / np.linalg.norm(exact))
    assert found.kl is None
    assert found.top1 == np.mean((exact + noise).argmax(1) == exact.argmax(1))
    p, q = (np.exp(one) / np.exp(one).sum(1, keepdims=True) for one in (exact, exact + noise))
    assert distance("t", p, q, output=True).kl == pytest.approx((p * np.log(p / q)).sum(1).mean())
    same = distance("t", exact, exact, output=True)
    assert (same.sqnr_db, same.relative, same.top1) == (None, 0, 1)
    zero = distance("t", 0 * exact, exact)
    assert (zero.sqnr_db, zero.relative) == (None, 1)
    integers = {"y": (np.arange(3), np.arange(3))}
    assert compare_tensors({}, integers).outputs == ()


def test_a_run_says_how_far_its_weights_move_the_output(tmp_path):
    path, x = own_networks.cnn(tmp_path / "net.onnx"), RNG.standard_normal((1, 3, 8, 8)).astype(np.float32)
    fine = run("scnn", path, activation=x)
    *convolutions, last = fine.rows  # words of 16 bits, and codes of 4
    assert min(row.output_sqnr_db for row in convolutions) > 60
    (found,) = fine.network_output
    assert found.sqnr_db == pytest.approx(last.output_sqnr_db)
    assert 10 < found.sqnr_db < 30
    rough = run("scnn", path, activation=x, density=0.3)
    assert rough.network_output[0].sqnr_db < 10
    assert rough.to_dict()["network_output"][0]["sqnr_db"] == rough.network_output[0].sqnr_db
    levels = [load_arch("eie", weight_bits=bits) for bits in (2, 4, 8)]
    found = [run(config, own_networks.mlp(tmp_path / "mlp.onnx")).network_output[0].sqnr_db for config in levels]
    assert found == sorted(found)
    assert found[2] > found[0] + 20


def test_a_network_with_convolutions_runs_on_every_machine_that_runs_one(tmp_path):
    path = own_networks.cnn(tmp_path / "net.onnx")
    for name, machine in machines().items():
        if "convolution" in machine.kinds:
            result = run(name, path, density=0.5)
            assert len(result.ran) >= 2
            assert result.network_output
    exact, narrow = (run("tensor", path, format=form).network_output[0].sqnr_db for form in ("bf16", "nvfp4"))
    assert narrow + 15 < exact


def test_the_distance_is_that_of_the_layers_that_a_machine_reads(tmp_path):
    """EIE runs the last layer of three: with its weights alone, the output is what that layer's numbers give."""
    path, x = own_networks.cnn(tmp_path / "net.onnx"), RNG.standard_normal((1, 3, 8, 8)).astype(np.float32)
    result = run("eie", path, activation=x, density=0.5)
    assert result.ran == ("fc",)
    layer = next(one for one in open_model(path, activation=x).layers if one.name == "fc")
    exact = outputs(path, x)[0]
    workload = run("eie", f"{path}:fc", activation=x, density=0.5).single.workload
    values = workload.layer.output_value(run("eie", f"{path}:fc", activation=x, density=0.5).single.run.output)
    moved = np.linalg.norm(values - exact) / np.linalg.norm(exact)
    assert result.network_output[0].relative == pytest.approx(moved, rel=0.02)
    assert layer.kind == "fully connected"


def test_a_single_layer_has_the_sentence_among_its_notes(tmp_path):
    result = run("ese", own_networks.lstm(tmp_path / "net.onnx"))
    assert any(note.startswith("compression moves the network's output y by ") for note in result.to_dict()["notes"])


@pytest.mark.parametrize("make", [own_networks.mlp, own_networks.cnn, own_networks.lstm])
def test_compress_writes_the_network_with_its_weights(make, tmp_path, command):
    path, target = make(tmp_path / "net.onnx"), tmp_path / "small.onnx"
    shape = [one.dim_value for one in onnx.load(path).graph.input[0].type.tensor_type.shape.dim]
    x = RNG.standard_normal(shape).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=x)
    arguments = ["compress", path, "--density", 0.4, "--input", tmp_path / "x.npz", "-o", target, "--json"]
    code, printed = command(*arguments)
    assert code == 0
    content = json.loads(printed.out)
    (found,) = content["distance"]["outputs"]
    exact, changed = outputs(path, x), outputs(target, x)
    assert found["relative"] == pytest.approx(np.linalg.norm(changed - exact) / np.linalg.norm(exact), rel=1e-4)
    assert 0.01 < found["relative"] < 1
    code, printed = command("compress", target, "--json")
    again = {row["layer"]: row["kept"] for row in json.loads(printed.out)["layers"]}
    assert {row["layer"]: row["kept"] for row in content["layers"]} == again


def test_a_written_network_can_be_compressed_again_and_holds_no_weights_that_it_does_not_use(tmp_path, command):
    path, first, second = own_networks.cnn(tmp_path / "net.onnx"), tmp_path / "a.onnx", tmp_path / "b.onnx"
    assert command("compress", path, "-o", first)[0] == 0
    code, printed = command("compress", first, "-o", second, "--json")
    assert code == 0
    assert json.loads(printed.out)["distance"]["outputs"][0]["relative"] < 0.05
    names = [[one.name for one in onnx.load(file).graph.initializer] for file in (path, first, second)]
    assert len(names[0]) == len(names[1]) == len(names[2])


def test_what_cannot_be_run_is_said(tmp_path, command):
    np.savez(tmp_path / "w.npz", weight=RNG.standard_normal((4, 5)))
    code, printed = command("compress", tmp_path / "w.npz", "-o", tmp_path / "w.onnx")
    assert code == 2
    assert "w.npz: it cannot be run in floating point; expected an ONNX model" in " ".join(printed.err.split())
    assert not (tmp_path / "w.onnx").exists()
    path = own_networks.mlp(tmp_path / "net.onnx")
    np.savez(tmp_path / "x.npz", x=RNG.standard_normal((1, 7)).astype(np.float32))
    code, printed = command("compress", path, "--input", tmp_path / "x.npz")
    assert code == 2
    assert "net.onnx: it does not run on the given input" in " ".join(printed.err.split())


def test_layers_that_run_in_part_are_not_compared(tmp_path):
    result = run("scnn", own_networks.cnn(tmp_path / "net.onnx"), scale=0.5)
    assert result.network_output == ()
    assert "as its layers run in part (scale)" in " ".join(result.to_dict()["notes"])


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A network on two machines, one of them running a layer of three."""
    path = own_networks.cnn(tmp_path_factory.mktemp("net") / "net.onnx")
    return compare(("scnn", "eie"), path, density=0.5)


def heads_and_rows(page):
    """The table of layers on a page: each row's cells by heading."""
    table = page.split("Layer by layer</caption>")[1].split("</table>")[0]
    lines = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line) for line in table.split("<tr>")[1:]]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_pages_show_the_networks_output_and_what_fits(compared, tmp_path):
    result = compared.results["scnn"]
    broken = result.rows[1]._replace(violations=("too large",))
    result = result._replace(rows=(result.rows[0], broken, *result.rows[2:]))
    (tmp_path / "one.json").write_text(json.dumps(result.to_dict()))
    (tmp_path / "both.json").write_text(json.dumps(compared.to_dict()))
    one, both = (unescape(build(tmp_path / f"{name}.json")) for name in ("one", "both"))
    (output,) = result.network_output
    assert f"<li>{describe_distance(output)}</li>" in one
    for machine, found in compared.results.items():
        assert f"<li>{machine}: {describe_distance(found.network_output[0])}</li>" in both
    rows = heads_and_rows(one)
    assert [row["fits"] for row in rows] == ["yes", "no", "yes"]
    assert [row["SQNR dB"] for row in rows] == [f"{row.output_sqnr_db:,.5g}" for row in result.rows]
    idle = [row for row in heads_and_rows(both) if row["machine"] == "eie" and row["remark"] == "did not run"]
    assert [(row["fits"], row["SQNR dB"]) for row in idle] == [("-", "-")] * 2


def test_pages_of_what_is_not_judged_have_no_such_column(compared, tmp_path):
    rows = tuple(row._replace(output_sqnr_db=None) for row in compared.results["scnn"].rows)
    result = compared.results["scnn"]._replace(rows=rows, network_output=())
    (tmp_path / "one.json").write_text(json.dumps(result.to_dict()))
    page = build(tmp_path / "one.json")
    assert "SQNR" not in page.split('type="application/json"')[0]
    assert "The network's output" not in unescape(page)


def test_results_print_the_networks_output(compared):
    result = compared.results["scnn"]
    sentence = describe_distance(result.network_output[0])
    assert sentence in " ".join(str(result).split())
    assert sentence in unescape(result._repr_html_())


def test_the_table_of_machines_has_the_distance_of_each(compared):
    console = Console(width=300, record=True, file=io.StringIO())
    print_comparison(console, compared)
    lines = console.export_text().splitlines()
    for machine, found in compared.results.items():
        assert f" {machine}: {describe_distance(found.network_output[0])}" in [line.rstrip() for line in lines]


def bidirectional(path, last=False, layout=0, name="lstm"):
    """An LSTM of two directions, whose backward weights are much smaller. last: only its last states are read."""
    weights = {"w": RNG.standard_normal((2, 64, 8)), "r": RNG.standard_normal((2, 64, 16))}
    weights = {key: array * np.array([1, 0.01])[:, None, None] for key, array in weights.items()}
    attributes = {"hidden_size": 16, "direction": "bidirectional"} | ({"layout": 1} if layout else {})
    ends = ["", "y"] if last else ["y"]
    made = onnx.helper.make_node("LSTM", ["x", "w", "r"], ends, name, **attributes)
    value, real = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    held = [onnx.numpy_helper.from_array(array.astype(np.float32), key) for key, array in weights.items()]
    graph = onnx.helper.make_graph([made], "net", [value("x", real, [5, 1, 8])], [value("y", real, None)], held)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8), path)
    return path


def moved(exact, changed):
    return np.linalg.norm(changed - exact) / np.linalg.norm(exact)


@pytest.mark.parametrize("last", [False, True])
def test_each_direction_of_an_lstm_has_its_own_distance(last, tmp_path, command):
    path, target = bidirectional(tmp_path / "net.onnx", last), tmp_path / "small.onnx"
    x = RNG.standard_normal((5, 1, 8)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=x)
    code, printed = command("compress", path, "--density", 0.5, "--input", tmp_path / "x.npz", "-o", target, "--json")
    assert code == 0
    found = {one["name"]: one["relative"] for one in json.loads(printed.out)["distance"]["layers"]}
    exact, changed = outputs(path, x), outputs(target, x)
    for place, direction in enumerate(("forward", "backward")):
        own = [np.take(one, place, axis=0 if last else 1) for one in (exact, changed)]
        assert found[f"lstm.{direction}"] == pytest.approx(moved(*own), rel=1e-4)
    assert found["lstm.forward"] != pytest.approx(found["lstm.backward"], rel=0.01)


def test_a_run_has_a_figure_for_each_direction(tmp_path):
    result = run("ese", bidirectional(tmp_path / "net.onnx"))
    forward, backward = (row.output_sqnr_db for row in result.rows)
    assert forward is not None
    assert backward is not None
    assert abs(forward - backward) > 1
    only_last = run("ese", bidirectional(tmp_path / "net.onnx", last=True))
    assert all(row.output_sqnr_db is not None for row in only_last.rows)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_single_direction_leaves_the_other_as_it_is(direction, tmp_path):
    path = bidirectional(tmp_path / "net.onnx")
    graph, x = load_graph(path), RNG.standard_normal((5, 1, 8)).astype(np.float32)
    layers = find_layers(graph, {}).layers
    (one,) = [one.layer for one in layers if one.layer.name == f"lstm.{direction}"]
    arrays = {"weight_input": 0 * one.weight_input, "weight_hidden": 0 * one.weight_hidden, "bias": np.zeros((4, 16))}
    changed = make_graph(path, put_back(graph, layers, {one.name: arrays}))
    exact, other = (run_graph(one, {"x": x}, ["y"])["y"] for one in (graph, changed))
    place = int(direction == "backward")
    assert not other[:, place].any()
    np.testing.assert_array_equal(other[:, 1 - place], exact[:, 1 - place])


def test_a_single_layer_says_what_its_weights_change_in_the_network(tmp_path):
    path = bidirectional(tmp_path / "net.onnx")
    result = run("ese", path, layer="lstm.forward")
    (output,) = result.network_output
    assert describe_distance(output) in result.to_dict()["notes"]
    part = run("scnn", own_networks.cnn(tmp_path / "cnn.onnx"), layer="conv2", scale=0.5)
    assert "is not known, as its layers run in part (scale)" in " ".join(part.to_dict()["notes"])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("place", ["exact", "other"])
@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_distance_of_what_is_not_finite_is_not_known(place, bad, dtype):
    tensors = {"exact": np.ones((2, 3), dtype), "other": np.ones((2, 3), dtype)}
    tensors[place][0, 1] = bad
    found = distance("y", *tensors.values(), output=True)
    where = "" if place == "exact" else " with compressed weights"
    assert found == ("y", None, None, None, None, f"1 of its 6 values is not finite{where}")
    sentence = f"what compression changes in the network's output y is not known: {found.unknown}"
    assert describe_distance(found) == sentence
    json.dumps(found._asdict(), allow_nan=False)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e-310, 1e-200, 1e-30, 1, 1e30, 1e155, 1e307])
def test_distances_of_large_and_small_numbers(size):
    exact, other = np.array([[0.75, 0.25], [0.5, 0.5]]), np.array([[0.5, 0.25], [0.5, 0.75]])
    plain, scaled = (distance("y", exact * by, other * by, output=True) for by in (1, size))
    assert scaled.sqnr_db == pytest.approx(plain.sqnr_db, rel=1e-9)
    assert scaled.relative == pytest.approx(plain.relative, rel=1e-9)
    assert (scaled.top1, scaled.kl is None) == (plain.top1, size != 1 or plain.kl is None)
    far = distance("y", exact * 1e-300, other * 1e300)
    assert np.isfinite(far.relative)
    assert np.isfinite(far.sqnr_db or 0)
    assert describe_distance(far)


def overflowing(path):
    """Two layers, the second with weights whose sums are beyond float32."""
    weights = {"w1": RNG.standard_normal((4, 6)), "w2": np.full((3, 4), 3e38)}
    nodes = [
        ("Gemm", ["x", "w1"], "a", "first", {"transB": 1}),
        ("Relu", ["a"], "r", "relu", {}),
        ("Gemm", ["r", "w2"], "y", "second", {"transB": 1}),
    ]
    return own_networks.write_model(path, nodes, {"x": [1, 6]}, **weights)


@pytest.mark.filterwarnings("error")
def test_a_network_whose_output_overflows_says_so(tmp_path, command):
    path = overflowing(tmp_path / "net.onnx")
    x = 10 * RNG.standard_normal((1, 6)).astype(np.float32)
    result = run("scnn", path, activation=x)
    (output,) = result.network_output
    assert output.unknown == "3 of its 3 values are not finite"
    assert [row.output_sqnr_db is None for row in result.rows] == [False, True]
    content = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert content["network_output"][0]["relative"] is None
    (tmp_path / "r.json").write_text(json.dumps(content))
    assert describe_distance(output) in unescape(build(tmp_path / "r.json"))
    np.savez(tmp_path / "x.npz", x=x)
    code, printed = command("compress", path, "--input", tmp_path / "x.npz")
    assert code == 0
    flat = " ".join(printed.out.split())
    assert "second - -" in flat
    assert describe_distance(output) in flat
    single = run("scnn", path, activation=x, layer="second")
    assert describe_distance(single.network_output[0]) in single.to_dict()["notes"]


@pytest.mark.filterwarnings("error")
def test_biases_near_the_limit_of_float32_are_compared():
    layer = {"weight": RNG.standard_normal((4, 6)), "bias": np.array([3e38, -3e38, 1, 0]), "activation": np.ones(6)}
    assert "as codes they move the output by 1 of its norm" in " ".join(run("eie", layer).to_dict()["notes"])
