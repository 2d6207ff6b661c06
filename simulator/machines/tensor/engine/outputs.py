"""The outputs of layers of matrix products on the compiled engine, a matrix after the other."""

import numpy as np
from numba import njit

from simulator.hardware.dot_units.compiled import sums_of
from simulator.machines.tensor.engine.attention_numbers import finite, power
from simulator.machines.tensor.layout.gathering import any_of, nonzero, resolve
from simulator.machines.tensor.layout.streams import Stage, Step, Streams
from workloads.kinds.experts.layer import CompressedExpert, CompressedExperts
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import Numbers, Operand, encode, numbers_of, rows_of

LARGEST = np.finfo(np.float32).max
LOG2_E = np.float32(np.log2(np.e))
NO_GATE = np.zeros((0, 0), np.float32)


@np.errstate(over="ignore", under="ignore")
def outputs_of(layer: CompressedProduct | CompressedExperts) -> np.ndarray:
    """All outputs, float32 [tokens x outputs]."""
    if isinstance(layer, CompressedExperts):
        return _experts(layer).ravel()
    sums = _scaled(numbers_of(layer.activation), layer.activation.tensor_scale, layer.weight)
    if layer.bias is not None:
        sums = sums + layer.bias
    return (np.maximum(sums, np.float32(0)) if layer.relu else sums).ravel()


def _experts(layer: CompressedExperts) -> np.ndarray:
    """The outputs of experts, float32 [tokens, inputs]."""
    output, tokens = np.zeros((layer.tokens, layer.inputs), np.float32), numbers_of(layer.activation)
    for number, expert in zip(layer.numbers.tolist(), layer.weights, strict=True):
        places = layer.tokens_of(number)
        hidden = encode(layer.activation.form, _hidden(layer, expert, rows_of(tokens, places)))
        found = _scaled(numbers_of(hidden), hidden.tensor_scale, expert.down)
        _add(output, found, places, layer.shares_of(number))
    return output


def gathered(streams: Streams) -> Streams:
    """The steps of a layer that read those rows of weights whose inputs are not zero, where values decide on them."""
    stages = list[Stage]()
    for stage in streams.stages:
        if any(step.gather is not None for tile in stage.tiles for step in tile.steps):
            assert isinstance(streams.layer, CompressedExperts)
            used = _used(streams.layer, stage.expert)
            tiles = (tile._replace(steps=tuple(_with(step, used) for step in tile.steps)) for tile in stage.tiles)
            stage = stage._replace(tiles=tuple(tiles))
        stages.append(stage)
    return streams._replace(stages=tuple(stages))


def _with(step: Step, used: np.ndarray) -> Step:
    """used: bool [tokens of the stage, inputs]."""
    assert step.gather is not None
    return resolve(step, any_of(used, step.gather.tokens))


def _used(layer: CompressedExperts, expert: int) -> np.ndarray:
    """Which values between the matrices of an expert are not zero, as they are encoded: bool [tokens of it, width]."""
    places = layer.tokens_of(int(layer.numbers[expert]))
    tokens = rows_of(numbers_of(layer.activation), places)
    return nonzero(encode(layer.activation.form, _hidden(layer, layer.weights[expert], tokens)))


def _hidden(layer: CompressedExperts, expert: CompressedExpert, tokens: Numbers) -> np.ndarray:
    """What is between the matrices of an expert, float32 [tokens of it, width]."""
    scale = layer.activation.tensor_scale
    gate = NO_GATE if expert.gate is None else _scaled(tokens, scale, expert.gate)
    hidden = _scaled(tokens, scale, expert.up)
    _activate(hidden, gate)
    return hidden


def _scaled(activation: Numbers, scale: float, weight: Operand) -> np.ndarray:
    """Sums times the scales of both tensors, float32 [tokens, outputs]; scale: of the activations."""
    factor = np.minimum(np.float32(scale) * np.float32(weight.tensor_scale), LARGEST)
    sums: np.ndarray = sums_of(activation, numbers_of(weight)) * factor
    return sums


@njit(cache=True)
def _activate(sums, gate):  # type: ignore[no-untyped-def]
    """Squared ReLU of sums, float32 [tokens, width], or SiLU of a gate of that shape times them, in their place."""
    for i in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            value = finite(sums[i, j])
            if gate.size:
                given = finite(gate[i, j])
                small = power(-finite(abs(given) * LOG2_E))
                top = given if given >= 0 else given * small
                sums[i, j] = finite(top / (np.float32(1) + small) * value)
            else:
                kept = max(value, np.float32(0))
                sums[i, j] = finite(kept * kept)


@njit(cache=True)
def _add(output, found, places, shares):  # type: ignore[no-untyped-def]
    """Add an expert's outputs, float32 [tokens of it, inputs], to `output`, float32 [tokens, inputs].

    places: int64 [tokens of it]; shares: float32 [tokens of it].
    """
    for i in range(places.size):
        for j in range(output.shape[1]):
            output[places[i], j] = finite(output[places[i], j] + finite(finite(found[i, j]) * shares[i]))
