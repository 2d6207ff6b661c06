"""Convolutions from arrays: geometry that is given, assumed, or said by options; bad arrays in a sentence."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.damage import damage
from support.paths import ROOT

from workloads.errors import InputError
from workloads.kinds import reference_output
from workloads.kinds.convolution.arrays import from_convolution_arrays
from workloads.model import load_workload, open_model
from workloads.options import WorkloadOptions
from workloads.sources.named_arrays import read_npz

RNG = np.random.default_rng(7)
SHARED = ROOT.parent / "shared" / "inputs"


def draw(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


PLAIN = {"weight": draw(4, 3, 3, 3), "activation": draw(3, 8, 8)}
FULL = {
    "weight": draw(6, 2, 3, 2),
    "bias": draw(6),
    "activation": draw(4, 9, 7),
    "relu": np.array(True),
    "stride": np.array([2, 1]),
    "padding": np.array([1, 0, 2, 1]),
    "groups": np.array(2),
    "dilation": np.array(1),
}


def changed(base, **changes):
    return {key: value for key, value in {**base, **changes}.items() if value is not None}


def convolve(weight, image, stride, padding, groups):
    """In float64, a window at a time: [outputs, height, width]."""
    top, left, bottom, right = padding
    image = np.pad(image.astype(float), ((0, 0), (top, bottom), (left, right)))
    outputs, inputs, tall, broad = weight.shape
    size = (image.shape[1] - tall) // stride[0] + 1, (image.shape[2] - broad) // stride[1] + 1
    found = np.zeros((outputs, *size))
    for k in range(outputs):
        first = k // (outputs // groups) * inputs
        for y in range(size[0]):
            for x in range(size[1]):
                rows, columns = (slice(p * s, p * s + n) for p, s, n in ((y, stride[0], tall), (x, stride[1], broad)))
                found[k, y, x] = (image[first : first + inputs, rows, columns] * weight[k]).sum()
    return found


def check(layer, wanted):
    """The reference kernel's output is near the wanted one, float64 [outputs, height, width]."""
    output = layer.output_value(reference_output(layer)).reshape(wanted.shape)
    np.testing.assert_allclose(output, wanted, atol=0.01 * np.abs(wanted).max())


def test_all_keys():
    found = load_workload(FULL)
    wanted = convolve(FULL["weight"], FULL["activation"], (2, 1), (1, 0, 2, 1), 2) + FULL["bias"][:, None, None]
    check(found.layer, np.maximum(wanted, 0))
    assert found.notes == ()


def test_a_dilated_kernel_has_zeros_between_its_weights():
    arrays = {"weight": draw(4, 3, 2, 3), "activation": draw(3, 9, 8), "dilation": np.array([3, 2])}
    spread = np.zeros((4, 3, 4, 5), np.float32)
    spread[:, :, ::3, ::2] = arrays["weight"]
    found = load_workload(arrays)
    check(found.layer, convolve(spread, arrays["activation"], (1, 1), (0, 0, 0, 0), 1))
    assert found.layer.weight_density == 1
    line = load_workload({"weight": draw(4, 3, 2), "activation": draw(3, 9), "dilation": np.array(4)})
    assert line.layer.dilation == (1, 4)


@pytest.mark.parametrize(("stride", "padding"), [(None, None), (2, None), (None, 1), (2, 1)])
def test_what_arrays_leave_open_is_said_by_options_or_assumed_with_a_note(stride, padding):
    found = load_workload(PLAIN, stride=stride, padding=padding)
    steps, zeros = (stride or 1,) * 2, (padding or 0,) * 4
    check(found.layer, convolve(PLAIN["weight"], PLAIN["activation"], steps, zeros, 1))
    notes = ["its stride is taken to be 1 (--stride)"] * (stride is None)
    assert list(found.notes) == notes + ["its padding is taken to be 0 (--padding)"] * (padding is None)


@pytest.mark.parametrize(("options", "key"), [({"stride": 2}, "stride"), ({"padding": 1}, "padding")])
@pytest.mark.parametrize("source", ["alexnet-conv3", FULL], ids=["drawn", "arrays"])
def test_a_geometry_that_the_source_knows_is_not_said_again(options, key, source):
    with pytest.raises(InputError, match=rf": {key} is {options[key]}; expected none, as its source gives it"):
        load_workload(source, **options)
    with pytest.raises(InputError, match=rf": {key} is {options[key]}; expected none, as it is fully connected"):
        load_workload({"weight": draw(3, 2)}, **options)


@pytest.mark.parametrize("padding", [3, [1, 2], [1, 2, 0, 3]])
def test_paddings_of_one_two_or_four(padding):
    arrays = {**PLAIN, "stride": np.array(1), "padding": np.array(padding)}
    zeros = {1: (3,) * 4, 2: (1, 2, 1, 2), 4: (1, 2, 0, 3)}[np.size(padding)]
    check(load_workload(arrays).layer, convolve(PLAIN["weight"], PLAIN["activation"], (1, 1), zeros, 1))


@pytest.mark.parametrize("batch", [False, True])
def test_one_dimension(batch):
    weight, signal = draw(5, 3, 4), draw(3, 20)
    arrays = {"weight": weight, "activation": signal[None] if batch else signal}
    found = load_workload(arrays, stride=2, padding=1)
    check(found.layer, convolve(weight[:, :, None], signal[:, None], (1, 2), (0, 1, 0, 1), 1))
    arrays |= {"stride": np.array([3]), "padding": np.array([1, 2])}
    check(load_workload(arrays).layer, convolve(weight[:, :, None], signal[:, None], (1, 3), (0, 1, 0, 2), 1))


def test_depthwise_in_one_dimension():
    weight, signal = draw(6, 1, 4), draw(6, 20)
    wanted = convolve(weight[:, :, None], signal[:, None], (1, 1), (0, 0, 0, 0), 6)
    for given_ in (signal, signal[:, None]):
        check(load_workload({"weight": weight}, activation=given_).layer, wanted)
    weight = draw(5, 3, 4)
    wanted = convolve(weight[:, :, None], signal[:3, None], (1, 1), (0, 0, 0, 0), 1)
    check(load_workload({"weight": weight}, activation=signal[None, :3]).layer, wanted)


def test_groups_are_as_many_as_the_channels_of_the_input_ask_for(tmp_path):
    weight, image = draw(8, 1, 3, 3), draw(8, 6, 6)
    wanted = convolve(weight, image, (1, 1), (0, 0, 0, 0), 8)
    check(load_workload({"weight": weight, "activation": image}).layer, wanted)
    np.savez(tmp_path / "w.npz", weight=weight)
    for given_ in (image, image[None]):
        found = load_workload(tmp_path / "w.npz", activation=given_)
        check(found.layer, wanted)
        assert "it is taken to have 8 groups, as its input has 8 channels" in found.notes
    drawn = load_workload(tmp_path / "w.npz", input_shape="1,5,5")
    assert "it is taken to read one channel; an input of more channels makes it a depthwise convolution" in drawn.notes
    assert drawn.layer.activation.shape == (1, 5, 5)


BAD = {
    "unknown": (changed(PLAIN, colour=draw(1)), "it has an unknown key colour; expected only weight, bias, activ"),
    "integers": (changed(PLAIN, weight=np.ones((4, 3, 3, 3), int)), "weight has dtype int64; expected floating point"),
    "empty": (changed(PLAIN, weight=draw(0, 3, 3, 3)), "weight has shape [0, 3, 3, 3]; expected an array that is not"),
    "bias": (changed(FULL, bias=draw(5)), "bias has shape [5]; expected [6 outputs of weight]"),
    "batch": (
        changed(PLAIN, activation=draw(2, 3, 8, 8)),
        "activation has shape [2, 3, 8, 8]; expected one input [channels, height, width]",
    ),
    "flat": (changed(PLAIN, activation=draw(8, 8)), "activation has shape [8, 8]; expected [channels, height, width]"),
    "channels": (
        changed(PLAIN, activation=draw(4, 8, 8)),
        "activation has shape [4, 8, 8]; expected [3, height, width]",
    ),
    "group channels": (
        changed(FULL, activation=draw(2, 8, 8)),
        "activation has shape [2, 8, 8]; expected [4, height, width]",
    ),
    "groups": (changed(FULL, groups=np.array(4), activation=None), "groups is 4; expected a divisor of the 6 outputs"),
    "no groups": (changed(FULL, groups=np.array(0)), "groups is 0; expected from 1 to 65536"),
    "stride": (changed(FULL, stride=np.array(1.5)), "stride is 1.5; expected 1 or 2 integers"),
    "strides": (changed(FULL, stride=np.array([1, 1, 1])), "stride is [1, 1, 1]; expected 1 or 2 integers"),
    "no stride": (changed(FULL, stride=np.array([])), "stride is []; expected 1 or 2 integers"),
    "no step": (changed(FULL, stride=np.array([1, 0])), "stride is [1, 0]; expected from 1 to 65536"),
    "padding": (changed(FULL, padding=np.array([1, 2, 3])), "padding is [1, 2, 3]; expected 1 or 2 or 4 integers"),
    "negative": (changed(FULL, padding=np.array(-1)), "padding is -1; expected from 0 to 65536"),
    "dilation": (changed(FULL, dilation=np.array([1, 0])), "dilation is [1, 0]; expected from 1 to 65536"),
    "relu": (changed(FULL, relu=np.array(1)), "relu has dtype int64 and shape []; expected one boolean"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arrays(case, tmp_path):
    arrays, sentence = BAD[case]
    np.savez(tmp_path / "c.npz", **arrays)
    with pytest.raises(InputError) as error:
        load_workload(tmp_path / "c.npz")
    assert str(error.value).startswith(f"{tmp_path / 'c.npz'}: {sentence}")


def test_a_batch_of_inputs_is_refused_for_a_layer_without_one():
    with pytest.raises(InputError, match=r"the input of arrays is float32 \[2, 3, 8, 8\]; expected numbers \[3, hei"):
        load_workload({"weight": PLAIN["weight"]}, activation=draw(2, 3, 8, 8))


@given(st.data())
def test_a_damaged_archive_is_refused_in_a_sentence_or_still_a_layer(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "layer.npz"
    data.draw(st.sampled_from([np.savez, np.savez_compressed]))(path, **data.draw(st.sampled_from([FULL, PLAIN])))
    damage(data, path)
    try:
        (found,) = read_npz(path).layers
        assert np.isfinite(found.read().layer.weight).all()
    except InputError as error:
        assert re.fullmatch(r".*layer\.npz: .*; expected .*", str(error))


@given(st.integers(0, 1 << 32), st.integers(0, 7))
def test_an_array_with_a_flipped_bit_is_refused_in_a_sentence_or_still_a_layer(place, bit):
    keys = list(FULL)
    key = keys[place % len(keys)]
    content = bytearray(np.ascontiguousarray(FULL[key]).tobytes())
    content[place // len(keys) % len(content)] ^= 1 << bit
    array = np.frombuffer(bytes(content), FULL[key].dtype).reshape(FULL[key].shape)
    try:
        assert np.isfinite(from_convolution_arrays("layer", "c", {**FULL, key: array}).weight).all()
    except InputError as error:
        assert re.fullmatch(r"layer: .*; expected .*", str(error))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared inputs are not here")
def test_the_shared_convolutions_are_the_same_layer():
    ours = load_workload(SHARED / "conv.npz").layer
    stored = load_workload(SHARED / "conv.safetensors", activation=SHARED / "cx.npz")
    assert (stored.layer.weight.shape, stored.layer.output_plane) == (ours.weight.shape, ours.output_plane)
    np.testing.assert_array_equal(stored.layer.activation.shape, (3, 8, 8))
    assert "its stride is taken to be 1 (--stride)" in stored.notes
    assert open_model(SHARED / "conv.npz", WorkloadOptions()).network is False
