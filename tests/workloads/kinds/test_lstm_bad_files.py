"""Whatever is wrong with an LSTM's file or its input: one sentence with file, key, shape and what was expected."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.damage import damage
from support.lstms import GOOD, PLAIN, changed, draw, read_lstms, run, save, torch_tensors

from workloads.errors import InputError
from workloads.kinds.lstm.arrays import from_lstm_arrays

BAD_ARRAYS = {
    "no input": (changed(PLAIN, weight_input=None), "it has no weight_input (it has weight_hidden); expected the keys"),
    "no hidden": (changed(PLAIN, weight_hidden=None), "it has no weight_hidden (it has weight_input)"),
    "unknown key": (changed(PLAIN, relu=np.array(True)), "it has an unknown key relu; expected only weight_input, "),
    "flat": (changed(PLAIN, weight_input=draw(20, 3)), "weight_input has shape [20, 3]; expected [4 gates, cells, inp"),
    "three gates": (changed(PLAIN, weight_input=draw(3, 5, 3)), "weight_input has shape [3, 5, 3]; expected [4 gates"),
    "no cells": (changed(PLAIN, weight_input=draw(4, 0, 3)), "weight_input has shape [4, 0, 3]; expected an array th"),
    "integers": (
        changed(PLAIN, weight_input=np.ones((4, 5, 3), int)),
        "weight_input has dtype int64; expected floating point",
    ),
    "nan": (
        changed(PLAIN, weight_hidden=np.full((4, 5, 5), np.nan)),
        "weight_hidden[0, 0, 0] is nan (100 such values); expected finite numbers within float32",
    ),
    "hidden rows": (
        changed(PLAIN, weight_hidden=draw(4, 6, 5)),
        "weight_hidden has shape [4, 6, 5]; expected [4 gates, 5 cells of weight_input, 5 outputs, as many as cells]",
    ),
    "hidden columns": (changed(PLAIN, weight_hidden=draw(4, 5, 2)), "weight_hidden has shape [4, 5, 2]; expected [4 g"),
    "hidden of projection": (
        changed(GOOD, weight_hidden=draw(4, 5, 5)),
        "weight_hidden has shape [4, 5, 5]; expected [4 gates, 5 cells of weight_input, 2 outputs of projection]",
    ),
    "projection": (
        changed(GOOD, projection=draw(5, 2)),
        "projection has shape [5, 2]; expected [outputs, 5 cells of weight_input]",
    ),
    "bias": (changed(GOOD, bias=draw(20)), "bias has shape [20]; expected [4 gates, 5 cells of weight_input]"),
    "bias cells": (
        changed(GOOD, bias=draw(4, 3)),
        "bias has shape [4, 3]; expected [4 gates, 5 cells of weight_input]",
    ),
    "peephole": (
        changed(GOOD, peephole=draw(4, 5)),
        "peephole has shape [4, 5]; expected [3 gates, 5 cells of weight_input]",
    ),
    "cell gate": (changed(GOOD, cell_gate=np.array("relu")), "cell_gate is 'relu'; expected tanh or sigmoid"),
    "long cell gate": (changed(GOOD, cell_gate=np.array("tanh" * 100)), "cell_gate is 'tanhtanh"),
    "two cell gates": (
        changed(GOOD, cell_gate=np.array(["tanh", "tanh"])),
        "cell_gate has dtype <U4 and shape [2]; expected one string",
    ),
    "cell gate number": (changed(GOOD, cell_gate=np.array(1)), "cell_gate has dtype int64 and shape []"),
    "no Unicode": (
        changed(GOOD, cell_gate=np.frombuffer(b"t\0\0\0\xff\xff\xff\xff", "<U2")),
        "cell_gate holds text that is no Unicode; expected numbers, or text of Unicode",
    ),
    "text": (changed(GOOD, activation=np.array([["a"]])), "activation has dtype <U1; expected numbers"),
    "width": (
        changed(GOOD, activation=draw(6, 4)),
        "activation has shape [6, 4]; expected [steps, inputs] or [voices, steps, inputs] with 3 inputs",
    ),
    "vector": (changed(GOOD, activation=draw(3)), "activation has shape [3]; expected [steps, inputs] or [voices"),
    "no steps": (changed(GOOD, activation=draw(0, 3)), "activation has shape [0, 3]; expected an array that is not em"),
    "infinite": (changed(GOOD, activation=np.full((1, 3), -np.inf)), "activation[0, 0] is -inf (3 such values)"),
}


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_bad_arrays(case, tmp_path):
    arrays, complaint = BAD_ARRAYS[case]
    path = tmp_path / "layer.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError) as error:
        read_lstms(path, None, None)
    assert str(error.value).startswith(f"{path}: {complaint}")
    assert "; expected " in str(error.value)


def test_no_arrays_at_all():
    what = r"here: it has no weight_input \(it has nothing\); expected the keys weight_input, weight_hidden, bias"
    with pytest.raises(InputError, match=what):
        from_lstm_arrays("here", "rnn", {})


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("text", ["tanh", "sigmoid"])
def test_the_strings_of_any_machine_are_read(order, text):
    array = np.array([text], f"{order}U9")
    assert from_lstm_arrays("here", "rnn", {**PLAIN, "cell_gate": array}).cell_gate == text


TORCH = torch_tensors(1)
STACKED = torch_tensors(2, proj=2)
TWO_WAY = torch_tensors(1, ends=("", "_reverse"))
BAD_TENSORS = {
    "unknown alone": (
        {"gain_l0": draw(2)},
        "it has rnn.gain_l0; expected NAME.weight of two to four dimensions, or PREFIX.weight_ih_l0",
    ),
    "no input weights": (
        changed(TORCH, weight_ih_l0=None),
        "it has no rnn.weight_ih_l0; expected weight_ih and weight",
    ),
    "no hidden weights": (changed(TORCH, weight_hh_l0=None), "it has no rnn.weight_hh_l0; expected weight_ih and weig"),
    "gap": (
        changed(TORCH, weight_hh_l2=draw(16, 4)),
        "it has no rnn.weight_ih_l1; expected weight_ih and weight_hh of",
    ),
    "only above": ({"weight_ih_l1": draw(16, 4)}, "it has no rnn.weight_ih_l0"),
    "unknown kind": (
        changed(TORCH, weight_ch_l0=draw(12)),
        "it has an unknown rnn.weight_ch_l0; expected only weight_ih, weight_hh, bias_ih, bias_hh, weight_hr in rnn",
    ),
    "rows": (
        changed(TORCH, weight_ih_l0=draw(15, 3)),
        "rnn.weight_ih_l0 has 15 rows; expected as many for each of the 4 gates of an LSTM",
    ),
    "a plain layer": (
        {"weight_ih_l0": draw(4, 3), "weight_hh_l0": draw(4, 4)},
        "rnn is a plain recurrent layer of 3 inputs and 4 cells; expected an LSTM or a GRU, as no machine runs a plain",
    ),
    "four dimensions": (changed(TORCH, weight_ih_l0=draw(16, 3, 1, 1)), "rnn.weight_ih_l0 has shape [16, 3, 1, 1]"),
    "hidden rows": (changed(TORCH, weight_hh_l0=draw(12, 4)), "rnn.weight_hh_l0 has shape [12, 4]; expected [16 rows"),
    "empty": (changed(TORCH, weight_ih_l0=draw(0, 3)), "rnn.weight_ih_l0 has shape [0, 3]; expected an array that is "),
    "input bias": (changed(TORCH, bias_ih_l0=draw(4)), "rnn.bias_ih_l0 has shape [4]; expected [16 rows as in weight_"),
    "hidden bias": (
        changed(TORCH, bias_hh_l0=draw(1, 16)),
        "rnn.bias_hh_l0 has shape [1, 16]; expected [16 rows as in",
    ),
    "biases": (
        changed(TORCH, bias_ih_l0=np.full(16, 3e38, np.float32), bias_hh_l0=np.full(16, 3e38, np.float32)),
        "rnn.bias_ih_l0 + rnn.bias_hh_l0[0] is 6",
    ),
    "nan": (changed(TORCH, bias_ih_l0=np.full(16, np.nan, np.float32)), "rnn.bias_ih_l0[0] is nan (16 such values)"),
    "integers": (changed(TORCH, weight_ih_l0=np.ones((16, 3), int)), "rnn.weight_ih_l0 has dtype int64"),
    "projection": (
        changed(STACKED, weight_hr_l0=draw(2, 3)),
        "rnn.weight_hr_l0 has shape [2, 3]; expected [outputs, 4 cells of weight_ih]",
    ),
    "hidden of projection": (
        changed(STACKED, weight_hr_l0=draw(3, 4)),
        "rnn.weight_hh_l0 has shape [16, 2]; expected [16 rows as in weight_ih, 3 outputs of weight_hr]",
    ),
    "above": (
        changed(STACKED, weight_ih_l1=draw(16, 3)),
        "rnn.weight_ih_l1 has shape [16, 3]; expected [4 x cells, 2 inputs, the outputs of the layer below]",
    ),
    "both directions": (
        torch_tensors(2, ends=("", "_reverse")),
        "rnn has 2 layers in both directions; expected one direction or one layer, as layer 1 needs the outputs of",
    ),
}


@pytest.mark.parametrize("case", BAD_TENSORS)
def test_bad_tensors(case, tmp_path):
    tensors, complaint = BAD_TENSORS[case]
    path = save(tmp_path / "net.safetensors", rnn=tensors)
    with pytest.raises(InputError) as error:
        read_lstms(path, None, "rnn" if case == "both directions" else None)
    assert str(error.value).startswith(f"{path}: {complaint}")
    assert "; expected " in str(error.value)


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (draw(5, 4), "the input of rnn has shape [5, 4]; expected [steps, inputs] or [voices, steps, inputs] with 3"),
        (draw(5), "the input of rnn has shape [5]; expected [steps, inputs]"),
        (np.array([["a", "b", "c"]]), "the input of rnn has dtype <U1; expected numbers"),
        (np.ones((2, 3), bool), "the input of rnn has dtype bool; expected numbers"),
        (np.array([[1, np.nan, 2]]), "the input of rnn[0, 1] is nan (1 such values)"),
        (np.zeros((0, 3)), "the input of rnn has shape [0, 3]; expected an array that is not empty"),
    ],
)
def test_bad_inputs(array, complaint, tmp_path):
    path, source = save(tmp_path / "net.safetensors", rnn=TORCH), tmp_path / "x.npz"
    np.savez(source, activation=array)
    for given_, where in ((array, "input"), (source, source)):
        with pytest.raises(InputError) as error:
            read_lstms(path, given_, None)
        assert str(error.value).startswith(f"{where}: {complaint}")


def test_missing_files(tmp_path):
    for ending in ("npz", "safetensors", "onnx"):
        with pytest.raises(InputError, match=f"none.{ending}: there is no such file; expected "):
            read_lstms(tmp_path / f"none.{ending}", draw(5, 3), None)
    with pytest.raises(InputError, match="x.npz: there is no such file; expected an .npz archive"):
        read_lstms(save(tmp_path / "net.safetensors", rnn=TORCH), tmp_path / "x.npz", None)


@given(st.data())
def test_a_damaged_archive_is_refused_in_a_sentence_or_still_a_layer(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "layer.npz"
    data.draw(st.sampled_from([np.savez, np.savez_compressed]))(path, **GOOD)
    damage(data, path)
    try:
        (layer,) = read_lstms(path, None, None)
        assert np.isfinite(run([layer])).all()
    except InputError as error:
        assert re.fullmatch(r".*layer\.npz: .*; expected .*", str(error))


@given(st.data())
def test_damaged_tensors_are_refused_in_a_sentence_or_still_a_stack(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "net.safetensors"
    save(path, rnn=data.draw(st.sampled_from([TORCH, STACKED, TWO_WAY])))
    damage(data, path)
    try:
        stack = read_lstms(path, np.zeros((2, 3)), data.draw(st.sampled_from([None, "rnn", "rnn.reverse"])))
        assert all(np.isfinite(layer.weight_input).all() for layer in stack)
    except InputError as error:
        assert re.fullmatch(r"(.*net\.safetensors|input): .*; expected .*", str(error))


@given(st.integers(0, 1 << 32), st.integers(0, 7))
def test_an_array_with_a_flipped_bit_is_refused_in_a_sentence_or_still_a_layer(place, bit):
    """What the archive's checksum would catch."""
    keys = list(GOOD)
    key = keys[place % len(keys)]
    content = bytearray(GOOD[key].tobytes())
    content[place // len(keys) % len(content)] ^= 1 << bit
    array = np.frombuffer(bytes(content), GOOD[key].dtype).reshape(GOOD[key].shape)
    try:
        layer = from_lstm_arrays("layer", "rnn", {**GOOD, key: array})
        assert np.isfinite(layer.weight_hidden).all()
    except InputError as error:
        assert re.fullmatch(r"layer: .*; expected .*", str(error))
