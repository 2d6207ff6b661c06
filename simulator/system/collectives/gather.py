"""All-gathers and the all-to-all. Of an all-gather, share i lies at byte i * part of chip i's buffer, then of all."""

from collections.abc import Sequence

from simulator.system.collectives.splits import check_rounds, doublings, share
from simulator.system.schedule import Receive, Schedule, Send, Step


def ring_all_gather(chips: int, size: int) -> Schedule:
    """`size` bytes of all chips together: each share passes from neighbour to neighbour."""
    part = share("ring all-gather", chips, size)
    check_rounds("ring all-gather", chips)
    return Schedule(
        "ring all-gather", tuple(tuple(ring_gather_steps(chip, chips, part, chip)) for chip in range(chips)), size
    )


def recursive_doubling_all_gather(chips: int, size: int) -> Schedule:
    """`size` bytes of all chips together: partners at distance 1, 2, 4, ... exchange all that they have."""
    name = "recursive doubling all-gather"
    part, rounds = share(name, chips, size), doublings(name, chips)
    return Schedule(name, tuple(tuple(doubling_steps(chip, rounds, part)) for chip in range(chips)), size)


def all_to_all(chips: int, size: int) -> Schedule:
    """Share j of chip i's `size` bytes becomes share i of what chip j has from byte `size` on.

    All sends are given to the network first, to the next chip, the one after it, and so on round; a chip's own share
    does not move.
    """
    part = share("direct all-to-all", chips, size)
    check_rounds("direct all-to-all", chips)

    def steps(chip: int) -> tuple[Step, ...]:
        to, by = [(chip + k) % chips for k in range(1, chips)], [(chip - k) % chips for k in range(1, chips)]
        sends = [Send(target, target * part, part) for target in to]
        return (*sends, *(Receive(source, size + source * part, part) for source in by))

    return Schedule("direct all-to-all", tuple(map(steps, range(chips))), 2 * size)


def ring_gather_steps(chip: int, chips: int, part: int, own: int) -> list[Step]:
    """Pass shares on, beginning with share `own` (of chip i it is `own` = i + a constant, taken round)."""
    steps: list[Step] = []
    for turn in range(chips - 1):
        mine, theirs = (own - turn) % chips, (own - turn - 1) % chips
        steps += [Send((chip + 1) % chips, mine * part, part), Receive((chip - 1) % chips, theirs * part, part)]
    return steps


def doubling_steps(chip: int, rounds: int, part: int) -> list[Step]:
    """Chip i begins with share i; in round k it has 2^k shares and gets the partner's as many."""
    steps: list[Step] = []
    for level in range(rounds):
        partner, have = chip ^ 1 << level, chip >> level << level
        theirs = partner >> level << level
        steps += [Send(partner, have * part, part << level), Receive(partner, theirs * part, part << level)]
    return steps


def uneven_all_to_all(shares: Sequence[Sequence[int]]) -> Schedule:
    """Chip i sends chip j `shares[i][j]` bytes of its own; where they are 0, no message.

    Its own share does not move. Sends are given to the network first, as in `all_to_all`.
    """
    chips = len(shares)

    def steps(chip: int) -> tuple[Step, ...]:
        to, by = [(chip + k) % chips for k in range(1, chips)], [(chip - k) % chips for k in range(1, chips)]
        sends = [Send(target, 0, shares[chip][target]) for target in to if shares[chip][target]]
        return (*sends, *(Receive(source, 0, shares[source][chip]) for source in by if shares[source][chip]))

    return Schedule("uneven all-to-all", tuple(map(steps, range(chips))), max(map(max, shares), default=0))
