"""Small GRUs and small EdgeDRNN machines for tests: drawn at random, or written down."""

import numpy as np
from hypothesis import strategies as st

from simulator.machines.edgedrnn import MACHINE
from simulator.machines.edgedrnn.arch import Arch
from workloads.kinds.gru.compress import POINTS, assemble
from workloads.kinds.gru.format import GruFormat
from workloads.kinds.gru.layer import CompressedGru, CompressedGruLayer

TINY = Arch(
    pes=2,
    list_depth=8,
    input_threshold=0,
    state_threshold=0,
    encoder_cycles=1,
    phase_cycles=0,
    fetch_cycles=1,
    beat_cycles=1,
    pipeline_cycles=0,
    activation_steps=1,
    activation_pipeline=0,
    run_overhead=0,
    sparse_columns=0,
    index_bits=8,
    weight_bits=8,
    activation_bits=16,
    sum_bits=24,
    table_bits=8,
    most_cells=1024,
    most_layers=4,
)

machines = st.builds(
    TINY._replace,
    pes=st.integers(1, 5),
    list_depth=st.integers(1, 6),
    input_threshold=st.sampled_from([0, 1, 3, 64, 300]),
    state_threshold=st.sampled_from([0, 1, 3, 64, 300]),
    encoder_cycles=st.integers(1, 4),
    phase_cycles=st.integers(0, 3),
    fetch_cycles=st.integers(1, 7),
    beat_cycles=st.integers(1, 3),
    pipeline_cycles=st.integers(0, 3),
    activation_steps=st.integers(1, 5),
    activation_pipeline=st.integers(0, 6),
    run_overhead=st.integers(0, 5),
    sparse_columns=st.integers(0, 1),
    table_bits=st.integers(1, 8),
)
"""Machines with every bottleneck: short lists, slow columns, slow beats, slow cells."""


def layer(words: np.ndarray, fraction_bits: int = 0, first: np.ndarray | None = None, name="l0") -> CompressedGruLayer:
    """A layer of words, integers [1 + inputs + cells, 3, cells]."""
    count, _, cells = words.shape
    start = np.zeros(cells, np.int32) if first is None else first.astype(np.int32)
    return CompressedGruLayer(name, count - 1 - cells, words.astype(np.int8), start, fraction_bits)


def stack(layers, activation, form: GruFormat) -> CompressedGru:
    """Layers one above the other, with inputs, integers [steps, inputs] in 1/256."""
    exact = np.zeros((len(activation), layers[-1].cells))
    return assemble("drawn", layers, np.asarray(activation, np.int16), exact, form)


def drawn(seed, form=GruFormat(), *, layers=1, inputs=3, cells=4, steps=3, density=1.0, bits=None, most=2000):  # noqa: B008
    """A GRU whose words use all their bits, so that sums wrap around and words saturate; tables hold anything."""
    rng, found, below = np.random.default_rng(seed), [], inputs
    for number in range(layers):
        shape = 1 + below + cells, 3, cells
        words = rng.integers(-127, 128, shape) * (rng.random(shape) < density)
        fraction = int(rng.integers(0, 8)) if bits is None else bits
        found.append(layer(words, fraction, rng.integers(-(1 << 23), 1 << 23, cells), f"l{number}"))
        below = cells
    activation = np.cumsum(rng.integers(-most, most + 1, (steps, inputs)), axis=0).clip(-(1 << 15), (1 << 15) - 1)
    made = stack(found, activation, form)
    if rng.random() < 0.5:
        tables = rng.integers(0, 257, POINTS), rng.integers(-256, 257, POINTS)
        made = made._replace(sigmoid=tables[0].astype(np.int16), tanh=tables[1].astype(np.int16))
    return made


def of_machine(seed, arch, **sizes) -> CompressedGru:
    """The same for a machine's thresholds and tables."""
    return drawn(seed, MACHINE.formats(arch)["GRU"], **sizes)


@st.composite
def cases(draw):
    """A machine and a GRU of one to three layers."""
    arch = draw(machines)
    sizes = {"layers": draw(st.integers(1, 3)), "inputs": draw(st.integers(1, 6)), "cells": draw(st.integers(1, 7))}
    more = {"steps": draw(st.integers(1, 4)), "density": draw(st.sampled_from([0.0, 0.2, 0.6, 1.0]))}
    return arch, of_machine(
        draw(st.integers(0, 1 << 30)), arch, **sizes, **more, most=draw(st.sampled_from([2, 90, 2000]))
    )
