"""Timelines of small layers, drawn from simulated traces: a letter for what each unit did in each cycle."""

from typing import NamedTuple

import numpy as np

from docs.generate.picture import QUIET, Picture
from simulator.config.load import Config
from simulator.core.registry import find
from simulator.run.simulate import simulate
from workloads.kinds.convolution.compress import compress_convolution
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.lstm.compress import compress_lstm
from workloads.kinds.lstm.layer import Lstm
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.layer import MatrixProduct
from workloads.kinds.sparse_convolution.compress import compress_sparse
from workloads.kinds.sparse_convolution.layer import SparseConvolution
from workloads.kinds.sparse_convolution.rulebook import Geometry
from workloads.workload import Workload
from zeroskip import load_arch, load_workload

BUSY, WAIT, BLOCKED, MOVE, OVER = "#9fd3be", "#f3f3f3", "#f2b8a0", "#f7d9a0", "#ffffff"
"""Colours of cells: useful work, waiting, waiting because something is full, moving data, nothing left to do."""
CELL, HIGH, LEFT, WORDS = 18, 24, 118, 240


class Timeline(NamedTuple):
    """A run to be drawn."""

    name: str
    title: str
    config: Config
    workload: Workload
    units: tuple[str, ...]  # names of the trace's rows
    letters: tuple[dict[str, tuple[str, str]], ...]  # of each row: letter -> colour, meaning
    cycles: int  # how many are drawn


def pages(_: object) -> dict[str, str]:
    """The drawings by file name."""
    found = {}
    for timeline in (_eie(), _eie_lockstep(), _ese(), _scnn(), _sigma(), _cambricon(), _points()):
        trace = simulate(timeline.config, timeline.workload, trace_cycles=timeline.cycles).run.trace
        found[f"drawings/{timeline.name}.svg"] = draw(timeline, trace).svg()
    return found


def draw(timeline: Timeline, trace: np.ndarray) -> Picture:
    """A line for each unit, a cell for each cycle, and a legend below; trace: uint8 [units, cycles]."""
    units, cycles = trace.shape
    legend = {}
    width = max(LEFT + CELL * cycles + 16, 480)
    columns = width // WORDS
    rows = [bytes(row).decode() for row in trace]
    for row, letters in zip(rows, timeline.letters, strict=True):
        legend.update({(letter, *letters[letter]): None for letter in letters if letter in row})
    height = 52 + (HIGH + 4) * units + 12 + 22 * -(-len(legend) // columns)
    picture = Picture(width, height, timeline.title)
    picture.text(8, 20, timeline.title, size=13, bold=True)
    for cycle in range(0, cycles, 5):
        picture.text(LEFT + CELL * (cycle + 0.5), 42, str(cycle), "middle", 11, QUIET)
    for unit, name in enumerate(timeline.units):
        y = 50 + (HIGH + 4) * unit
        picture.text(LEFT - 8, y + 17, name, "end")
        for cycle, letter in enumerate(rows[unit]):
            picture.cell(LEFT + CELL * cycle, y, CELL - 1, HIGH, letter, timeline.letters[unit][letter][0])
    _legend(picture, list(legend), columns, 50 + (HIGH + 4) * units + 8)
    return picture


def _legend(picture: Picture, entries: list[tuple[str, str, str]], columns: int, top: float) -> None:
    """The legend: each letter with its meaning."""
    for number, (letter, colour, meaning) in enumerate(entries):
        x, y = 10 + WORDS * (number % columns), top + 22 * (number // columns)
        picture.cell(x, y, CELL - 1, 18, letter, colour)
        picture.text(x + CELL + 6, y + 13.5, meaning, size=12, colour=QUIET)


EIE_PE = {
    "m": (BUSY, "multiply"),
    "p": (MOVE, "padding entry"),
    "e": (MOVE, "empty slice"),
    "w": (WAIT, "waits for a column"),
    ".": (OVER, "all is issued"),
}
EIE_CONTROL = {
    "s": (MOVE, "scan"),
    "b": (BUSY, "broadcast"),
    "f": (BLOCKED, "a queue is full"),
    "d": (MOVE, "DRAM fills memories"),
    ".": (OVER, "all is broadcast"),
}


def eie_layer() -> Workload:
    """Five columns; PE 0 has three entries in one and PE 1 in the next, and the third input is zero."""
    weight = np.array(
        [[1, 2, 1, 3, 0], [4, 5, 1, 1, 2], [1, 0, 1, 2, 0], [0, 3, 1, 0, 1], [2, 0, 1, 1, 0], [0, 1, 1, 0, 3]]
    )
    codebook, activation = np.arange(16, dtype=np.float32), np.array([1, 2, 0, 3, 1], np.float32)
    return load_workload({"weight_code": weight.astype(np.uint8), "codebook": codebook, "activation": activation})


def _eie() -> Timeline:
    return _eie_timeline("eie_timeline", "EIE, 2 PEs, queues that hold 2 columns", 3)


def _eie_lockstep() -> Timeline:
    return _eie_timeline("eie_lockstep", "The same layer with queues of depth 1: PEs in lockstep", 1)


def _eie_timeline(name: str, title: str, depth: int) -> Timeline:
    config, letters = load_arch("eie", pes=2, queue_depth=depth), (EIE_PE, EIE_PE, EIE_CONTROL)
    return Timeline(name, title, config, eie_layer(), ("PE 0", "PE 1", "control"), letters, 40)


def _ese() -> Timeline:
    """A time step's first slots of an LSTM of 4 cells on two PEs of one channel."""
    rng = np.random.default_rng(1)
    lstm = Lstm(
        name="lstm",
        weight_input=rng.standard_normal((4, 4, 4)).astype(np.float32),
        weight_hidden=rng.standard_normal((4, 4, 4)).astype(np.float32),
        bias=rng.standard_normal((4, 4)).astype(np.float32),
        activation=rng.standard_normal((1, 4)).astype(np.float32),
    )
    sizes = {"channels": 1, "pes": 2, "pipeline_cycles": 2, "element_pipeline": 2, "weight_buffer_entries": 8}
    config = load_arch("ese", unit_bits=32, line_bits=64, input_path_bits=64, dram="none", **sizes)
    form = find("ese").formats(config.arch)["LSTM"]
    workload = Workload("lstm", "drawn", 1, compress_lstm([lstm], 0.5, form))
    units = ("PE 0", "PE 1", "feeder", "assembler", "element-wise", "memory 1", "memory 2")
    pe = {**EIE_PE, ".": (WAIT, "its product is done, the slot is not"), "-": (OVER, "nothing to multiply")}
    rest = {
        "b": (BUSY, "broadcast"),
        "f": (BLOCKED, "a queue is full"),
        "a": (BUSY, "a sum is put in order"),
        "x": (BUSY, "element-wise"),
        "d": (MOVE, "fetch a line"),
        "_": (OVER, "idle"),
    }
    letters = (pe, pe, rest, rest, rest, rest, rest)
    title = "ESE, one channel of 2 PEs: the first slots of a time step"
    return Timeline("ese_timeline", title, config, workload, units, letters, 44)


def _scnn() -> Timeline:
    """Two output channels' groups on two PEs with unequal inputs."""
    rng = np.random.default_rng(3)
    weight = rng.standard_normal((4, 1, 1, 3)).astype(np.float32)
    activation = np.array([[[1, 2, 3, 4, 1, 0, 0, 0, 2, 0]]], np.float32)
    layer = Convolution("row", weight, None, activation, True, (1, 1), (0, 1, 0, 1), 1)
    workload = Workload("row", "drawn", 3, compress_convolution(layer, 0.7, 0, 16))
    sizes = {"rows": 1, "columns": 2, "weights_per_vector": 2, "activations_per_vector": 2, "banks": 8}
    config = load_arch("scnn", bank_step=3, queue_depth=1, group_channels=2, **sizes)
    pe = {
        "m": (BUSY, "a step of F x I products"),
        "s": (BLOCKED, "no room before a bank"),
        "w": (WAIT, "waits for weights"),
        "d": (MOVE, "last products are added"),
        "b": (WAIT, "waits for other PEs"),
        "p": (BLOCKED, "PPUs still busy"),
        "t": (WAIT, "waits for DRAM"),
        ".": (OVER, "finished"),
    }
    channel = {
        "b": (BUSY, "weights are broadcast"),
        "f": (MOVE, "DRAM"),
        "q": (BLOCKED, "a FIFO is full"),
        ".": (OVER, "idle"),
    }
    ppu = {"h": (MOVE, "halo"), "c": (BUSY, "bias, ReLU, compress"), ".": (OVER, "idle")}
    letters = (pe, pe, channel, ppu)
    title = "SCNN, 2 PEs of 2 x 2 multipliers, two rounds"
    return Timeline("scnn_timeline", title, config, workload, ("PE 0", "PE 1", "channel", "PPU"), letters, 40)


def _sigma() -> Timeline:
    """Five weights on four multipliers: two folds."""
    weight = np.array([[1, 0, 2, 0], [0, 3, 0, 4], [5, 0, 0, 0]], np.float32)
    tokens = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]], np.float32)
    layer = compress_product(MatrixProduct("product", weight, None, tokens, False))
    sizes = {"flex_dpes": 2, "multipliers": 2, "slab": 4, "port_bits": 36, "stationary_bits": 16}
    config = load_arch("sigma", wait_for_dram=1, dram_bits_per_kcycle=20_000, **sizes)
    dpe = {
        "m": (BUSY, "a column is multiplied"),
        "s": (BLOCKED, "the column is still sent"),
        "e": (MOVE, "a column without a value"),
        "u": (WAIT, "the fold has no value here"),
        "l": (MOVE, "stationary values are loaded"),
        "w": (WAIT, "waits for DRAM"),
        "d": (OVER, "the last sums leave"),
    }
    port = {"r": (MOVE, "stationary values"), "b": (BUSY, "a column is sent"), ".": (OVER, "idle")}
    memory = {"f": (MOVE, "DRAM"), ".": (OVER, "idle")}
    units, title = ("Flex-DPE 0", "Flex-DPE 1", "port", "memory"), "SIGMA, 2 Flex-DPEs of 2 multipliers, two folds"
    workload = Workload("product", "given", None, layer, "matrix product")
    return Timeline("sigma_timeline", title, config, workload, units, (dpe, dpe, port, memory), 40)


def _cambricon() -> Timeline:
    """Two own selectors with unequal work: four outputs of sixteen inputs."""
    kept = np.array([[1] * 12 + [0] * 4, [1, 0] * 8, [0, 0, 1, 0] * 4, [1] * 16], np.float32)
    layer = Convolution(
        "pairs", kept[:, :, None, None], None, np.ones((16, 1, 1), np.float32), True, (1, 1), (0,) * 4, 1
    )
    workload = Workload("pairs", "drawn", 3, compress_convolution(layer, None, 0, 16))
    sizes = {"pes": 2, "multipliers": 2, "sb_bytes": 32, "sb_slots": 1, "chunk_bytes": 8, "chunks_per_cycle": 4}
    selector = {
        "m": (BUSY, "selects, multiplies"),
        "w": (WAIT, "waits for weights"),
        "n": (WAIT, "waits for inputs"),
        ".": (OVER, "finished"),
    }
    port = {"t": (MOVE, "chunks are moved"), ".": (OVER, "idle")}
    title = "Cambricon-X, 2 PEs of 2 multipliers, one slot of SB each"
    units, letters = ("selector 0", "selector 1", "port"), (selector, selector, port)
    return Timeline("cambricon_timeline", title, load_arch("cambricon_x", **sizes), workload, units, letters, 40)


def _points() -> Timeline:
    """Three voxels of a row, two of them neighbours: blocks of one, three and one pair."""
    geometry = Geometry((7, 1, 1), (3, 1, 1), (1, 1, 1), (1, 0, 0), True)
    places = np.array([[2, 0, 0], [3, 0, 0], [5, 0, 0]], np.int32)
    ones = np.ones((1, 1, 3, 1, 1), np.float32)
    layer = SparseConvolution("row", places, geometry, ones, None, np.ones((3, 1), np.float32), True)
    workload = Workload("row", "given", None, compress_sparse(layer), "sparse convolution")
    sizes = {"rows": 3, "columns": 1, "latency": 1, "merge_width": 4, "block_pairs": 4, "buffers": 1}
    config = load_arch("points", cache_bytes=64, sum_buffer_bytes=64, dram_bits_per_kcycle=64_000, **sizes)
    array = {
        "m": (BUSY, "a row streams"),
        "l": (MOVE, "weights load"),
        "w": (WAIT, "waits for features"),
        "s": (BLOCKED, "buffers of sums are full"),
        "d": (OVER, "the last sums leave"),
    }
    mapping = {"p": (BUSY, "pairs are found"), ".": (OVER, "idle")}
    gather = {"g": (MOVE, "features"), "p": (WAIT, "waits for pairs"), "b": (BLOCKED, "buffers are full"),
              ".": (OVER, "idle")}  # fmt: skip
    scatter = {"o": (MOVE, "sums are added"), ".": (OVER, "idle")}
    units, title = ("array", "mapping", "gather", "scatter"), "A machine for pairs, an array of 3 x 1, three offsets"
    return Timeline("points_timeline", title, config, workload, units, (array, mapping, gather, scatter), 40)
