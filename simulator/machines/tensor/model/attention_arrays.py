"""The arrays of attention as SimPy processes: one for scores and values in turn, or one for each.

On one array, step `g` is the scores of block `g`, then the weights of block `g - scores_ahead` times its values. Of two
arrays, that of scores goes on while the other one multiplies; it is ahead by as many blocks as on one array.
"""

from simulator.hardware.clock import Process
from simulator.machines.tensor.arch import ArrayLetter
from simulator.machines.tensor.model.attention_machine import Machine, then
from simulator.machines.tensor.model.ledger import ARRAY

SCORES, VALUES = 0, 1
"""Numbers of two arrays; one array is the first."""
ORDER = "".join((
    ArrayLetter.COMPUTE, ArrayLetter.DRAIN, ArrayLetter.WRITE_WAIT, ArrayLetter.OPERAND_WAIT, ArrayLetter.VECTOR_WAIT,
    ArrayLetter.FINISHED,
))  # fmt: skip
"""Of what two arrays do in a cycle, the earlier letter is that of both. An array that waits for the other is done."""


def arrays(machine: Machine) -> list[Process]:
    """The processes of the array, or of both."""
    if machine.arch.separate_arrays:
        _join_steps(machine)
        return [_score_array(machine), _value_array(machine)]
    return [_array(machine)]


def log_arrays(machine: Machine, cycles: int) -> None:
    """Fill in what the array, or both together, did in each cycle of the run."""
    rows = range(machine.arch.arrays)
    for row in rows:
        machine.arrays.fill(row, ArrayLetter.FINISHED, cycles)
    letters = [bytes(row).decode() for row in machine.arrays.letters(cycles)]
    for cycle, both in enumerate(zip(*letters, strict=True)):
        machine.ledger.ledger.timeline.fill(ARRAY, min(both, key=ORDER.index), cycle + 1)


def _array(machine: Machine) -> Process:
    """Compute scores and outputs, step after step."""
    ahead = machine.arch.scores_ahead
    for g in range(len(machine.blocks) + ahead):
        if g < len(machine.blocks):
            yield from _score(machine, g, SCORES)
        if g >= ahead:
            yield from _multiply(machine, g - ahead, SCORES)
        machine.events.stepped[g].succeed()


def _score_array(machine: Machine) -> Process:
    """Compute scores, of at most `scores_ahead` blocks after the one whose values are being multiplied."""
    for g in range(len(machine.blocks)):
        if g > machine.arch.scores_ahead:
            yield machine.events.multiplied[g - 1 - machine.arch.scores_ahead]
            machine.arrays.fill(SCORES, ArrayLetter.FINISHED, machine.env.now)
        yield from _score(machine, g, SCORES)


def _value_array(machine: Machine) -> Process:
    """Multiply weights and values of block after block."""
    for g in range(len(machine.blocks)):
        yield from _multiply(machine, g, VALUES)


def _join_steps(machine: Machine) -> None:
    """Let each step end when both arrays have ended their parts of it."""
    events, ahead = machine.events, machine.arch.scores_ahead
    for g, stepped in enumerate(events.stepped):
        parts, done = [events.computed[g]] if g < len(machine.blocks) else [], g - ahead
        if done >= 0:
            parts.append(machine.drained[machine.tile_of[done]] if machine.is_last(done) else events.multiplied[done])
        then(machine.env.all_of(parts), stepped)


def _score(machine: Machine, g: int, array: int) -> Process:
    """Wait for the keys of a block and compute its scores."""
    env, events, (tile, block) = machine.env, machine.events, machine.blocks[g]
    yield events.keys_there[g]
    machine.arrays.fill(array, ArrayLetter.OPERAND_WAIT, env.now)
    yield env.timeout(block.score_cycles)
    machine.arrays.fill(array, ArrayLetter.COMPUTE, env.now)
    machine.ledger.log_scores(tile, block)
    machine.scores[g] = machine.numbers[machine.tile_of[g]].score(machine.keys[tile.head], block.keys)
    events.computed[g].succeed()
    then(env.timeout(machine.arch.pipeline_stages), events.scored[g])


def _multiply(machine: Machine, g: int, array: int) -> Process:
    """Wait for the decision on a block; if it is kept, for its weights and values, and multiply them; perhaps drain."""
    env, events, (tile, block) = machine.env, machine.events, machine.blocks[g]
    yield events.decided[g]
    if machine.kept[g]:
        yield events.weighed[g]
    machine.arrays.fill(array, ArrayLetter.VECTOR_WAIT, env.now)
    if machine.kept[g]:
        arrival = yield events.values_asked[g]
        yield arrival
        machine.arrays.fill(array, ArrayLetter.OPERAND_WAIT, env.now)
        machine.ledger.log_outputs(tile, block)
        yield env.timeout(block.value_cycles)
        machine.arrays.fill(array, ArrayLetter.COMPUTE, env.now)
    events.multiplied[g].succeed()
    if machine.is_last(g):
        yield from _drain(machine, machine.tile_of[g], array)


def _drain(machine: Machine, number: int, array: int) -> Process:
    """The outputs of a tile leave the array, when there is a buffer for them."""
    env, arch, tile = machine.env, machine.arch, machine.streams.tiles[number]
    if number >= arch.output_buffers:
        yield machine.written[number - arch.output_buffers]
    machine.arrays.fill(array, ArrayLetter.WRITE_WAIT, env.now)
    yield env.timeout(tile.drain_cycles)
    machine.arrays.fill(array, ArrayLetter.DRAIN, env.now)
    machine.output[tile.head, tile.rows.start : tile.rows.stop] = machine.numbers[number].outputs()
    machine.drained[number].succeed()
