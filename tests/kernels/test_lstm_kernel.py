"""The LSTM's kernel against a twin in plain Python integers."""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kernels_ref.fixed_point import HIGHEST, LOWEST
from kernels_ref.lstm import ColumnMatrix, Formats, look_up, multiply, rescale, run, update_cells

GATES = "iofc"


def clip(value):
    return max(LOWEST, min(HIGHEST, value))


def scaled(value, shift):
    """`value / 2**shift`, to the nearest, halves up."""
    return math.floor(Fraction(value) / Fraction(2) ** shift + Fraction(1, 2))


def nearest(table, argument):
    """The points stand at LOWEST + n x 65536 / points; of two that are as near, the upper."""
    spacing = Fraction(1 << 16, len(table))
    argument = clip(argument)
    near = min(range(len(table)), key=lambda n: (abs(LOWEST + n * spacing - argument), -n))
    return int(table[near])


class Case(NamedTuple):
    """What the kernel is called with, and the dense matrices behind its sparse ones."""

    dense: dict[str, np.ndarray]
    shifts: dict[str, int]
    bias: np.ndarray
    peephole: np.ndarray
    sigmoid: np.ndarray
    tanh: np.ndarray
    cell_gate: np.ndarray
    formats: Formats
    activation: np.ndarray


def naive(case):
    """The equations of the kernel's docstring, a cell at a time: [voices][steps][outputs]."""
    cells, output = case.bias.shape[1], []
    outputs = case.dense["Wir"].shape[1]
    for sequence in case.activation.tolist():
        c, y, said = [0] * cells, [0] * outputs, []
        for x in sequence:
            sums = {}
            for q, gate in enumerate(GATES):
                parts = product(case, f"W{gate}x", x), product(case, f"W{gate}r", y)
                sums[gate] = [sum(terms) for terms in zip(*parts, case.bias[q].tolist(), strict=True)]
            m = [0] * cells
            for j in range(cells):
                seen = [clip(scaled(int(case.peephole[q, j]) * c[j], case.formats.peephole)) for q in (0, 2)]
                i = nearest(case.sigmoid, sums["i"][j] + seen[0])
                f = nearest(case.sigmoid, sums["f"][j] + seen[1])
                g = nearest(case.cell_gate, sums["c"][j])
                c[j] = clip(scaled(f * c[j], 15) + clip(scaled(i * g, case.formats.product)))
                late = clip(scaled(int(case.peephole[1, j]) * c[j], case.formats.peephole))
                o = nearest(case.sigmoid, sums["o"][j] + late)
                m[j] = clip(scaled(o * nearest(case.tanh, clip(scaled(c[j], case.formats.cell))), 15))
            y = product(case, "Wym", m) if "Wym" in case.dense else m
            said.append(y)
        output.append(said)
    return output


def product(case, name, vector):
    rows = case.dense[name].tolist()
    exact = [sum(w * x for w, x in zip(row, vector, strict=True)) for row in rows]
    return [clip(scaled(total, case.shifts[name])) for total in exact]


def sparse(dense, shift):
    column, row = np.nonzero(dense.T)
    start = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=dense.shape[1]))]).astype(np.int64)
    return ColumnMatrix(start, row.astype(np.uint32), dense[row, column], dense.shape[0], shift)


def kernel(case):
    matrices = {name: sparse(dense, case.shifts[name]) for name, dense in case.dense.items()}
    return run(matrices, *case[2:])


def words(rng, *shape, bits=16):
    return rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), shape).astype(np.int16)


def case_of(seed, cells=3, inputs=2, outputs=None, voices=2, steps=3, points=64, density=0.7, formats=None, **options):
    """Random words; the shifts keep most sums within 16 bits, unless `formats` or `shift` says otherwise."""
    rng = np.random.default_rng(seed)
    given_outputs = cells if outputs is None else outputs
    shapes = {f"W{gate}x": (cells, inputs) for gate in GATES} | {f"W{gate}r": (cells, given_outputs) for gate in GATES}
    shapes |= {} if outputs is None else {"Wym": (outputs, cells)}
    dense = {name: words(rng, *shape, bits=12) * (rng.random(shape) < density) for name, shape in shapes.items()}
    peephole = words(rng, 3, cells) * options.get("peephole", True)
    sigmoid = np.sort(rng.integers(0, HIGHEST + 1, points)).astype(np.int16)
    tanh = words(rng, points)
    return Case(
        dense={name: dense_one.astype(np.int16) for name, dense_one in dense.items()},
        shifts={name: options.get("shift", 12) + int(rng.integers(-1, 2)) for name in dense},
        bias=words(rng, 4, cells, bits=options.get("bias_bits", 14)),
        peephole=peephole.astype(np.int16),
        sigmoid=sigmoid,
        tanh=tanh,
        cell_gate=sigmoid if options.get("cell_gate") == "sigmoid" else tanh,
        formats=formats or Formats(peephole=15, product=15, cell=0),
        activation=words(rng, voices, steps, inputs) * (rng.random((voices, steps, inputs)) < 0.7),
    )


FORMATS = st.builds(Formats, st.integers(-16, 62), st.integers(-16, 62), st.integers(-16, 20))
USUAL = st.builds(Formats, st.integers(12, 18), st.integers(13, 18), st.integers(-3, 3))
OPTIONS = st.fixed_dictionaries(
    {
        "cells": st.integers(1, 4),
        "inputs": st.integers(1, 4),
        "outputs": st.none() | st.integers(1, 4),
        "voices": st.integers(1, 3),
        "steps": st.integers(1, 4),
        "points": st.sampled_from([1, 2, 4, 32, 256]),
        "density": st.sampled_from([0.0, 0.3, 1.0]),
        "formats": USUAL | FORMATS,
        "shift": st.sampled_from([-15, -3, 0, 5, 9, 11, 12, 13, 40, 61]),
        "bias_bits": st.sampled_from([8, 14, 16]),
        "peephole": st.booleans(),
        "cell_gate": st.sampled_from(["tanh", "sigmoid"]),
    }
)


@given(st.integers(0, 1 << 32), OPTIONS)
def test_the_kernel_is_its_docstring(seed, options):
    case = case_of(seed, **options)
    output = kernel(case)
    assert output.dtype == np.int16
    assert output.tolist() == naive(case)


@pytest.mark.parametrize("outputs", [None, 2])
@pytest.mark.parametrize("cell_gate", ["tanh", "sigmoid"])
@pytest.mark.parametrize("peephole", [False, True])
def test_variants_with_formats_in_which_most_numbers_count(outputs, cell_gate, peephole):
    case = case_of(1, 6, 5, outputs, 3, 6, 256, cell_gate=cell_gate, peephole=peephole)
    output = kernel(case)
    assert output.tolist() == naive(case)
    assert np.unique(output).size > output.size / 4


def test_every_part_of_the_input_counts():
    """Else equality with the twin would say little."""
    case = case_of(2, 6, 5, 4, 2, 5, 256)
    output = kernel(case)
    for name in case.dense:
        without = {**case.dense, name: np.zeros_like(case.dense[name])}
        assert (kernel(case._replace(dense=without)) != output).any()
    for q in range(4):
        for part in ("bias", "peephole"):
            array = getattr(case, part).copy()
            array[min(q, len(array) - 1)] = 0
            assert (kernel(case._replace(**{part: array})) != output).any()
    for field in Formats._fields:
        formats = case.formats._replace(**{field: getattr(case.formats, field) + 1})
        assert (kernel(case._replace(formats=formats)) != output).any()


def test_voices_do_not_meet_and_the_future_does_not_matter():
    case = case_of(3, voices=3, steps=5, points=256)
    output = kernel(case)
    for voice in range(3):
        alone = case._replace(activation=case.activation[voice : voice + 1])
        np.testing.assert_array_equal(kernel(alone)[0], output[voice])
    short = case._replace(activation=case.activation[:, :2])
    np.testing.assert_array_equal(kernel(short), output[:, :2])


def test_the_random_cases_do_saturate_at_every_place_where_words_can():
    case = case_of(4, points=256, shift=6, bias_bits=16)
    assert kernel(case).tolist() == naive(case)
    dense = case.dense["Wix"].astype(np.int64)
    sums = [scaled(total, case.shifts["Wix"]) for total in (dense @ case.activation[0, 0].astype(np.int64)).tolist()]
    assert any(clip(total) != total for total in sums)


@given(st.integers(-(1 << 60), 1 << 60), st.integers(-16, 62))
@example(1 << 60, 62)
@example((1 << 61) - 1, 62)
@example(1 << 61, 62)
@example(-(1 << 61), 62)
@example(-(1 << 61) - 1, 62)
@example(LOWEST, -16)
@example(1 << 60, -16)
@example(-(1 << 47), -16)
def test_rescaling(value, shift):
    assert rescale(value, shift) == clip(scaled(value, shift))


@given(st.integers(-(1 << 17), 1 << 17), st.integers(0, 11))
@example(LOWEST, 11)
@example(HIGHEST, 11)
@example(HIGHEST - 15, 11)  # half a point below the end, beyond the last point
@example(16, 11)
@example(15, 11)
@example(-16, 11)
@example(-17, 11)
def test_tables_are_read_at_the_nearest_point(argument, exponent):
    table = (np.arange(1 << exponent) * 7 - 9000).astype(np.int16)
    assert look_up(table, argument) == nearest(table, argument)


@pytest.mark.parametrize(
    ("product_shift", "table", "old", "expected"),
    [
        (14, HIGHEST, LOWEST, 0),  # i . g is 65532, saturated before f . c, -32767, joins it
        (13, HIGHEST, HIGHEST, HIGHEST),
        (-1, 1, 0, 2),
        (-16, 1, LOWEST, HIGHEST - 1),  # 65536, saturated; f . c is -1
        (0, 181, LOWEST, HIGHEST - 187),  # 32761 fits; f . c is -181
        (1, 3, 0, 5),  # 4.5
    ],
)
def test_the_new_cell(product_shift, table, old, expected):
    """Gates that all say the same, whatever their sums are."""
    sums, rest = np.zeros((4, 1, 1), np.int32), np.zeros((4, 1), np.int16)
    say = np.array([table], np.int16)
    c, m = np.array([[old]], np.int32), np.zeros((1, 1), np.int32)
    update_cells(sums, rest, rest[:3], say, say, say, Formats(0, product_shift, 0), c, m)
    assert c.tolist() == [[expected]]
    assert m.tolist() == [[scaled(table * table, 15)]]


def test_shifts_to_the_left_of_words_that_have_room():
    """With tables that say the argument itself: i is 2 x 100 x 4, f 5 x 100 x 4, g 7000, and o 3 x c x 4."""
    say, rest = np.arange(LOWEST, HIGHEST + 1).astype(np.int16), np.zeros((4, 1), np.int16)
    sums, peephole = np.array([0, 0, 0, 7000], np.int32).reshape(4, 1, 1), np.array([[2], [3], [5]], np.int16)
    c, m = np.array([[100]], np.int32), np.zeros((1, 1), np.int32)
    update_cells(sums, rest, peephole, say, say, say, Formats(peephole=-2, product=15, cell=-3), c, m)
    assert c.tolist() == [[scaled(2000 * 100, 15) + scaled(800 * 7000, 15)]] == [[6 + 171]]
    assert m.tolist() == [[scaled((3 * 177 * 4) * (177 * 8), 15)]]
    assert multiply(sparse(np.array([[3, -5]], np.int16), -4), np.array([[7], [1]], np.int32)).tolist() == [[256]]


def test_a_sum_of_products_is_rounded_once():
    """Four halves make two; rounded one by one they would make four. A large sum may come back into range."""
    half = sparse(np.full((1, 4), 1, np.int16), 1)
    assert multiply(half, np.ones((4, 1), np.int32)).tolist() == [[2]]
    back = sparse(np.array([[HIGHEST, HIGHEST, LOWEST, LOWEST]], np.int16), 0)
    assert multiply(back, np.full((4, 1), HIGHEST, np.int32)).tolist() == [[LOWEST]]
    assert multiply(back, np.array([[HIGHEST], [0], [HIGHEST - 1], [0]], np.int32)).tolist() == [[1]]
    wide = sparse(np.full((2, 4096), LOWEST, np.int16), 28)  # 4096 x 2**30 = 2**42
    assert multiply(wide, np.full((4096, 1), LOWEST, np.int32)).tolist() == [[1 << 14]] * 2
