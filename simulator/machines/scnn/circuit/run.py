"""Streams of steps through the crossbar, in Amaranth's simulator."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from amaranth.sim import Simulator, SimulatorContext

from simulator.machines.scnn.arch import PeLetter
from simulator.machines.scnn.circuit import crossbar
from simulator.machines.scnn.circuit.crossbar import Sizes


class Product(NamedTuple):
    """A product of a step that is not gated."""

    skew: int  # of its channel, from which banks are counted
    base: int  # the entry in a bank of its channel's first places
    place: int  # of its output in the PE's region
    value: int


class Found(NamedTuple):
    """What the crossbar did with one stream."""

    letters: str  # of the PE: a step, then a letter for each cycle in which products of it wait
    drained: int  # cycles after the last step until the queues are empty
    sums: np.ndarray  # int32 [banks, entries], 24 bits, of this stream and all before it


def run(sizes: Sizes, streams: Sequence[Sequence[Sequence[Product]]]) -> list[Found]:
    """Run streams of steps one after the other, each when the queues of the one before are empty.

    A step is at most `sizes.products` products. RuntimeError where a step never ends.
    """
    circuit = crossbar.Crossbar(sizes)
    found = list[Found]()

    async def bench(ctx: SimulatorContext) -> None:
        for steps in streams:
            letters = ""
            for step in steps:
                letters += await _step(ctx, circuit, step)
            drained = 0
            while not ctx.get(circuit.empty):
                await ctx.tick()
                drained += 1
            await ctx.tick()  # the last sums are written
            found.append(Found(letters, drained, await _read_sums(ctx, circuit)))

    simulator = Simulator(circuit)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    simulator.run()
    return found


async def _step(ctx: SimulatorContext, circuit: crossbar.Crossbar, step: Sequence[Product]) -> str:
    """Present a step until its last product has entered a queue; returns the letters of its cycles."""
    widths = {"skew": max(1, circuit.sizes.bank_bits), "place": circuit.place_bits, "base": circuit.entry_bits}
    for name, width in {**widths, "value": 24}.items():
        words = [getattr(product, name) & (1 << width) - 1 for product in step]
        ctx.set(getattr(circuit, name), sum(word << width * k for k, word in enumerate(words)))
    ctx.set(circuit.nonzero, (1 << len(step)) - 1)
    ctx.set(circuit.present, 1)
    letters, entered = "", False
    while not entered:
        if len(letters) > 2 * len(step) + 2:
            raise RuntimeError(f"a step of {len(step)} products has not entered after {len(letters)} cycles")
        entered = bool(ctx.get(circuit.entered))
        letters += PeLetter.BANK_STALL if ctx.get(circuit.stalled) else PeLetter.MULTIPLY
        await ctx.tick()
    ctx.set(circuit.present, 0)
    return letters


async def _read_sums(ctx: SimulatorContext, circuit: crossbar.Crossbar) -> np.ndarray:
    """All sums, int32 [banks, entries]: every bank reads the same entry in a cycle."""
    sums = np.zeros((circuit.sizes.banks, circuit.sizes.entries), np.int32)
    for entry in range(circuit.sizes.entries):
        ctx.set(circuit.entry, entry)
        await ctx.tick()
        for bank in range(circuit.sizes.banks):
            ctx.set(circuit.reading, bank)
            sums[bank, entry] = ctx.get(circuit.sum)
    return sums
