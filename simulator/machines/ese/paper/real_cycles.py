"""The cycles of a time step of ESE, charged to its matrices as the paper's Table 8 has them."""

from simulator.config.load import Config
from simulator.machines.ese.engine.run import time_steps
from simulator.machines.ese.layout.streams import Streams

TAIL = "total less the matrices"
"""The cycles that are charged to no matrix."""


def real_cycles(config: Config, streams: Streams) -> dict[str, int]:
    """The cycles of a time step by matrix, and the remaining cycles as `TAIL`.

    A matrix is charged with its product, and with the cycles in which all other parts wait for its fetch. If a slot
    fetches the rest of one matrix and then another, the wait is charged to the latter.
    """
    found = dict.fromkeys([*streams.matrices, TAIL], 0)
    for slot, timing in zip(streams.slots, time_steps(config.arch, streams, 1)[0], strict=True):
        product, working = max(timing.work.product_cycles, timing.work.assemble_cycles), timing.work.cycles
        if slot.product:
            found[slot.product] += product
        found[TAIL] += working - product
        fetched = sorted(slot.weights.split(" "), key=lambda name: name.startswith("("))[0].strip("()")
        found[fetched or TAIL] += timing.cycles - working
    return found
