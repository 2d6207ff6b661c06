"""EIE's chain of savings (section I: 120, 10, 8 and 3 times), each step simulated on the same layer.

The steps differ in what is stored and fetched of weights, and in which activations are used; arithmetic is the
machine's 16 bits throughout. A step that stores more than the machine holds is given SRAMs that are large enough, at
the price of the machine's own, so that only what the step is about changes.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.core.savings import Draw, Savings, SavingStep
from simulator.machines.eie import MACHINE
from simulator.machines.eie.arch import Arch
from simulator.run.simulate import simulate
from simulator.studies.steps import make_step
from workloads.compression.columns import Columns
from workloads.kinds.fully_connected.layer import CompressedFullyConnected
from workloads.workload import Workload

FETCHES = ("spmat_row_reads", "pointer_reads", "dram_words")
WEIGHT_BITS, DRAM_PJ, SRAM_PJ = 32, 640.0, 5.0
"""A weight that is not shared (32 bits, section I), and its fetch from DRAM (LPDDR2) and from SRAM (32 KB; Table I)."""
ENTRIES = 2
"""Weights of 32 bits in a row: what the published 64-bit row holds of them."""
LARGE = 1 << 34
"""Bytes of an SRAM that holds any layer: the limit of `Arch`."""
PUBLISHED = 28_800.0
"""The paper's product of the four factors (section I)."""
NOTES = (
    "as paper: weights read x their bits / 32 x 640 pJ from DRAM or 5 pJ from SRAM (Table I), no indices, no pointers",
    "fetch: the rows and pointers that the machine reads, at its prices; all: clock, registers and arithmetic too",
    "time is the PEs': DRAM is taken to deliver as fast as they read",
)


class Fetch(NamedTuple):
    """How a step's weights are read."""

    bits: int  # of an entry
    price: float | None  # of a row from DRAM in pJ; None: of the SRAM, by its width
    pointers: bool  # whether there are any: a dense matrix needs none


def steps(machine: str, draw: Draw) -> Iterator[SavingStep]:
    """The five steps, on the machine or configuration of that name."""
    load = partial(load_arch, machine)
    return chain(load, draw(formats=MACHINE.formats(load().arch)))


def chain(load: Any, workload: Workload) -> Iterator[SavingStep]:
    """The five steps of a layer. load: changes of the architecture -> configuration."""
    config: Config = load()
    layer: CompressedFullyConnected = workload.layer
    awake = layer._replace(activation=np.where(layer.activation == 0, np.int16(1), layer.activation))
    dense = awake._replace(columns=fill(layer))
    index = config.arch.index_bits
    outside, inside = Fetch(WEIGHT_BITS, ENTRIES * DRAM_PJ, False), Fetch(WEIGHT_BITS, None, False)
    sparse = Fetch(WEIGHT_BITS + index, None, True)
    for place, (name, given, fetch, published) in enumerate(
        (
            ("dense from DRAM", dense, outside, None),
            ("dense from SRAM", dense, inside, 120.0),
            ("pruned", awake, sparse, 10.0),
            ("weights shared", awake, None, 8.0),
            ("zero activations skipped", layer, None, 3.0),
        )
    ):
        machine = config if fetch is None else change(load, config.arch, fetch)
        result = simulate(machine, workload._replace(layer=given), output=False)
        step = make_step(result, FETCHES, name, *describe(machine, fetch), place - 1 if place else None)
        word, bits = (DRAM_PJ if fetch == outside else SRAM_PJ), WEIGHT_BITS if fetch else config.arch.weight_bits
        counted = int(result.run.counts.entries.sum()) * bits / WEIGHT_BITS * word
        yield step._replace(counted_pj=counted, published=published)


def fill(layer: CompressedFullyConnected) -> Columns:
    """All places of the matrix, bias included, as entries; what values they have decides no cycle and no count."""
    width = layer.activation.size
    start = np.arange(width + 1, dtype=np.int64) * layer.outputs
    row = np.tile(np.arange(layer.outputs, dtype=np.uint32), width)
    return Columns(start, row, np.ones(row.size, np.uint8))


def change(load: Any, arch: Arch, fetch: Fetch) -> Config:
    """The machine with rows of ENTRIES entries of `fetch.bits`, in SRAMs that hold all, or from DRAM.

    Counts depend on how many entries a row holds and not on their width, so the engine sees narrow entries; the price
    is that of the true width.
    """
    config: Config = load(spmat_width_bits=ENTRIES * fetch.bits)
    prices = []
    for price in config.technology.energy_pj:
        if price.event == "spmat_row_reads" and fetch.price is not None:
            price = price._replace(component="dram", pj=fetch.price, source=f"{ENTRIES} x {DRAM_PJ:g} pJ: EIE, Table I")
        if price.event == "pointer_reads" and not fetch.pointers:
            price = price._replace(pj=0.0, source="a dense matrix has no pointers")
        prices.append(price)
    narrow = ENTRIES * (arch.weight_bits + arch.index_bits)
    sized = config.arch._replace(spmat_width_bits=narrow, spmat_bytes=LARGE, pointer_bytes=LARGE)
    return config._replace(arch=sized, technology=config.technology._replace(energy_pj=tuple(prices)))


def describe(config: Config, fetch: Fetch | None) -> tuple[str, str]:
    """What is stored, and what a fetch costs."""
    prices = {price.event: price for price in config.technology.energy_pj}
    row, arch = prices["spmat_row_reads"], config.arch
    told = f"{row.pj:g} pJ a row ({row.source})"
    if fetch is None:
        stored = f"{arch.weight_bits} + {arch.index_bits} bits in rows of {arch.spmat_width_bits}"
    else:
        index = f" + {arch.index_bits}" if fetch.pointers else ""
        stored = f"{WEIGHT_BITS}{index} bits in rows of {ENTRIES * fetch.bits}"
    pointer = prices["pointer_reads"]
    return stored, f"{told}; {pointer.pj:g} pJ a column for pointers ({pointer.source})"


SAVINGS = Savings(steps, PUBLISHED, NOTES)
