"""The granularity study: merged additions against a naive walk, points against their runs, the picture's data."""

import numpy as np
import pytest
from hypothesis import given
from scnn_layers import PLAIN, convolution, drawn_layers, machines

from simulator.scnn import engine
from simulator.scnn.merging import merged_accumulations
from simulator.scnn.tile import Tile, read_activations, read_weights
from simulator.scnn.streams import layout


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
