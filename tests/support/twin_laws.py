"""Laws of model and engine that hold for any machine of one pass."""

import numpy as np

from simulator.core.run import first_difference
from support.shuffled import Shuffled
from workloads.kinds import reference_output


def check_twins(slow, fast, layer, units):
    """Model and engine agree in everything, their output is the kernel's, and every unit has a reason in each cycle."""
    assert first_difference(slow, fast) is None
    np.testing.assert_array_equal(slow.output, reference_output(layer))
    check_reasons(slow, units)


def check_reasons(run, units):
    """Every unit has a reason in each cycle. units: the reasons of each kind of unit, by kind."""
    for names in units.values():
        assert set(sum(getattr(run.reasons, name) for name in names).tolist()) == {run.cycles}


def check_order_and_length(model, lean, arch, streams, seed):
    """The order of processes in a cycle changes nothing, and a shorter trace is the begin of a longer one.

    lean: runs without the output, of architecture, streams and trace length.
    """
    calm, shaken = model.run(arch, streams, 40), model.run_in(Shuffled(seed), arch, streams, 40)
    assert first_difference(calm, shaken) is None
    np.testing.assert_array_equal(lean(arch, streams, 7).trace, calm.trace[:, :7])
