"""GRU layers: prune, quantise to 8 bits, put the columns in a machine's order."""

from collections.abc import Sequence

import numpy as np

from kernels_ref.fixed_point import to_fixed
from workloads.compression.masks import by_density
from workloads.errors import InputError, refuse
from workloads.kinds.gru.format import GruFormat
from workloads.kinds.gru.forward import forward, sigmoid
from workloads.kinds.gru.layer import WORD_FRACTION, CompressedGru, CompressedGruLayer, Gru

WEIGHT_BITS = 8
MOST_FRACTION = WEIGHT_BITS - 1
POINTS = 4096
MOST_WEIGHT = 127
ROOM = 1 << (WEIGHT_BITS + 15)
"""Of a 24-bit sum."""


def compress_gru(layers: Sequence[Gru], density: float | None, even: bool, form: GruFormat) -> CompressedGru:
    """Compress layers, each the input of the next; the lowest one has the input, the others need none.

    density: the share of weights to keep in every column (None: all), the same number in each PE's part of it where
    `even`, else by magnitude over the matrix. InputError where there is no input, where a layer does not fit the one
    below it, or where the density cannot be had.
    """
    given = layers[0].activation
    if given is None:
        raise InputError(f"{layers[0].name}: it has no input; expected an activation [steps, inputs]")
    signal = given.astype(np.float64)
    found, notes = list[CompressedGruLayer](), list[str]()
    if np.abs(signal).max(initial=0) > 128:
        notes.append(f"{layers[0].name}: inputs beyond 128 saturate in words of 8 + 8 bits")
    for gru in layers:
        if signal.shape[1] != gru.weight_input.shape[2]:
            refuse(
                gru.name, f"it has an input of {gru.weight_input.shape[2]}", f"{signal.shape[1]}, what comes from below"
            )
        pruned = gru if density is None else _prune(gru, density, even, form)
        layer, lost = fix_layer(pruned)
        notes += [f"{gru.name}: {lost} kept weights are rounded to zero in {WEIGHT_BITS} bits"] if lost else []
        found.append(layer)
        signal = forward(pruned, signal)
    return assemble(layers[-1].name, found, to_fixed(given, WORD_FRACTION), signal, form, notes)


def assemble(
    name: str,
    layers: Sequence[CompressedGruLayer],
    activation: np.ndarray,
    exact: np.ndarray,
    form: GruFormat,
    notes: Sequence[str] = (),
) -> CompressedGru:
    """A stack of compressed layers: activation int16 [steps, inputs], exact float64 [steps, cells]."""
    return CompressedGru(
        name=name,
        layers=tuple(layers),
        activation=activation,
        sigmoid=_table(sigmoid, form.table_bits),
        tanh=_table(np.tanh, form.table_bits),
        input_threshold=form.input_threshold,
        state_threshold=form.state_threshold,
        exact=exact,
        notes=tuple(notes),
    )


def columns(gru: Gru) -> np.ndarray:
    """All weights by columns, float32 [1 + inputs + cells, 3, cells]; column 0 holds the biases."""
    _, cells, _ = gru.weight_input.shape
    bias = np.zeros((3, cells), np.float32) if gru.bias is None else gru.bias
    parts = bias[None], gru.weight_input.transpose(2, 0, 1), gru.weight_hidden.transpose(2, 0, 1)
    return np.concatenate(parts).astype(np.float32)


def fix_layer(gru: Gru) -> tuple[CompressedGruLayer, int]:
    """A layer in 8 bits, and how many weights that are not zero have become zero.

    All weights have the same fraction bits: as many as the largest leaves room for, 7 at most.
    """
    values = columns(gru)
    largest = float(np.abs(values).max(initial=0))
    bits = max((b for b in range(MOST_FRACTION + 1) if np.rint(np.ldexp(largest, b)) <= MOST_WEIGHT), default=0)
    words = np.clip(np.rint(np.ldexp(values.astype(np.float64), bits)), -MOST_WEIGHT, MOST_WEIGHT).astype(np.int8)
    inner = np.zeros(values.shape[2]) if gru.hidden_bias is None else gru.hidden_bias.astype(np.float64)
    first = np.clip(np.rint(np.ldexp(inner, bits + WORD_FRACTION)), -ROOM, ROOM - 1).astype(np.int32)
    lost = int(np.count_nonzero(values[1:])) - int(np.count_nonzero(words[1:]))
    return CompressedGruLayer(gru.name, gru.weight_input.shape[2], words, first, bits), lost


def _prune(gru: Gru, density: float, even: bool, form: GruFormat) -> Gru:
    """The layer with zeros for the weights that go, biases excepted."""
    inputs = gru.weight_input.shape[2]
    weights = columns(gru)[1:]
    keep = balanced_columns(weights, density, form.pes) if even else by_density(weights, density)
    kept = (weights * keep).transpose(1, 2, 0)
    return gru._replace(weight_input=kept[..., :inputs].copy(), weight_hidden=kept[..., inputs:].copy())


def balanced_columns(weights: np.ndarray, density: float, pes: int) -> np.ndarray:
    """Keep as many weights in each PE's part of each column: bool of the shape of `weights`, [columns, 3, cells].

    PE k has the cells k, k + pes and so on of each gate. Of the n weights of its part, the round(density x n) largest
    stay, of equal ones the first. InputError where the density is not from 0 to 1.
    """
    if not 0 <= density <= 1:
        raise InputError(f"density is {density}; expected a number from 0 to 1")
    keep = np.zeros(weights.shape, bool)
    for pe in range(min(pes, weights.shape[2])):
        part = np.abs(weights[:, :, pe::pes]).reshape(len(weights), -1)
        order = np.argsort(-part, axis=1, kind="stable")[:, : round(density * part.shape[1])]
        kept = np.zeros(part.shape, bool)
        np.put_along_axis(kept, order, True, axis=1)
        keep[:, :, pe::pes] = kept.reshape(len(weights), 3, -1)
    return keep & (weights != 0)


def _table(function, bits: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    """A function of arguments from -8 on in steps of 1/256, int16 [4096] words rounded to `bits` fraction bits."""
    points = np.ldexp(np.arange(POINTS) - POINTS // 2, -WORD_FRACTION)
    return (np.floor(np.ldexp(function(points), bits) + 0.5) * (1 << (WORD_FRACTION - bits))).astype(np.int16)
