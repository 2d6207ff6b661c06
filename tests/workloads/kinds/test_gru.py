"""GRUs: read from arrays, drawn, pruned, quantised; the float GRU against PyTorch's equations in plain Python."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.errors import InputError
from workloads.kinds import kind_of, kinds
from workloads.kinds.gru.compress import fix_layer
from workloads.kinds.gru.format import GruFormat
from workloads.kinds.gru.forward import forward
from workloads.kinds.gru.layer import Gru, GruStack
from workloads.sources.zoo.recipes import zoo
from zeroskip import load_workload


def arrays(seed=0, inputs=3, cells=4, steps=5, scale=1.0):
    rng = np.random.default_rng(seed)
    shapes = {
        "weight_input": (3, cells, inputs), "weight_hidden": (3, cells, cells), "bias": (3, cells),
        "hidden_bias": (cells,), "activation": (steps, inputs),
    }  # fmt: skip
    return {name: (scale * rng.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()}


def by_hand(given):
    """Reset, update, candidate, a cell at a time, in Python's floats."""
    (_, cells, inputs), state, found = given["weight_input"].shape, [0.0] * len(given["hidden_bias"]), []

    def logistic(x):
        return 1 / (1 + math.exp(-x))

    for x in given["activation"].tolist():
        new = []
        for k in range(cells):
            outer = [
                sum(given["weight_input"][g, k, i] * x[i] for i in range(inputs)) + given["bias"][g, k]
                for g in range(3)
            ]
            inner = [sum(given["weight_hidden"][g, k, j] * state[j] for j in range(cells)) for g in range(3)]
            r, u = logistic(outer[0] + inner[0]), logistic(outer[1] + inner[1])
            c = math.tanh(outer[2] + r * (inner[2] + given["hidden_bias"][k]))
            new.append((1 - u) * c + u * state[k])
        state = new
        found.append(state)
    return np.array(found)


@given(st.integers(0, 1 << 30), st.integers(1, 4), st.integers(1, 5))
@settings(deadline=None, max_examples=30)
def test_the_float_gru_is_its_equations(seed, inputs, cells):
    held = arrays(seed, inputs, cells)
    gru = Gru("g", held["weight_input"], held["weight_hidden"], held["bias"], None, held["hidden_bias"])
    assert forward(gru, held["activation"]) == pytest.approx(by_hand(held), abs=1e-6)


def test_arrays_of_three_gates_are_a_gru_and_of_four_an_lstm():
    assert load_workload(arrays()).kind == "GRU"
    four = {name: np.concatenate([array, array[:1]]) for name, array in arrays().items() if name.startswith("weight")}
    assert load_workload({**four, "activation": arrays()["activation"]}).kind == "LSTM"


def test_fixed_point_follows_floating_point():
    """8-bit weights and 8-bit fractions; the RTL's tables are coarser."""
    fine = load_workload(arrays(1, 8, 16, 20, 0.4), formats={"GRU": GruFormat()}).layer
    coarse = load_workload(arrays(1, 8, 16, 20, 0.4), formats={"GRU": GruFormat(table_bits=4)}).layer
    held = arrays(1, 8, 16, 20, 0.4)
    assert fine.exact == pytest.approx(by_hand(held), abs=1e-6)
    near, far = (one.measures(kind_of(one).reference(one))["distance_from_float"] for one in (fine, coarse))
    assert near < 0.03 < far < 0.3


def test_all_weights_share_the_most_fraction_bits_that_their_largest_allows():
    for largest, bits in ((0.99, 7), (1.01, 6), (127.0, 0), (63.4, 1), (0.0, 7)):
        weight = np.zeros((3, 1, 1), np.float32)
        weight[0] = largest
        layer, lost = fix_layer(Gru("g", weight, 0 * weight, None, None))
        assert (layer.fraction_bits, lost) == (bits, 0)
        assert layer.weight[1, 0, 0] == np.rint(largest * 2**bits)


def test_columns_hold_biases_then_inputs_then_states():
    held = arrays()
    gru = Gru("g", held["weight_input"], held["weight_hidden"], held["bias"], None, held["hidden_bias"])
    layer, _ = fix_layer(gru)
    unit = 2.0**layer.fraction_bits
    assert np.array_equal(layer.weight[0], np.rint(held["bias"] * unit))
    for i in range(3):
        assert np.array_equal(layer.weight[1 + i], np.rint(held["weight_input"][:, :, i] * unit))
    for k in range(4):
        assert np.array_equal(layer.weight[4 + k], np.rint(held["weight_hidden"][:, :, k] * unit))
    assert np.array_equal(layer.first, np.rint(held["hidden_bias"].astype(float) * unit * 256))


def test_the_numbers_of_a_compressed_gru_are_its_words():
    layer = load_workload(arrays()).layer
    found = kind_of(layer).float_arrays(layer)
    given_back = {name: found[name].astype(np.float32) for name in found}
    again = load_workload({**given_back, "activation": arrays()["activation"]}).layer
    assert np.array_equal(again.layers[0].weight, layer.layers[0].weight)
    assert np.array_equal(again.layers[0].first, layer.layers[0].first)


def test_a_recipe_draws_layers_and_a_walk():
    recipe = zoo()["edgedrnn-256"]
    layer = load_workload("edgedrnn-256", scale=0.1, steps=7).layer
    assert [(one.inputs, one.cells) for one in layer.layers] == [(4, 26), (26, 26)]
    assert layer.activation.shape == (7, 4)
    moves = np.diff(load_workload("edgedrnn-256", steps=400).layer.activation.astype(float), axis=0)
    assert moves.std() / 256 == pytest.approx(recipe.sequence.width.value, rel=0.05)
    alone = load_workload("edgedrnn-256", steps=400, recipe={"sequence.distribution": "normal"}).layer
    assert alone.activation.std() / 256 == pytest.approx(recipe.sequence.width.value, rel=0.05)


def test_steps_crop_a_given_sequence():
    short, whole = load_workload(arrays(), steps=2).layer, load_workload(arrays()).layer
    assert np.array_equal(short.activation, whole.activation[:2])
    with pytest.raises(InputError, match="steps is 9; expected at most the 5"):
        load_workload(arrays(), steps=9)


@pytest.mark.parametrize("prune", ["balanced", "plain"])
def test_pruning_keeps_the_share(prune):
    layer = load_workload(arrays(0, 16, 32), density=0.25, prune=prune).layer
    assert layer.weight_density == pytest.approx(0.25, abs=0.03)
    assert np.count_nonzero(layer.layers[0].weight[0]) > 0  # biases stay


def test_without_an_input_a_walk_is_drawn():
    held = {name: array for name, array in arrays().items() if name != "activation"}
    drawn = load_workload(held, steps=9).layer
    assert drawn.activation.shape == (9, 3)
    with pytest.raises(InputError, match="input_shape is .*expected"):
        load_workload(held, input_shape=(4, 7))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bias": np.zeros((4, 4), np.float32)}, r"bias has shape \[4, 4\]"),
        ({"weight_hidden": np.zeros((3, 4, 5), np.float32)}, r"weight_hidden has shape \[3, 4, 5\]"),
        ({"activation": np.zeros((2, 5, 3), np.float32)}, r"\[2, 5, 3\]; expected \[steps, inputs\] with 3"),
        ({"peephole": np.zeros((3, 4), np.float32)}, "unknown key peephole"),
    ],
)  # fmt: skip
def test_bad_arrays_are_one_sentence(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        load_workload({**arrays(), **changes})


def test_a_stack_must_fit():
    one = arrays()
    lower = Gru("a", one["weight_input"], one["weight_hidden"], None, one["activation"])
    upper = lower._replace(name="b", activation=None)
    with pytest.raises(InputError, match="b: it has an input of 3; expected 4"):
        kinds()["GRU"].compress(GruStack("s", (lower, upper)), None, load_options())


def load_options():
    from workloads.options import WorkloadOptions

    return WorkloadOptions()
