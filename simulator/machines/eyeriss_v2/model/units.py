"""The passes, the PEs and the three meshes.

A pass begins when its weights are in the scratchpads. Its PEs then work, its inputs and its sums move, all at the same
time; it ends when the slowest of them has ended. The next pass's weights are loaded after it, or while it runs
(`prefetch`).
"""

from typing import NamedTuple

import simpy

from simulator.core.run import Run
from simulator.hardware.clock import Process, run_to_end
from simulator.machines.eyeriss_v2.arch import Arch, InputLetter, MemoryLetter, PeLetter, SumLetter
from simulator.machines.eyeriss_v2.layout.streams import Pass, Streams
from simulator.machines.eyeriss_v2.model.ledger import Ledger
from simulator.machines.eyeriss_v2.model.pe import work
from simulator.machines.eyeriss_v2.model.transfers import Transfers


class Machine(NamedTuple):
    """What the units share."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    ledger: Ledger
    transfers: Transfers


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    ledger = Ledger(arch, streams)
    machine = Machine(env, arch, streams, ledger, Transfers(arch, ledger))
    run_to_end(env, [_passes(machine)], [])
    return ledger.finish(int(env.now), trace_cycles)


def _passes(machine: Machine) -> Process:
    """All passes in order, then the outputs that are left."""
    env, arch, ledger = machine.env, machine.arch, machine.ledger
    order = list(machine.streams.passes(arch))
    loading = env.process(_load(machine, order, 0))
    for number, doing in enumerate(order):
        yield loading
        ledger.all_pes(PeLetter.MEMORY_WAIT, env.now)
        after = number + 1 < len(order)
        if after and arch.prefetch:
            loading = env.process(_load(machine, order, number + 1))
        meshes = [env.process(_inputs(machine, doing)), env.process(_sums(machine, doing))]
        yield env.all_of([env.process(_pe(machine, doing, pe)) for pe in range(arch.pes)])
        ledger.all_pes(PeLetter.BARRIER, env.now)
        yield env.all_of(meshes)
        ledger.all_pes(PeLetter.MESH_WAIT, env.now)
        if after and not arch.prefetch:
            loading = env.process(_load(machine, order, number + 1))
    yield env.process(_store(machine, order))
    ledger.all_pes(PeLetter.MEMORY_WAIT, env.now)


def _pe(machine: Machine, doing: Pass, pe: int) -> Process:
    """Fill the pipeline, then work."""
    env, arch, streams, timeline = machine.env, machine.arch, machine.streams, machine.ledger.timeline
    yield env.timeout(arch.fill_cycles)
    timeline.fill(pe, PeLetter.FILL, env.now)
    found = streams.work(arch, doing, pe)
    if found is not None:
        row, part, chunk = found
        yield from work(env, arch, machine.ledger, pe, (row, part, streams.chunk(doing.block, chunk)))


def _load(machine: Machine, order: list[Pass], number: int) -> Process:
    """Load a pass's weights, and the inputs that come from DRAM for it; outputs of the last pass but one leave."""
    outputs = machine.transfers.outputs(order[number - 2]) if number >= 2 else 0
    yield from _move(machine, machine.transfers.load(order, number, outputs))


def _store(machine: Machine, order: list[Pass]) -> Process:
    """The outputs of the last two passes leave."""
    yield from _move(machine, machine.transfers.store(sum(map(machine.transfers.outputs, order[-2:]))))


def _move(machine: Machine, cycles: int) -> Process:
    env, ledger = machine.env, machine.ledger
    ledger.timeline.fill(ledger.memory, MemoryLetter.IDLE, env.now)
    yield env.timeout(cycles)
    ledger.timeline.fill(ledger.memory, MemoryLetter.LOAD, env.now)


def _inputs(machine: Machine, doing: Pass) -> Process:
    """The mesh of inputs: routers of a cluster share what its PEs need."""
    env, ledger = machine.env, machine.ledger
    ledger.timeline.fill(ledger.inputs, InputLetter.IDLE, env.now)
    yield env.timeout(machine.transfers.inputs(doing))
    ledger.timeline.fill(ledger.inputs, InputLetter.DELIVER, env.now)


def _sums(machine: Machine, doing: Pass) -> Process:
    """The mesh of sums: each lane moves those of its chunk, in and out."""
    env, ledger = machine.env, machine.ledger
    ledger.timeline.fill(ledger.sums, SumLetter.IDLE, env.now)
    yield env.timeout(machine.transfers.sums(doing))
    ledger.timeline.fill(ledger.sums, SumLetter.MOVE, env.now)
