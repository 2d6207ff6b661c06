"""The reference kernel of LSTM layers."""

import numpy as np

from kernels_ref import lstm
from workloads.kinds.lstm.layer import CompressedLstm


def reference(stack: CompressedLstm) -> np.ndarray:
    """The outputs of all layers, int16, the lowest layer first, each [voices x steps x outputs], bit for bit."""
    signal, outputs = stack.activation, []
    for layer in stack.layers:
        matrices = {
            name: lstm.ColumnMatrix(*one.columns, one.outputs, one.shift) for name, one in layer.matrices.items()
        }
        peephole = np.zeros((3, layer.cells), np.int16) if layer.peephole is None else layer.peephole
        tables = layer.sigmoid, layer.tanh, layer.tanh if layer.cell_gate == "tanh" else layer.sigmoid
        product = 2 * lstm.UNIT_BITS - layer.cell_bits
        formats = lstm.Formats(layer.peephole_shift, product, layer.cell_bits - layer.tanh_bits)
        signal = lstm.run(matrices, layer.bias, peephole, *tables, formats, signal)
        outputs.append(signal.ravel())
    return np.concatenate(outputs)
