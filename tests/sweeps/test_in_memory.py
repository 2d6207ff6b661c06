"""Sweeps in memory: the same points as with a store, of anything that can be opened."""

import numpy as np
import pytest
import scipy.sparse as sp

import zeroskip as zs

WEIGHTS = sp.random(48, 64, 0.4, random_state=1, format="csr")


def test_the_points_are_those_of_a_store(tmp_path):
    over = {"pes": [1, 4], "seed": [0, 1]}
    table = zs.sweep("eie", "alexnet-fc8", over, fixed={"scale": 0.02}).to_frame()
    done = zs.sweep("eie", "alexnet-fc8", over, fixed={"scale": 0.02}, store=tmp_path / "a.db", jobs=1)
    assert (done.points, done.failed) == (4, 0)
    stored = zs.open_store(tmp_path / "a.db").frame()
    key = ["pes", "seed"]
    for name in ("cycles", "time_us", "energy_uj", "dram_bytes", "counts.entries", "energy_pj.total"):
        ours, theirs = (frame.sort_values(key)[name].to_list() for frame in (table, stored))
        assert ours == theirs, name


def test_every_point_is_a_run():
    over = {"pes": [2, 8], "density": "0.1:0.3:3"}
    swept = zs.sweep("eie", WEIGHTS, over)
    rows = [(row["pes"], row["density"]) for row in swept.rows]
    assert rows == [(pes, density) for pes in (2, 8) for density in (0.1, 0.2, 0.3)]
    assert swept.varied == ("pes", "density")
    for row in swept.rows:
        result = zs.simulate(zs.load_arch("eie", pes=row["pes"]), WEIGHTS, density=row["density"])
        assert (row["cycles"], row["energy_uj"]) == (result.cycles, result.energy_uj)
        assert row["notes"] == "; ".join(result.notes())


def test_a_model_and_a_network_are_swept():
    model = zs.open_model(WEIGHTS, seed=4, activation_density=0.5)
    swept = zs.sweep(zs.load_arch("eie", queue_depth=2), model, {"pes": [1, 2]})
    assert [row["cycles"] for row in swept.rows] == [
        zs.simulate(zs.load_arch("eie", queue_depth=2, pes=pes), model).cycles for pes in (1, 2)
    ]
    network = zs.sweep(["eie", "scnn"], "alexnet", {"seed": [0]}, fixed={"scale": 0.02})
    assert [row["cycles"] for row in network.rows] == [zs.run(m, "alexnet", scale=0.02).cycles for m in ("eie", "scnn")]
    assert "alexnet-conv5 - did not run: eie_64pe runs only fully connected layers" in network.rows[0]["notes"]
    assert network.varied == ("machine", "seed")


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((1, 2, 4), [1, 2, 4]),
        ("0.5:1.0:2", [0.5, 1.0]),
        ([0.5, 1.0, 1], None),
        ("1,2", [1, 2]),
        ("1:3:3", [1, 2, 3]),
        (np.array([1, 2]), [1, 2]),
        (range(1, 3), [1, 2]),
    ],
)
def test_values_are_given_one_by_one_or_as_a_span(values, wanted):
    name = "pes" if wanted is not None and all(isinstance(one, int) for one in wanted) else "scale"
    if wanted is None:
        with pytest.raises(zs.InputError, match="scale has the value 1 twice"):
            zs.sweep("eie", "nt-we", {name: values})
        return
    swept = zs.sweep("eie", "nt-we", {name: values}, fixed={} if name == "scale" else {"scale": 0.02})
    assert [row[name] for row in swept.rows] == wanted


def test_keys_move_together_and_the_recipe_may_vary():
    zipped = [{"pes": [1, 2], "queue_depth": [8, 4]}]
    swept = zs.sweep("eie", "nt-we", {}, zipped=zipped, fixed={"scale": 0.02})
    assert [(row["pes"], row["queue_depth"]) for row in swept.rows] == [(1, 8), (2, 4)]
    with pytest.raises(zs.InputError, match="arrays: foo is an unknown key; expected"):
        zs.sweep("eie", WEIGHTS, {"foo": [1]})


def test_a_point_that_fails_is_a_row_and_a_sweep_that_fails_is_an_error():
    swept = zs.sweep("eie", WEIGHTS, {"pes": [1, -5]})
    assert (swept.failed, len(swept.rows)) == (1, 2)
    assert swept.rows[1]["error"] == "pes is -5 (set by the user); expected an integer from 1 to 16384"
    assert "-5" in str(swept)
    assert "expected an integer" in swept._repr_html_()
    for call, sentence in (
        (lambda: zs.sweep("eie", WEIGHTS, {"pes": [-5]}), "pes is -5"),
        (lambda: zs.sweep("eie", None, {"pes": [1]}), "source is None; expected a name"),
        (lambda: zs.sweep(5, WEIGHTS, {"pes": [1]}), "machine is 5; expected a name"),
        (lambda: zs.sweep("ese", WEIGHTS, {"pes": [1]}), "arrays: its kind is fully connected; expected LSTM"),
        (lambda: zs.sweep("ese", "alexnet", {"pes": [1]}), "alexnet: ese_32x32 runs none of its layers"),
        (lambda: zs.sweep("eie", WEIGHTS, {"pes": 5}), "sweep: pes is 5; expected a list of values"),
        (lambda: zs.sweep("eie", WEIGHTS, 5), "sweep: over is 5; expected values by the names of keys"),
        (lambda: zs.sweep("eie", WEIGHTS, {"pes": []}), "sweep: pes has 0 values"),
        (lambda: zs.sweep("eie", WEIGHTS, {"pes": [1]}, jobs=2), "sweep: jobs or a cluster is given without a store"),
        (lambda: zs.sweep("eie", WEIGHTS, {"engine": ["x"]}), "engine is 'x'; expected one of numba, simpy"),
    ):
        with pytest.raises(zs.InputError, match=sentence):
            call()


def test_a_machine_that_does_not_exist_is_a_row_with_its_error():
    found = zs.sweep("eie", "nt-we", {"machine": ["eie_64pe", "nope"], "scale": [0.02]})
    assert found.machines == ("eie", "nope")
    assert found.rows[1]["error"].startswith("nope: there is no such configuration")
    assert "error" not in found.rows[0]


def test_a_point_says_whether_it_fits_its_machine():
    weights = np.ones((64, 64))
    over = {"spmat_bytes": [128, 131072]}
    rows = zs.sweep("eie", weights, over, fixed={"pes": 1}).rows
    fits = [not zs.simulate(zs.load_arch("eie", pes=1, spmat_bytes=one), weights).violations for one in (128, 131072)]
    assert [row["fits"] for row in rows] == fits == [False, True]


@pytest.fixture(scope="module")
def swept():
    return zs.sweep("eie", WEIGHTS, {"pes": [2, 8], "density": [0.1, 0.3]})


def test_a_sweep_is_drawn_as_a_store_is(swept):
    (axes,) = swept.plot("energy").axes
    assert next(text.get_text() for text in axes.get_yticklabels()).startswith("pes=2, ")
    for kind in ("pareto", "speedup", "density", "latency"):
        assert swept.plot(kind).axes
    with pytest.raises(zs.InputError, match="kind is 'pie'; expected one of energy"):
        swept.plot("pie")
    with pytest.raises(zs.InputError, match="kind: it is of type int"):
        swept.plot(3)


def test_a_sweep_is_saved_as_a_result_is(swept, tmp_path):
    for ending, begin in ((".csv", "workload,machine,"), (".json", "["), (".html", "<!")):
        swept.save(tmp_path / f"s{ending}")
        assert (tmp_path / f"s{ending}").read_text("utf-8").startswith(begin)
    with pytest.raises(zs.InputError, match=r"s.txt: it ends with '.txt'; expected a name that ends with .json or"):
        swept.save(tmp_path / "s.txt")


def test_a_sweep_has_the_front_of_a_store(swept, tmp_path):
    front = swept.pareto(["time_us", "energy_uj"])
    frame = swept.to_frame()
    for row in front.to_dict("records"):
        no_worse = (frame.time_us <= row["time_us"]) & (frame.energy_uj <= row["energy_uj"])
        assert not (no_worse & ((frame.time_us < row["time_us"]) | (frame.energy_uj < row["energy_uj"]))).any()
    assert set(swept.pareto(["time_us"], by=["pes"]).pes) == {2, 8}
    with pytest.raises(zs.InputError, match="sweep: tyme_us is no column; expected one such as time_us"):
        swept.pareto(["tyme_us"])
    with pytest.raises(zs.InputError, match="pareto: no objective is given"):
        swept.pareto()
    zs.sweep("eie", "alexnet-fc8", {"pes": [1]}, fixed={"scale": 0.01}, store=tmp_path / "a.db", jobs=1)
    held = zs.open_store(tmp_path / "a.db")
    assert held.to_frame().equals(held.frame())


def test_a_tuple_is_values_and_a_text_a_range():
    assert [row["pes"] for row in zs.sweep("eie", WEIGHTS, {"pes": (4, 16, 3)}).rows] == [4, 16, 3]
    assert [row["density"] for row in zs.sweep("eie", WEIGHTS, {"density": (0.1, 0.5, 1)}).rows] == [0.1, 0.5, 1]
    assert [row["pes"] for row in zs.sweep("eie", WEIGHTS, {"pes": "4:16:3"}).rows] == [4, 10, 16]


def test_a_setting_as_an_argument_is_refused():
    with pytest.raises(zs.InputError, match=r'sweep: density is given as an argument; expected fixed={"density": 0.1}'):
        zs.sweep("eie", WEIGHTS, {"pes": [1]}, density=0.1)
