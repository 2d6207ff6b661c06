"""A layer with fewer weights on EIE: no PE has more than the mean of all."""

import numpy as np

from simulator.core.mechanisms import Repruning
from simulator.machines.eie.arch import Arch
from workloads.compression.excess import ABOUT, NAME, without_excess
from workloads.kinds import expect
from workloads.kinds.fully_connected.layer import CompressedFullyConnected
from workloads.kinds.kind import CompressedLayer


def reprune(arch: Arch, given: CompressedLayer) -> list[Repruning]:
    """The layer without the smallest weights of the fuller PEs; none where blocks have scales, or where nothing goes.

    A column of biases stays as it is.
    """
    layer = expect(given, CompressedFullyConnected, "EIE")
    start, row, code = layer.columns
    weights, pes = int(start[layer.inputs]), min(arch.pes, layer.outputs)  # those that have rows
    if layer.scales is not None or pes == 1 or not weights:
        return []
    kept = np.ones(row.size, bool)
    kept[:weights] = without_excess(row[:weights], layer.codebook[code[:weights]], pes)
    removed = int(np.count_nonzero(~kept))
    if not removed:
        return []
    return [Repruning(NAME, ABOUT, layer._replace(columns=layer.columns.only(kept)), removed, weights)]
