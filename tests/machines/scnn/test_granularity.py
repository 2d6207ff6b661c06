"""The granularity study: merged additions against a naive walk, points against their runs, the picture's data."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from support.scnn_layers import PLAIN, convolution, drawn_layers, machines
from typer.testing import CliRunner

from simulator import plots
from simulator.cli import app
from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.layout.streams import layout
from simulator.machines.scnn.model.tile import Tile, read_activations, read_weights
from simulator.machines.scnn.paper import granularity
from simulator.machines.scnn.paper.merging import merged_accumulations
from workloads.compression.group_storage import store_groups
from workloads.model import load_network
from workloads.sources.zoo.recipes import zoo
from zeroskip import load_arch, simulate


def walk(arch, streams):
    """Steps as lists of the places of their products, from the places that the model sees."""
    for number in range(len(streams.rounds)):
        for pe in range(arch.pes):
            tile = Tile(streams, number, pe)
            for phase in range(len(streams.phases)):
                blocks = streams.weight_blocks(phase, number), streams.activation_blocks(phase, number, pe)
                for ours, theirs in zip(*blocks, strict=True):
                    weights = read_weights(streams, number, phase, ours)
                    activations = read_activations(streams, tile, phase, theirs)
                    for w in range(0, len(weights), arch.weights_per_vector):
                        for a in range(0, len(activations), arch.activations_per_vector):
                            yield [
                                tile.product(weight, activation)[0]
                                for weight in weights[w : w + arch.weights_per_vector]
                                for activation in activations[a : a + arch.activations_per_vector]
                                if weight.value and activation.value
                            ]


@given(machines, drawn_layers)
def test_merged_additions_are_the_distinct_places_of_each_step(arch, layer):
    (streams,) = layout(arch, layer)
    steps = list(walk(arch, streams))
    counts = engine.run_without_output(arch, streams).counts
    assert len(steps) == counts.fifo_reads.sum()
    assert sum(map(len, steps)) == counts.accumulations.sum()
    assert merged_accumulations(arch, streams) == sum(len(set(step)) for step in steps)


@pytest.mark.parametrize(("weights", "activations"), [(3, 4), (1, 4), (4, 1), (2, 2)])
def test_a_row_of_weights_on_neighbours_makes_as_many_sums_as_a_full_convolution_is_long(weights, activations):
    arch = PLAIN._replace(columns=1, weights_per_vector=4, activations_per_vector=4)
    layer = convolution(np.ones((1, 1, 1, weights)), np.ones((1, 1, activations)), padding=(0, 3, 0, 3))
    assert merged_accumulations(arch, layout(arch, layer)[0]) == weights + activations - 1


ONE, SCALE = {"rows": 1, "columns": 1}, 0.2


@pytest.fixture(scope="module")
def tiny():
    """AlexNet's convolutions at a fifth of their size, on one PE, so that a tile has neighbours to merge."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(granularity, "load_arch", partial(load_arch, **ONE))
        return list(granularity.points(0, ["alexnet"], scale=SCALE))


def test_a_point_is_the_sum_of_its_layers_runs(tiny):
    assert [one.granularity for one in tiny] == [*granularity.NAMES, *granularity.NAMES[:3]]
    config, cycles, sums, merged, bits = load_arch("scnn_8x8", **ONE), 0, 0, 0, 0
    for workload in load_network("alexnet", "convolution", scale=SCALE, granularity=1):
        run = simulate(config, workload).run
        cycles += run.cycles
        sums += 2 * int(run.counts.scatters.sum())
        (streams,) = layout(config.arch, workload.layer)
        merged += 2 * sum(len(set(step)) for step in walk(config.arch, streams))
        bits += store_groups(workload.layer.weight, 1).bits
    rows = tiny[1]
    assert (rows.cycles, rows.sum_words, rows.merged_sum_words, rows.storage_bits) == (cycles, sums, merged, bits)
    assert rows.references - rows.merged_references == sums - merged > 0


def test_whole_groups_need_fewer_indices_and_more_merging(tiny):
    fine, *coarse = tiny[:4]
    for one in coarse:
        assert one.index_bits < fine.index_bits
        assert one.merged_references / one.references < fine.merged_references / fine.references


@pytest.mark.parametrize("network", granularity.NETWORKS)
def test_densities_of_equal_accuracy_keep_their_share_of_the_network(network):
    for share in granularity.NETWORKS[network]:
        densities = granularity.scaled_to(network, share)
        sizes = {name: workload_size(name) for name in densities}
        kept = sum(sizes[name] * density for name, density in densities.items())
        assert kept == pytest.approx(share * sum(sizes.values()))
        assert max(densities.values()) <= 1


def workload_size(name):
    shape = zoo()[name].shape
    return np.prod([shape.outputs, shape.inputs // shape.groups, shape.kernel, shape.kernel])


def test_tables_and_picture_show_the_points(tiny):
    found = granularity.to_dict(tiny)
    assert [len(table["rows"]) for table in found["tables"]] == [4, 4, 3, 3]
    assert all(len(row) == len(table["columns"]) for table in found["tables"] for row in table["rows"])
    frame = pd.DataFrame(found["points"])
    assert list(frame["relative_cycles"]) == [
        one.cycles / fine.cycles for one, fine in zip(tiny, 4 * [tiny[0]] + 3 * [tiny[4]], strict=True)
    ]
    panels = plots.granularity(frame, "title")
    assert [axes.get_title("left") for axes in panels] == ["alexnet, own densities", "alexnet, equal accuracy"]
    for axes, (_, part) in zip(panels, frame.groupby("densities", sort=False), strict=True):
        for bars, (column, name) in zip(axes.containers, plots.MEASURES, strict=True):
            assert bars.get_label() == name
            assert [bar.get_height() for bar in bars] == list(part[column])


def test_the_commands_print_and_draw(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(granularity, "points", lambda _: iter(tiny))
    done = CliRunner().invoke(app, ["study", "granularity", "--json"])
    assert done.exit_code == 0, done.output
    given, picture = tmp_path / "given.json", tmp_path / "picture.png"
    given.write_text(done.stdout)
    done = CliRunner().invoke(app, ["plot", str(given), "granularity", "-o", str(picture)])
    assert done.exit_code == 0, done.output
    assert picture.stat().st_size > 2000
    assert "1-D rows" in CliRunner().invoke(app, ["study", "granularity"]).output
