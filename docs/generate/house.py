"""The rooms of the code in one drawing: a room imports only from rooms below it."""

from docs.generate.picture import QUIET, Picture

FLOORS = (
    ("zeroskip.py/the public names", "cli/one file per command"),
    ("machines/eie, ese, scnn, dense: arch, layout, model, engine, report, paper",),
    ("studies/tables of figures", "sweeps/many points", "timeline/spans, counters", "html/pages"),
    ("run/simulate, executor, verify, compare", "export/other tools' formats", "plots/pictures"),
    ("results/what a run gives, and the store that reads and writes it",),
    ("config/YAML -> architecture and prices",),
    ("core/machine protocol, registry, run, trace", "pricing/technology, energy, scaling"),
    ("hardware/clock, column broadcast, tiling, SRAM, DRAM",),
    ("workloads/model, options: opening a workload", "sources/files, zoo, pretrained", "kinds/layer, recipe, compress"),
    ("compression/prune, index, Huffman", "number_formats/codebook, fixed point", "kernels_ref/bit-accurate reference"),
)
"""From the top floor down: rooms with what is in them."""
TINTS = ("control", "work", "queue", "queue", "memory", "memory", "memory", "memory", "plain", "plain")
WIDTH, HEIGHT, GAP = 900, 54, 12


def pages(_: object) -> dict[str, str]:
    """The drawing by file name."""
    return {"drawings/house.svg": house().svg()}


def house() -> Picture:
    """All floors, the highest on top."""
    picture = Picture(WIDTH, len(FLOORS) * (HEIGHT + GAP) + 34, "The rooms of the code; imports point downwards")
    for floor, (rooms, tint) in enumerate(zip(FLOORS, TINTS, strict=True)):
        width = (WIDTH - 2 * GAP - GAP * (len(rooms) - 1)) / len(rooms)
        for place, words in enumerate(rooms):
            y = GAP + floor * (HEIGHT + GAP)
            picture.box(GAP + place * (width + GAP), y, width, HEIGHT, words, tint)
    note = "A room imports from rooms below it only; core.registry reads the table of machines when it is first asked."
    picture.text(GAP, len(FLOORS) * (HEIGHT + GAP) + 26, note, size=13, colour=QUIET)
    return picture
