"""LSTM layers: prune each matrix, quantise linearly, choose the signals' formats (ESE, section 3)."""

from collections.abc import Mapping, Sequence

import numpy as np

from kernels_ref.fixed_point import WORD_BITS, fraction_bits, to_fixed
from workloads.compression.columns import Columns
from workloads.compression.masks import balanced, by_density
from workloads.errors import InputError, refuse
from workloads.kinds.lstm.format import LstmFormat
from workloads.kinds.lstm.forward import forward, sigmoid
from workloads.kinds.lstm.layer import CompressedLstm, CompressedLstmLayer, Lstm, SparseMatrix
from workloads.number_formats.fixed_point import quantise

GATES = "iofc"
UNIT_BITS = WORD_BITS - 1
"""Fraction bits of gates, tanh and m, which lie between -1 and 1."""
HEADROOM = 2.0
"""Cells and outputs may grow to this multiple of what the given sequences reach."""
COARSE = 1 / 32
"""Of a table's spacing; tanh then moves by at most 1/64."""
LEAST_SHIFT, MOST_SHIFT = -16, 62
"""Beyond these, every word saturates or is rounded to zero."""


Density = float | Mapping[str, float] | None
"""The share of weights to keep: of every matrix, by name, or None for every non-zero."""


def compress_lstm(layers: Sequence[Lstm], density: Density, form: LstmFormat) -> CompressedLstm:
    """Compress layers, each the input of the next; the lowest one has the input, the others need none.

    The formats of cells and outputs come from the sequences themselves, computed in float64. InputError where there is
    no input, where a layer does not fit the one below it, and where the density or the form cannot be had.
    """
    given = layers[0].activation
    if given is None:
        raise InputError(f"{layers[0].name}: it has no input; expected an activation [steps, inputs]")
    signal = given[None].astype(np.float64) if given.ndim == 2 else given.astype(np.float64)
    input_bits = fraction_bits(float(np.abs(signal).max()))
    words, found, notes = to_fixed(signal, input_bits), list[CompressedLstmLayer](), list[str]()
    for lstm in layers:
        if signal.shape[2] != lstm.weight_input.shape[2]:
            width = f"an input of {lstm.weight_input.shape[2]}"
            refuse(lstm.name, f"it has {width}", f"{signal.shape[2]}, what comes from below")
        pruned = _prune(lstm, density, form)
        signals = forward(pruned, signal)
        layer, lost = _fix(pruned, signals.output, signals.cell, input_bits, form)
        notes += [f"{lstm.name}: {lost} kept weights are rounded to zero in {form.weight_bits} bits"] if lost else []
        found.append(layer)
        signal, input_bits = signals.output, layer.output_bits
    tables = ("sigmoid", form.sigmoid_range), ("tanh", form.tanh_range)
    notes += [_coarse(name, limit, form) for name, limit in tables]
    return CompressedLstm(layers[-1].name, tuple(found), words, signal, tuple(note for note in notes if note))


def _coarse(name: str, limit: int, form: LstmFormat) -> str:
    """A sentence where a table's points are so far apart that the output shows it; "" where they do not."""
    spacing = 2 * limit / form.table_points
    sentence = f"the points of {name}'s table are {spacing:g} apart, which moves the output away from floating point"
    return f"{sentence}; a smaller {name}_range brings it nearer" if spacing > COARSE else ""


def parts(lstm: Lstm) -> dict[str, np.ndarray]:
    """The matrices of a layer by their names in ESE, float32 [outputs, inputs]."""
    named = {f"W{gate}x": lstm.weight_input[q] for q, gate in enumerate(GATES)}
    named |= {f"W{gate}r": lstm.weight_hidden[q] for q, gate in enumerate(GATES)}
    return named if lstm.projection is None else {**named, "Wym": lstm.projection}


def keep(weight: np.ndarray, density: float | None, form: LstmFormat) -> np.ndarray:
    """Which weights of a matrix stay, bool [outputs, inputs]."""
    if density is None:
        return weight != 0
    return balanced(weight, density, form.pes) if form.balanced else by_density(weight, density)


def columns_of(words: np.ndarray) -> Columns:
    """The non-zero words of a matrix, int16 [outputs, inputs], by columns."""
    column, row = np.nonzero(words.T)
    start = np.zeros(words.shape[1] + 1, np.int64)
    np.cumsum(np.bincount(column, minlength=words.shape[1]), out=start[1:])
    return Columns(start, row.astype(np.uint32), words[row, column])


def _prune(lstm: Lstm, density: Density, form: LstmFormat) -> Lstm:
    """The layer with zeros for the weights that go."""
    share = density if isinstance(density, Mapping) else dict.fromkeys(parts(lstm), density)
    named = {name: weight * keep(weight, share[name], form) for name, weight in parts(lstm).items()}
    return lstm._replace(
        weight_input=np.stack([named[f"W{gate}x"] for gate in GATES]),
        weight_hidden=np.stack([named[f"W{gate}r"] for gate in GATES]),
        projection=named.get("Wym"),
    )


def _fix(
    lstm: Lstm, output: np.ndarray, largest_cell: float, input_bits: int, form: LstmFormat
) -> tuple[CompressedLstmLayer, int]:
    """A pruned layer in fixed point, and how many weights that were kept are zero now."""
    _, cells, inputs = lstm.weight_input.shape
    sigmoid_bits, tanh_bits = (_argument_bits(r) for r in (form.sigmoid_range, form.tanh_range))
    cell_bits = min(2 * UNIT_BITS, fraction_bits(HEADROOM * largest_cell))
    output_bits = UNIT_BITS if lstm.projection is None else fraction_bits(HEADROOM * float(np.abs(output).max()))
    gate_bits = [sigmoid_bits] * 3 + [sigmoid_bits if lstm.cell_gate == "sigmoid" else tanh_bits]
    matrices, lost = dict[str, SparseMatrix](), 0
    for name, weight in parts(lstm).items():
        fixed = quantise(weight, form.weight_bits)
        columns = columns_of(fixed.word)
        lost += int(np.count_nonzero(weight)) - columns.row.size
        before, after = {
            "x": (input_bits, gate_bits[GATES.find(name[1])]),
            "r": (output_bits, gate_bits[GATES.find(name[1])]),
            "m": (UNIT_BITS, output_bits),
        }[name[2]]
        shift = _clamp(fixed.fraction_bits + before - after)
        matrices[name] = SparseMatrix(name, weight.shape[0], weight.shape[1], columns, fixed.fraction_bits, shift)
    peephole, peephole_bits = None, 0
    if lstm.peephole is not None:
        peephole_bits = fraction_bits(float(np.abs(lstm.peephole).max()))
        peephole = to_fixed(lstm.peephole, peephole_bits)
    bias = np.zeros((4, cells), np.float32) if lstm.bias is None else lstm.bias
    layer = CompressedLstmLayer(
        name=lstm.name,
        inputs=inputs,
        cells=cells,
        outputs=output.shape[2],
        matrices=matrices,
        bias=np.stack([to_fixed(row, bits) for row, bits in zip(bias, gate_bits, strict=True)]),
        peephole=peephole,
        peephole_shift=_clamp(peephole_bits + cell_bits - sigmoid_bits),
        sigmoid=to_fixed(sigmoid(_points(form.table_points, form.sigmoid_range)), UNIT_BITS),
        tanh=to_fixed(np.tanh(_points(form.table_points, form.tanh_range)), UNIT_BITS),
        sigmoid_bits=sigmoid_bits,
        tanh_bits=tanh_bits,
        cell_bits=cell_bits,
        input_bits=input_bits,
        output_bits=output_bits,
        cell_gate=lstm.cell_gate,
    )
    return layer, lost


def _argument_bits(limit: int) -> int:
    """Fraction bits of 16-bit arguments from -limit on."""
    return UNIT_BITS - (limit.bit_length() - 1)


def _points(count: int, limit: int) -> np.ndarray:
    """The arguments of a table, float64 [count]."""
    return (np.arange(count) * 2 / count - 1) * limit


def _clamp(shift: int) -> int:
    return max(LEAST_SHIFT, min(MOST_SHIFT, shift))
