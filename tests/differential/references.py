"""What a layer's output must be, computed without the kernels: exactly in numpy's int64, and with scipy in float64.

Tolerances: a sum of n products, each rounded to a unit of the output's last place, is within n / 2 units of the sum of
the exact products, wherever no partial sum can saturate or wrap around.
"""

import numpy as np
from ml_dtypes import bfloat16
from scipy.signal import correlate
from scipy.sparse import csc_array
from support.dot_units import by_hand, exact
from support.scnn_layers import naive as naive_convolution

from differential.compare import differs
from differential.random_experts import experts_and_bounds
from differential.random_gradients import gradient_in_python
from differential.random_grus import gru_in_integers
from differential.random_scans import bev_pooling_in_integers, sparse_convolution_in_integers
from differential.sparse_reference import sparse_by_scipy
from differential.state_space_reference import state_space_in_float64
from kernels_ref.formats import Parts
from workloads.kinds.attention.reference import exact as exact_attention
from workloads.kinds.lstm.layer import CompressedLstm
from workloads.kinds.matrix_product.operand import INTEGERS, numbers_of, unit_of

LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1
WRAP = 1 << 23


def difference(kind, layer, words):
    """Where `words`, the kernel's, int16 or float32 [outputs], are not what the layer comes to; None: they are."""
    for check in CHECKS.get(kind, ()):
        found = check(layer, words if words.dtype.kind == "f" else words.astype(np.int64))
        if found is not None:
            return f"{check.__name__}: {found}"
    return None


def fully_connected_in_integers(layer, words):
    """Column after column, each product rounded, each sum saturated."""
    sums = np.zeros(layer.outputs, np.int64) if layer.initial is None else layer.initial.astype(np.int64)
    for column, value in enumerate(layer.activation.tolist()):
        part = slice(int(layer.columns.start[column]), int(layer.columns.start[column + 1]))
        rows = layer.columns.row[part].astype(np.int64)
        products = layer.codebook.astype(np.int64)[layer.columns.code[part]] * value
        if layer.scales is not None:
            sums[rows] = np.clip(sums[rows] + _with_scales(layer.scales, column, rows, products), LOWEST, HIGHEST)
            continue
        sums[rows] = np.clip(sums[rows] + _rounded(products, layer.shift), LOWEST, HIGHEST)
    if layer.scales is not None and layer.scales.multiplier:
        sums = _rounded(sums * layer.scales.multiplier, 15)
    return differs(np.maximum(sums, 0) if layer.relu else sums, words)


def _with_scales(scales, column, rows, products):
    """Products of elements and activations, times their scales, rounded: in plain integers, which have no width."""
    pes, found = scales.significand.shape[1], []
    for row, product in zip(rows.tolist(), products.tolist(), strict=True):
        place = int(scales.group[column]), row % pes, row // pes // scales.rows
        product, shift = product * int(scales.significand[place]), int(scales.shift[place])
        found.append((2 * product + (1 << shift)) >> (shift + 1) if shift >= 0 else product << -shift)
    return np.array([max(2 * LOWEST, min(2 * HIGHEST + 1, value)) for value in found], np.int64)


def fully_connected_by_scipy(layer, words):
    """A sparse matrix times a vector in float64, exactly, where no sum can saturate; of one format for all products."""
    if layer.scales is not None:
        return None
    columns, values = layer.columns, layer.codebook.astype(np.float64)
    shape = layer.outputs, layer.activation.size
    matrix = csc_array((values[columns.code], columns.row.astype(np.int64), columns.start), shape)
    vector = layer.activation.astype(np.float64)
    begin = np.zeros(layer.outputs) if layer.initial is None else layer.initial.astype(np.float64)
    terms = np.bincount(columns.row, minlength=layer.outputs)
    return _near(matrix @ vector, abs(matrix) @ abs(vector), begin, terms, layer, words, HIGHEST)


def convolution_in_integers(layer, words):
    """Every stored weight times all that it meets, in plain integers."""
    return differs(naive_convolution(layer).astype(np.int64), words)


def convolution_by_scipy(layer, words):
    """scipy's correlation of each channel in float64, where no sum can wrap around."""
    top, left, bottom, right = layer.padding
    image = np.pad(layer.activation.astype(np.float64), ((0, 0), (top, bottom), (left, right)))
    weight, (down, across) = layer.weight.astype(np.float64), layer.stride
    per_group, inputs = layer.outputs // layer.groups, weight.shape[1]
    sums, most = np.zeros((2, layer.outputs, *layer.output_plane))
    for k, c in np.ndindex(weight.shape[:2]):
        channel = image[k // per_group * inputs + c]
        sums[k] += correlate(channel, weight[k, c], "valid", "direct")[::down, ::across]
        most[k] += correlate(abs(channel), abs(weight[k, c]), "valid", "direct")[::down, ::across]
    bias = np.zeros(layer.outputs) if layer.bias is None else layer.bias.astype(np.float64)
    begin = np.broadcast_to(bias[:, None, None], sums.shape).ravel()
    terms = np.full(sums.shape, np.count_nonzero(weight, axis=(1, 2, 3))[:, None, None]).ravel()
    return _near(sums.ravel(), most.ravel(), begin, terms, layer, words, WRAP - 1)


def _near(sums, most, begin, terms, layer, words, limit):
    """Words against sums of exact products, where the sum of magnitudes `most` shows that none leaves the limits."""
    safe = most / 2**layer.shift + abs(begin) + terms < limit
    expected = np.clip(sums / 2**layer.shift + begin, 0 if layer.relu else LOWEST, HIGHEST)
    return differs(expected[safe], words[safe], terms[safe] / 2)


def lstm_in_integers(layer, words):
    """The equations of ESE (section 4), with scipy's sparse matrices and exact sums."""
    found, signal = [], layer.activation.astype(np.int64)
    for one in layer.layers:
        signal = _lstm_layer(one, signal)
        found.append(signal.ravel())
    return differs(np.concatenate(found), words)


def _lstm_layer(layer, activation):
    """The words of a layer, int64 [voices, steps, outputs]."""
    voices, steps, _ = activation.shape
    c, y = np.zeros((layer.cells, voices), np.int64), np.zeros((layer.outputs, voices), np.int64)
    bias = layer.bias.astype(np.int64)[:, :, None]
    peephole = np.zeros((3, layer.cells), np.int64) if layer.peephole is None else layer.peephole.astype(np.int64)
    through = layer.sigmoid if layer.cell_gate == "sigmoid" else layer.tanh
    output = np.zeros((voices, steps, layer.outputs), np.int64)
    for step in range(steps):
        x = activation[:, step].T
        i, o, f, g = (
            _product(layer, f"W{q}x", x) + _product(layer, f"W{q}r", y) + bias[n] for n, q in enumerate("iofc")
        )
        seen_i, seen_f = (_scaled(peephole[n][:, None] * c, layer.peephole_shift) for n in (0, 2))
        i, f, g = _look_up(layer.sigmoid, i + seen_i), _look_up(layer.sigmoid, f + seen_f), _look_up(through, g)
        gained = _scaled(i * g, 30 - layer.cell_bits)
        c = np.clip(_rounded(f * c, 15) + gained, LOWEST, HIGHEST)
        o = _look_up(layer.sigmoid, o + _scaled(peephole[1][:, None] * c, layer.peephole_shift))
        m = _scaled(o * _look_up(layer.tanh, _scaled(c, layer.cell_bits - layer.tanh_bits)), 15)
        y = _product(layer, "Wym", m) if "Wym" in layer.matrices else m
        output[:, step] = y.T
    return output


def _product(layer, name, vectors):
    """A matrix times a vector for each voice, rounded and saturated once."""
    one = layer.matrices[name]
    entries = one.columns.code.astype(np.int64), one.columns.row.astype(np.int64), one.columns.start
    return _scaled(csc_array(entries, (one.outputs, one.inputs)) @ vectors, one.shift)


def _look_up(table, argument):
    """The values at the nearest points, which are evenly spaced from the lowest word on; of two, the upper."""
    spacing = (1 << 16) // table.size
    place = (2 * (np.clip(argument, LOWEST, HIGHEST) - LOWEST) + spacing) // (2 * spacing)
    return table.astype(np.int64)[np.minimum(place, table.size - 1)]


def _rounded(values, shift):
    """`values / 2**shift`, to the nearest, halves up."""
    return (2 * values + (1 << shift)) >> (shift + 1)


def _scaled(values, shift):
    """The same of any shift, saturated to 16 bits; in plain integers where int64 could overflow."""
    doubled = [2 * value << max(0, -shift) for value in values.ravel().tolist()]
    exact = [(value + (1 << max(0, shift))) >> (max(0, shift) + 1) for value in doubled]
    clipped = [max(LOWEST, min(HIGHEST, value)) for value in exact]
    return np.array(clipped, np.int64).reshape(values.shape)


def lstm_in_floats(layer, words):
    """numpy's sigmoid and tanh of the same weights, for layers that the front end made in fine formats.

    Tolerance: 1/20 of the largest value that an output word can have, where a table's points are 1/32 apart at most.
    """
    assert isinstance(layer, CompressedLstm)
    if len(layer.layers) > 1 or not layer.exact.any() or not all(map(_is_fine, layer.layers)):
        return None
    apart = np.abs(layer.output_value(words) - layer.exact).max()
    allowed = 0.05 * 2.0 ** (15 - layer.layers[-1].output_bits)
    return None if apart <= allowed else f"it is {apart:.3g} away from floating point; allowed are {allowed:.3g}"


def _is_fine(layer):
    """Whether the tables are fine, and what a word can hold is not tiny."""
    sigmoid_range, tanh_range = 1 << (15 - layer.sigmoid_bits), 1 << (15 - layer.tanh_bits)
    near = 2 * max(sigmoid_range, tanh_range) / layer.sigmoid.size <= 1 / 32
    return near and min(sigmoid_range, tanh_range) >= 8


def product_in_rationals(layer, output):
    """Outputs as their dot unit adds them, in rational numbers; then scales and bias in FP32. Of many, some."""
    activation, weight = (numbers_of(one) for one in (layer.activation, layer.weight))
    sums = np.zeros((layer.tokens, layer.outputs), np.float32)
    places = list(np.ndindex(*sums.shape))[:: 1 + sums.size // MOST_RATIONAL]
    for i, j in places:
        rows = [
            Parts(parts.significand[row : row + 1], parts.exponent[row : row + 1], parts.fraction)
            for one, row in ((activation, i), (weight, j))
            for parts in (one.element, one.scale)
        ]
        unit = weight.unit
        if unit is INTEGERS:
            sums[i, j] = float(sum(a * b for a, b in zip(exact(rows[0]), exact(rows[2]), strict=True)))
        else:
            with np.errstate(over="ignore"):
                sums[i, j] = by_hand(tuple(rows), weight.block, unit)
    scale = np.float32(min(layer.activation.tensor_scale * layer.weight.tensor_scale, FLOAT_MAX))
    sums = sums * scale
    if layer.bias is not None:
        sums = sums + layer.bias
    expected = np.maximum(sums, 0) if layer.relu else sums
    looked_at = tuple(np.array(places).T)
    return differs(expected[looked_at], output.reshape(expected.shape)[looked_at])


def product_in_float64(layer, output):
    """The product of the numbers that codes mean, within what 24 bits of sums and 8 of decoded weights lose."""
    weight, activation = layer.weight.values(), layer.activation.values()
    exact_sums, most = activation @ weight.T, np.abs(activation) @ np.abs(weight).T
    if layer.bias is not None:
        exact_sums, most = exact_sums + layer.bias, most + np.abs(layer.bias)
    exact_sums = np.maximum(exact_sums, 0) if layer.relu else exact_sums
    lost = 2.0**-8 if unit_of(layer.weight.form) is None else 2.0**-18
    finite = most.ravel() < FLOAT_MAX / 2
    return differs(exact_sums.ravel()[finite], output[finite], (most.ravel() * lost + 1e-30)[finite])


def attention_in_float64(layer, output):
    """A softmax over all keys at once, where nothing is skipped: weights are rounded to 8 bits."""
    size = np.abs(layer.query.view(bfloat16).astype(float)).max() * np.abs(layer.key.values()).max()
    if layer.skip_thousandths or size * layer.width > MOST_SCORE:
        return None  # the scores' own rounding is larger than what weights differ by
    greatest = np.abs(layer.value.values()).max(initial=0)
    return differs(exact_attention(layer), output, 2.0**-6 * greatest * (1 + size * layer.width * 2.0**-10))


def experts_in_float64(layer, output):
    """Products of the numbers that codes mean, within what their sums lose and what the format between them may."""
    wanted, apart = experts_and_bounds(layer)
    finite = apart < FLOAT_MAX / 2
    return differs(wanted[finite], output[finite], apart[finite])


MOST_SCORE = 1e4
"""Of attention that is compared with a softmax in float64."""
MOST_RATIONAL = 60
"""Outputs of a product that are added up in rational numbers."""
FLOAT_MAX = float(np.finfo(np.float32).max)
CHECKS = {
    "fully connected": (fully_connected_in_integers, fully_connected_by_scipy),
    "convolution": (convolution_in_integers, convolution_by_scipy),
    "LSTM": (lstm_in_integers, lstm_in_floats),
    "matrix product": (product_in_rationals, product_in_float64),
    "attention": (attention_in_float64,),
    "state space": (state_space_in_float64,),
    "experts": (experts_in_float64,),
    "GRU": (gru_in_integers,),
    "gradient": (gradient_in_python,),
    "sparse product": (sparse_by_scipy,),
    "sparse convolution": (sparse_convolution_in_integers,),
    "BEV pooling": (bev_pooling_in_integers,),
}
"""By kind; a kind that is not here is compared with its kernel alone."""
