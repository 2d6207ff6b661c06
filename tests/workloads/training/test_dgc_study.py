"""The study `dgc` on little data, and the published steps that it reproduces."""

import numpy as np
import pytest
from typer.testing import CliRunner

from simulator.cli import app
from workloads.experiments import dgc, mnist
from workloads.experiments.dgc_tables import to_tables
from workloads.experiments.dgc_times import PADDLE, alexnet_speedups, paddle_fit
from workloads.training.gradient_compression.compressor import Traffic
from workloads.training.sgd import Examples, TrainingSchedule


@pytest.fixture
def digits(monkeypatch):
    """Ten blurred patterns instead of digits, and a few steps."""
    for name in ("USUAL", "HIGH"):
        monkeypatch.setattr(dgc, name, TrainingSchedule(epochs=2, rate=0.05, batch=20))
    rng = np.random.default_rng(0)
    patterns = rng.random((10, 784), dtype=np.float32)
    labels = rng.integers(0, 10, 200)
    images = patterns[labels] + 0.3 * rng.standard_normal((200, 784), dtype=np.float32)
    return Examples(images[:100], labels[:100]), Examples(images[100:], labels[100:])


def test_variants_differ_in_one_switch():
    full = dgc.FULL._asdict()
    for name, over in dgc.COMPARED[2:]:
        (rates, variant), like = dgc.VARIANTS[name], dgc.VARIANTS[over]
        assert like == (rates, dgc.FULL)
        assert sum(value != full[key] for key, value in variant._asdict().items()) == 1
    for name, over in dgc.COMPARED[:2]:
        assert dgc.VARIANTS[name]._replace(compression=None) == dgc.VARIANTS[over]
    assert dgc.FULL.density == 0.001


@pytest.mark.slow
def test_the_study(digits, monkeypatch):
    heard = []
    outcomes = [dgc.run(*digits, seed, heard.append) for seed in (0, 1)]
    assert list(outcomes[0].trained) == list(dgc.VARIANTS)
    assert outcomes[0].trained["dense"].error < 30
    assert any(line.startswith("seed 1, no warm-up: epoch 2") for line in heard)
    gap, spread = dgc.difference(outcomes, "DGC", "dense")
    gaps = [one.trained["DGC"].error - one.trained["dense"].error for one in outcomes]
    assert gap == pytest.approx(sum(gaps) / 2)
    assert spread == pytest.approx(abs(gaps[0] - gaps[1]) / 2)
    assert np.isnan(dgc.difference(outcomes[:1], "DGC", "dense")[1])
    tables = to_tables(outcomes)["tables"]
    assert [len(table["rows"]) for table in tables] == [3, 8, 2, 3, 4, 3, 5]
    for table in tables:
        assert {len(row) for row in table["rows"]} == {len(table["columns"])}
    monkeypatch.setattr(dgc, "VARIANTS", {name: dgc.VARIANTS[name] for name in ("DGC", "no warm-up")})
    again = dgc.run(*digits, 0, heard.append).trained
    assert again == {name: outcomes[0].trained[name] for name in again}


def test_what_is_sent_is_that_of_the_steps_after_warm_up():
    steps = [Traffic(0.1, 9000, 9000, 8000, 70_000), Traffic(0.001, 400, 404, 300, 5), Traffic(0.001, 600, 600, 500, 6)]
    found = dgc.summary(steps, 4)
    weights, biases = 784 * 300 + 300 * 100 + 100 * 10, 410
    assert found.elements == 500 / 4
    assert (found.longest, found.cut) == (70_000, 4)
    assert found.union == 400 / weights
    assert found.bytes == 502 / 4 * 6 + 4 * biases
    assert found.ratio == 4 * (weights + biases) / found.bytes


def test_the_command(digits, monkeypatch):
    monkeypatch.setattr(mnist, "load_mnist", lambda: digits)
    result = CliRunner().invoke(app, ["study", "dgc", "--seeds", "1"])
    assert result.exit_code == 0, result.output
    assert "error on the test set, %" in result.stdout
    assert "AlexNet" in result.stdout


def test_alexnet_on_64_nodes():
    found = alexnet_speedups()
    assert found.speedups["dense", 10] == pytest.approx(30)
    assert found.speedups["DGC", 1] > 40
    assert found.speedups["dense", 1] < found.speedups["dense", 10] < found.speedups["DGC", 10] < 64


def test_paddle_within_a_fifth_with_one_payload():
    found = paddle_fit()
    assert [row.gigabits for row in found.rows] == list(PADDLE)
    for row in found.rows:
        assert row.dense == pytest.approx(row.published_dense, rel=0.2)
        assert row.sparse == pytest.approx(row.published_sparse, rel=0.2)
        # two machines: a ring sends each byte once
        assert row.dense == pytest.approx(found.compute + found.payload / (row.gigabits * 1.25e8))
        assert row.sparse == pytest.approx(found.compute + 0.0015 * found.payload / (row.gigabits * 1.25e8))
    assert found.rows[1].dense == pytest.approx(0.55, rel=0.03)  # the one dense step that nothing was fitted to
