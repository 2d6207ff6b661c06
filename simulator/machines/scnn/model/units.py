"""SCNN as one SimPy process for each unit: the definition of the machine.

Weights are broadcast, vector by vector, to every PE's FIFO. A PE keeps a vector of its activations while the weights of
the block pass: each step computes the products of all pairs, and the crossbar scatters them to the queues of the
accumulator banks. At the end of a round (a group of output channels) all PEs wait for each other; then the
post-processing units (PPU) drain the accumulators while the PEs use the other buffer (SCNN, sections 3 and 4).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

import simpy

from simulator.core.run import Run
from simulator.hardware.clock import Fifo, Process, Window, broadcast, run_to_end
from simulator.hardware.dram.model.interleaved import InterleavedChannels
from simulator.machines.scnn.arch import Arch, ChannelLetter, PeLetter, PpuLetter
from simulator.machines.scnn.layout.dram_map import band_spans
from simulator.machines.scnn.layout.streams import Streams
from simulator.machines.scnn.model.ledger import Ledger
from simulator.machines.scnn.model.tile import Activation, Position, Tile, Weight, read_activations, read_weights
from simulator.machines.scnn.model.weight_buffer import WeightBuffer


class Machine(NamedTuple):
    """What the units share: clock, queues, sums, and the ledger."""

    env: simpy.Environment
    arch: Arch
    streams: Streams
    fifos: list[Window]  # of weights, one for each PE
    banks: list[list[Fifo]]  # the queues of each PE's banks
    sums: list[defaultdict[Position, int]]  # each PE's accumulators: (output channel, row, column) -> sum
    pending: list[int]  # the number of products of each PE that are not yet part of a sum
    accumulated: list[simpy.Event]  # of each PE: its last product has become part of a sum
    ledger: Ledger
    weight_buffer: WeightBuffer | None
    load: Callable[[int], simpy.Event]  # starts to load a band's inputs now; the event occurs when it is loaded


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles. DeadlockError where no unit can continue."""
    return run_in(simpy.Environment(), arch, streams, trace_cycles)


def run_in(env: simpy.Environment, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run` in a given environment; a test may pass one that changes the order of the processes within a cycle."""
    fifos = [Window(env, f"weight FIFO of PE {pe}", arch.fifo_vectors) for pe in range(arch.pes)]
    banks = [[Fifo(env, f"bank {b} of PE {pe}", arch.queue_depth) for b in range(arch.banks)] for pe in range(arch.pes)]
    sums: list[defaultdict[Position, int]] = [defaultdict(int) for _ in range(arch.pes)]
    accumulated, ledger = [env.event() for _ in range(arch.pes)], Ledger(arch, streams)
    weight_buffer = None if arch.dram is None else WeightBuffer(env, arch, arch.dram, streams)
    load = _loader(env, arch, streams)
    pending = [0] * arch.pes
    machine = Machine(env, arch, streams, fifos, banks, sums, pending, accumulated, ledger, weight_buffer, load)
    for pe, queues in enumerate(banks):
        for queue in queues:
            env.process(_bank(machine, pe, queue))
    run_to_end(env, [_rounds(machine)], [*fifos, *(queue for queues in banks for queue in queues)])
    return ledger.finish(int(env.now), fifos, banks, trace_cycles)


def _rounds(machine: Machine) -> Process:
    """Run the rounds in order: before a band's first, its inputs are loaded; after each, a barrier, then the PPUs."""
    env, arch, streams = machine.env, machine.arch, machine.streams
    pes = range(arch.pes)
    loading: simpy.Event = env.timeout(0)
    draining: simpy.Event = env.timeout(0)
    for number, work in enumerate(streams.rounds):
        if number == 0 or work.band != streams.rounds[number - 1].band:
            yield loading
            _all_pes(machine, PeLetter.DRAM_WAIT)
            last = work.band + 1 == streams.load_cycles.size
            loading = env.timeout(0) if last else machine.load(work.band + 1)
        yield env.all_of(
            [env.process(_channel(machine, number)), *(env.process(_pe(machine, number, pe)) for pe in pes)]
        )
        _all_pes(machine, PeLetter.BARRIER)
        yield draining
        _all_pes(machine, PeLetter.PPU_WAIT)
        finished = [dict(machine.sums[pe]) for pe in pes]
        for sums in machine.sums:
            sums.clear()
        draining = env.process(_ppus(machine, number, finished))
    yield draining
    _all_pes(machine, PeLetter.FINISHED)
    machine.ledger.timeline.fill(arch.pes, ChannelLetter.IDLE, env.now)


def _loader(env: simpy.Environment, arch: Arch, streams: Streams) -> Callable[[int], simpy.Event]:
    """A function that starts to load a band's inputs, at a bandwidth or from DRAM: see `Machine.load`."""
    if arch.dram is None:
        return lambda band: env.timeout(int(streams.load_cycles[band]))
    channels, spans = InterleavedChannels(env, arch.dram, arch.band_channels), band_spans(arch, arch.dram, streams)
    return lambda band: channels.move(spans[band - 1])


def _all_pes(machine: Machine, letter: str) -> None:
    for pe in range(machine.arch.pes):
        machine.ledger.timeline.fill(pe, letter, machine.env.now)


def _channel(machine: Machine, number: int) -> Process:
    """Broadcast the round's weights, each vector when it has arrived and no FIFO is full."""
    buffer, streams = machine.weight_buffer, machine.streams
    band, entries = streams.rounds[number].band, streams.weights_before(number)
    env, arch, timeline, unit = machine.env, machine.arch, machine.ledger.timeline, machine.arch.pes
    start = int(env.now)
    timeline.fill(unit, ChannelLetter.IDLE, start)
    millicycles, recorded = 0, start  # the path is ready after `millicycles`; the timeline is filled up to `recorded`
    for vector in _vectors(machine, number):
        millicycles = max(millicycles, 1000 * (int(env.now) - start)) + arch.vector_millicycles
        path_ready = start + (millicycles - 1) // 1000
        entries += len(vector)
        yield env.timeout(path_ready - env.now)
        if buffer:
            yield from buffer.wait_for(band, entries)
        if env.now > recorded:
            timeline.fill(unit, ChannelLetter.FETCH, env.now)
        yield from broadcast(vector, machine.fifos)
        if env.now >= recorded:
            timeline.fill(unit, ChannelLetter.FIFO_FULL, env.now)
            timeline.fill(unit, ChannelLetter.BROADCAST, env.now + 1)
            recorded = int(env.now) + 1
        if buffer:
            buffer.release(band, entries)
        machine.ledger.events[unit]["broadcasts"] += 1


def _vectors(machine: Machine, number: int) -> Iterator[list[Weight]]:
    """The round's weights in vectors of F, in the order of the broadcast."""
    arch, streams = machine.arch, machine.streams
    for phase in range(len(streams.phases)):
        for block in streams.weight_blocks(phase, number):
            weights = read_weights(streams, number, phase, block)
            yield from (
                weights[i : i + arch.weights_per_vector] for i in range(0, len(weights), arch.weights_per_vector)
            )


def _pe(machine: Machine, number: int, pe: int) -> Process:
    """Process the blocks, each in parts that the FIFO holds.

    The round ends when the last product is part of a sum and the slot of the last weights is free.
    """
    env, arch, streams, timeline = machine.env, machine.arch, machine.streams, machine.ledger.timeline
    tile, received, dropped = Tile(streams, number, pe), machine.fifos[pe].pops, int(env.now) - 1
    for phase in range(len(streams.phases)):
        blocks = zip(streams.weight_blocks(phase, number), streams.activation_blocks(phase, number, pe), strict=True)
        for weight_block, input_block in blocks:
            count = int(streams.weights.start[weight_block + 1] - streams.weights.start[weight_block])
            vectors = -(-count // arch.weights_per_vector)
            inputs = read_activations(streams, tile, phase, input_block) if vectors else []
            for first in range(0, vectors, arch.fifo_vectors):
                part = range(received + first, received + min(first + arch.fifo_vectors, vectors))
                dropped = yield from _part(machine, pe, tile, part, inputs)
            received += vectors
    while machine.pending[pe]:
        yield machine.accumulated[pe]
    yield env.timeout(max(0, dropped + 1 - env.now))
    timeline.fill(pe, PeLetter.DRAIN, env.now)


def _part(machine: Machine, pe: int, tile: Tile, part: range, inputs: list[Activation]) -> Process:
    """Multiply each vector of activations with each vector of weights of a part; the last one drops the weights.

    Returns the cycle of the last drop. A block without activations drops all weights and takes no step: the number of
    its activations is read ahead.
    """
    env, fifo, timeline = machine.env, machine.fifos[pe], machine.ledger.timeline
    events, width = machine.ledger.events[pe], machine.arch.activations_per_vector
    dropped = int(env.now)
    if not inputs:
        yield fifo.look(part[-1])
        timeline.fill(pe, PeLetter.STARVED, env.now)
        dropped = int(env.now)
        for _ in part:
            fifo.drop()
    for first in range(0, len(inputs), width):
        events["iaram_reads"] += 1
        for vector in part:
            weights = yield fifo.look(vector)
            timeline.fill(pe, PeLetter.STARVED, env.now)
            if first + width >= len(inputs):
                dropped = int(env.now)
                fifo.drop()
            yield from _step(machine, pe, tile, weights, inputs[first : first + width])
    return dropped


def _step(machine: Machine, pe: int, tile: Tile, weights: list[Weight], inputs: list[Activation]) -> Process:
    """Scatter all products of a vector of weights and one of activations; return when all are in a queue."""
    env, arch, events, timeline = machine.env, machine.arch, machine.ledger.events[pe], machine.ledger.timeline
    by_bank = defaultdict(list)
    begin = int(env.now)
    events["fifo_reads"] += 1
    events["entries"] += len(weights) * len(inputs)
    for weight in filter(lambda weight: weight.value, weights):
        for activation in filter(lambda activation: activation.value, inputs):
            position, product = tile.product(weight, activation)
            by_bank[tile.bank(arch, position)].append((position, product))
    for products in by_bank.values():
        events["multiplies"] += len(products)
        machine.pending[pe] += len(products)
    yield env.all_of(
        [env.process(_push_products(machine.banks[pe][bank], products)) for bank, products in by_bank.items()]
    )
    timeline.fill(pe, PeLetter.MULTIPLY, begin + 1)
    yield env.timeout(1)
    timeline.fill(pe, PeLetter.BANK_STALL, env.now)


def _push_products(queue: Fifo, products: list[tuple[Position, int]]) -> Process:
    """Push a step's products for one bank into its queue, each as soon as a slot is free."""
    for product in products:
        if not queue.free:
            yield queue.room()
        queue.push(product)


def _bank(machine: Machine, pe: int, queue: Fifo) -> Process:
    """Run an accumulator bank, which adds one product per cycle to a sum."""
    while True:
        position, product = yield queue.pop()
        machine.sums[pe][position] += product
        yield machine.env.timeout(1)
        machine.pending[pe] -= 1
        if not machine.pending[pe]:
            accumulated, machine.accumulated[pe] = machine.accumulated[pe], machine.env.event()
            accumulated.succeed()


def _ppus(machine: Machine, number: int, finished: list[dict[Position, int]]) -> Process:
    """Send sums to the PEs that own their outputs, then finish the outputs; all PPUs wait for the slowest."""
    env, arch, ledger, unit = machine.env, machine.arch, machine.ledger, machine.arch.pes + 1
    ledger.timeline.fill(unit, PpuLetter.IDLE, env.now)
    sent, owned = [], []
    for pe, sums in enumerate(finished):
        tile = Tile(machine.streams, number, pe)
        reached = list(tile.reached_outputs())
        for position, _ in reached:
            ledger.sums[position] += sums.get(position, 0)
        sent.append(sum(not is_owned for _, is_owned in reached))
        owned.append(tile.owned_outputs())
        ledger.events[pe]["ppu_reads"] += len(reached)
        ledger.events[pe]["halo_sums"] += sent[pe]
    yield env.timeout(-(-max(sent) // arch.ppu_width))
    ledger.timeline.fill(unit, PpuLetter.HALO, env.now)
    yield env.timeout(-(-max(owned) // arch.ppu_width))
    ledger.timeline.fill(unit, PpuLetter.COMPRESS, env.now)
