"""The studies on little data: every stage runs, and the tables hold what was measured."""

import numpy as np
import pytest
from typer.testing import CliRunner

from simulator.cli import app
from simulator.run.verify import check_output
from workloads.compression.storage import account
from workloads.errors import InputError
from workloads.experiments import deep_compression, dsd, lenet, mnist, qad, ttq
from workloads.sources.compressed.file import read_network
from workloads.sources.compressed.layers import trained
from workloads.training.sgd import Examples, TrainingSchedule
from zeroskip import load_arch, load_workload, simulate


@pytest.fixture(scope="module")
def digits():
    """Ten blurred patterns instead of digits: learnt in an epoch."""
    rng = np.random.default_rng(0)
    patterns = rng.random((10, 784), dtype=np.float32)
    labels = rng.integers(0, 10, 300)
    images = patterns[labels] + 0.3 * rng.standard_normal((300, 784), dtype=np.float32)
    return Examples(images[:200], labels[:200]), Examples(images[200:], labels[200:])


@pytest.fixture
def short(monkeypatch):
    """A few epochs of everything."""
    for module, name in (
        (lenet, "DENSE"),
        (deep_compression, "DENSE"),
        (deep_compression, "RETRAIN"),
        (ttq, "DENSE"),
        (ttq, "RETRAIN"),
        (dsd, "DENSE"),
        (dsd, "SPARSE"),
        (dsd, "DENSE_AGAIN"),
        (dsd, "BASELINE"),
        (qad, "TEACHER"),
        (qad, "STUDENT"),
    ):
        monkeypatch.setattr(module, name, TrainingSchedule(epochs=2, rate=0.05, batch=20))
    monkeypatch.setattr(deep_compression, "TUNE", TrainingSchedule(epochs=1, rate=1e-4, batch=50))


@pytest.mark.usefixtures("short")
def test_distillation(digits):
    heard = []
    outcomes = [qad.run(*digits, seed, heard.append) for seed in (0, 1)]
    for one in outcomes:
        assert one.teacher.divergence == 0
        assert one.rounded.divergence > 0
    assert any(line.startswith("seed 1, qad: epoch") for line in heard)
    assert qad.run(*digits, 0, heard.append) == outcomes[0]
    found = qad.to_tables(outcomes)
    assert [table["columns"][0] for table in found["tables"]] == ["seed", "seed", "training", "model and task"]
    assert found["tables"][1]["rows"][0][2] == f"{outcomes[0].rounded.divergence:.4f}"


def test_what_distillation_takes_back_is_a_share_of_sums():
    def one(seed, least, before, after):
        plain, rounded, trained = (qad.Measured(*pair) for pair in (least, before, after))
        return qad.Outcome(seed, plain, rounded, trained, trained)

    outcomes = [one(0, (3, 0), (4, 0.2), (3.5, 0.1)), one(1, (2, 0), (3, 0.2), (2.25, 0.15))]
    error, apart = qad.mean_recovered(outcomes, "qad")
    assert error[0] == pytest.approx((0.5 + 0.75) / 2)
    assert apart[0] == pytest.approx(0.15 / 0.4)
    assert error[1] == pytest.approx(np.sqrt(0.5 * 2 * 0.125**2))
    assert outcomes[0].recovered("qat") == pytest.approx((0.5, 0.5))


@pytest.mark.usefixtures("short")
def test_deep_compression(digits, tmp_path):
    heard = []
    outcome = deep_compression.run(*digits, 0, heard.append)
    assert list(outcome.errors) == ["dense", "pruned 1", "pruned 2", "pruned 3", "pruned 4", "shared", "compressed"]
    assert outcome.errors["dense"] < 20
    assert heard
    *parts, whole = outcome.layers
    for part, density, layer in zip(parts, deep_compression.ROUNDS[-1], outcome.network, strict=True):
        assert part.kept == round(density * part.weights)
        assert part == account(layer, deep_compression.WEIGHT_BITS, deep_compression.INDEX_BITS)
    assert whole.huffman == sum(part.huffman for part in parts)
    path = tmp_path / "net.safetensors"
    deep_compression.write(outcome, path, 7, digits[1])
    assert "--seed 7" in read_network(path).method
    workload = load_workload(f"{path}:ip2", activation=path.with_suffix(".npz"))
    assert check_output(
        simulate(load_arch("eie", index_bits=5, spmat_width_bits=72), workload)
    ).output_matches_reference
    errors, storage = deep_compression.to_tables(outcome)["tables"]
    assert errors["rows"][0] == ["dense", f"{outcome.errors['dense']:.2f}", "1.64"]
    assert storage["rows"][-1][0] == "total"
    assert storage["rows"][-1][-1] == f"{whole.rate:.1f}"
    with pytest.raises(InputError, match="expected a name that ends with .safetensors"):
        deep_compression.write(outcome, tmp_path / "net.npz", 7, digits[1])


@pytest.mark.usefixtures("short")
def test_ttq(digits):
    outcome = ttq.run(*digits, 0, lambda _: None)
    assert set(outcome.errors) == {"full precision", "ternary, not trained", "ternary"}
    assert set(outcome.sparsity) == set(outcome.scales) == {"ip1", "ip2"}
    for part in outcome.layers[:-1]:
        assert outcome.sparsity[part.layer] == pytest.approx(1 - part.kept / part.weights)
    # two bits for every weight, two scales and the biases
    assert outcome.dense_codes == 2 * (784 * 300 + 300 * 100) + 2 * 64 + 32 * 400
    assert len(ttq.to_tables(outcome)["tables"][1]["rows"]) == 3


@pytest.mark.usefixtures("short")
def test_dsd(digits):
    outcomes = [dsd.run(*digits, seed, lambda _: None) for seed in (0, 1)]
    assert [one.seed for one in outcomes] == [0, 1]
    gain, spread = dsd.mean_gain(outcomes, "baseline")
    differences = [one.baseline - one.dsd for one in outcomes]
    assert gain == pytest.approx(sum(differences) / 2)
    assert spread == pytest.approx(abs(differences[0] - differences[1]) / 2)
    assert dsd.to_tables(outcomes)["tables"][0]["rows"][-1][0] == "mean"


@pytest.mark.usefixtures("short")
def test_the_command(digits, monkeypatch, tmp_path):
    monkeypatch.setattr(mnist, "load_mnist", lambda: digits)
    path = tmp_path / "net.safetensors"
    for arguments in (["deep-compression", "-o", str(path)], ["ttq"], ["dsd", "--seeds", "1"]):
        result = CliRunner().invoke(app, ["study", *arguments])
        assert result.exit_code == 0, result.output
        assert "error on the test set, %" in result.stdout
    assert path.exists()


def test_a_seed_beyond_63_bits_is_refused_as_elsewhere():
    result = CliRunner().invoke(app, ["study", "dsd", "--seed", str(2**63)])
    assert str(result.exception) == f"seed is {2**63}; expected at most {2**63 - 1}"


def test_a_wrong_name_is_refused_before_the_training(monkeypatch):
    monkeypatch.setattr(mnist, "load_mnist", lambda: pytest.fail("the data were fetched"))
    result = CliRunner().invoke(app, ["study", "deep-compression", "-o", "net.npz"])
    assert "net.npz: it ends with '.npz'; expected" in str(result.exception)


def test_the_shipped_lenet_runs_on_eie():
    assert list(trained()) == ["lenet-300-100-ip1", "lenet-300-100-ip2", "lenet-300-100-ip3"]
    outputs = {}
    for name in trained():
        result = check_output(simulate(load_arch("eie"), load_workload(name)))
        assert result.output_matches_reference
        outputs[name] = result.workload.layer.output_value(result.run.output)
    # the input is the first test image of MNIST, a seven; each layer's output is nearly the next one's input (nearly,
    # as the machine holds biases in the codebook of the weights)
    assert outputs["lenet-300-100-ip3"].argmax() == 7
    file, _ = trained()["lenet-300-100-ip2"]
    with np.load(file.with_suffix(".npz")) as inputs:
        assert np.corrcoef(outputs["lenet-300-100-ip1"], inputs["ip2"])[0, 1] > 0.98


def test_the_shipped_lenet_is_as_small_as_the_paper_says():
    file, _ = trained()["lenet-300-100-ip1"]
    stored = read_network(file)
    parts = [account(layer, 4, bits) for layer, bits in zip(stored.matrices, stored.index_bits, strict=True)]
    assert sum(part.dense for part in parts) >= 40 * sum(part.huffman for part in parts)
    assert sum(part.dense for part in parts) >= 40 * 8 * file.stat().st_size


@pytest.mark.parametrize(
    "content",
    [
        [1, 2],
        (1, 2, 3),
        ((np.zeros((5, 784), np.float32), np.zeros(5, int)),) * 3,
        tuple((np.zeros((n, 784), np.float32), np.full(n, 11)) for n in mnist.SIZES),
    ],
)
def test_other_contents_are_no_mnist(content, monkeypatch):
    monkeypatch.setattr(mnist, "wheel_member", lambda *_: "mnist.pkl.gz")
    monkeypatch.setattr(mnist, "read_pickle", lambda _: content)
    with pytest.raises(InputError, match="mnist.pkl.gz: .*; expected "):
        mnist.load_mnist()


@pytest.mark.slow
def test_the_real_digits():
    train, test = mnist.load_mnist()
    assert train.inputs.shape == (60_000, 784)
    assert np.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
