"""The options of workloads: every value of a wrong type or range is refused by its name."""

import numpy as np
import pytest

from workloads.errors import InputError
from workloads.model import make_options, open_model
from workloads.options import WorkloadOptions

WRONG = [
    ("seed", "5", "a whole number, 0 or more"),
    ("seed", -1, "a whole number, 0 or more"),
    ("seed", True, "a whole number, 0 or more"),
    ("seed", 1.5, "a whole number, 0 or more"),
    ("seed", None, "a whole number, 0 or more"),
    ("sample", 1.5, "a whole number, 0 or more"),
    ("steps", -3, "a whole number, 1 or more"),
    ("steps", 0, "a whole number, 1 or more"),
    ("stride", 0, "a whole number, 1 or more"),
    ("padding", -1, "a whole number, 0 or more"),
    ("granularity", 5, "0 \\(weights\\), 1 \\(rows\\), 2 \\(kernels\\), 3 \\(filters\\)"),
    ("granularity", None, "0 \\(weights\\)"),
    ("scale", True, "a number above 0 and at most 1"),
    ("scale", 0, "a number above 0 and at most 1"),
    ("scale", float("nan"), "a number above 0 and at most 1"),
    ("scale", None, "a number above 0 and at most 1"),
    ("density", "a", "a number from 0 to 1"),
    ("density", float("nan"), "a number from 0 to 1"),
    ("density", True, "a number from 0 to 1"),
    ("activation_density", [0.5], "a number from 0 to 1"),
    ("layer", 5, "the name of a layer"),
    ("prune", 3, "balanced or plain"),
    ("prune", "x", "balanced or plain"),
    ("computed", 1, "True or False"),
    ("recipe", 5, "numbers of a recipe by their keys"),
    ("recipe", None, "numbers of a recipe by their keys"),
    ("formats", None, "formats by kind of layer"),
    ("input_shape", 5, "sizes such as"),
    ("input_shape", (1, 0), "sizes such as"),
    ("input_shape", (1, 2.5), "sizes such as"),
    ("input_shape", (), "sizes such as"),
]


@pytest.mark.parametrize(("key", "value", "expected"), WRONG)
def test_a_wrong_value_is_refused_by_name(key, value, expected):
    for call in (WorkloadOptions(**{key: value}).check, lambda: make_options(**{key: value})):
        with pytest.raises(InputError, match=f"^{key} is .*; expected {expected}"):
            call()
    with pytest.raises(InputError, match=f"^{key} is"):
        open_model("nt-we", **{key: value})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"formats": {"x": ()}}, "a kind in formats is 'x'; expected one of fully connected"),
        ({"formats": {"LSTM": 5}}, "formats\\['LSTM'\\] is 5; expected a format of that kind"),
        ({"formats": {5: ()}}, "a name in formats is 5; expected a text"),
        ({"recipe": {5: 1}}, "a name in recipe is 5; expected a text"),
        ({"input_shape": {"x": 5}}, "input_shape of x is 5; expected sizes"),
        ({"activation": object()}, "activation: it has dtype object; expected numbers, arrays by name, or the path"),
        ({"activation": {"x": None}}, "activation x: it is None; expected an array of numbers"),
        ({"activation": [[1, 2], [3]]}, "activation: it is of type list; expected numbers"),
        ({"nothing": 1}, "nothing is an unknown option; expected one of seed"),
    ],
)
def test_a_wrong_part_of_a_value_is_refused_by_name(options, sentence):
    with pytest.raises(InputError, match=sentence):
        make_options(**options)


def test_values_of_numpy_become_plain_ones():
    given = make_options(
        seed=np.int64(3),
        scale=np.float32(0.5),
        density=np.float64(0.25),
        steps=np.uint8(2),
        input_shape=[np.int32(4), 5],
    )
    assert given == WorkloadOptions(seed=3, scale=0.5, density=0.25, steps=2, input_shape=(4, 5))
    assert [type(getattr(given, key)) for key in ("seed", "scale", "density", "steps")] == [int, float, float, int]
    assert [type(one) for one in given.input_shape] == [int, int]


def test_lists_become_arrays():
    assert make_options(activation=[1, 0]).activation.dtype == np.float64
    named = make_options(activation={"x": [[1.5]]}).activation
    assert named["x"].tolist() == [[1.5]]
    assert make_options(activation="a.npz").activation == "a.npz"
