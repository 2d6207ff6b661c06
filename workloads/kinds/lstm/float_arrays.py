"""The numbers that a compressed LSTM layer computes with."""

import numpy as np

from kernels_ref.fixed_point import to_float
from workloads.kinds.lstm.layer import CompressedLstmLayer, SparseMatrix

GATES = "iofc"


def float_arrays(layer: CompressedLstmLayer) -> dict[str, np.ndarray]:
    """`weight_input`, float64 [4, cells, inputs], `weight_hidden` [4, cells, outputs], `bias` [4, cells] and more.

    The rest are `peephole` [3, cells] and `projection` [outputs, cells], where there are such.
    """
    found = {
        "weight_input": np.stack([_matrix(layer.matrices[f"W{gate}x"]) for gate in GATES]),
        "weight_hidden": np.stack([_matrix(layer.matrices[f"W{gate}r"]) for gate in GATES]),
    }
    last = layer.sigmoid_bits if layer.cell_gate == "sigmoid" else layer.tanh_bits
    bits = [layer.sigmoid_bits] * 3 + [last]
    found["bias"] = np.stack([to_float(row, fraction) for row, fraction in zip(layer.bias, bits, strict=True)])
    if layer.peephole is not None:
        fraction = layer.peephole_shift - layer.cell_bits + layer.sigmoid_bits
        found["peephole"] = to_float(layer.peephole, fraction)
    if "Wym" in layer.matrices:
        found["projection"] = _matrix(layer.matrices["Wym"])
    return found


def _matrix(sparse: SparseMatrix) -> np.ndarray:
    """Float64 [outputs, inputs]."""
    columns = sparse.columns
    dense = np.zeros((sparse.outputs, sparse.inputs))
    column = np.repeat(np.arange(sparse.inputs), np.diff(columns.start))
    dense[columns.row, column] = to_float(columns.code, sparse.fraction_bits)
    return dense
