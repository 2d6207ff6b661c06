"""ESE's schedule as a table: state, slot, its parts and their cycles, and the part that bounds it."""

from simulator.core.machine import Table
from simulator.machines.ese.arch import Arch
from simulator.machines.ese.engine.run import time_steps
from simulator.machines.ese.engine.timing import Timing
from simulator.machines.ese.layout.streams import Slot, Streams

PARTS = ("product", "element-wise", "weights", "vectors")
COLUMNS = ("state", "slot", *(name for part in PARTS for name in (part, f"{part} cycles")), "bound by", "cycles")


def tables(arch: Arch, passes: tuple[Streams, ...]) -> list[Table]:
    """The first time step of each layer: the parts of each slot, and their cycles."""
    return [
        Table(
            f"schedule of a time step of {streams.layer.name}",
            COLUMNS,
            tuple(map(_row, streams.slots, time_steps(arch, streams, 1)[0])),
        )
        for streams in passes
    ]


def _row(slot: Slot, timing: Timing) -> tuple[int | str, ...]:
    work = timing.work
    parts = (
        (slot.product, max(work.product_cycles, work.assemble_cycles)),
        (slot.element, work.element_cycles),
        (slot.weights, timing.weights.cycles),
        (slot.vectors, timing.vectors.cycles),
    )
    longest = max(range(len(parts)), key=lambda index: parts[index][1])
    bound = "assemble" if longest == 0 and work.assemble_cycles > work.product_cycles else PARTS[longest]
    return slot.state, slot.slot, *(cell for part in parts for cell in part), bound, timing.cycles
