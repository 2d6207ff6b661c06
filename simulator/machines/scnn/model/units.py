"""SCNN as a story for each of its units: the definition of the machine.

Weights are broadcast, vector by vector, into every PE's FIFO. A PE takes a vector of its activations and lets the
weights of its block pass by: each step makes the products of all pairs, and the crossbar scatters them to the queues
before the accumulator banks. At the end of a round (a group of output channels) all PEs wait for each other; then the
post-processing units (PPU) drain the accumulators while the PEs go on with the other buffer (SCNN, sections 3 and 4).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

import simpy

from simulator.core.run import Run
from simulator.hardware.clock import Fifo, Story, Window, broadcast, run_to_end
from simulator.hardware.dram.model.interleaved import Interleaved
from simulator.machines.scnn.arch import Arch, Channel, Pe, Ppu
from simulator.machines.scnn.layout.dram_map import band_spans
from simulator.machines.scnn.layout.streams import Streams
from simulator.machines.scnn.model.ledger import Ledger
from simulator.machines.scnn.model.tile import Activation, Place, Tile, Weight, read_activations, read_weights
from simulator.machines.scnn.model.weight_buffer import Prefetch


class Machine(NamedTuple):
    """What the units share: clock, queues, and the books."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    fifos: list[Window]  # of weights, one for each PE
    banks: list[list[Fifo]]  # the queues before each PE's banks
    sums: list[defaultdict[Place, int]]  # each PE's accumulators: (output channel, row, column) -> sum
    pending: list[int]  # products of each PE on their way to a sum
    settled: list[simpy.Event]  # of each PE: its last product has become part of a sum
    ledger: Ledger
    prefetch: Prefetch | None  # of weights
    load: Callable[[int], simpy.Event]  # load a band's inputs from now on


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer and return its cycles, output, counts, reasons, and the trace of its first cycles."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment: a test's own may order the processes of a cycle as it likes."""
    fifos = [Window(env, f"weight FIFO of PE {pe}", arch.fifo_vectors) for pe in range(arch.pes)]
    banks = [[Fifo(env, f"bank {b} of PE {pe}", arch.queue_depth) for b in range(arch.banks)] for pe in range(arch.pes)]
    sums: list[defaultdict[Place, int]] = [defaultdict(int) for _ in range(arch.pes)]
    settled, ledger = [env.event() for _ in range(arch.pes)], Ledger(arch, streams)
    prefetch = None if arch.dram is None else Prefetch(env, arch, arch.dram, streams)
    load = _loader(env, arch, streams)
    machine = Machine(env, arch, streams, fifos, banks, sums, [0] * arch.pes, settled, ledger, prefetch, load)
    for pe, queues in enumerate(banks):
        for queue in queues:
            env.process(_bank(machine, pe, queue))
    run_to_end(env, [_rounds(machine)], [*fifos, *(queue for queues in banks for queue in queues)])
    return ledger.close(int(env.now), fifos, banks, trace_cycles)


def _rounds(machine: Machine) -> Story:
    """One round after the other: a barrier at each end, the PPUs behind it, and a band's inputs before its first."""
    env, arch, streams = machine.env, machine.arch, machine.streams
    pes = range(arch.pes)
    loading: simpy.Event = env.timeout(0)
    draining: simpy.Event = env.timeout(0)
    for number, doing in enumerate(streams.rounds):
        if number == 0 or doing.band != streams.rounds[number - 1].band:
            yield loading
            _all_pes(machine, Pe.DRAM_WAIT)
            last = doing.band + 1 == streams.load_cycles.size
            loading = env.timeout(0) if last else machine.load(doing.band + 1)
        yield env.all_of(
            [env.process(_channel(machine, number)), *(env.process(_pe(machine, number, pe)) for pe in pes)]
        )
        _all_pes(machine, Pe.BARRIER)
        yield draining
        _all_pes(machine, Pe.PPU_WAIT)
        handed = [dict(machine.sums[pe]) for pe in pes]
        for sums in machine.sums:
            sums.clear()
        draining = env.process(_ppus(machine, number, handed))
    yield draining
    _all_pes(machine, Pe.FINISHED)
    machine.ledger.timeline.fill(arch.pes, Channel.IDLE, env.now)


def _loader(env: simpy.Environment, arch: Arch, streams: Streams) -> Callable[[int], simpy.Event]:
    """A function that loads a band's inputs from now on, at a bandwidth or out of DRAM."""
    if arch.dram is None:
        return lambda band: env.timeout(int(streams.load_cycles[band]))
    channels, spans = Interleaved(env, arch.dram, arch.band_channels), band_spans(arch, arch.dram, streams)
    return lambda band: channels.move(spans[band - 1])


def _all_pes(machine: Machine, letter: str) -> None:
    for pe in range(machine.arch.pes):
        machine.ledger.timeline.fill(pe, letter, machine.env.now)


def _channel(machine: Machine, number: int) -> Story:
    """Broadcast the round's weights: a vector takes so many thousandths of a cycle."""
    prefetch, band, entries = machine.prefetch, machine.streams.rounds[number].band, _broadcast_before(machine, number)
    env, arch, timeline, unit = machine.env, machine.arch, machine.ledger.timeline, machine.arch.pes
    start = int(env.now)
    timeline.fill(unit, Channel.IDLE, start)
    ready, told = 0, start
    for vector in _vectors(machine, number):
        ready = max(ready, 1000 * (int(env.now) - start)) + arch.vector_millicycles
        there = start + (ready - 1) // 1000
        entries += len(vector)
        yield env.timeout(there - env.now)
        if prefetch:
            yield from prefetch.there(band, entries)
        if env.now > told:
            timeline.fill(unit, Channel.FETCH, env.now)
        yield from broadcast(vector, machine.fifos)
        if env.now >= told:
            timeline.fill(unit, Channel.FIFO_FULL, env.now)
            timeline.fill(unit, Channel.BROADCAST, env.now + 1)
            told = int(env.now) + 1
        if prefetch:
            prefetch.free(band, entries)
        machine.ledger.events[unit]["broadcasts"] += 1


def _broadcast_before(machine: Machine, number: int) -> int:
    """Stored weights of the band's rounds before this one."""
    return int(machine.streams.weight_place[machine.streams.weight_blocks(0, number)[0]])


def _vectors(machine: Machine, number: int) -> Iterator[list[Weight]]:
    """The round's weights in the order of the broadcast, F at a time."""
    arch, streams = machine.arch, machine.streams
    for phase in range(len(streams.phases)):
        for block in streams.weight_blocks(phase, number):
            weights = read_weights(streams, number, phase, block)
            yield from (
                weights[i : i + arch.weights_per_vector] for i in range(0, len(weights), arch.weights_per_vector)
            )


def _pe(machine: Machine, number: int, pe: int) -> Story:
    """Go through the blocks, each in parts that the FIFO holds.

    The round ends when the last product is part of a sum and the last weight's slot is free.
    """
    env, arch, streams, timeline = machine.env, machine.arch, machine.streams, machine.ledger.timeline
    tile, seen, dropped = Tile(streams, number, pe), machine.fifos[pe].pops, int(env.now) - 1
    for phase in range(len(streams.phases)):
        blocks = zip(streams.weight_blocks(phase, number), streams.activation_blocks(phase, number, pe), strict=True)
        for ours, theirs in blocks:
            held = int(streams.weights.start[ours + 1] - streams.weights.start[ours])
            vectors, inputs = -(-held // arch.weights_per_vector), read_activations(streams, tile, phase, theirs)
            for first in range(0, vectors, arch.fifo_vectors):
                part = range(seen + first, seen + min(first + arch.fifo_vectors, vectors))
                dropped = yield from _part(machine, pe, tile, part, inputs)
            seen += vectors
    while machine.pending[pe]:
        yield machine.settled[pe]
    yield env.timeout(max(0, dropped + 1 - env.now))
    timeline.fill(pe, Pe.DRAIN, env.now)


def _part(machine: Machine, pe: int, tile: Tile, part: range, inputs: list[Activation]) -> Story:
    """Each vector of activations meets each vector of weights; the last drops it, and a block without any drops all.

    Returns the cycle of the last drop. A block without activations takes no time of its own: its count is read ahead.
    """
    env, fifo, timeline = machine.env, machine.fifos[pe], machine.ledger.timeline
    events, width = machine.ledger.events[pe], machine.arch.activations_per_vector
    dropped = int(env.now)
    if not inputs:
        yield fifo.look(part[-1])
        timeline.fill(pe, Pe.STARVED, env.now)
        dropped = int(env.now)
        for _ in part:
            fifo.drop()
    for first in range(0, len(inputs), width):
        events["iaram_reads"] += 1
        for which in part:
            weights = yield fifo.look(which)
            timeline.fill(pe, Pe.STARVED, env.now)
            if first + width >= len(inputs):
                dropped = int(env.now)
                fifo.drop()
            yield from _step(machine, pe, tile, weights, inputs[first : first + width])
    return dropped


def _step(machine: Machine, pe: int, tile: Tile, weights: list[Weight], inputs: list[Activation]) -> Story:
    """All products of a vector of weights and one of activations; the next step waits until all have left."""
    env, arch, events, timeline = machine.env, machine.arch, machine.ledger.events[pe], machine.ledger.timeline
    by_bank = defaultdict(list)
    begin = int(env.now)
    events["fifo_reads"] += 1
    events["entries"] += len(weights) * len(inputs)
    for weight in filter(lambda weight: weight.value, weights):
        for activation in filter(lambda activation: activation.value, inputs):
            place, product = tile.product(weight, activation)
            by_bank[tile.bank(arch, place)].append((place, product))
    for products in by_bank.values():
        events["multiplies"] += len(products)
        machine.pending[pe] += len(products)
    yield env.all_of([env.process(_lane(machine.banks[pe][bank], products)) for bank, products in by_bank.items()])
    timeline.fill(pe, Pe.MULTIPLY, begin + 1)
    yield env.timeout(1)
    timeline.fill(pe, Pe.BANK_STALL, env.now)


def _lane(queue: Fifo, products: list[tuple[Place, int]]) -> Story:
    """A bank's products of one step, pushed as room allows."""
    for product in products:
        if not queue.free:
            yield queue.room()
        queue.push(product)


def _bank(machine: Machine, pe: int, queue: Fifo) -> Story:
    """An accumulator bank adds one product a cycle to a sum."""
    while True:
        place, product = yield queue.pop()
        machine.sums[pe][place] += product
        yield machine.env.timeout(1)
        machine.pending[pe] -= 1
        if not machine.pending[pe]:
            settled, machine.settled[pe] = machine.settled[pe], machine.env.event()
            settled.succeed()


def _ppus(machine: Machine, number: int, handed: list[dict[Place, int]]) -> Story:
    """Send sums to the PEs that they belong to, then finish the outputs; all PEs' units take as long as the slowest."""
    env, arch, ledger, unit = machine.env, machine.arch, machine.ledger, machine.arch.pes + 1
    ledger.timeline.fill(unit, Ppu.IDLE, env.now)
    sent, owned = [], []
    for pe, sums in enumerate(handed):
        tile = Tile(machine.streams, number, pe)
        drained = list(tile.drained())
        for place, _ in drained:
            ledger.sums[place] += sums.get(place, 0)
        sent.append(sum(not mine for _, mine in drained))
        owned.append(tile.owned_places())
        ledger.events[pe]["ppu_reads"] += len(drained)
        ledger.events[pe]["halo_sums"] += sent[pe]
    yield env.timeout(-(-max(sent) // arch.ppu_width))
    ledger.timeline.fill(unit, Ppu.HALO, env.now)
    yield env.timeout(-(-max(owned) // arch.ppu_width))
    ledger.timeline.fill(unit, Ppu.COMPRESS, env.now)
