"""ESE's schedule as a table: state, slot, what bounds it, cycles."""

from simulator.ese.arch import Arch
from simulator.ese.engine import time_slot
from simulator.ese.streams import Streams
from simulator.ese.timing import Timing
from simulator.report import Table

COLUMNS = ("state", "slot", "product", "element-wise", "weights", "vectors", "bound by", "cycles")
PARTS = ("product", "assemble", "element-wise", "weights", "vectors")


def tables(arch: Arch, passes: tuple[Streams, ...]) -> list[Table]:
    """The schedule of a time step of each layer; in brackets how many cycles each part takes."""
    found = []
    for streams in passes:
        rows = []
        for slot in streams.slots:
            timing = time_slot(arch, streams, slot)
            took = dict(zip(PARTS, parts(timing), strict=True))
            rows.append(
                (
                    slot.state,
                    slot.slot,
                    _told(slot.product, took["product"]),
                    _told(slot.element, took["element-wise"]),
                    _told(slot.weights, took["weights"]),
                    _told(slot.vectors, took["vectors"]),
                    max(took, key=lambda part: took[part]),
                    timing.cycles,
                )
            )
        found.append(Table(f"schedule of a time step of {streams.layer.name}", COLUMNS, tuple(rows)))
    return found


def parts(timing: Timing) -> tuple[int, ...]:
    """The cycles of a slot's parts in the order of `PARTS`."""
    return (
        timing.product_cycles,
        timing.assemble_cycles,
        timing.element_cycles,
        timing.weight_cycles,
        timing.vector_cycles,
    )


def _told(name: str, cycles: int) -> str:
    return f"{name} ({cycles})" if name else ""
