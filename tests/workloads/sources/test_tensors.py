"""Layers in .safetensors files: names, types, parts, orders; what is left out and why."""

import json
import re
import struct

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file
from support.damage import damage
from support.lstms import draw, torch_tensors
from support.lstms import save as save_prefixed

from workloads.errors import InputError
from workloads.model import load_workload, open_model, read_matrices
from workloads.options import WorkloadOptions
from workloads.sources.safetensors import list_tensors
from workloads.sources.tensors.layers import find_layers


def save(path, **tensors):
    save_file({name.replace("__", "."): array for name, array in tensors.items()}, path)
    return path


def layers(path):
    """The layers of a file by name, in their order, and what is left out."""
    found = find_layers(path, path.stem, list_tensors(path))
    return {one.name: one.read() for one in found.layers}, found.left_out


def raw(path, name, kind, shape, content):
    """A file of one tensor of a type that numpy's writer lacks."""
    header = json.dumps({name: {"dtype": kind, "shape": shape, "data_offsets": [0, len(content)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + content)
    return path


def test_layers_come_in_the_order_of_their_numbers(tmp_path):
    names = ["fc10", "fc2", "a", "block.2.fc", "block.11.fc"]
    path = save(tmp_path / "net.safetensors", **{f"{name}.weight": draw(3, 2) for name in names})
    assert list(layers(path)[0]) == ["a", "block.2.fc", "block.11.fc", "fc2", "fc10"]
    model = open_model(path)
    assert (model.name, model.network) == ("net", True)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("F64", np.float64),
        ("F16", np.float16),
        ("BF16", ml_dtypes.bfloat16),
        ("F8_E4M3", ml_dtypes.float8_e4m3fn),
        ("F8_E5M2", ml_dtypes.float8_e5m2),
    ],
)
def test_types_of_few_bits(kind, dtype, tmp_path):
    values = draw(16, 24).astype(dtype)
    path = raw(tmp_path / "net.safetensors", "fc.weight", kind, [16, 24], values.tobytes())
    found, left_out = layers(path)
    np.testing.assert_array_equal(found["fc"].layer.weight, values.astype(np.float32))
    assert found["fc"].layer.weight.dtype == np.float32
    assert left_out == ()
    assert read_matrices(str(path)).matrices[0].shape == (16, 24)


def test_types_that_are_no_weights(tmp_path):
    path = save(
        tmp_path / "net.safetensors", a__weight=np.ones((2, 3), np.int8), a__weight_scale=draw(1), b__weight=draw(2, 3)
    )
    found, left_out = layers(path)
    assert list(found) == ["b"]
    assert left_out[0] == "a.weight has dtype int8; expected floating point"
    path = raw(tmp_path / "net.safetensors", "fc.weight", "F8_E8M0", [2, 2], bytes(4))
    with pytest.raises(InputError, match="fc.weight has dtype F8_E8M0; expected floating point"):
        open_model(path)


def test_scales_of_weights_are_said_not_to_be_read(tmp_path):
    path = save(tmp_path / "net.safetensors", a__weight=draw(2, 3).astype(np.float16), a__weight_scale=draw(2))
    found, left_out = layers(path)
    assert found["a"].notes == ("a.weight_scale is not read: the weights are taken as they are stored",)
    assert left_out == ()


def test_a_mask_is_multiplied_in(tmp_path):
    weight, mask = draw(8, 5), (draw(8, 5) > 0).astype(np.float32)
    path = save(tmp_path / "net.safetensors", a__weight_orig=weight, a__weight_mask=mask, a__bias=draw(8))
    found, left_out = layers(path)
    np.testing.assert_array_equal(found["a"].layer.weight, weight * mask)
    assert found["a"].layer.bias is not None
    assert found["a"].notes == ("a.weight is made of a.weight_orig and a.weight_mask",)
    assert left_out == ()
    bad = save(tmp_path / "bad.safetensors", a__weight_orig=weight, a__weight_mask=2 * mask, b__weight=weight)
    with pytest.raises(InputError, match="a.weight_mask has other values than 0 and 1; expected a mask"):
        layers(bad)
    assert "a.weight_mask has other values than 0 and 1; expected a mask" in read_matrices(str(bad)).left_out
    bad = save(tmp_path / "bad.safetensors", a__weight_orig=weight, a__weight_mask=mask[:1], b__weight=weight)
    found, left_out = layers(bad)
    assert list(found) == ["b"]
    expected = "a.weight: a.weight_orig has shape [8, 5] and a.weight_mask [1, 5]; expected the same of both"
    assert left_out == (expected,)


def test_masked_lstms(tmp_path):
    tensors = torch_tensors(1)
    weight = tensors.pop("weight_hh_l0")
    mask = (weight > 0).astype(np.float32)
    path = save_prefixed(
        tmp_path / "net.safetensors", rnn=tensors | {"weight_hh_l0_orig": weight, "weight_hh_l0_mask": mask}
    )
    found, left_out = layers(path)
    (lstm,) = found["rnn"].layer.layers
    gates = (weight * mask).reshape(4, 4, 4)[[0, 3, 1, 2]]
    np.testing.assert_array_equal(lstm.weight_hidden, gates)
    assert left_out == ()


@pytest.mark.parametrize(
    ("v", "g"), [("weight_v", "weight_g"), ("parametrizations.weight.original1", "parametrizations.weight.original0")]
)
def test_weight_normalisation(v, g, tmp_path):
    direction, norm = draw(4, 3, 3, 3), np.abs(draw(4, 1, 1, 1))
    path = tmp_path / "net.safetensors"
    save_file({f"c.{v}": direction, f"c.{g}": norm, "c.bias": draw(4)}, path)
    found, _ = layers(path)
    weight = found["c"].layer.weight
    np.testing.assert_allclose(np.sqrt((weight.astype(float) ** 2).sum(axis=(1, 2, 3))), norm.ravel(), rtol=1e-5)
    ratio = weight / direction
    np.testing.assert_allclose(ratio, ratio[:, :1, :1, :1] * np.ones_like(ratio), rtol=1e-5)
    save_file({f"c.{v}": direction, f"c.{g}": draw(3, 1, 1, 1), "b.weight": draw(2, 2)}, path)
    _, left_out = layers(path)
    assert re.search(r"c\.weight: .* expected a norm for each index of some dimensions", left_out[0])


def test_gpt2s_weights_are_turned_where_the_bias_says_so(tmp_path):
    weights = {"h.0.attn.c_attn": draw(4, 12), "h.0.attn.c_proj": draw(4, 4), "h.0.mlp.c_fc": draw(4, 16)}
    tensors = {f"{name}.weight": one for name, one in weights.items()}
    tensors |= {f"{name}.bias": draw(one.shape[1]) for name, one in weights.items()}
    save_file(tensors, tmp_path / "net.safetensors")
    found, left_out = layers(tmp_path / "net.safetensors")
    assert left_out == ()
    for name, one in weights.items():
        np.testing.assert_array_equal(found[name].layer.weight, one.T)
        assert found[name].layer.weight.flags.c_contiguous
    said = ("its weight is [inputs, outputs], as the length of its bias says",)
    assert found["h.0.mlp.c_fc"].notes == said
    assumed = "its weight [4, 4] is taken to be [inputs, outputs], as other weights of its file are"
    assert found["h.0.attn.c_proj"].notes == (assumed,)
    path = save(tmp_path / "alone.safetensors", c_proj__weight=draw(4, 4))
    found, _ = layers(path)
    assert found["c_proj"].notes == ("its weight [4, 4] is taken to be [outputs, inputs]",)


def test_what_is_left_out_and_what_is_assumed(tmp_path):
    path = save(
        tmp_path / "net.safetensors",
        up__weight=draw(16, 8, 4, 4),
        up__bias=draw(8),
        fc__weight=draw(8, 3),
        fc__bias=draw(8),
        short__weight=draw(8, 3),
        short__bias=draw(5),
        norm__weight=draw(8),
        wte__weight=draw(9, 4),
        five__weight=draw(1, 2, 3, 4, 5),
    )
    found, left_out = layers(path)
    assert list(found) == ["fc", "wte"]
    assert found["wte"].notes == (
        "its name is that of an embedding, a table to look up in; it is read as a matrix to multiply with",
    )
    assert left_out == (
        "short.weight has shape [8, 3] and short.bias [5]; expected a bias [8], one for each output",
        "up.weight has shape [16, 8, 4, 4] and up.bias [8], as a transposed convolution, which is not read; "
        "expected a bias [16]",
        "five.weight [1, 2, 3, 4, 5] is no weight or bias of a layer that is known",
        "norm.weight [8] is no weight or bias of a layer that is known",
    )
    assert open_model(path).left_out == left_out


def test_a_layer_with_a_value_that_is_not_finite_is_left_out_of_the_matrices(tmp_path):
    path = save(tmp_path / "net.safetensors", a__weight=np.full((2, 2), np.nan, np.float32), b__weight=draw(2, 2))
    read = read_matrices(str(path))
    assert [matrix.layer.name for matrix in read.matrices] == ["b"]
    assert read.left_out == ("a.weight[0, 0] is nan (4 such values); expected finite numbers within float32",)


def test_a_cell_without_numbers_is_an_lstm_of_one_layer(tmp_path):
    tensors = torch_tensors(1)
    cell = {name.removesuffix("_l0"): one for name, one in tensors.items()}
    named = layers(save_prefixed(tmp_path / "a.safetensors", rnn=tensors))[0]["rnn"].layer
    found, left_out = layers(save_prefixed(tmp_path / "b.safetensors", rnn=cell))
    assert left_out == ()
    for ours, theirs in zip(found["rnn"].layer.layers[0], named.layers[0], strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("end", ["_l0", ""])
def test_plain_recurrent_layers_are_named_with_their_shapes(end, tmp_path):
    tensors = {f"rnn.weight_ih{end}": draw(5, 7), f"rnn.weight_hh{end}": draw(5, 5)}
    save_file({**tensors, "fc.weight": draw(2, 2)}, tmp_path / "net.safetensors")
    found, left_out = layers(tmp_path / "net.safetensors")
    assert list(found) == ["fc"]
    expected = "rnn is a plain recurrent layer of 7 inputs and 5 cells; expected an LSTM or a GRU, as no"
    assert left_out[0].startswith(expected)


@pytest.mark.parametrize("ends", [("",), ("", "_reverse")])
@pytest.mark.parametrize("biases", [(), ("bias_ih",), ("bias_hh",), ("bias_ih", "bias_hh")])
def test_a_gru_computes_what_its_formula_says(ends, biases, tmp_path):
    tensors, x = torch_tensors(1, ends=ends, biases=biases, gates=3), draw(6, 3)
    path = save_prefixed(tmp_path / "net.safetensors", rnn=tensors)
    for end in ends:
        name = "rnn" + end.replace("_", ".")
        layer = load_workload(f"{path}:{name}", activation=x).layer
        state, rows = np.zeros(4), []
        for given_ in x[::-1] if end else x:
            inner = tensors[f"weight_ih_l0{end}"] @ given_ + tensors.get(f"bias_ih_l0{end}", np.zeros(12))
            outer = tensors[f"weight_hh_l0{end}"] @ state + tensors.get(f"bias_hh_l0{end}", np.zeros(12))
            reset, update = (1 / (1 + np.exp(-(inner + outer)[at : at + 4])) for at in (0, 4))
            state = (1 - update) * np.tanh(inner[8:] + reset * outer[8:]) + update * state
            rows.append(state)
        np.testing.assert_allclose(layer.exact, rows, atol=1e-2)  # its weights are rounded to 8 bits


def test_stacks_of_grus_run_and_cells_are_stacks_of_one(tmp_path):
    tensors = torch_tensors(2, gates=3)
    path = save_prefixed(tmp_path / "net.safetensors", rnn=tensors)
    assert [one.weight_input.shape[2] for one in layers(path)[0]["rnn"].layer.layers] == [3, 4]
    cell = {name.removesuffix("_l0"): one for name, one in torch_tensors(1, gates=3).items()}
    found, left_out = layers(save_prefixed(tmp_path / "b.safetensors", rnn=cell))
    assert (len(found["rnn"].layer.layers), left_out) == (1, ())
    del tensors["weight_ih_l1"]
    _, left_out = layers(save_prefixed(tmp_path / "c.safetensors", rnn=tensors, fc={"weight": draw(2, 2)}))
    assert "it has no rnn.weight_ih_l1" in left_out[0]


def test_both_directions_of_several_layers_are_left_out_and_the_others_run(tmp_path):
    path = save_prefixed(
        tmp_path / "net.safetensors",
        rnn=torch_tensors(2, ends=("", "_reverse")),
        one=torch_tensors(1, ends=("", "_reverse")),
    )
    found, left_out = layers(path)
    assert list(found) == ["one", "one.reverse"]
    assert len(left_out) == 2
    assert all(sentence.startswith("rnn has 2 layers in both directions; expected one") for sentence in left_out)


def test_nothing_is_read_before_a_layer_is_loaded(tmp_path):
    """The numbers of a large file, here a sparse one of 8 GB, are not touched when it is opened."""
    path, sizes = tmp_path / "net.safetensors", [32768, 32768]
    entries = {
        f"fc{i}.weight": {"dtype": "F32", "shape": sizes, "data_offsets": [i << 32, (i + 1) << 32]} for i in (0, 1)
    }
    header = json.dumps(entries).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + (2 << 32))
    model = open_model(path)
    assert [layer.name for layer in model.layers] == ["fc0", "fc1"]


def test_inputs_by_the_layers_names(tmp_path):
    path, x = save(tmp_path / "net.safetensors", a__weight=draw(3, 2), b__weight=draw(4, 5)), np.array([[3.0, 4.0]])
    a, b = open_model(path, WorkloadOptions(activation={"a": x})).layers
    assert a.load({}).notes == ()
    assert b.load({}).notes == ("its input [5] is drawn, all of it non-zero (--activation-density)",)
    with pytest.raises(InputError, match="input: it has c, which is no layer; expected arrays called a, b"):
        open_model(path, WorkloadOptions(activation={"a": x, "c": x}))
    np.savez(tmp_path / "x.npz", x=x)
    np.testing.assert_array_equal(
        load_workload(f"{path}:a", activation=tmp_path / "x.npz").layer.activation != 0, [1, 1]
    )
    with pytest.raises(InputError, match="x.npz: it has x, which is no layer; expected arrays called a, b"):
        open_model(path, WorkloadOptions(activation=tmp_path / "x.npz"))


def test_options_reach_the_layers_that_leave_them_open(tmp_path):
    path = save(tmp_path / "net.safetensors", a__weight=draw(4, 3, 3, 3), b__weight=draw(4, 5))
    a, b = open_model(path, WorkloadOptions(stride=2, padding=1)).layers
    found = a.load({})
    assert (found.layer.stride, found.layer.padding) == ((2, 2), (1, 1, 1, 1))
    assert len(found.notes) == 1  # the drawn input
    assert b.load({}).layer.inputs == 5


ALL = {
    **{f"rnn.{name}": one for name, one in torch_tensors(1).items()},
    "c.weight": draw(4, 3, 3, 3),
    "c.bias": draw(4),
    "m.weight_orig": draw(4, 2),
    "m.weight_mask": np.ones((4, 2), np.float32),
    "n.weight_v": draw(4, 2),
    "n.weight_g": draw(4, 1),
    "h.weight": draw(4, 2).astype(np.float16),
    "h.c_fc.weight": draw(2, 8),
    "h.c_fc.bias": draw(8),
}


@given(st.data())
def test_a_damaged_file_is_refused_in_a_sentence_or_still_a_network(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "net.safetensors"
    save_file(ALL, path)
    damage(data, path)
    try:
        for layer in open_model(path).layers:
            try:
                layer.load({})
            except InputError as error:
                assert re.fullmatch(r"(.*net\.safetensors: |).*; expected .*", str(error), re.DOTALL)
    except InputError as error:
        assert re.fullmatch(r".*net\.safetensors: .*; expected .*", str(error), re.DOTALL)


@given(st.data())
def test_any_shapes_and_types_are_refused_in_a_sentence_or_a_network(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("drawn") / "net.safetensors"
    names = data.draw(st.lists(st.sampled_from(sorted(ALL)), min_size=1, unique=True))
    shape = st.lists(st.integers(0, 8), max_size=5)
    kind = st.sampled_from([np.float32, np.float16, np.int8, np.bool_])
    save_file({name: np.ones(data.draw(shape), data.draw(kind)) for name in names}, path)
    try:
        found, _ = layers(path)
        assert found
    except InputError as error:
        assert re.fullmatch(r".*net\.safetensors: .*; expected .*", str(error), re.DOTALL)


def test_what_is_left_out_is_named_next_to_the_csv(tmp_path):
    from typer.testing import CliRunner

    from simulator.cli import app

    path = save(tmp_path / "net.safetensors", a__weight=draw(2, 3), norm__weight=draw(3))
    done = CliRunner().invoke(app, ["compress", str(path), "--csv"])
    assert done.stderr == "left out  norm.weight [3] is no weight or bias of a layer that is known\n"
    assert done.stdout.splitlines()[1].startswith("a,6,6,")


def test_normalisations_are_named_together(tmp_path):
    batch = ("weight", "bias", "running_mean", "running_var")
    tensors = {f"bn{i}.{part}": draw(4) for i in range(1, 54) for part in batch}
    tensors |= {f"ln{i}.{part}": draw(8) for i in (1, 2) for part in batch[:2]}
    odd = {"odd.weight": draw(4), "odd.bias": draw(5)}  # no normalisation: its parts have different lengths
    save_file({"fc.weight": draw(3, 2), **tensors, **odd}, tmp_path / "net.safetensors")
    found, left_out = layers(tmp_path / "net.safetensors")
    assert list(found) == ["fc"]
    assert left_out == (
        f"bn1 and 52 more: a normalisation ({', '.join(batch)}) is left out",
        "ln1 and 1 more: a normalisation (weight, bias) is left out",
        "odd.bias [5] is no weight or bias of a layer that is known",
        "odd.weight [4] is no weight or bias of a layer that is known",
    )


def test_the_shape_of_an_input_goes_to_the_layers_that_it_fits(tmp_path):
    path = save(
        tmp_path / "net.safetensors", conv__weight=draw(4, 3, 3, 3), two__weight=draw(2, 4, 1, 1), fc__weight=draw(3, 2)
    )
    shapes = {one.name: list(one.load({}).layer.activation.shape) for one in open_model(path).layers}
    chosen = {one.name: one.load({}) for one in open_model(path, input_shape="3,5,7").layers}
    assert chosen["conv"].notes[-1] == "its input [3, 5, 7] is drawn, all of it non-zero (--activation-density)"
    given = {name: list(one.layer.activation.shape) for name, one in chosen.items()}
    assert given == {**shapes, "conv": [3, 5, 7]} != shapes
    with pytest.raises(InputError, match=r"net.safetensors: input_shape is 9,5,7; expected one that a layer takes"):
        open_model(path, input_shape="9,5,7")
