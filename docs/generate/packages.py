"""The packages of the code in one drawing: a package imports only from its own row and from the rows below it."""

from docs.generate.picture import QUIET, Picture

ROWS = (
    ("zeroskip.py/the public names", "simulator.cli/one file per command"),
    ("simulator.machines/eie, ese, scnn, dense, cambricon: arch, layout, model, engine, report, paper",),
    ("studies/tables of figures", "sweeps/many points", "timeline/spans, counters", "html/pages", "display/in Python"),
    ("run/api, executor, verify, compare", "system/several chips", "export/other tools' formats", "plots/pictures"),
    ("results/what a run gives, and the store that reads and writes it",),
    ("config/YAML -> architecture and prices", "pricing/technology, energy, scaling"),
    ("core/machine protocol, registry, run, trace",),
    ("hardware/clock, column broadcast, tiling, SRAM, DRAM",),
    (
        "workloads.model/opening a workload",
        "experiments/what compression costs",
        "training/a small trainer",
        "tracks/objects in frames",
        "clips/differences of frames",
    ),
    ("sources/files, zoo, pretrained networks", "kinds/layer, recipe, compress, reference"),
    (
        "compression/prune, index, Huffman",
        "number_formats/codebook, fixed point",
        "isolated/work in a process of its own",
        "kernels_ref/bit-accurate kernels",
    ),
)
"""From the top row down: packages, each with what is in it. Rows 3 to 8 are in `simulator`, 9 to 11 in `workloads`."""
TINTS = (
    *("control", "work", "queue", "queue"),
    *("memory", "memory", "memory", "memory"),
    *("plain", "plain", "plain"),
)
LATE = (
    ("simulator.core", "simulator.machines"),
    ("simulator.results", "simulator.display"),
    ("simulator.run", "simulator.display"),
)
"""Imports from a row above, made inside a function when it is called: the drawing's notes name them."""
NOTES = (
    "A package imports from its own row and the rows below it. Two imports from above are made when they are needed:",
    "core.registry reads the table of machines, and results use display to show, draw and save themselves.",
)
WIDTH, HEIGHT, GAP, LINE = 900, 54, 12, 20


def pages(_: object) -> dict[str, str]:
    """The drawing by file name."""
    return {"drawings/packages.svg": drawing().svg()}


def drawing() -> Picture:
    """All rows, the highest on top, and the notes."""
    end = len(ROWS) * (HEIGHT + GAP) + GAP
    picture = Picture(WIDTH, end + LINE * len(NOTES) + GAP, "The packages of the code; imports point downwards")
    for row, (boxes, tint) in enumerate(zip(ROWS, TINTS, strict=True)):
        width = (WIDTH - 2 * GAP - GAP * (len(boxes) - 1)) / len(boxes)
        for place, words in enumerate(boxes):
            y = GAP + row * (HEIGHT + GAP)
            picture.box(GAP + place * (width + GAP), y, width, HEIGHT, words, tint)
    for place, note in enumerate(NOTES):
        picture.text(GAP, end + LINE * place + 14, note, size=13, colour=QUIET)
    return picture
