"""EIE's circuit against the engine and the model, and circuits with a deliberate mistake."""

import inspect
from types import ModuleType

from hypothesis import strategies as st

from simulator.core.run import as_shown, first_difference
from simulator.machines.eie import engine, model
from simulator.machines.eie.layout.streams import layout
from support.layers import PLAIN

ALL = 1 << 40
"""Cycles of the trace: more than any run has."""

circuit_machines = st.builds(
    PLAIN._replace,
    pes=st.integers(1, 7),
    queue_depth=st.integers(1, 9),
    scan_fill=st.integers(0, 3),
    weight_bits=st.integers(4, 8),
    index_bits=st.integers(1, 8),
    spmat_width_bits=st.sampled_from([16, 24, 32, 64, 128]),
)


def compare(arch, layer):
    """Where the circuit first differs from the model or the engine: a sentence, or None."""
    from simulator.machines.eie import circuit

    (streams,) = layout(arch, layer)
    try:
        found = circuit.run(arch, streams, ALL)
    except RuntimeError as error:
        return str(error)
    twins = (witness.run(arch, streams, ALL) for witness in (model, engine))
    differences = [first_difference(as_shown(twin, found), found) for twin in twins]
    assert differences[0] == differences[1]
    return differences[0]


def with_mistake(module: ModuleType, right: str, wrong: str) -> dict[str, object]:
    """The names of a module whose text has `wrong` in every place of `right`."""
    text = inspect.getsource(module)
    assert right in text, f"{module.__name__} has no {right!r}"
    names: dict[str, object] = {"__name__": module.__name__}
    exec(compile(text.replace(right, wrong), f"{module.__file__} with a mistake", "exec"), names)
    return names
