"""The study `dgc-links`: exchanges on simulated links are the closed forms, but for additions; who loses."""

import pytest
from typer.testing import CliRunner

from simulator.cli import app
from simulator.studies import gradient_exchange
from simulator.studies.gradient_exchange import exchanges, study
from workloads.training.gradient_compression.exchange_times import break_even_nodes


@pytest.fixture(scope="module")
def rows():
    return list(exchanges(str))


def test_links_give_the_closed_forms(rows):
    """Additions at 182.5 GB/s take less than 1 % of a transfer at 0.125 GB/s; nothing else differs."""
    assert len(rows) == 5 * len(gradient_exchange.NODES)
    for row in rows:
        assert row.off < 0.01


def test_an_all_gather_loses_above_the_break_even(rows):
    for row in rows:
        assert (row.ratio > 1) == (row.nodes > break_even_nodes(row.density, 6)), row
        if row.density > 0.05:  # biases are a small part of what is sent
            assert row.ratio == pytest.approx(row.nodes / break_even_nodes(row.density, 6), rel=0.02)


def test_the_study(rows):
    found = study(0, str)
    assert found["tables"][0]["columns"][0] == "network"
    names = [row[0] for row in found["tables"][0]["rows"]]
    assert names == ["AlexNet", "ResNet-50", "PTB LSTM"]
    last = found["tables"][-1]
    assert [len(row) for row in last["rows"]] == [6] * 5
    assert last["rows"][0][5] == f"{next(r.ratio for r in rows if r.nodes == 64 and r.density > 0.2):.3f}"
    result = CliRunner().invoke(app, ["study", "dgc-links"])
    assert result.exit_code == 0, result.output
