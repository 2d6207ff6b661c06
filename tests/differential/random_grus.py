"""Random GRUs, and what they must put out: each step's sums anew, from all that was sent, in numpy's int64."""

import numpy as np
from support.gru_layers import drawn

from differential.compare import differs
from differential.draws import coin, floats, seed, share, up_to
from workloads.kinds.gru.format import GruFormat
from zeroskip import load_workload

LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1


def of_words(kind, formats, rng):
    """Words of all patterns, and tables of any content."""
    return drawn(
        seed(rng), formats.get(kind, GruFormat()), layers=int(rng.integers(1, 3)), inputs=up_to(rng, 9),
        cells=up_to(rng, 12), steps=int(rng.integers(1, 5)), density=share(rng), most=int(rng.choice([3, 100, 4000])),
    )  # fmt: skip


def of_floats(kind, formats, rng):  # noqa: ARG001
    """Of arrays, through the front end."""
    cells, inputs = up_to(rng, 9), up_to(rng, 9)
    arrays = {
        "weight_input": floats(rng, 3, cells, inputs),
        "weight_hidden": floats(rng, 3, cells, cells),
        "activation": floats(rng, int(rng.integers(1, 5)), inputs),
    }
    if coin(rng):
        arrays["bias"] = floats(rng, 3, cells)
    if coin(rng):
        arrays["hidden_bias"] = floats(rng, cells)
    density = None if coin(rng) else max(0.05, share(rng))
    return load_workload(arrays, density=density, seed=seed(rng), formats=formats).layer


def gru_in_integers(layer, words):
    """The sums of each step as products of all that was sent, not as what was added to the sums before."""
    signal, found = layer.activation.astype(np.int64), []
    for one in layer.layers:
        signal = _states(layer, one, signal)
        found.append(signal.ravel())
    return differs(np.concatenate(found), words)


def _states(stack, layer, inputs):
    """The states of a layer, int64 [steps, cells]."""
    weight = layer.weight.astype(np.int64)
    outer, inner = weight[: 1 + layer.inputs], weight[1 + layer.inputs :]
    sent_inputs, sent_states = np.zeros(1 + layer.inputs, np.int64), np.zeros(layer.cells, np.int64)
    state, found = np.zeros(layer.cells, np.int64), []
    for step in inputs:
        sent_inputs = _send(sent_inputs, np.concatenate([[256], step]), stack.input_threshold)
        sent_states = _send(sent_states, state, stack.state_threshold)
        from_inputs = np.einsum("j,jgk->gk", sent_inputs, outer)
        from_states = np.einsum("j,jgk->gk", sent_states, inner)
        gates = _word(from_inputs[:2] + from_states[:2], layer.fraction_bits)
        r, u = _look_up(stack.sigmoid, gates)
        product = r * _word(from_states[2] + layer.first, layer.fraction_bits)
        outside = _wrapped(from_inputs[2]) * (256 >> layer.fraction_bits)
        c = _look_up(stack.tanh, np.clip(_even(outside + product, 8), LOWEST, HIGHEST))
        state = np.clip(_even((256 - u) * c, 8) + _even(u * state, 8), LOWEST, HIGHEST)
        found.append(state)
    return np.array(found)


def _send(sent, now, threshold):
    """What is sent after a step: new values where they are far enough from the old ones."""
    return np.where(np.abs(now - sent) >= threshold, now, sent)


def _wrapped(sums):
    """Their lowest 24 bits."""
    return ((sums + (1 << 23)) % (1 << 24)) - (1 << 23)


def _word(sums, bits):
    return np.clip(_even(_wrapped(sums), bits), LOWEST, HIGHEST)


def _even(values, bits):
    """`values / 2**bits` by numpy's rounding to even: exact, as all are below 2**53."""
    return np.rint(np.ldexp(values.astype(np.float64), -bits)).astype(np.int64)


def _look_up(table, words):
    return table.astype(np.int64)[np.clip(words + 2048, 0, 4095)]
