"""One product on 1, 2, 4 and 8 chips of each machine: the bits of its outputs, and what equal bits cost.

Every chip computes with the machine's own arithmetic: one part of the inputs, or one tile of them after another. Parts
are added in the order of a chain, a ring or a tree. Machines that add whole numbers need no order.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.core.machine import AnyMachine
from simulator.core.registry import find, machines
from simulator.core.run import Run, chain
from simulator.system.collectives import make_schedule
from simulator.system.engine import run_engine
from simulator.system.link import PS_PER_S
from simulator.system.system_file import load_system
from workloads.document_types import Document
from workloads.errors import InputError
from workloads.experiments.reductions import PLACES, WORD_BYTES, add_parts, add_tiles, levels_of
from workloads.experiments.split_layers import add_words, adds_exactly, finish_sums, split_inputs
from workloads.kinds import kind_of
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.matrix_product.layer import MatrixProduct
from workloads.options import WorkloadOptions
from workloads.study import Progress

INPUTS, OUTPUTS, TOKENS = 6144, 96, 64
CHIPS = 1, 2, 4, 8
DENSITY = 0.1
"""Of the weights of fixed-point machines, which skip zeros; matrix products are dense."""
SIZES = "pes", "rows", "columns", "flex_dpes"
"""Numbers of parts that add: machines that are smaller in those that they have must give the same bits."""
SMALLER = 1, 2, 4
"""Sizes are divided by these."""
FORMATS = "bf16", "int8", "nvfp4"
ORDERS = "chain", "ring", "tree"
PRODUCT = "matrix product"
SYSTEM = "nvlink_switch_8"
COST_TOKENS, COST_OUTPUTS = 1024, 2048
"""Of the product whose time is compared: that of the published test, a layer of a transformer."""
RING, TREE = "ring all-reduce", "gathered tree"


class Bits(NamedTuple):
    """A machine's outputs on a number of chips, against its own on one chip in the same order."""

    config: str
    sums: str  # how it adds
    chips: int
    chain: float  # the share of outputs whose bits differ
    ring: float
    tree: float
    sizes: int  # how many sizes of the machine gave the same bits as its default, of `SMALLER`


class Cost(NamedTuple):
    """A product of `COST_TOKENS` x 6,144 x `COST_OUTPUTS` on a number of chips. Times in microseconds."""

    config: str
    chips: int
    registers: int  # partial sums that an output holds; 1 without a tree
    additions: int  # of an output on a chip, in BF16, beyond those of its products
    roundings: int  # of an output on a chip
    plain_us: float  # a chip's part in one piece
    tiles_us: float  # tile by tile, each a run of its own
    ring_us: float
    tree_us: float
    ring_bytes: int  # that a chip sends
    tree_bytes: int

    @property
    def ratio(self) -> float:
        """Time of the tree over that of the ring."""
        return (self.tiles_us + self.tree_us) / (self.plain_us + self.ring_us)


def layer_for(machine: AnyMachine, shape: tuple[int, int, int], seed: int) -> MatrixProduct | FullyConnected:
    """A drawn product of tokens x inputs x outputs, unit variance; of one token where the machine has no products."""
    tokens, inputs, outputs = shape
    rng = np.random.default_rng(seed)
    activation = rng.standard_normal((tokens, inputs), dtype=np.float32)
    weight = rng.standard_normal((outputs, inputs), dtype=np.float32)
    if PRODUCT in machine.kinds:
        return MatrixProduct("split", weight, None, activation, relu=False)
    return FullyConnected("split", weight, None, activation[0], relu=False)


def compress_for(config: Config, layer: MatrixProduct | FullyConnected) -> CompressedLayer:
    """The layer as a configuration reads it."""
    machine = find(config.machine)
    density = None if PRODUCT in machine.kinds else DENSITY
    options = WorkloadOptions(formats=machine.formats(config.arch))
    found: CompressedLayer = kind_of(layer).compress(layer, density, options)
    return found


def run_part(config: Config, part: CompressedLayer, output: bool = True) -> Run:
    """A chip's part on its machine's engine."""
    machine = find(config.machine)
    return chain([machine.run_engine(config.arch, one, 0, output) for one in machine.layout(config.arch, part)])


def outputs_of(config: Config, layer: CompressedLayer, parts: int) -> np.ndarray:
    """The sums of each part as the machine has them, int16 or float32 [parts, outputs of the run]."""
    return np.stack([run_part(config, one).output for one in split_inputs(layer, parts)])


def sums_on(config: Config, layer: CompressedLayer, chips: int) -> dict[str, np.ndarray]:
    """The outputs of a layer on some chips by order: float32 or int16 [outputs of the run]."""
    parts = outputs_of(config, layer, chips)
    if adds_exactly(layer):
        return dict.fromkeys(ORDERS, add_words(layer, list(parts)))
    tiles = outputs_of(config, layer, layer.inputs // PLACES)
    sums = {"chain": add_parts(parts, "chain"), "ring": add_parts(parts, "ring"), "tree": add_tiles(tiles, chips)}
    return {order: finish_sums(layer, one) for order, one in sums.items()}


def variants(config: Config) -> Iterator[tuple[str, Config]]:
    """The configuration as it is, and in each of the number formats that it can have."""
    if "weight_format" not in config.arch._fields:
        yield config.name, config
        return
    own = str(config.written["weight_format"])
    for form in dict.fromkeys((own, *FORMATS)):
        try:
            yield f"{config.name}, {form}", load_arch(config.name, weight_format=form)
        except InputError:
            continue


def on_chip(config: Config) -> Config:
    """The configuration without a DRAM to wait for, where it can be."""
    if "dram" not in config.arch._fields:
        return config
    return load_arch(config.name, **{**config.changes, "dram": "none"})


def smaller(config: Config) -> Iterator[Config]:
    """The configuration with fewer parts, where that is possible."""
    for divisor in SMALLER:
        parts = {key: max(1, getattr(config.arch, key) // divisor) for key in SIZES if key in config.arch._fields}
        yield load_arch(config.name, **{**config.changes, **parts})


def bits(name: str, config: Config, seed: int, progress: Progress) -> Iterator[Bits]:
    """A row for each number of chips."""
    layer = layer_for(find(config.machine), (TOKENS, INPUTS, OUTPUTS), seed)
    held = compress_for(config, layer)
    alone, whole = sums_on(config, held, 1), adds_exactly(held)
    for chips in CHIPS:
        progress(f"{name}, {chips} chips")
        found = sums_on(config, held, chips)
        in_chain, in_ring, in_tree = (float(np.mean(found[order] != alone[order])) for order in ORDERS)
        same = (sums_on(one, compress_for(one, layer), chips)["tree"] for one in smaller(config))
        equal = sum(one.tobytes() == alone["tree"].tobytes() for one in same)
        yield Bits(name, "whole numbers" if whole else "FP32, then BF16", chips, in_chain, in_ring, in_tree, equal)


def costs(name: str, config: Config, seed: int, progress: Progress) -> Iterator[Cost]:
    """A row for each number of chips, of a machine whose sums round; operands and sums of tiles stay on the chip."""
    config = on_chip(config)
    layer = compress_for(config, layer_for(find(config.machine), (COST_TOKENS, INPUTS, COST_OUTPUTS), seed))
    system, tiles = load_system(SYSTEM), INPUTS // PLACES
    size = COST_TOKENS * COST_OUTPUTS * WORD_BYTES
    mhz = config.technology.clock_mhz
    tile = run_part(config, split_inputs(layer, tiles)[0], output=False).cycles
    for chips in CHIPS:
        progress(f"cost on {name}, {chips} chips")
        network = system.network._replace(chips=max(2, chips))
        times = [
            run_engine(make_schedule(one, chips, size), network).time_ps * 1e6 / PS_PER_S if chips > 1 else 0.0
            for one in (RING, TREE)
        ]
        yield Cost(
            config=name,
            chips=chips,
            registers=levels_of(tiles // chips),
            additions=tiles // chips - 1 + (chips - 1),
            roundings=2 * (tiles // chips) - 1 + (chips - 1),
            plain_us=run_part(config, split_inputs(layer, chips)[0], output=False).cycles / mhz,
            tiles_us=tiles // chips * tile / mhz,
            ring_us=times[0],
            tree_us=times[1],
            ring_bytes=2 * (chips - 1) * size // chips,
            tree_bytes=(chips - 1) * size,
        )


def configurations() -> list[tuple[str, Config]]:
    """The default of each machine whose layers can be split, in all formats that are compared, by name."""
    return [one for name in machines() for one in variants(load_arch(name)) if _splits(one[1])]


def _splits(config: Config) -> bool:
    """Whether it has layers of numbers that can be split."""
    machine = find(config.machine)
    if not {PRODUCT, "fully connected"} & set(machine.kinds):
        return False
    try:
        split_inputs(compress_for(config, layer_for(machine, (1, 2 * PLACES, 2), 0)), 2)
    except InputError:
        return False
    return True


def tables(seed: int, progress: Progress) -> tuple[list[Document], list[Document]]:
    """Both tables, and their rows as numbers."""
    found = configurations()
    rows = [row for name, config in found for row in bits(name, config, seed, progress)]
    rounding = {row.config for row in rows if row.sums != "whole numbers"}
    prices = [row for name, config in found if name in rounding for row in costs(name, config, seed, progress)]
    numbers = [*(row._asdict() for row in rows), *({**row._asdict(), "ratio": row.ratio} for row in prices)]
    return [_bits_table(rows), _costs_table(prices)], numbers


def _bits_table(rows: Sequence[Bits]) -> Document:
    shown = [
        (r.config, r.sums, str(r.chips), *(f"{one:.3f}" for one in (r.chain, r.ring, r.tree)), str(r.sizes))
        for r in rows
    ]
    columns = ("configuration", "sums", "chips", "chain", "ring", "tree", "equal sizes")
    title = f"{INPUTS:,} inputs on machines: share of outputs whose bits differ from one chip's"
    return {"title": title, "columns": columns, "rows": shown}


def _costs_table(rows: Sequence[Cost]) -> Document:
    shown = [
        (
            *(r.config, str(r.chips), str(r.registers), str(r.additions), str(r.roundings)),
            *(f"{one:.1f}" for one in (r.plain_us, r.tiles_us, r.ring_us, r.tree_us)),
            *(f"{r.ring_bytes:,}", f"{r.tree_bytes:,}", f"{r.ratio:.2f}"),
        )
        for r in rows
    ]
    columns = (
        *("configuration", "chips", "partial sums", "additions", "roundings", "in one piece, us", "in tiles, us"),
        *("ring, us", "gathered tree, us", "ring, bytes", "tree, bytes", "tree / ring"),
    )
    title = f"what equal bits cost: {COST_TOKENS:,} x {INPUTS:,} x {COST_OUTPUTS:,} on {SYSTEM}"
    return {"title": title, "columns": columns, "rows": shown}
