"""Model, engine and kernel agree on random GAMMAs and sparse products."""

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from support.gamma_machines import PLAIN, machines, product
from support.paths import EXAMPLES
from support.shuffled import Shuffled

from simulator.core.run import first_difference
from simulator.machines.gamma import MACHINE
from simulator.machines.gamma.arch import REASON_UNITS
from simulator.machines.gamma.model.units import run_in
from workloads.kinds import reference_output

MANY = 10**6
densities = st.sampled_from([0.0, 0.1, 0.4, 1.0])


def check(arch, layer):
    (streams,) = MACHINE.layout(arch, layer)
    model, engine = MACHINE.run_model(arch, streams, MANY), MACHINE.run_engine(arch, streams, MANY)
    assert first_difference(model, engine) is None
    assert engine.output.dtype == np.float64
    np.testing.assert_array_equal(engine.output, reference_output(layer))
    lean = MACHINE.run_engine(arch, streams, 7, output=False)
    assert first_difference(lean._replace(output=engine.output, trace=engine.trace), engine) is None
    for kind, names in REASON_UNITS.items():
        units = arch.pes if kind == "PE" else 1
        assert sum(getattr(model.reasons, name) for name in names).tolist() == [model.cycles] * units
    return model


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(
    machines, st.integers(0, 1 << 30), st.integers(1, 8), st.integers(1, 25), st.integers(1, 25), densities, densities,
)  # fmt: skip
def test_twins_agree_with_the_kernel(arch, seed, rows, inner, columns, left, right):
    check(arch, product(seed, rows, inner, columns, left, right))


@pytest.mark.parametrize("radix", [2, 3, 4, 64])
def test_rows_of_many_terms(radix):
    run = check(PLAIN._replace(radix=radix), product(1, 4, 40, 30, 0.9, 0.3))
    assert (int(run.counts.partial_elements.sum()) > 0) == (radix < 40)


def test_partial_rows_that_leave_the_cache():
    arch = PLAIN._replace(cache_bytes=24, cache_ways=1, cache_banks=1)
    run = check(arch, product(2, 3, 30, 40, 0.9, 0.3))
    assert int(run.counts.spills[0]) > 0
    assert int(run.counts.dram_partial_bytes[0]) > 0


@settings(max_examples=EXAMPLES, deadline=None)
@given(machines, st.integers(0, 1 << 30))
def test_the_order_of_processes_in_a_cycle_does_not_matter(arch, seed):
    (streams,) = MACHINE.layout(arch, product(seed, 6, 12, 12))
    expected = run_in(simpy.Environment(), arch, streams, MANY)
    assert first_difference(run_in(Shuffled(seed), arch, streams, MANY), expected) is None
