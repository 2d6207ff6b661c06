"""SCNN's scatter crossbar and banks as a circuit: the letters, the drain and the sums of rule, engine and model."""

import numpy as np
import pytest
from support.bank_streams import BankMap, drawn_stream, engine_letters, model_letters, witness
from support.circuits import with_mistake
from support.paths import EXAMPLES

pytest.importorskip("amaranth")

from simulator.machines.scnn.circuit import Product, crossbar, run
from simulator.machines.scnn.circuit.crossbar import Sizes

SHAPES = [
    # weights, activations, banks, depth, skew, linear
    (4, 4, 32, 8, 7, False),
    (4, 2, 16, 2, 0, True),
    (2, 2, 4, 1, 1, False),
    (3, 2, 8, 3, 3, True),
    (1, 3, 1, 2, 0, False),
    (4, 3, 16, 5, 5, False),
]
"""The first is the configuration's."""
CHANNELS, PLACES = 3, 42


def of_circuit(shape, streams):
    """What the circuit finds for each stream."""
    weights, activations, banks, depth, skew, linear = shape
    where = BankMap(banks, skew, linear, PLACES)
    sizes = Sizes(weights * activations, banks, depth, CHANNELS * where.rows(), CHANNELS * PLACES)
    given = [
        [
            [Product(*where.product(w.channel, w.place + a.place), w.value * a.value) for w, a in step]
            for step in stream.steps()
        ]
        for stream in streams
    ]
    return run(sizes, given)


def first_wrong(shape, seed, count):
    """A sentence about the first stream that the circuit and another witness disagree on; None: there is none."""
    rng, (weights, activations, banks, depth, skew, linear) = np.random.default_rng(seed), shape
    where, sums = BankMap(banks, skew, linear, PLACES), {}
    streams = [drawn_stream(rng, weights, activations, CHANNELS, PLACES) for _ in range(count)]
    try:
        found = of_circuit(shape, streams)
    except RuntimeError as error:
        return str(error)
    for number, (stream, seen) in enumerate(zip(streams, found, strict=True)):
        letters, drained, added = model_letters(stream, where, depth)
        steps = [[where.address(w.channel, w.place + a.place)[0] for w, a in step] for step in stream.steps()]
        assert witness(steps, depth) == (letters, drained)
        parts = [[w and sum(where.product(w.channel, w.place)[::2]) % banks for w in one] for one in stream.weights]
        inputs = [[a and a.place % banks for a in one] for one in stream.activations]
        assert engine_letters(parts, inputs, depth, banks, weights) == ("w" + letters, drained)
        if (seen.letters, seen.drained) != (letters, drained):
            return f"stream {number}: {letters} and {drained} against {seen.letters} and {seen.drained}"
        expected = np.zeros_like(seen.sums)
        for position, value in added.items():
            sums[position] = sums.get(position, 0) + value
        for position, value in sums.items():
            expected[where.address(*position)] = (value + (1 << 23)) % (1 << 24) - (1 << 23)
        if not np.array_equal(seen.sums, expected):
            return f"stream {number}: sums {seen.sums.tolist()} against {expected.tolist()}"
    return None


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_crossbar_is_equal_to_model_engine_and_rule(shape):
    assert first_wrong(shape, 1, max(2, EXAMPLES // 10)) is None


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_three_hundred_streams(shape):
    assert first_wrong(shape, 2, EXAMPLES // 2) is None


MISTAKES = [
    ("places count from bank 0", "(place + self.skew.word_select(k, bits))[:bits]", "place[:bits]"),
    ("the queue has one slot less", "room.eq(depth - held)", "room.eq(depth - 1 - held)"),
    ("a freed slot is filled in the same cycle", "room.eq(depth - held)", "room.eq(depth - held + pop)"),
    ("a cycle adds one product of each bank only", "place < room", "(place < room) & (place == 0)"),
    ("products share a slot", "free.eq(head + held + place)", "free.eq(head + held)"),
    ("the ring does not wrap", "Mux(head == depth - 1, 0, head + 1)", "Mux(head == depth, 0, head + 1)"),
    ("a step that waits begins again", "Mux(resumed, left, self.nonzero)", "self.nonzero"),
    ("no bypass of the sum that is written", "transparent_for=(write,)", "transparent_for=()"),
    ("the entry of the next product", "write.addr.eq(entry)", "write.addr.eq(oldest[24:])"),
    ("a product enters in every bank", "product.waiting & (product.bank == bank)", "product.waiting"),
]


@pytest.mark.parametrize(("what", "right", "wrong"), MISTAKES, ids=[one[0] for one in MISTAKES])
def test_a_mistake_is_found(what, right, wrong, monkeypatch):
    monkeypatch.setattr(crossbar, "Crossbar", with_mistake(crossbar, right, wrong)["Crossbar"])
    assert any(first_wrong(shape, 3, 12) for shape in ((2, 2, 4, 3, 1, False), (2, 2, 4, 2, 1, True))), what
