"""The law of the tensor engine: model, engine and kernel agree on a layer of any kind."""

import numpy as np

from simulator.core.registry import find
from simulator.core.run import first_difference
from simulator.machines.tensor.arch import REASON_UNITS
from workloads.kinds import reference_output

MANY = 10**6


def check(arch, layer):
    """Twins and kernel agree to the last bit, and every cycle has one reason; the model's run."""
    machine = find("tensor")
    (streams,) = machine.layout(arch, layer)
    model, engine = machine.run_model(arch, streams, MANY), machine.run_engine(arch, streams, MANY)
    assert first_difference(model, engine) is None
    assert engine.output.dtype == np.float32
    np.testing.assert_array_equal(engine.output, reference_output(layer))
    assert not np.isnan(engine.output).any()
    lean = machine.run_engine(arch, streams, MANY, output=False)
    assert first_difference(lean._replace(output=engine.output), engine) is None
    for names in REASON_UNITS.values():
        assert sum(getattr(model.reasons, name) for name in names).tolist() == [model.cycles]
    return model
