"""Checked tensors under the names of PyTorch's recurrent layers -> LSTMs and GRUs, their gates in our order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from workloads.array_checks import float32
from workloads.kinds.gru.layer import Gru, GruStack
from workloads.kinds.lstm.layer import Lstm, LstmStack
from workloads.sources.tensors.tensor import Tensor

LSTM_ORDER = (0, 3, 1, 2)
"""The places of our gates (input, output, forget, cell) in PyTorch's order: input, forget, cell, output."""
GRU_GATES = 3
GRU_ORDER = (0, 1, 2)
"""Reset, update and candidate come in the same order."""
CANDIDATE = 2

Named = Sequence[tuple[str, Mapping[str, Tensor]]]
"""The layers of a stack, the lowest first: name, and tensors by kind."""


class Recurrent(NamedTuple):
    """What tensors of a recurrent layer may be."""

    phrase: str
    gates: int
    make: Callable[[object, str, Named, bool], Any]  # of source, name, layers, direction: a stack


def as_lstm(source: object, name: str, layers: Named, reverse: bool) -> LstmStack:
    """The stack of checked tensors. InputError where a value is not finite."""
    return LstmStack(name, tuple(_lstm(source, *one) for one in layers), reverse)


def as_gru(source: object, name: str, layers: Named, reverse: bool) -> GruStack:
    """The stack of checked tensors. InputError where a value is not finite."""
    return GruStack(name, tuple(_gru(source, *one) for one in layers), reverse)


def _lstm(source: object, name: str, tensors: Mapping[str, Tensor]) -> Lstm:
    arrays = {kind: tensor.values(source) for kind, tensor in tensors.items()}
    return Lstm(
        name=name,
        weight_input=_gates(arrays["weight_ih"], LSTM_ORDER),
        weight_hidden=_gates(arrays["weight_hh"], LSTM_ORDER),
        bias=_bias(source, tensors, _biases(arrays), LSTM_ORDER),
        activation=None,
        projection=arrays.get("weight_hr"),
    )


def _gru(source: object, name: str, tensors: Mapping[str, Tensor]) -> Gru:
    """The reset gate multiplies the candidate's bias of `bias_hh`, which is therefore kept apart."""
    arrays = {kind: tensor.values(source) for kind, tensor in tensors.items()}
    biases, hidden_bias = _biases(arrays), None
    if "bias_hh" in biases:
        first = CANDIDATE * (len(biases["bias_hh"]) // GRU_GATES)
        hidden_bias = biases["bias_hh"][first:].copy()
        biases["bias_hh"][first:] = 0
    return Gru(
        name=name,
        weight_input=_gates(arrays["weight_ih"], GRU_ORDER),
        weight_hidden=_gates(arrays["weight_hh"], GRU_ORDER),
        bias=_bias(source, tensors, biases, GRU_ORDER),
        activation=None,
        hidden_bias=hidden_bias,
    )


def _biases(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Copies of the biases that are there, float32 [gates x cells]."""
    return {kind: arrays[kind].copy() for kind in ("bias_ih", "bias_hh") if kind in arrays}


def _bias(
    source: object, tensors: Mapping[str, Tensor], biases: Mapping[str, np.ndarray], order: tuple[int, ...]
) -> np.ndarray | None:
    """The sum of biases, float32 [gates x cells] each -> float32 [gates, cells] in our order; None where none is."""
    if not biases:
        return None
    total = np.stack(list(biases.values())).sum(axis=0, dtype=np.float64)
    return _gates(float32(source, " + ".join(tensors[kind].name for kind in biases), total), order)


def _gates(stacked: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    """Rows in PyTorch's order of gates, float32 [gates x cells, ...] -> float32 [gates, cells, ...] in our order."""
    return np.ascontiguousarray(stacked.reshape(len(order), -1, *stacked.shape[1:])[list(order)])
