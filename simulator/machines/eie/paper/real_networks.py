"""Real networks at falling densities: cycles, energy, and the loss of accuracy by pruning and weight sharing."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.run.simulate import simulate
from simulator.run.verify import check_output
from workloads.compression.shared import SharedFullyConnected
from workloads.compression.storage import dense_codes
from workloads.document_types import Document
from workloads.kinds.fully_connected.compress import give_input, share_weights
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.sources.network import Network
from workloads.sources.pretrained.networks import read_real
from workloads.sources.pretrained.tiara import tiara_accuracy
from workloads.study import Progress
from workloads.workload import Workload

DENSITIES = (1.0, 0.5, 0.25, 0.2, 0.15, 0.1)
NETWORKS = ("tiara-k6", "opennsfw", "ddddocr")


class NetworkRow(NamedTuple):
    """Results of the fully connected layers of one network at one density, for one sample."""

    network: str
    density: float
    layers: int
    inputs_percent: str  # density of each layer's input
    cycles: int
    energy_nj: float
    output_error: float  # greatest over the layers of |y' - y| / |y|, y in floating point with all weights
    accuracy_percent: float | None  # of the whole network with these weights, where labelled samples exist
    output_matches_reference: bool


def rows(
    config: Config, networks: Sequence[str] = NETWORKS, densities: Sequence[float] = DENSITIES, sample: int = 0
) -> Iterator[NetworkRow]:
    """Prune by magnitude, quantise to a codebook of the machine's size, run. The networks are not retrained.

    InputError where there is no such network or sample.
    """
    for name in networks:
        network = read_real(name, sample)
        for density in densities:
            yield _row(config, network, density, tiara_accuracy if name.startswith("tiara") else None)


def study(seed: int, progress: Progress) -> Document:  # noqa: ARG001 - nothing is drawn
    """All networks at all densities, as a table. InputError where a wheel cannot be fetched."""
    found = []
    for row in rows(load_arch("eie")):
        found.append(row)
        progress(f"{row.network} at {row.density:.0%}")
    return to_dict(found)


def to_dict(found: Sequence[NetworkRow]) -> Document:
    """The rows as a study with one table, as JSON can hold it."""
    lines = []
    for row in found:
        accuracy = "-" if row.accuracy_percent is None else f"{row.accuracy_percent:.2f}"
        figures = f"{row.cycles:,}", f"{row.energy_nj:,.1f}", f"{100 * row.output_error:.1f}", accuracy
        lines.append([row.network, f"{100 * row.density:.0f}", str(row.layers), row.inputs_percent, *figures])
    columns = ["network", "weights %", "layers", "inputs %", "cycles", "energy nJ", "output error %", "accuracy %"]
    title = "fully connected layers, one sample; pruned and shared, not trained again"
    return {"study": "Real networks", "tables": [{"title": title, "columns": columns, "rows": lines}]}


def _row(
    config: Config, network: Network, density: float, accuracy: Callable[[Sequence[FullyConnected]], float] | None
) -> NetworkRow:
    layers = [layer for layer in network.layers if isinstance(layer, FullyConnected)]
    shared = [share_weights(layer, density, config.arch.weight_bits) for layer in layers]
    cycles, picojoules, errors, inputs, right = 0, 0.0, [], [], True
    for layer, weights in zip(layers, shared, strict=True):
        assert layer.activation is not None
        workload = Workload(f"{network.name}/{layer.name}", network.name, None, give_input(weights, layer.activation))
        result = check_output(simulate(config, workload))
        cycles += result.run.cycles
        picojoules += by_component(result.energy)[TOTAL]
        errors.append(_error(layer, workload.layer.output_value(result.run.output)))
        inputs.append(f"{100 * np.count_nonzero(layer.activation) / layer.activation.size:.1f}")
        right = right and bool(result.output_matches_reference)
    measured = (
        None if accuracy is None else 100 * accuracy([_dense(*pair) for pair in zip(layers, shared, strict=True)])
    )
    inputs_percent, energy_nj = " ".join(inputs), picojoules / 1000
    figures = inputs_percent, cycles, energy_nj, max(errors), measured, right
    return NetworkRow(network.name, density, len(layers), *figures)


def _error(layer: FullyConnected, output: np.ndarray) -> float:
    """The relative error |y' - y| / |y| of the machine's output; y: the unpruned layer's, in floating point."""
    exact = layer.weight.astype(np.float64) @ np.asarray(layer.activation, np.float64)
    exact = exact if layer.bias is None else exact + layer.bias
    exact = np.maximum(exact, 0) if layer.relu else exact
    size = float(np.linalg.norm(exact))
    return float(np.linalg.norm(output - exact)) / size if size else 0.0


def _dense(layer: FullyConnected, shared: SharedFullyConnected) -> FullyConnected:
    """The layer with its shared weights in place of the original ones, and the original bias."""
    return layer._replace(weight=shared.codebook[dense_codes(shared)])
