"""Random compressed layers of every kind: of words that use all their bits, and through the front end."""

import zlib

import numpy as np
from support.convolutions import drawn_convolution
from support.layers import drawn as drawn_fully_connected
from support.layers import with_scales
from support.lstm_layers import drawn as drawn_lstm

from differential import random_gradients, random_grus, random_scans, random_sparse, random_state_spaces
from differential.draws import coin, floats, seed, share, steps, up_to
from differential.random_experts import drawn_experts, with_any_words
from workloads.compression.columns import Columns
from workloads.compression.shared import CODEBOOK
from workloads.kinds import find_kind, kind_of_recipe
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.lstm.format import LstmFormat
from workloads.number_formats import find_format
from workloads.number_formats.block import BlockFormat, CastFormat
from workloads.sources.zoo.recipes import zoo
from zeroskip import load_workload

MOST_WEIGHTS, MOST_PLACES = 3000, 60_000
"""Of a layer of the zoo, which is drawn at a small scale; places of its plane before that."""


def draw_layer(kind, formats, rng):
    """A layer of this kind in a machine's formats, and where it comes from."""
    ways = [DRAWN.get(kind, _from_zoo)]
    if kind in WORDS:
        ways = [WORDS[kind]] * 6 + [FLOATS[kind]] * 2 + ways
    way = ways[int(rng.integers(0, len(ways)))]
    return way(kind, formats, rng), way.__name__.removeprefix("_")


def _fully_connected(kind, formats, rng):
    form = formats.get(kind, FullyConnectedFormat())
    found = None if form.weight_format == CODEBOOK else find_format(form.weight_format)
    levels = 1 << (form.weight_bits if found is None else found.bits)
    layer = drawn_fully_connected(
        seed=seed(rng), inputs=up_to(rng, 40), outputs=up_to(rng, 70), density=share(rng), active=share(rng),
        bias=not form.preload_bias and coin(rng), relu=coin(rng), levels=int(rng.choice([2, levels])),
    )  # fmt: skip
    if form.preload_bias and coin(rng):
        words = rng.integers(-(1 << 15), 1 << 15, layer.outputs) * (rng.random(layer.outputs) < share(rng))
        layer = layer._replace(initial=words.astype(np.int16))
    layer = layer._replace(form=form.weight_format)
    if found is not None and found.scaled:
        layer = with_scales(layer, seed(rng), form.weight_format, form.across)
    return _without_rows(layer, rng) if coin(rng) else layer


def _without_rows(layer, rng):
    """The layer with rows of the matrix that are all zero."""
    start, row, code = layer.columns
    kept = (rng.random(layer.outputs) < 0.5)[row]
    before = np.concatenate([[0], np.cumsum(kept)])
    return layer._replace(columns=Columns(before[start].astype(np.int64), row[kept], code[kept]))


def _convolution(kind, formats, rng):  # noqa: ARG001
    plane = (1, 1) if rng.random() < 0.15 else (up_to(rng, 9), up_to(rng, 9))
    kernel = (1, 1) if rng.random() < 0.2 else (int(rng.integers(1, 6)), int(rng.integers(1, 6)))
    layer = drawn_convolution(
        seed=seed(rng), inputs=int(rng.integers(1, 5)), outputs=int(rng.integers(1, 5)), plane=plane, kernel=kernel,
        stride=steps(rng, 4), padding=tuple(rng.choice([0, 0, 1, 2, 3], 4).tolist()),
        groups=int(rng.choice([1, 1, 2, 3])), density=share(rng), active=share(rng), bias=coin(rng), relu=coin(rng),
        shift=int(rng.integers(0, 21)), bits=int(rng.choice([4, 16])),
        dilation=steps(rng, 3),
    )  # fmt: skip
    if coin(rng):
        layer.weight[rng.random(layer.outputs) < 0.5] = 0
        layer.activation[rng.random(layer.inputs) < 0.3] = 0
    return layer


def _lstm(kind, formats, rng):
    form = formats.get(kind, LstmFormat())
    return drawn_lstm(
        seed=seed(rng), arch=form, voices=int(rng.integers(1, form.voices + 1)), steps=int(rng.integers(1, 4)),
        layers=int(rng.integers(1, 3)), projection=coin(rng), peephole=coin(rng),
        cell_gate=str(rng.choice(["tanh", "sigmoid"])), most=int(rng.choice([1, 9, 17])),
    )  # fmt: skip


def _fully_connected_of_floats(kind, formats, rng):
    outputs, inputs = up_to(rng, 70), up_to(rng, 50)
    arrays = {"weight": floats(rng, outputs, inputs), "activation": floats(rng, inputs)}
    if coin(rng):
        arrays["bias"] = floats(rng, outputs)
    return _load(kind, arrays, formats, rng)


def _convolution_of_floats(kind, formats, rng):
    groups, inputs, outputs = int(rng.integers(1, 3)), int(rng.integers(1, 4)), int(rng.integers(1, 4))
    tall, broad = rng.integers(1, 4, 2).tolist()
    high, wide = tall + int(rng.integers(0, 6)), broad + int(rng.integers(0, 6))
    arrays = {
        "weight": floats(rng, groups * outputs, inputs, tall, broad),
        "activation": floats(rng, groups * inputs, high, wide),
        "groups": np.array(groups),
        "stride": np.array(rng.integers(1, 3)),
        "padding": np.array(rng.integers(0, 3)),
    }
    if coin(rng):
        arrays["bias"] = floats(rng, groups * outputs)
    return _load(kind, arrays, formats, rng)


def _lstm_of_floats(kind, formats, rng):
    cells, inputs = int(rng.integers(1, 9)), int(rng.integers(1, 9))
    outputs = int(rng.integers(1, 9)) if coin(rng) else cells
    arrays = {
        "weight_input": floats(rng, 4, cells, inputs),
        "weight_hidden": floats(rng, 4, cells, outputs),
        "activation": floats(rng, int(rng.integers(1, 4)), inputs),
        "bias": floats(rng, 4, cells),
    }
    if outputs != cells or coin(rng):
        arrays["projection"] = floats(rng, outputs, cells)
    if coin(rng):
        arrays["peephole"] = floats(rng, 3, cells)
    return _load(kind, arrays, formats, rng)


def _matrix_product_of_floats(kind, formats, rng):
    outputs, inputs, tokens = up_to(rng, 20), up_to(rng, 90), int(rng.integers(2, 12))
    arrays = {"weight": floats(rng, outputs, inputs), "activation": floats(rng, tokens, inputs)}
    if coin(rng):
        arrays["bias"] = floats(rng, outputs)
    if coin(rng):
        arrays["relu"] = np.array(True)
    return _load(kind, arrays, formats, rng)


def _matrix_product(kind, formats, rng):
    layer = _matrix_product_of_floats(kind, formats, rng)
    operands = [_with_any_codes(one, rng) for one in (layer.weight, layer.activation)]
    return layer._replace(weight=layer.weight if layer.two_of_four else operands[0], activation=operands[1])


def _attention_of_words(kind, formats, rng):
    """Queries, and keys and values in BF16, of any pattern that is a number."""
    layer = _attention(kind, formats, rng)
    query, key, value = (
        np.where(words >> 7 & 0xFF == 0xFF, 0x7F7F, words).astype(np.uint16)
        for words in (rng.integers(0, 1 << 16, one.shape) for one in (layer.query, layer.key.code, layer.value.code))
    )
    if layer.key.form.name != "bf16":
        return layer._replace(query=query)
    return layer._replace(query=query, key=layer.key._replace(code=key), value=layer.value._replace(code=value))


def _attention(kind, formats, rng):  # noqa: ARG001
    key_heads, group, width = int(rng.integers(1, 3)), int(rng.integers(1, 4)), up_to(rng, 24)
    queries, more = int(rng.integers(1, 6)), up_to(rng, 14)
    spread = np.float32(rng.choice([0.1, 1.0, 5.0]))
    arrays = {
        "query": floats(rng, key_heads * group, queries, width) * spread,
        "key": floats(rng, key_heads, queries + more, width),
        "value": floats(rng, key_heads, queries + more, width),
        "causal": np.array(coin(rng)),
    }
    return load_workload(arrays, formats=formats).layer


def _experts_of_words(kind, formats, rng):
    return with_any_words(_experts(kind, formats, rng), _with_any_codes, rng)


def _experts(kind, formats, rng):  # noqa: ARG001
    return drawn_experts(formats, up_to, floats, rng)


def _with_any_codes(operand, rng):
    """The operand with codes of all patterns, where its codes have no other meaning than their bits."""
    if not isinstance(operand.form, BlockFormat | CastFormat):
        return operand
    code = rng.integers(0, 1 << operand.form.bits, operand.code.shape)
    return operand._replace(code=code.astype(operand.code.dtype))


def _matrix_product_of_tokens(kind, formats, rng):  # noqa: ARG001
    found = [name for name, recipe in zoo().items() if kind_of_recipe(recipe).name == "fully connected"]
    name = found[int(rng.integers(0, len(found)))]
    size = find_kind("fully connected").recipe_weights(zoo()[name])
    scale, tokens = min(1.0, (MOST_WEIGHTS / size) ** 0.5), int(rng.integers(1, 5))
    return load_workload(name, scale=max(scale, 1e-3), seed=seed(rng), formats=formats, tokens=tokens).layer


def _load(kind, arrays, formats, rng):  # noqa: ARG001
    density = None if coin(rng) else max(0.05, share(rng))
    return load_workload(arrays, density=density, seed=seed(rng), formats=formats).layer


def _from_zoo(kind, formats, rng):
    """A layer of the zoo, drawn at a small scale; also of kinds that nothing here knows."""
    found = [name for name, recipe in zoo().items() if kind_of_recipe(recipe).name == kind]
    name = found[int(rng.integers(0, len(found)))]
    size, shape = find_kind(kind).recipe_weights(zoo()[name]), getattr(zoo()[name], "shape", None)
    places = getattr(shape, "height", 1) * getattr(shape, "width", 1)
    scale = min(1.0, (MOST_WEIGHTS / size) ** 0.5, (MOST_PLACES / places) ** 0.5) * float(rng.uniform(0.3, 1))
    return load_workload(name, scale=max(scale, 1e-3), seed=seed(rng), formats=formats).layer


WORDS = {
    "fully connected": _fully_connected,
    "convolution": _convolution,
    "LSTM": _lstm,
    "matrix product": _matrix_product,
    "attention": _attention_of_words,
    "state space": random_state_spaces.of_words,
    "experts": _experts_of_words,
    "GRU": random_grus.of_words,
    "gradient": random_gradients.of_words,
    "sparse product": random_sparse.of_words,
    "sparse convolution": random_scans.voxels_of_words,
    "BEV pooling": random_scans.rays_of_words,
}
"""Of layers whose words use all their bits, so that sums saturate and products need rounding."""
FLOATS = {
    "fully connected": _fully_connected_of_floats,
    "convolution": _convolution_of_floats,
    "LSTM": _lstm_of_floats,
    "matrix product": _matrix_product_of_floats,
    "attention": _attention,
    "state space": random_state_spaces.of_floats,
    "experts": _experts,
    "GRU": random_grus.of_floats,
    "gradient": random_gradients.of_floats,
    "sparse product": random_sparse.of_floats,
    "sparse convolution": random_scans.voxels_of_floats,
    "BEV pooling": random_scans.rays_of_floats,
}
"""Of layers in floating point, which the front end compresses."""


DRAWN = {"matrix product": _matrix_product_of_tokens, "sparse product": random_sparse.from_zoo}
"""Of kinds whose recipes are too large at any scale, or are those of another kind, drawn with options."""


def generator(seed, *names):
    """A generator of its own for each combination of seed and names."""
    return np.random.default_rng([seed, *(zlib.crc32(str(name).encode()) for name in names)])
