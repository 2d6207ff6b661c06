"""EIE's savings step by step (section I: 120, 10, 8 and 3 times), each step simulated on the same layer.

The steps differ in how weights are stored and fetched, and in which activations are used; arithmetic has the machine's
16 bits in all steps. A step that stores more than the machine's SRAMs hold gets larger ones at the price of the
original ones, so that nothing else changes.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

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
"""The bits of a weight without sharing (section I), and the energy to fetch it from DRAM and SRAM (Table I), in pJ."""
ENTRIES = 2
"""How many weights of 32 bits the published row of 64 bits holds."""
LARGE = 1 << 34
"""Bytes of an SRAM that holds any layer: the largest that `Arch` accepts."""
PUBLISHED = 28_800.0
"""The product of the paper's four factors (section I)."""
NOTES = (
    "as paper: weights read x their bits / 32 x 640 pJ from DRAM or 5 pJ from SRAM (Table I), no indices, no pointers",
    "fetch: the rows and pointers that the machine reads, at its prices; all: clock, registers and arithmetic too",
    "time is the PEs': DRAM is taken to deliver as fast as they read",
)


class Fetch(NamedTuple):
    """How a step reads its weights."""

    bits: int  # of an entry
    price: float | None  # pJ for a row from DRAM; None: the price of an SRAM row, by its width
    pointers: bool  # whether pointers are read: a dense matrix needs none


def steps(machine: str, draw: Draw) -> Iterator[SavingStep]:
    """The five steps, on the machine or configuration of that name."""
    load = partial(load_arch, machine)
    return chain(load, draw(formats=MACHINE.formats(load().arch)))


def chain(load: Callable[..., Config], workload: Workload) -> Iterator[SavingStep]:
    """The five steps, simulated. load: a function from changes of the architecture to a configuration."""
    config = load()
    layer: CompressedFullyConnected = workload.layer
    all_active = layer._replace(activation=np.where(layer.activation == 0, np.int16(1), layer.activation))
    dense = all_active._replace(columns=dense_columns(layer))
    index = config.arch.index_bits
    from_dram, from_sram = Fetch(WEIGHT_BITS, ENTRIES * DRAM_PJ, False), Fetch(WEIGHT_BITS, None, False)
    sparse = Fetch(WEIGHT_BITS + index, None, True)
    for number, (name, given, fetch, published) in enumerate(
        (
            ("dense from DRAM", dense, from_dram, None),
            ("dense from SRAM", dense, from_sram, 120.0),
            ("pruned", all_active, sparse, 10.0),
            ("weights shared", all_active, None, 8.0),
            ("zero activations skipped", layer, None, 3.0),
        )
    ):
        machine = config if fetch is None else with_fetch(load, config.arch, fetch)
        result = simulate(machine, workload._replace(layer=given), output=False)
        step = make_step(result, FETCHES, name, *describe(machine, fetch), number - 1 if number else None)
        word, bits = (DRAM_PJ if fetch == from_dram else SRAM_PJ), WEIGHT_BITS if fetch else config.arch.weight_bits
        counted = int(result.run.counts.entries.sum()) * bits / WEIGHT_BITS * word
        yield step._replace(counted_pj=counted, published=published)


def dense_columns(layer: CompressedFullyConnected) -> Columns:
    """The layer's matrix with an entry for every element, bias included; cycles and counts do not depend on values."""
    width = layer.activation.size
    start = np.arange(width + 1, dtype=np.int64) * layer.outputs
    row = np.tile(np.arange(layer.outputs, dtype=np.uint32), width)
    return Columns(start, row, np.ones(row.size, np.uint8))


def with_fetch(load: Callable[..., Config], arch: Arch, fetch: Fetch) -> Config:
    """The machine with rows of ENTRIES entries of `fetch.bits`, in SRAMs that hold the whole layer, or from DRAM.

    Counts depend on the number of entries in a row and not on their width, so the engine gets narrow entries; the
    price is that of the true width.
    """
    config = load(spmat_width_bits=ENTRIES * fetch.bits)
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
    """Two texts: what is stored, and what a fetch costs."""
    prices = {price.event: price for price in config.technology.energy_pj}
    row, arch = prices["spmat_row_reads"], config.arch
    row_price = f"{row.pj:g} pJ a row ({row.source})"
    if fetch is None:
        stored = f"{arch.weight_bits} + {arch.index_bits} bits in rows of {arch.spmat_width_bits}"
    else:
        index = f" + {arch.index_bits}" if fetch.pointers else ""
        stored = f"{WEIGHT_BITS}{index} bits in rows of {ENTRIES * fetch.bits}"
    pointer = prices["pointer_reads"]
    return stored, f"{row_price}; {pointer.pj:g} pJ a column for pointers ({pointer.source})"


SAVINGS = Savings(steps, PUBLISHED, NOTES)
