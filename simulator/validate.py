"""Simulated beside published figures, and outputs beside the reference kernels."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from kernels_ref import convolution, fully_connected, lstm
from simulator.report import Result
from workloads.layers import CompressedConvolution, CompressedFullyConnected
from workloads.lstm_layers import CompressedLstm


class Row(NamedTuple):
    """One figure of a paper; `published` is None where no published value is at hand."""

    paper: str
    table: str
    row: str
    quantity: str
    published: float | None
    simulated: float
    error_percent: float | None
    mark: str  # how the published value is known; "fitted": the model was made to agree with it


class Summary(NamedTuple):
    """How far a table's simulated figures are from the published ones."""

    table: str
    quantity: str
    figures: int
    mean_absolute_error_percent: float
    geometric_mean_error_percent: float  # of simulated / published: the bias that is left when errors cancel


def compare(
    paper: str, table: str, row: str, quantity: str, published: float | None, simulated: float, mark: str
) -> Row:
    """Put the two figures side by side."""
    error = None if published is None else 100 * (simulated / published - 1)
    return Row(paper, table, row, quantity, published, simulated, error, mark)


def summarise(rows: Sequence[Row]) -> list[Summary]:
    """A summary for each table and quantity that has published figures, and one over all that was not fitted."""
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    free = []
    for row in rows:
        if row.error_percent is not None:
            fitted = row.mark == "fitted"
            groups[row.table, f"{row.quantity}{' (fitted)' if fitted else ''}"].append(row.error_percent)
            free += [] if fitted else [row.error_percent]
    if len(groups) > 1 and free:
        groups["all", "but fitted"] = free
    return [_summary(table, quantity, errors) for (table, quantity), errors in groups.items()]


def _summary(table: str, quantity: str, errors: list[float]) -> Summary:
    logs = [math.log1p(error / 100) for error in errors]
    return Summary(
        table=table,
        quantity=quantity,
        figures=len(errors),
        mean_absolute_error_percent=math.fsum(map(abs, errors)) / len(errors),
        geometric_mean_error_percent=100 * math.expm1(math.fsum(logs) / len(logs)),
    )


def check_output(result: Result, reference: np.ndarray | None = None) -> Result:
    """The result, with its output compared to the reference kernel's, bit for bit.

    reference: what `reference_output` gave for this workload, to use it again.
    """
    reference = reference_output(result) if reference is None else reference
    return replace(result, output_matches_reference=bool(np.array_equal(result.run.output, reference)))


def reference_output(result: Result) -> np.ndarray:
    """What the output must be, int16, as the kernel for the layer's kind computes it."""
    layer = result.workload.layer
    return KERNELS[type(layer)](layer)


def _multiply(layer: CompressedFullyConnected) -> np.ndarray:
    return fully_connected.multiply(
        *layer.columns, layer.codebook, layer.activation, layer.shift, layer.outputs, layer.relu
    )


def _run_lstm(workload: CompressedLstm) -> np.ndarray:
    """The outputs of all layers, the lowest first."""
    signal, outputs = workload.activation, []
    for layer in workload.layers:
        matrices = {name: lstm.Matrix(*one.columns, one.outputs, one.shift) for name, one in layer.matrices.items()}
        peephole = np.zeros((3, layer.cells), np.int16) if layer.peephole is None else layer.peephole
        tables = layer.sigmoid, layer.tanh, layer.tanh if layer.cell_gate == "tanh" else layer.sigmoid
        product = 2 * lstm.UNIT_BITS - layer.cell_bits
        formats = lstm.Formats(layer.peephole_shift, product, layer.cell_bits - layer.tanh_bits)
        signal = lstm.run(matrices, layer.bias, peephole, *tables, formats, signal)
        outputs.append(signal.ravel())
    return np.concatenate(outputs)


def _convolve(layer: CompressedConvolution) -> np.ndarray:
    where = layer.stride, layer.padding, layer.groups
    return convolution.convolve(layer.weight, layer.bias, layer.activation, *where, layer.shift, layer.relu).ravel()


KERNELS: dict[type, Callable[[Any], np.ndarray]] = {
    CompressedFullyConnected: _multiply,
    CompressedLstm: _run_lstm,
    CompressedConvolution: _convolve,
}
"""The reference kernel for each kind of compressed layer."""
