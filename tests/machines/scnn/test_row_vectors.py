"""Vectors of weights by kernel row: additions and vectors by formulas, steps as the machine counts them, the page."""

import json

import numpy as np
import pytest
from support.paths import ROOT

from simulator.core.registry import find
from simulator.machines.scnn.layout.streams import layout
from simulator.machines.scnn.paper import row_vectors
from simulator.machines.scnn.paper.merging import count_steps
from workloads.kinds.convolution.layer import Convolution
from workloads.model import load_workload
from zeroskip import load_arch, simulate


def streams_of(weight, image, **changes):
    config = load_arch("scnn_8x8", **{"rows": 1, "columns": 1, **changes})
    layer = Convolution("x", weight, None, image, False, (1, 1), (1, 1, 1, 1), 1)
    workload = load_workload(layer, formats=find(config.machine).formats(config.arch))
    (found,) = layout(config.arch, workload.layer)
    return config, workload, found


@pytest.mark.parametrize("width", [3, 4])
def test_whole_rows_on_inputs_without_zeros_are_added_in_half(width):
    """A row of 3 weights on 4 neighbours of one row of the plane: 12 products, 6 sums; a plane's row is one vector."""
    weight, image = np.zeros((2, 3, 3, 3)), np.ones((3, 4, 4))
    weight[0, :, 0], weight[1, :, 2] = 1, -1  # one row for each input channel and each output
    config, _, streams = streams_of(weight, image, weights_per_vector=width)
    found = count_steps(config.arch, streams, by_row=True)
    assert found.vectors == 2 * 3
    assert found.steps == found.vectors * 4
    assert found.additions == found.steps * 6


def test_rows_of_single_weights_take_a_vector_each():
    weight, image = np.zeros((1, 2, 3, 3)), np.ones((2, 4, 4))
    weight[0, :, :, 1] = 1
    config, _, streams = streams_of(weight, image)
    assert count_steps(config.arch, streams, by_row=True).vectors == 2 * 3
    assert count_steps(config.arch, streams).vectors == 2  # three weights and what is between them: one vector of four


def test_stored_vectors_are_those_that_the_machine_broadcasts():
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((8, 4, 3, 3)) * (rng.random((8, 4, 3, 3)) < 0.4)
    image = np.maximum(0, rng.standard_normal((4, 16, 16)))
    config, workload, streams = streams_of(weight, image, rows=2, columns=2)
    counts, found = simulate(config, workload).run.counts, count_steps(config.arch, streams)
    assert counts.fifo_writes.sum() == found.vectors * config.arch.pes
    assert counts.fifo_reads.sum() == found.steps
    by_row = count_steps(config.arch, streams, by_row=True)
    assert by_row.vectors >= np.count_nonzero((workload.layer.weight != 0).any(axis=-1))
    assert by_row.additions <= counts.accumulations.sum()


def test_the_page_shows_what_the_study_gave():
    points = json.loads((ROOT / "docs" / "validation" / "row_vectors.json").read_text("utf-8"))
    page = (ROOT / "docs" / "granularity.md").read_text("utf-8")
    for table, width in zip(points["tables"], row_vectors.VECTORS, strict=True):
        for row in table["rows"]:
            if row[1] == "1-D rows":
                shown = [row[table["columns"].index(name)] for name in ("merged", "merged, by row", "by row of merged")]
                assert f"| {row[0]} | {width} | {' | '.join(shown)} |" in page


@pytest.mark.slow
def test_the_study_gives_the_committed_figures():
    kept = json.loads((ROOT / "docs" / "validation" / "row_vectors.json").read_text("utf-8"))
    assert json.loads(json.dumps(row_vectors.study(0, lambda _: None))) == kept
