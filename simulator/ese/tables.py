"""ESE's schedule as a table: state, slot, what bounds it, cycles."""

from simulator.ese.arch import Arch
from simulator.ese.engine import time_slot
from simulator.ese.streams import Slot, Streams
from simulator.ese.timing import Timing
from simulator.report import Table

PARTS = ("product", "element-wise", "weights", "vectors")
COLUMNS = ("state", "slot", *(name for part in PARTS for name in (part, f"{part} cycles")), "bound by", "cycles")


def tables(arch: Arch, passes: tuple[Streams, ...]) -> list[Table]:
    """The schedule of a time step of each layer: what runs in each slot, and how many cycles each part takes."""
    return [
        Table(
            f"schedule of a time step of {streams.layer.name}",
            COLUMNS,
            tuple(_row(slot, time_slot(arch, streams, slot)) for slot in streams.slots),
        )
        for streams in passes
    ]


def _row(slot: Slot, timing: Timing) -> tuple[int | str, ...]:
    parts = (
        (slot.product, max(timing.product_cycles, timing.assemble_cycles)),
        (slot.element, timing.element_cycles),
        (slot.weights, timing.weight_cycles),
        (slot.vectors, timing.vector_cycles),
    )
    longest = max(range(len(parts)), key=lambda place: parts[place][1])
    bound = "assemble" if longest == 0 and timing.assemble_cycles > timing.product_cycles else PARTS[longest]
    return slot.state, slot.slot, *(cell for part in parts for cell in part), bound, timing.cycles
