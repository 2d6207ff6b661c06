"""Rows of a layer in an order that spreads their weights more evenly over EIE's PEs: row i is on PE i mod pes.

A known heuristic, longest processing time first (Graham, 1969), with a limit: each PE takes as many rows as it has.
"""

import heapq

import numpy as np

from simulator.core.mechanisms import Rearrangement
from simulator.machines.eie.arch import Arch
from workloads.compression.columns import Columns
from workloads.kinds import expect
from workloads.kinds.fully_connected.layer import CompressedFullyConnected
from workloads.kinds.kind import CompressedLayer


def rearrange(arch: Arch, given: CompressedLayer) -> list[Rearrangement]:
    """The layer with its rows in another order; none where scales tie rows to their place."""
    layer = expect(given, CompressedFullyConnected, "EIE")
    if layer.scales is not None or arch.pes == 1:
        return []
    weights = np.bincount(layer.columns.row, minlength=layer.outputs)
    order = balanced_order(weights, arch.pes)
    used = np.repeat(layer.activation != 0, np.diff(layer.columns.start))
    bound = -(-int(np.count_nonzero(used)) // arch.pes)
    about = "rows dealt to the PEs by their weights, the longest first to the emptiest PE"
    return [Rearrangement("longest first", about, permute(layer, order), order, bound)]


def balanced_order(weights: np.ndarray, pes: int) -> np.ndarray:
    """The row in each place, int64 [rows]; weights: int64 [rows], of each row.

    The longest row that is left goes to the PE with the fewest weights that has a place; rows of a PE stay in order.
    """
    places = [max(0, -(-(weights.size - pe) // pes)) for pe in range(pes)]
    heap = [(0, pe) for pe in range(pes) if places[pe]]
    owner = np.empty(weights.size, np.int64)
    for row in np.argsort(-weights, kind="stable").tolist():
        held, pe = heapq.heappop(heap)
        owner[row] = pe
        places[pe] -= 1
        if places[pe]:
            heapq.heappush(heap, (held + int(weights[row]), pe))
    order = np.empty(weights.size, np.int64)
    for pe in range(min(pes, weights.size)):
        order[pe::pes] = np.flatnonzero(owner == pe)
    return order


def permute(layer: CompressedFullyConnected, order: np.ndarray) -> CompressedFullyConnected:
    """The layer whose row i is the given layer's row order[i]. order: int64 [outputs]."""
    start, row, code = layer.columns
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    column, moved = np.repeat(np.arange(start.size - 1), np.diff(start)), place[row]
    sorting = np.lexsort((moved, column))
    columns = Columns(start, moved[sorting].astype(np.uint32), code[sorting])
    initial = None if layer.initial is None else layer.initial[order]
    return layer._replace(columns=columns, initial=initial)
