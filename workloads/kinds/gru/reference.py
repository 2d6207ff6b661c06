"""The reference kernel of GRU layers."""

import numpy as np

from kernels_ref import gru
from workloads.kinds.gru.layer import CompressedGru


def reference(stack: CompressedGru) -> np.ndarray:
    """The outputs of all layers, int16, the lowest layer first, each [steps x cells], bit for bit."""
    signal, outputs = stack.activation, []
    thresholds = stack.input_threshold, stack.state_threshold
    for one in stack.layers:
        signal = gru.run(one.weight, one.first, one.fraction_bits, stack.sigmoid, stack.tanh, thresholds, signal)
        outputs.append(signal.ravel())
    return np.concatenate(outputs)
