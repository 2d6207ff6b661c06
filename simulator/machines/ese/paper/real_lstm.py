"""A trained LSTM at falling densities: cycles, energy, and the distance of the output from floating point.

The network recognises the characters of an image: convolutions, a bidirectional LSTM, a layer that scores characters.
Both directions run on the machine, one after the other; the convolutions before them and the scores after them are
computed in floating point. The network is not retrained.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simulator.config.load import load_arch
from simulator.machines.ese import MACHINE
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.run.simulate import simulate
from simulator.run.verify import check_output
from workloads.document_types import Document
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.compress import compress_lstm
from workloads.kinds.lstm.forward import forward
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.network import Network
from workloads.sources.pretrained.networks import read_real
from workloads.study import Progress
from workloads.workload import Workload

NETWORK = "ddddocr"
DENSITIES = (1.0, 0.5, 0.3, 0.2, 0.15, 0.1, 0.05)
FINER = {"sigmoid_range": 8, "tanh_range": 4}
"""Ranges with which the points of the tables are closer together than in the shipped configuration."""


class LstmRow(NamedTuple):
    """Results of both directions at one density, for one image."""

    density: float
    cycles: int
    energy_uj: float
    load_balance: float  # share of the cycles in which a PE issues an entry, for one voice
    distance: float  # |y' - y| / |y|; y: output in float64 with all weights
    distance_finer: float  # the same, with finer tables
    distance_pruned: float  # the same, of the output in float64 with the pruned weights
    same_characters: float  # share of time steps with the same best character as in float64 with all weights


def rows(densities: Sequence[float] = DENSITIES, sample: int = 0) -> Iterator[LstmRow]:
    """Prune with balance, quantise, run, compare with floating point."""
    network = read_real(NETWORK, sample)
    directions = [layer for layer in network.layers if isinstance(layer, Lstm)]
    exact = _join([_exact(layer) for layer in directions])
    for density in densities:
        yield _row(network, directions, density, exact)


def study(seed: int, progress: Progress) -> Document:  # noqa: ARG001 - nothing is drawn
    """All densities, as a table. InputError where the wheel cannot be fetched."""
    found = []
    for row in rows():
        found.append(row)
        progress(f"density {row.density:.0%}")
    return to_dict(found)


def to_dict(found: Sequence[LstmRow]) -> Document:
    """The rows as a study with one table, as JSON can hold it."""
    lines = []
    for row in found:
        shares = (row.distance, row.distance_finer, row.distance_pruned, row.same_characters)
        figures = f"{row.cycles:,}", f"{row.energy_uj:,.0f}", f"{100 * row.load_balance:.1f}"
        lines.append([f"{100 * row.density:.0f}", *figures, *(f"{100 * share:.1f}" for share in shares)])
    columns = ["weights %", "cycles", "energy uJ", "PEs busy %"]
    columns += ["distance %", "finer tables %", "pruning alone %", "same characters %"]
    title = f"{NETWORK}, both directions of its LSTM on ESE, one voice; pruned and quantised, not trained again"
    return {"study": "A real LSTM", "tables": [{"title": title, "columns": columns, "rows": lines}]}


def _row(network: Network, directions: list[Lstm], density: float, exact: np.ndarray) -> LstmRow:
    config, finer = load_arch("ese"), load_arch("ese", **FINER)
    given, form = (MACHINE.formats(one.arch)["LSTM"] for one in (config, finer))
    cycles, picojoules, busy = 0, 0.0, 0
    outputs, closer, pruned = [], [], []
    for layer in directions:
        workload = Workload(layer.name, NETWORK, None, compress_lstm([layer], density, given))
        result = check_output(simulate(config, workload))
        assert result.output_matches_reference
        cycles += result.run.cycles
        busy += int(result.run.reasons.busy.sum())
        picojoules += by_component(result.energy)[TOTAL]
        outputs.append(workload.layer.output_value(result.run.output)[0])
        pruned.append(workload.layer.exact[0])
        fine = Workload(layer.name, NETWORK, None, compress_lstm([layer], density, form))
        closer.append(fine.layer.output_value(simulate(finer, fine).run.output)[0])
    joined = [_join(parts) for parts in (outputs, closer, pruned)]
    size = np.linalg.norm(exact)
    distance, distance_finer, distance_pruned = (float(np.linalg.norm(one - exact) / size) for one in joined)
    same = float(np.mean(_characters(network, joined[0]) == _characters(network, exact)))
    load = busy / (config.arch.pes * cycles)
    return LstmRow(density, cycles, picojoules / 1e6, load, distance, distance_finer, distance_pruned, same)


def _exact(layer: Lstm) -> np.ndarray:
    assert layer.activation is not None
    return forward(layer, layer.activation[None]).output[0]


def _join(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Join forward and backward outputs of the same time steps, [steps, 2 x outputs]; the backward run is reversed."""
    ahead, back = parts
    return np.concatenate([ahead, back[::-1]], axis=1)


def _characters(network: Network, outputs: np.ndarray) -> np.ndarray:
    """The index of the best character of each time step, int64 [steps]."""
    (scores,) = (layer for layer in network.layers if isinstance(layer, FullyConnected))
    bias = 0 if scores.bias is None else scores.bias
    return np.asarray((outputs @ scores.weight.T + bias).argmax(axis=1))
