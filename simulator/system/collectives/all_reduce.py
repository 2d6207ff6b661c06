"""All-reduces: at the end, bytes 0 to `size` of every chip hold the sum over all chips.

A received operand waits in scratch bytes from `size` on until it is added.
"""

from simulator.system.collectives.gather import doubling_steps, ring_gather_steps
from simulator.system.collectives.splits import check_rounds, check_size, doublings, share
from simulator.system.schedule import Program, Receive, Reduce, Schedule, Send, Step


def ring_all_reduce(chips: int, size: int) -> Schedule:
    """Ring reduce-scatter, then ring all-gather: 2 (chips - 1) rounds of size / chips bytes."""
    part = share("ring all-reduce", chips, size)
    check_rounds("ring all-reduce", chips)
    programs = tuple(
        (*_ring_scatter_steps(chip, chips, part, size), *ring_gather_steps(chip, chips, part, chip + 1))
        for chip in range(chips)
    )
    return Schedule("ring all-reduce", programs, size + part)


def recursive_doubling_all_reduce(chips: int, size: int) -> Schedule:
    """In log2(chips) rounds, partners at distance 1, 2, 4, ... exchange all bytes and add them."""
    check_size("recursive doubling all-reduce", chips, size)
    rounds = doublings("recursive doubling all-reduce", chips)

    def program(chip: int) -> Program:
        partners = [chip ^ 1 << step for step in range(rounds)]
        return tuple(step for partner in partners for step in _exchange_and_add(partner, 0, 0, size, size))

    return Schedule("recursive doubling all-reduce", tuple(map(program, range(chips))), 2 * size)


def recursive_halving_reduce_scatter(chips: int, size: int) -> Schedule:
    """At the end, chip i holds the sum of share i only: partners at distance chips / 2, ..., 1 exchange halves."""
    name = "recursive halving reduce-scatter"
    part, rounds = share(name, chips, size), doublings(name, chips)
    programs = tuple(tuple(_halving_steps(chip, rounds, part, size)) for chip in range(chips))
    return Schedule(name, programs, size + max(size // 2, 1))


def rabenseifner_all_reduce(chips: int, size: int) -> Schedule:
    """Recursive halving reduce-scatter, then recursive doubling all-gather."""
    name = "Rabenseifner all-reduce"
    part, rounds = share(name, chips, size), doublings(name, chips)
    programs = tuple(
        (*_halving_steps(chip, rounds, part, size), *doubling_steps(chip, rounds, part)) for chip in range(chips)
    )
    return Schedule(name, programs, size + max(size // 2, 1))


def parameter_server_all_reduce(chips: int, size: int) -> Schedule:
    """Chip 0 is the server and one of the operands: it adds what each other chip sends, and sends all the sum."""
    check_size("parameter server", chips, size)
    server: list[Step] = []
    for chip in range(1, chips):
        server += [Receive(chip, size, size), Reduce(0, size, size)]
    server += [Send(chip, 0, size) for chip in range(1, chips)]
    worker = (Send(0, 0, size), Receive(0, 0, size))
    return Schedule("parameter server", (tuple(server), *[worker] * (chips - 1)), 2 * size)


def pairwise_tree_all_reduce(chips: int, size: int) -> Schedule:
    """Sums of neighbours in rank order, level by level, at the lower chip of each two; then chip 0's sum goes back.

    The order of additions is fixed: ((0 + 1) + (2 + 3)) + ... for any number of chips that is a power of two.
    """
    check_size("pairwise tree", chips, size)
    rounds = doublings("pairwise tree", chips)

    def program(chip: int) -> Program:
        levels = rounds if chip == 0 else (chip & -chip).bit_length() - 1
        steps: list[Step] = []
        for level in range(levels):
            steps += [Receive(chip + (1 << level), size, size), Reduce(0, size, size)]
        if chip:
            steps += [Send(chip - (1 << levels), 0, size), Receive(chip - (1 << levels), 0, size)]
        steps += [Send(chip + (1 << level), 0, size) for level in reversed(range(levels))]
        return tuple(steps)

    return Schedule("pairwise tree", tuple(map(program, range(chips))), 2 * size)


def gathered_tree_all_reduce(chips: int, size: int) -> Schedule:
    """Ring all-gather of all operands, then every chip adds them by the same pairwise tree in rank order.

    Chip i's operand lies at byte i * size of its buffer from the beginning; the sum is at byte 0.
    """
    check_size("gathered tree", chips, size)
    rounds = doublings("gathered tree", chips)
    check_rounds("gathered tree", chips)
    adds = [
        Reduce(low * size, (low + (1 << level)) * size, size)
        for level in range(rounds)
        for low in range(0, chips, 2 << level)
    ]
    programs = tuple((*ring_gather_steps(chip, chips, size, chip), *adds) for chip in range(chips))
    return Schedule("gathered tree", programs, chips * size)


def _ring_scatter_steps(chip: int, chips: int, part: int, scratch: int) -> list[Step]:
    """Chip i ends with the sum of share i + 1."""
    steps: list[Step] = []
    for turn in range(chips - 1):
        mine, theirs = (chip - turn) % chips, (chip - turn - 1) % chips
        steps += [Send((chip + 1) % chips, mine * part, part), Receive((chip - 1) % chips, scratch, part)]
        steps += [Reduce(theirs * part, scratch, part)]
    return steps


def _halving_steps(chip: int, rounds: int, part: int, scratch: int) -> list[Step]:
    """In each round the half that belongs to the partner's side leaves, and the other is added to."""
    steps: list[Step] = []
    first = 0
    for level in reversed(range(rounds)):
        size = part << level
        upper = chip >> level & 1
        keep, give = first + upper * size, first + (1 - upper) * size
        steps += _exchange_and_add(chip ^ 1 << level, give, keep, size, scratch)
        first = keep
    return steps


def _exchange_and_add(partner: int, give: int, keep: int, size: int, scratch: int) -> list[Step]:
    return [Send(partner, give, size), Receive(partner, scratch, size), Reduce(keep, scratch, size)]
