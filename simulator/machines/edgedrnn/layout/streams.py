"""From a compressed GRU to what EdgeDRNN reads: columns of weights, beat after beat."""

from typing import NamedTuple

import numpy as np

from simulator.machines.edgedrnn.arch import GATES, Arch, groups
from workloads.kinds import expect
from workloads.kinds.gru.layer import CompressedGru, CompressedGruLayer
from workloads.kinds.kind import CompressedLayer


class LayerStream(NamedTuple):
    """A layer: its columns, and how they are shared out. Cell k is on PE k mod pes."""

    inputs: int
    weight: np.ndarray  # int8 [1 + inputs + cells, 3, cells]: constant, inputs, states
    first: np.ndarray  # int32 [cells]
    fraction_bits: int
    beats: np.ndarray  # int64 [1 + inputs + cells]: of each column
    multiplies: np.ndarray  # int64 [1 + inputs + cells, pes]: weights of each column that a PE multiplies

    @property
    def cells(self) -> int:
        """States of the layer."""
        return self.weight.shape[2]


class Streams(NamedTuple):
    """All layers and the sequence: a time step runs through all of them."""

    layers: tuple[LayerStream, ...]
    activation: np.ndarray  # int16 [steps, inputs]
    sigmoid: np.ndarray  # int16 [4096]
    tanh: np.ndarray  # int16 [4096]
    input_threshold: int  # those that the layer is compressed for, in 1/256
    state_threshold: int


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """One pass over all time steps. InputError where the layer is of another kind."""
    layer = expect(given, CompressedGru, "EdgeDRNN")
    layers = tuple(_layer(arch, one) for one in layer.layers)
    thresholds = layer.input_threshold, layer.state_threshold
    return (Streams(layers, layer.activation, layer.sigmoid, layer.tanh, *thresholds),)


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each memory that is too small."""
    found = []
    for streams in passes:
        if len(streams.layers) > arch.most_layers:
            found.append(f"memories of states and sums: {len(streams.layers)} layers, {arch.most_layers} fit")
        most = max(max(one.cells, one.inputs) for one in streams.layers)
        if most > arch.most_cells:
            found.append(f"memories of states and sums: {most} elements of a layer, {arch.most_cells} fit")
    return found


def _layer(arch: Arch, layer: CompressedGruLayer) -> LayerStream:
    count, each = layer.weight.shape[0], np.bincount(np.arange(layer.cells) % arch.pes, minlength=arch.pes)
    if arch.sparse_columns:
        kept = np.count_nonzero(layer.weight, axis=1)  # [columns, cells]
        multiplies = np.zeros((count, arch.pes), np.int64)
        np.add.at(multiplies.T, np.arange(layer.cells) % arch.pes, kept.T)
        beats = np.maximum(multiplies.max(axis=1), 1)
    else:
        multiplies = np.tile(GATES * each.astype(np.int64), (count, 1))
        beats = np.full(count, GATES * groups(arch, layer.cells), np.int64)
    return LayerStream(layer.inputs, layer.weight, layer.first, layer.fraction_bits, beats, multiplies)
