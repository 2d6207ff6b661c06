"""A layer is the same to the last bit, and so is its run, whichever source it comes from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

import zeroskip as zs
from workloads.model import load_workload

MACHINES = {2: ("eie", "scnn"), 4: ("scnn", "dcnn"), 3: ("scnn",)}


def sources(folder, arrays, x):
    """The same weights and input: in memory, in archives of one and of two layers, as tensors."""
    plain = {key: array for key, array in arrays.items() if key != "relu"}
    np.savez(folder / "x.npz", activation=x)
    np.savez(folder / "one.npz", **plain, activation=x)
    np.savez(folder / "two.npz", **{f"a/{key}": one for key, one in plain.items()}, **{"b.weight": np.ones((2, 2))})
    save_file({f"a.{key}": one for key, one in plain.items()}, folder / "one.safetensors")
    save_file(
        {**{f"a.{key}": one for key, one in plain.items()}, "b.weight": np.ones((2, 2), np.float32)},
        folder / "two.safetensors",
    )
    given_ = {"activation": folder / "x.npz"}
    yield load_workload({**plain, "activation": x.astype(float)})
    yield load_workload(folder / "one.npz")
    yield load_workload(f"{folder / 'two.npz'}:a", **given_)
    yield load_workload(folder / "one.safetensors", **given_)
    yield load_workload(f"{folder / 'two.safetensors'}:a", activation=x)
    if set(plain) == {"weight"}:
        yield load_workload(plain["weight"].tolist(), activation=x.tolist())
    if set(plain) == {"weight"} and plain["weight"].ndim == 2:
        sparse, io = pytest.importorskip("scipy.sparse"), pytest.importorskip("scipy.io")
        sparse.save_npz(folder / "csr.npz", sparse.csr_matrix(plain["weight"]))
        io.mmwrite(folder / "m.mtx", sparse.coo_matrix(plain["weight"]), precision=9)
        yield load_workload(folder / "csr.npz", **given_)
        yield load_workload(folder / "m.mtx", **given_)


def bits(workload):
    """All that decides the layer's output, but for its name."""
    return [np.asarray(part).tobytes() for part in _flat(workload.layer) if not isinstance(part, str)]


def _flat(part):
    if isinstance(part, tuple):
        return [one for inner in part for one in _flat(inner)]
    return [part]


@settings(max_examples=10)
@given(st.data())
def test_every_source_gives_the_same_bits_and_the_same_run(tmp_path_factory, data):
    folder, dimensions = tmp_path_factory.mktemp("same"), data.draw(st.sampled_from([2, 3, 4]))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    shape = {2: (6, 5), 3: (4, 3, 2), 4: (4, 3, 2, 2)}[dimensions]
    weight = rng.standard_normal(shape).astype(np.float32)
    weight *= rng.random(shape) < data.draw(st.sampled_from([0.3, 1.0]))
    x = rng.standard_normal({2: (5,), 3: (3, 9), 4: (3, 6, 5)}[dimensions]).astype(np.float32)
    arrays = {"weight": weight}
    if data.draw(st.booleans()):
        arrays["bias"] = rng.standard_normal(shape[0]).astype(np.float32)
    first, *others = sources(folder, arrays, x)
    for other in others:
        assert bits(other) == bits(first)


@pytest.mark.parametrize(("shape", "x"), [((6, 5), (5,)), ((4, 3, 2, 2), (3, 6, 5))])
def test_every_source_runs_in_the_same_cycles_to_the_same_output(shape, x, tmp_path):
    rng = np.random.default_rng(0)
    arrays = {"weight": rng.standard_normal(shape).astype(np.float32)}
    for machine in MACHINES[len(shape)]:
        config = zs.load_arch(machine)
        np.savez(tmp_path / "x.npz", activation=np.ones(x, np.float32))
        np.savez(tmp_path / "one.npz", **arrays)
        save_file({"a.weight": arrays["weight"]}, tmp_path / "one.safetensors")
        runs = [
            zs.simulate(config, str(tmp_path / name), activation=str(tmp_path / "x.npz"))
            for name in ("one.npz", "one.safetensors")
        ]
        assert runs[0].run.cycles == runs[1].run.cycles
        np.testing.assert_array_equal(runs[0].run.output, runs[1].run.output)
