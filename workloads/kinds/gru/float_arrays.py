"""The numbers that a compressed GRU layer computes with."""

import numpy as np

from workloads.kinds.gru.layer import WORD_FRACTION, CompressedGruLayer


def float_arrays(layer: CompressedGruLayer) -> dict[str, np.ndarray]:
    """`weight_input` [3, cells, inputs], `weight_hidden` [3, cells, cells], `bias` [3, cells], `hidden_bias` [cells].

    All float64.
    """
    values = np.ldexp(layer.weight.astype(np.float64), -layer.fraction_bits)
    matrix = values[1:].transpose(1, 2, 0)
    return {
        "weight_input": matrix[..., : layer.inputs].copy(),
        "weight_hidden": matrix[..., layer.inputs :].copy(),
        "bias": values[0],
        "hidden_bias": np.ldexp(layer.first.astype(np.float64), -layer.fraction_bits - WORD_FRACTION),
    }
