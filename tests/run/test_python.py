"""The calls of the Python interface: what they take, what they refuse, what they give."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import zeroskip as zs
from workloads.kinds.fully_connected import FullyConnectedKind
from workloads.kinds.fully_connected.layer import FullyConnected

INPUTS, OUTPUTS = 24, 10


def drawn(seed=0, density=0.4):
    """Weights [OUTPUTS, INPUTS] and an input, float64."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(OUTPUTS, INPUTS)) * (rng.random((OUTPUTS, INPUTS)) < density)
    weights[0, 0] = 1.5
    return weights, np.maximum(rng.normal(size=INPUTS), 0)


def same(left, right):
    """Whether two results are equal in all that a machine does."""
    if left.cycles != right.cycles or left.energy != right.energy:
        return False
    return np.array_equal(left.run.output, right.run.output)


FORMS = {
    "float32": np.float32,
    "lists": np.ndarray.tolist,
    "csr": sp.csr_matrix,
    "csc": sp.csc_array,
    "coo": sp.coo_array,
    "bsr": sp.bsr_matrix,
    "arrays": lambda weights: {"weight": weights},
    "lists by name": lambda weights: {"weight": weights.tolist()},
    "model": zs.open_model,
    "layer": lambda weights: FullyConnected("mine", weights.astype(np.float32), None, None, relu=False),
}


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_of_a_matrix_are_the_same_layer(form):
    weights, vector = drawn()
    wanted = zs.simulate("eie", weights, vector)
    assert same(zs.simulate("eie", FORMS[form](weights), vector), wanted)
    (row,) = zs.run("eie", FORMS[form](weights), vector).rows
    assert same(row.result, wanted)
    assert wanted.output_matches_reference is row.output_matches_reference is True


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.05, 1))
def test_a_sparse_matrix_is_its_dense_one(seed, density):
    weights, vector = drawn(seed, density)
    column = sp.csc_matrix(vector[:, None])
    assert same(zs.simulate("scnn", sp.csr_array(weights), column), zs.simulate("scnn", weights, vector.tolist()))


def test_integers_and_booleans_are_weights():
    whole = np.arange(OUTPUTS * INPUTS).reshape(OUTPUTS, INPUTS) % 3
    wanted = zs.simulate("eie", whole.astype(float), np.ones(INPUTS))
    for form in (whole, whole.tolist(), whole.astype(np.int8), sp.csr_matrix(whole)):
        assert same(zs.simulate("eie", form, [1] * INPUTS), wanted)
    assert zs.simulate("eie", whole > 0, np.ones(INPUTS)).output_matches_reference


def test_weights_without_an_input_get_a_drawn_one_and_a_note():
    weights, _ = drawn()
    result = zs.simulate("scnn", weights, activation_density=0.5, seed=3)
    assert np.count_nonzero(result.workload.layer.activation) == INPUTS / 2
    assert result.workload.seed == 3
    assert result.notes()[0].startswith("its input [24] is drawn, 50 % of it non-zero")


@pytest.mark.parametrize("call", [zs.simulate, zs.run, lambda *a, **k: zs.compare(["eie", "dcnn"], *a[1:], **k)])
def test_a_layer_is_called_as_the_user_likes(call):
    result = call("eie", *drawn(), name="mine")
    name = result.workload if isinstance(result.workload, str) else result.workload.name
    assert name == "mine"
    assert "mine" in str(result)
    assert zs.load_workload("alexnet-fc8", scale=0.02, name="mine").name == "mine"


def test_a_name_changes_nothing_that_is_drawn():
    weights, _ = drawn()
    assert same(zs.simulate("eie", weights, name="a"), zs.simulate("eie", weights, name="b"))
    assert same(zs.simulate("eie", "nt-we", scale=0.02, name="a"), zs.simulate("eie", "nt-we", scale=0.02))


def test_a_network_is_called_as_the_user_likes():
    result = zs.run("eie", "alexnet", scale=0.02, name="mine")
    assert result.workload == "mine"
    assert result.ran == ("alexnet-fc6", "alexnet-fc7", "alexnet-fc8")


def test_a_path_may_be_an_object(tmp_path):
    weights, vector = drawn()
    path = tmp_path / "layer.npz"
    np.savez(path, weight=weights, activation=vector)
    wanted = zs.simulate("eie", weights, vector)
    assert same(zs.simulate("eie", path), wanted)
    assert same(zs.simulate("eie", str(path)), wanted)
    assert same(zs.check("eie", path)[0].model, wanted)


def test_a_model_is_opened_again_with_other_options_only():
    model = zs.open_model("alexnet-fc8", scale=0.05, seed=7)
    assert zs.open_model(model) is model
    denser = zs.run("eie", model, density=0.5)
    assert same(denser.single, zs.simulate("eie", "alexnet-fc8", scale=0.05, seed=7, density=0.5))
    assert (denser.options["seed"], denser.options["density"]) == (7, 0.5)
    assert zs.run("eie", model).options["seed"] == 7
    named = zs.open_model(model, name="mine")
    assert zs.run("eie", named, density=0.5).workload == "mine"


def test_a_computed_network_runs_as_often_as_one_likes():
    model = zs.open_model("alexnet", computed=True)
    first, second = ([layer.name for layer in zs.open_model(model).layers] for _ in range(2))
    assert first == second
    assert len(first) == 8


def test_a_workload_runs_on_machines_that_read_it_otherwise():
    workload = zs.load_workload("alexnet-fc8", scale=0.05)
    for machine in ("eie", "scnn", "dcnn"):
        assert same(zs.simulate(machine, workload), zs.simulate(machine, "alexnet-fc8", scale=0.05))
        assert same(
            zs.run(machine, workload).single, zs.simulate(machine, zs.load_workload("alexnet-fc8", machine, scale=0.05))
        )
    other = zs.load_workload("alexnet-fc8", machine="scnn", scale=0.05)
    for call in (zs.simulate, zs.run, zs.check):
        with pytest.raises(
            zs.InputError,
            match=r"alexnet-fc8: it is loaded as a convolution for another machine; "
            r"expected load_workload\(..., machine='eie_64pe'\)",
        ):
            call("eie", other)
    with pytest.raises(zs.InputError, match="its kind is fully connected; expected LSTM on ese_32x32"):
        zs.simulate("ese", workload)
    with pytest.raises(zs.InputError, match="density is given; expected no option, as it is loaded already"):
        zs.simulate("eie", workload, density=0.1)


def test_the_output_is_compared_unless_it_is_not_wanted(monkeypatch):
    weights, vector = drawn()
    assert zs.simulate("eie", weights, vector).output_matches_reference is True
    assert zs.simulate("eie", weights, vector, compare=False).output_matches_reference is None
    assert zs.simulate("eie", weights, vector, output=False).output_matches_reference is None
    monkeypatch.setattr(FullyConnectedKind, "reference", lambda *_: np.full(OUTPUTS, -1, np.int16))
    assert zs.simulate("eie", weights, vector).output_matches_reference is False


def test_a_model_result_has_the_figures_of_its_total():
    network = zs.run("eie", "alexnet", scale=0.02)
    total = network.total()
    for key in ("cycles", "time_us", "energy_uj", "output_matches_reference"):
        assert getattr(network, key) == getattr(total, key)
    assert network.cycles == sum(row.cycles for row in network.rows if row.cycles is not None)
    single = zs.run("eie", *drawn())
    assert (single.cycles, single.energy_uj) == (single.single.cycles, single.single.energy_uj)


def test_the_trace_of_one_layer():
    weights, vector = drawn()
    machine = zs.load_arch("eie", pes=2)
    result = zs.run(machine, weights, vector, trace_cycles=7)
    assert same(result.single, zs.simulate(machine, weights, vector))
    text = zs.show(result)
    letters = zs.show(result.single.run.trace).split("\n")
    assert [len(line) for line in letters] == [7, 7, 7]
    assert text.split("\n")[:4] == [f"PE 0     {letters[0]}", f"PE 1     {letters[1]}", f"control  {letters[2]}", ""]
    assert "PE: m multiply, " in text
    for broken, sentence in (
        (
            lambda: zs.run("eie", "alexnet", scale=0.02, trace_cycles=5),
            "alexnet: trace_cycles is 5; expected 0 for",
        ),
        (lambda: zs.run("eie", weights, trace_cycles=-1), "trace_cycles is -1; expected a whole number, 0 or more"),
        (
            lambda: zs.simulate("eie", weights, trace_cycles="5"),
            "trace_cycles is '5'; expected a whole number, 0 or more",
        ),
        (
            lambda: zs.show(zs.simulate("eie", weights)),
            "arrays: its result has no trace; expected",
        ),
        (
            lambda: zs.show(zs.run("eie", "alexnet", scale=0.02)),
            "alexnet: it is a network; expected the",
        ),
        (lambda: zs.show("x"), "result is 'x'; expected a result with a trace"),
    ):
        with pytest.raises(zs.InputError, match=sentence):
            broken()


WRONG = {
    "source is None; expected a name that `list` shows, the path of a file, arrays by name": None,
    "source is 5 \\(int\\); expected a name": 5,
    "source is b'x' \\(bytes\\); expected a name": b"x",
    "source is set\\(\\) \\(set\\); expected a name": set(),
    "source: it has dtype object; expected a name": object(),
    "source: it has dtype <U1; expected a name": ["a", "b"],
    "source: it is of type list; expected a name": [[1, 2], [3]],
    "source: it has dtype complex128; expected a name": np.eye(2) * 1j,
    "source: it is an array of shape \\[4\\]; expected weights \\[outputs, inputs\\]": [1, 2, 3, 4],
    "arrays: a name is 1 \\(int\\); expected texts as names of arrays": {1: np.eye(2)},
    "arrays: weight: it is None; expected an array of numbers": {"weight": None},
    "arrays: weight: it has dtype object; expected an array of numbers": {"weight": np.array([None])},
    "arrays: weight has dtype <U1; expected floating point": {"weight": "x"},
    "arrays: it has no weight \\(it has nothing\\); expected the keys": {},
    "arrays: weight has shape \\[0, 4\\]; expected": np.zeros((0, 4)),
    "arrays: weight\\[1, 1\\] is nan \\(1 such values\\); expected finite": np.diag([1, np.nan]),
    "expected a matrix of at most 2\\*\\*31 places": sp.csr_matrix((1 << 20, 1 << 20)),
}


@pytest.mark.parametrize("sentence", WRONG)
@pytest.mark.parametrize(
    "call", [zs.open_model, lambda source: zs.run("eie", source), lambda source: zs.check("eie", source)]
)
def test_what_is_no_source_is_refused(call, sentence):
    with pytest.raises(zs.InputError, match=sentence):
        call(WRONG[sentence])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: zs.run(None, "nt-we"), "machine is None; expected a name or the path of a .yaml file"),
        (lambda: zs.load_arch(5), "machine is 5; expected a name or the path"),
        (lambda: zs.open_store(5), "store is 5; expected the path of a file"),
        (lambda: zs.compare("eie", "nt-we"), "machines is 'eie'; expected a list of two or more machines"),
        (lambda: zs.compare(["eie"], "nt-we"), "machines: there are 1; expected two or more"),
        (lambda: zs.compare(["eie", "eie"], "nt-we"), "machines: eie and eie are the same configuration"),
        (lambda: zs.compare(["eie", 5], "nt-we"), "machine is 5; expected a name"),
        (
            lambda: zs.compare(["eie", "dcnn"], "nt-we", baseline="ese"),
            "baseline: it is 'ese'; expected one of",
        ),
        (lambda: zs.compare(["eie", "dcnn"], "nt-we", layers="nt-we"), "layers is 'nt-we'; expected a list of names"),
        (
            lambda: zs.simulate("eie", "alexnet"),
            "alexnet: no layer is chosen; expected one of its layers",
        ),
        (lambda: zs.open_model("nt-we", computed=True), "nt-we: computed is given; expected a whole network"),
        (
            lambda: zs.open_model("nt-we", {"seed": 1}),
            "options is {'seed': 1}; expected a WorkloadOptions",
        ),
        (lambda: zs.open_model("nt-we", name=5), "name is 5; expected a text"),
        (lambda: zs.open_model("nt-we", sed=5), "sed is an unknown option; expected one of seed, scale"),
        (
            lambda: zs.simulate("eie", np.eye(4), np.ones(3)),
            "the input of arrays is float64 \\[3\\]; expected numbers",
        ),
        (
            lambda: zs.simulate("eie", np.eye(4), object()),
            "activation: it has dtype object; expected numbers",
        ),
    ],
)
def test_wrong_arguments_are_named(call, sentence):
    with pytest.raises(zs.InputError, match=sentence):
        call()


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    assert zs.__version__ == version("zeroskip")


@pytest.mark.parametrize("name", ["Comparison", "Model", "ModelResult", "Workload", "WorkloadOptions"])
def test_fields_are_documented(name):
    from simulator.results.model_result import LayerRow, Total
    from simulator.run.compare import Ratios
    from workloads.workload import Layer

    for named in (getattr(zs, name), LayerRow, Total, Ratios, Layer):
        for field in named._fields:
            assert not getattr(named, field).__doc__.startswith("Alias for"), f"{named}.{field}"
            assert getattr(named, field).__doc__.endswith(".")
