"""Drawings of the three machines: the path of the data, from left to right."""

from docs.generate.picture import QUIET, Picture


def pages(_: object) -> dict[str, str]:
    """The drawings by file name."""
    return {f"drawings/{name}.svg": draw().svg() for name, draw in (("eie", eie), ("ese", ese), ("scnn", scnn))}


def eie() -> Picture:
    """EIE: a broadcast of non-zero inputs to PEs that each hold a slice of every column."""
    picture = Picture(900, 400, "EIE: the control broadcasts non-zero inputs; each PE works through its slices")
    picture.box(20, 150, 130, 90, "control/scans inputs/for non-zeros", "control")
    for number, name in enumerate(("PE 0", "PE 1", "PE N-1")):
        y = 20 + 120 * number + (20 if number == 2 else 0)
        picture.box(205, y, 675, 96, "", "frame")
        picture.text(215, y + 16, name, bold=True)
        _pe(picture, y + 26)
        picture.arrow((150, 195), (178, 195), (178, y + 54), (216, y + 54))
    picture.text(24, 264, "broadcast: value and", size=12, colour=QUIET)
    picture.text(24, 280, "column, one a cycle,", size=12, colour=QUIET)
    picture.text(24, 296, "if all queues have room", size=12, colour=QUIET)
    picture.text(542, 272, "...", "middle", 18)
    return picture


def _pe(picture: Picture, y: float) -> None:
    parts = (
        ("activation/queue", "queue", 92),
        ("pointer read/begin, end", "memory", 124),
        ("sparse-matrix/SRAM: entries", "memory", 140),
        ("codebook, x,/shift, +", "work", 112),
        ("outputs/i mod N", "memory", 92),
    )
    x = 218.0
    for number, (words, tint, width) in enumerate(parts):
        picture.box(x, y, width, 56, words, tint)
        if number < len(parts) - 1:
            picture.arrow((x + width, y + 28), (x + width + 22, y + 28))
        x += width + 22


def ese() -> Picture:
    """ESE: channels that read the same weights, each for another voice."""
    picture = Picture(900, 440, "ESE: memory feeds weights to all channels; each channel works on one voice")
    picture.box(20, 30, 120, 60, "memory 1/weights", "memory")
    picture.box(175, 30, 80, 60, "FIFO", "queue")
    picture.box(290, 30, 570, 60, "weight buffers, two halves: one is filled while one is read", "memory")
    picture.arrow((140, 60), (175, 60))
    picture.arrow((255, 60), (290, 60))
    for shift in (24, 12, 0):
        picture.box(170 + shift, 140 + shift, 690, 220, "", "plain")
    picture.text(182, 162, "a channel for each of 32 voices", bold=True)
    picture.box(190, 200, 80, 90, "feeder/one x/a cycle", "control")
    for number, name in enumerate(("PE 0", "PE 1", "PE 31")):
        y = 174 + 56 * number + (8 if number == 2 else 0)
        picture.box(320, y, 66, 44, "queue", "queue")
        picture.box(408, y, 92, 44, f"{name}/x, +", "work")
        picture.arrow((270, 245), (295, 245), (295, y + 22), (320, y + 22))
        picture.arrow((386, y + 22), (408, y + 22))
        picture.arrow((500, y + 22), (525, y + 22), (525, 245), (548, 245))
    picture.box(548, 200, 96, 90, "assembler/one sum/a cycle", "control")
    picture.box(680, 178, 160, 134, "element-wise unit/peepholes, + tree,/sigmoid and tanh/tables, c, h, m", "work")
    picture.arrow((644, 245), (680, 245))
    picture.text(454, 288, "...", "middle", 16)
    picture.arrow((454, 90), (454, 174))
    picture.text(464, 130, "the same entries to every channel", size=12, colour=QUIET)
    picture.box(20, 210, 110, 70, "memory 2/inputs, biases,/pointers", "memory")
    picture.arrow((130, 245), (190, 245))
    picture.arrow((760, 312), (760, 350), (230, 350), (230, 290))
    picture.text(660, 343, "y of this step enters the next", "middle", 12, QUIET)
    picture.text(
        20,
        428,
        "Slots: what is fetched in one slot is multiplied in the next; a slot lasts as long as its slowest part.",
        size=12,
        colour=QUIET,
    )
    return picture


def scnn() -> Picture:
    """SCNN: a Cartesian product of compressed weights and compressed activations in each PE."""
    picture = Picture(
        900, 400, "SCNN: weights are broadcast; each PE multiplies all its pairs and scatters the products"
    )
    picture.box(20, 130, 110, 80, "DRAM/groups of Kc/channels", "memory")
    picture.box(180, 40, 700, 300, "", "frame")
    picture.text(192, 60, "a PE, with its tile of the plane (8 x 8 PEs)", bold=True)
    picture.box(200, 90, 110, 64, "weight FIFO/vectors of F", "queue")
    picture.box(200, 210, 110, 64, "IARAM/vectors of I", "memory")
    picture.box(350, 140, 110, 84, "F x I/multipliers", "work")
    picture.box(498, 140, 100, 84, "crossbar/by address", "control")
    picture.box(636, 100, 66, 164, "queues/by bank", "queue")
    picture.box(738, 100, 124, 164, "accumulator/banks, two/buffers", "memory")
    picture.arrow((130, 170), (155, 170), (155, 122), (200, 122))
    picture.arrow((310, 122), (330, 122), (330, 165), (350, 165))
    picture.arrow((310, 242), (330, 242), (330, 200), (350, 200))
    for x in (460, 598, 702):
        picture.arrow((x, 182), (x + 38 if x != 702 else 738, 182))
    picture.box(560, 286, 190, 42, "PPU: halo, bias, ReLU", "work")
    picture.arrow((800, 264), (800, 307), (750, 307))
    picture.box(370, 286, 130, 42, "OARAM", "memory")
    picture.arrow((560, 307), (500, 307))
    picture.arrow((370, 307), (255, 307), (255, 274))
    picture.arrow((655, 328), (655, 366), words="")
    picture.text(668, 362, "sums of neighbours' outputs", size=12, colour=QUIET)
    picture.text(20, 232, "broadcast", size=12, colour=QUIET)
    picture.text(20, 248, "to all PEs", size=12, colour=QUIET)
    picture.text(215, 324, "the next layer's input", size=12, colour=QUIET)
    return picture
