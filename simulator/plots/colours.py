"""One colour for one meaning, in every picture: for what energy and time go to, and for machines."""

from collections.abc import Mapping, Sequence

from simulator.core.registry import machines
from simulator.plots.style import COLOURS, OTHER
from simulator.plots.words import label

WORK, ACTIVATIONS, WEIGHTS, PLACES, SUMS, DRAM, LATE = COLOURS
QUEUES, NETWORK, IDLE, WAIT, SPREAD = "#f3cf80", "#7b3294", "#c9c9c9", "#8c510a", "#555555"
MEANINGS = {
    WORK: ("multipliers", "arithmetic", "busy", "multiply", "compute", "broadcast", "product", "array", "update",
           "change", "beat", "service"),
    ACTIVATIONS: (
        "act_read_write", "activation_buffers", "iaram_oaram", "sram", "write_back", "assemble", "vectors",
        "operand_sram", "write", "input_wait", "activate", "new_states",
    ),
    WEIGHTS: (
        "spmat_read", "weight_buffer", "weight_buffers", "weight_fifo", "weight_wait", "load", "weights",
        "operand_wait", "read",
    ),
    PLACES: (
        "pointer_read", "pointer_buffers", "empty_slice", "bank_stall", "decoder", "maximum", "end_mark", "sensor",
    ),
    SUMS: ("accumulators", "registers", "element_wise", "element-wise", "element", "drain", "halo", "output"),
    DRAM: ("dram", "dram_core", "dram_wait", "fetch", "transfer"),
    LATE: ("ppu", "lnzd", "ppu_wait", "compress", "scan", "quantiser", "adder_tree", "synapse_selectors", "encoder",
           "lost frames"),
    QUEUES: ("act_queue", "activation_queues", "starved", "write_wait", "index", "queue"),
    NETWORK: ("crossbar", "barrier", "scale_read", "vector_unit", "vector_wait", "exponential", "selectors", "held"),
    IDLE: (
        "finished", "no_product", "idle", "ppu_idle", "feeder_idle", "assembler_idle", "element_idle", "memory_idle",
        "vector_idle", "encoder_idle",
    ),
    WAIT: ("waiting", "dram_io", "queue_full", "fifo_full", "list_full", "latency", "misses"),
    SPREAD: ("unused", "board", "clock", "dram_standby", "control", "fill"),
}  # fmt: skip
"""Colour -> components that use energy, reasons for cycles, and parts of a schedule.

No two components of a machine, and no two reasons of a unit, share a colour. A machine adds its own names: `roles`.
"""
OF_MACHINES = (*COLOURS, NETWORK, WAIT, "#1b1b1b", "#7fbf7b", "#b15928", "#6a3d9a")
"""Of machines, in the order of their table."""
HATCHES = ("", "////", "....", "xxxx", "||||")
"""Of the first name with a colour, the second one, and so on."""
ALL = (*COLOURS, QUEUES, NETWORK, WAIT, SPREAD, IDLE)


def of_names(names: Sequence[str]) -> dict[str, str]:
    """The colour of each component or reason, a key or its words."""
    known = _known()
    return _choose(names, {name: known[label(name)] for name in names if label(name) in known}, ALL)


def hatches(colours: Mapping[str, str]) -> dict[str, str]:
    """The hatch of each name, "" for the first of a colour: roles of several machines in one legend share colours."""
    drawn: dict[str, int] = {}
    found: dict[str, str] = {}
    for name, colour in colours.items():
        found[name] = HATCHES[min(drawn.get(colour, 0), len(HATCHES) - 1)]
        drawn[colour] = drawn.get(colour, 0) + 1
    return found


def of_machines(names: Sequence[str]) -> dict[str, str]:
    """The colour of each machine or of its default configuration; names of anything else get those that are left.

    Next to machines, those that are no machine's come first. After the last colour, everything is grey.
    """
    order = list(machines().items())
    places = {name: place for place, (machine, one) in enumerate(order) for name in (machine, one.default)}
    found: dict[str, str] = {}
    for name in names:
        place = places.get(name, len(OF_MACHINES))
        colour = OF_MACHINES[place] if place < len(OF_MACHINES) else None
        if colour is not None and colour not in found.values():  # a machine's second name gets another one
            found[name] = colour
    return _choose(names, found, (*OF_MACHINES[len(order) :], *OF_MACHINES[: len(order)]) if found else COLOURS)


def light(colour: str) -> str:
    """A tint of a colour, `#rrggbb`, that black text can be read on."""
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{(part + 255) // 2:02x}" for part in parts)


def ink(colour: str) -> str:
    """Black or white, whichever can be read better on a colour, `#rrggbb`."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "black" if 299 * red + 587 * green + 114 * blue > 128_000 else "white"


def _known() -> dict[str, str]:
    """The colour of each name in words: of `MEANINGS`, and of what machines say has the role of one of these."""
    found = {label(key): colour for colour, keys in MEANINGS.items() for key in keys}
    roles = {label(name): label(role) for machine in machines().values() for name, role in machine.roles.items()}
    return {name: found[role] for name, role in roles.items() if role in found} | found


def _choose(names: Sequence[str], known: Mapping[str, str], every: Sequence[str]) -> dict[str, str]:
    """The known colours, and for other names, in their order, those that nothing else has."""
    free = iter([colour for colour in every if colour not in known.values()])
    return {name: known[name] if name in known else next(free, OTHER) for name in names}
