"""The circuit with its memories in Amaranth's simulator, cycle by cycle."""

from typing import NamedTuple

import numpy as np
from amaranth.hdl import Cat, Module, Signal
from amaranth.lib.memory import Memory
from amaranth.sim import Simulator, SimulatorContext

from simulator.core.run import Run
from simulator.machines.eie.arch import Arch
from simulator.machines.eie.circuit import control, processing_element
from simulator.machines.eie.circuit.memories import Contents, contents, sizes_of
from simulator.machines.eie.circuit.observation import Nothing, observe, split
from simulator.machines.eie.circuit.sizes import WORD, Sizes
from simulator.machines.eie.layout.streams import Streams


class Top(NamedTuple):
    """The whole machine, and the wires that the simulation touches."""

    module: Module
    scan: control.Control
    pes: list[processing_element.ProcessingElement]
    seen: Signal  # 5 bits a PE, then 3 of the control
    leaving: Signal
    leave: Signal


def build(sizes: Sizes, streams: Streams) -> Top:
    """Control and PEs, each with its memories, on one bus."""
    m = Module()
    m.submodules.control = scan = control.Control(sizes)
    leaving, leave = Signal(), Signal(range(sizes.registers))
    pes = []
    for k, held in enumerate(contents(sizes, streams)):
        m.submodules[f"pe{k}"] = pe = processing_element.ProcessingElement(sizes)
        _memories(m, f"pe{k}", sizes, pe, held)
        m.submodules[f"pe{k}_source"] = source = Memory(shape=WORD, depth=sizes.groups, init=held.source)
        shown = source.read_port(domain="comb")
        m.d.comb += [
            shown.addr.eq(scan.group),
            scan.shown.word_select(k, 16).eq(shown.data),
            scan.full[k].eq(pe.full),
            scan.busy[k].eq(pe.busy),
            pe.push.eq(scan.push),
            pe.index.eq(scan.index),
            pe.activation.eq(scan.activation),
            pe.shift.eq(streams.shift),
            pe.relu.eq(streams.relu),
            pe.leaving.eq(leaving),
            pe.leave.eq(leave),
        ]
        pes.append(pe)
    seen = Signal(5 * sizes.pes + 3)
    bits = [Cat(pe.decoding, pe.row.enable, pe.even.enable) for pe in pes]
    m.d.comb += seen.eq(Cat(*bits, scan.push, scan.stopped, scan.scanned))
    return Top(m, scan, pes, seen, leaving, leave)


def _memories(m: Module, name: str, sizes: Sizes, pe: processing_element.ProcessingElement, held: Contents) -> None:
    """A memory at each port of a PE: pointers and rows are synchronous, codebook and registers are not."""
    shape = pe.even.data.shape(), pe.row.data.shape()
    for port, kind, words, domain in (
        ("even", shape[0], held.even, "sync"),
        ("odd", shape[0], held.odd, "sync"),
        ("row", shape[1], held.rows, "sync"),
        ("codebook", WORD, held.codebook, "comb"),
        ("register", WORD, held.registers, "comb"),
    ):
        wires = getattr(pe, port)
        depth = sizes.registers if port == "register" else max(1, len(words))
        m.submodules[f"{name}_{port}"] = memory = Memory(shape=kind, depth=depth, init=words)
        read = memory.read_port(domain=domain)
        m.d.comb += [read.addr.eq(wires.address), wires.data.eq(read.data)]
        if domain == "sync":
            m.d.comb += read.en.eq(wires.enable)
        if port == "register":
            write = memory.write_port()
            m.d.comb += [write.addr.eq(pe.write.address), write.data.eq(pe.write.data), write.en.eq(pe.write.enable)]


def run(arch: Arch, streams: Streams, trace_cycles: int = 0, waves: str | None = None, stop_registers: int = 0) -> Run:
    """Run one pass; its counts are `Observed`, its reasons empty. waves: a file for all signals (VCD).

    stop_registers: see `Sizes`; with any, the run is longer than the model's.
    InputError where the circuit does not have what the machine or the layer needs. RuntimeError where it does not end.
    """
    sizes = sizes_of(arch, streams, stop_registers)
    seen, output = watch(arch, streams, sizes, waves)
    found, trace = observe(split(sizes, seen))
    return Run(len(seen), output.reshape(-1)[: streams.outputs], found, Nothing(), trace[:, :trace_cycles])


def watch(arch: Arch, streams: Streams, sizes: Sizes, waves: str | None = None) -> tuple[list[int], np.ndarray]:
    """The wires that are seen in each cycle, see `split`, and the outputs, int16 [registers, pes].

    RuntimeError where the circuit does not end.
    """
    top, most = build(sizes, streams), most_cycles(arch, streams)
    seen: list[int] = []
    output = np.zeros((sizes.registers, sizes.pes), np.int16)

    async def bench(ctx: SimulatorContext) -> None:
        while not ctx.get(top.scan.done):
            if len(seen) == most:
                raise RuntimeError(f"the circuit is not done after {most} cycles")
            seen.append(ctx.get(top.seen))
            await ctx.tick()
        ctx.set(top.leaving, 1)
        for place in range(sizes.registers):
            ctx.set(top.leave, place)
            output[place] = [ctx.get(pe.output) for pe in top.pes]

    simulator = Simulator(top.module)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    if waves is None:
        simulator.run()
    else:
        with simulator.write_vcd(waves):
            simulator.run()
    return seen, output


def most_cycles(arch: Arch, streams: Streams) -> int:
    """More cycles than a pass can take: every entry and every column by itself."""
    return int(streams.start[-1]) + 4 * streams.activation.size + arch.scan_fill + 4 * arch.pipeline_stages
