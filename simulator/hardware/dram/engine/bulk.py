"""Transfer of consecutive lines: requests of a full queue that are served in their order are computed together.

The lines of a block share rank, bank of the group and row; consecutive ones are in one bank, or take turns among bank
groups. While the oldest requests go to open rows of one block, and no other command comes between them, a request is
served every `STEP` clocks, and the next line takes its slot one clock later. `blocks_of` rules out queues that are
shorter than a turn of all bank groups or longer than a block: the requests of a full queue are in at most two blocks,
and an entering line finds its bank group at work.
"""

from numba import njit

from simulator.hardware.dram.engine.commands import hold_bus
from simulator.hardware.dram.engine.request_queue import find_bank, leave_list, link, look
from simulator.hardware.dram.engine.scheduler import FOREVER, TRANSFER, drain, enter
from simulator.hardware.dram.engine.state import (
    ADDRESS,
    AT,
    BLOCK,
    BUSY,
    CAPACITY,
    CHANNEL,
    CLOCK,
    COLUMN,
    COUNTS,
    EARLIEST,
    END,
    ENTERED,
    FIRST,
    FIRST_RANK,
    GROUP,
    HIT,
    KIND,
    LAST,
    LAST_RANK,
    LAST_WRITE,
    LIMIT,
    LIMITER,
    LISTED,
    MISSED,
    NEWEST_LINE,
    NEWEST_WRITE,
    NEXT,
    NEXT_DUE,
    NONE,
    PRECHARGE,
    PUSHED,
    RANK,
    RANK_SWITCHES,
    READ,
    READS,
    ROW,
    ROW_HITS,
    RUN,
    SOONEST,
    STEP,
    TICKET,
    TURNAROUNDS,
    TURNS,
    USED,
    WANTED,
    WRITE,
    WRITES,
)

WORTHWHILE = 3
"""As few requests are served as fast one by one."""


@njit(cache=True)
def load(dram, state, first_line, lines, write, start):  # type: ignore[no-untyped-def]
    """Read or write consecutive lines whose requests all arrive at clock `start`; return the clock of the last's end.

    write: 1 or 0; state: int64 [rows, COLUMNS] and int64 [remembered], a `State` changed in place. ValueError where a
    line is beyond the channel.
    """
    enter_lines(dram, state.table, state.done, first_line, lines, write, start)
    return drain(dram, state)


@njit(cache=True)
def enter_lines(dram, table, done, first_line, lines, write, start):  # type: ignore[no-untyped-def]
    """`load`, but the last requests remain in the queue: table int64 [rows, COLUMNS], done int64 [remembered]."""
    line, last = first_line, first_line + lines
    while line < last:
        enter(dram, table, done, line, write, start)
        line += 1
        if table[CHANNEL, KIND] == TRANSFER and table[CHANNEL, RUN] >= dram.queue:
            count = min(count_hits(dram, table, line, write), last - line)
            if count >= WORTHWHILE:
                refill(dram, table, done, count)
                line += count


@njit(cache=True)
def count_hits(dram, table, line, write):  # type: ignore[no-untyped-def]
    """The number of requests of a full queue that can be served together while `line` and its successors refill it.

    0 if there are none; table int64 [rows, COLUMNS]. The first is served by the next command, the others every `STEP`
    clocks; a freed slot is filled one clock later.
    """
    if table[CHANNEL, USED] < dram.queue or table[CHANNEL, RUN] < dram.queue or table[ADDRESS, STEP] < 2:
        return 0
    if table[CHANNEL, KIND] != TRANSFER or table[CHANNEL, CLOCK] == NONE or line >= table[ADDRESS, CAPACITY]:
        return 0
    if line != table[CHANNEL, NEWEST_LINE] + 1 or write != table[CHANNEL, NEWEST_WRITE]:
        return 0
    bank, block = table[CHANNEL, AT], table[ADDRESS, BLOCK]
    if table[table[bank, HIT], TICKET] != table[CHANNEL, PUSHED] - dram.queue:
        return 0  # it is not the oldest, or some requests after it were served before
    oldest = line - dram.queue
    column = line % block
    count = min(block - oldest % block, block - column, _count_ready(dram, table, bank, oldest, write))
    latest = _undisturbed(dram, table, bank)
    if column < dram.queue:  # the line and the oldest are in different blocks
        count, earliest = _count_places(dram, table, bank, line, count)
        latest = min(latest, earliest)
    return max(0, min(count, (latest - 2 - table[CHANNEL, CLOCK]) // table[ADDRESS, STEP] + 1))


@njit(cache=True, inline="always")
def _turn(dram, table, bank, line):  # type: ignore[no-untyped-def]
    """The bank of the next line in the block of `line`, which is in `bank`, a row of `table`, int64 [rows, COLUMNS]."""
    turns = table[ADDRESS, TURNS]
    if turns == 1:
        return bank
    return bank + dram.banks if line % turns != turns - 1 else bank - (turns - 1) * dram.banks


@njit(cache=True, inline="always")
def _shares(dram, table, bank, line, other):  # type: ignore[no-untyped-def]
    """Whether the block of `line`, which is in `bank`, is in the bank `other` too; table int64 [rows, COLUMNS]."""
    apart = other - (bank - line % table[ADDRESS, TURNS] * dram.banks)
    return apart >= 0 and apart < table[ADDRESS, TURNS] * dram.banks and apart % dram.banks == 0


@njit(cache=True)
def _count_ready(dram, table, bank, oldest, write):  # type: ignore[no-untyped-def]
    """The number of requests from the line `oldest` on, in `bank`, whose banks are ready when it is their turn.

    FOREVER if all are, until the end of the block; table int64 [rows, COLUMNS].
    """
    row, clock = table[bank, ROW], table[CHANNEL, CLOCK]
    limit = WRITE if write else READ
    for i in range(table[ADDRESS, TURNS]):
        if table[bank, ROW] != row or max(table[bank, COLUMN], table[table[bank, GROUP], limit]) > clock:
            return i
        bank, clock = _turn(dram, table, bank, oldest + i), clock + table[ADDRESS, STEP]
    return FOREVER


@njit(cache=True)
def _undisturbed(dram, table, bank):  # type: ignore[no-untyped-def]
    """The first clock in which a command of another kind or block may come; table int64 [rows, COLUMNS].

    bank: that of the oldest request, if the queue holds the newest requests only; NONE if it holds an older one. Other
    banks of its block count as well: where no row is open, an activate comes between the transfers.
    """
    latest, ticket = table[CHANNEL, NEXT_DUE], table[CHANNEL, PUSHED] - dram.queue
    first = FIRST_RANK + dram.ranks * (1 + dram.groups)
    for i in range(first, first + table[CHANNEL, BUSY]):
        other = table[i, LISTED]
        if table[table[other, FIRST], TICKET] < ticket:
            return NONE
        if table[other, HIT] == NONE or _overtakes(dram, table, bank, other):
            latest = min(latest, max(table[i, EARLIEST], table[table[i, LIMITER], table[i, LIMIT]]))
    return latest


@njit(cache=True)
def _overtakes(dram, table, bank, other):  # type: ignore[no-untyped-def]
    """Whether a younger hit in the bank `other` can be served before the next one in `bank`, if it is ready.

    table int64 [rows, COLUMNS].
    """
    if table[other, RANK] != table[bank, RANK]:
        return dram.bl + dram.rtrs < table[ADDRESS, STEP]
    return table[other, GROUP] != table[bank, GROUP] and dram.ccd_s < table[ADDRESS, STEP]


@njit(cache=True)
def _count_places(dram, table, bank, line, count):  # type: ignore[no-untyped-def]
    """The number of lines from `line` on, at most `count`, that change no command by entering the queue.

    And the first clock in which a command for one of them may come; table int64 [rows, COLUMNS]. bank: that of the
    oldest request, which is in the block before.
    """
    latest, oldest = FOREVER, line - dram.queue
    place, row = find_bank(dram, table, line)
    for i in range(min(count, table[ADDRESS, TURNS])):
        if _shares(dram, table, bank, oldest, place) or (table[place, FIRST] == NONE and table[place, ROW] != row):
            return i, latest
        if table[place, ROW] == row and _overtakes(dram, table, bank, place):
            latest = min(latest, table[place, COLUMN])
        place = _turn(dram, table, place, line + i)
    return count, latest


@njit(cache=True)
def refill(dram, table, done, count):  # type: ignore[no-untyped-def]
    """Serve `count` requests, at most `count_hits`, while as many lines refill the queue.

    table int64 [rows, COLUMNS], done int64 [remembered]: those of a `State`.
    """
    bank, line, write = table[CHANNEL, AT], table[CHANNEL, NEWEST_LINE] + 1, table[CHANNEL, NEWEST_WRITE]
    ticket, clock, oldest = table[CHANNEL, PUSHED], table[CHANNEL, CLOCK], line - dram.queue
    latency = dram.bl + (dram.cwl if write else dram.cl)
    place, row = find_bank(dram, table, line)
    missed, index, fresh = 0, (ticket - dram.queue) % done.size, ticket % done.size
    for i in range(count):
        slot = table[bank, FIRST]
        missed += table[slot, MISSED]
        if i >= count - table[ADDRESS, TURNS]:
            _hold(dram, table, bank, write, clock, latency)
        _leave(dram, table, bank, slot)
        link(dram, table, slot, place, row, ticket + i)
        done[index] = clock + latency
        done[fresh] = NONE
        index = index + 1 if index + 1 < done.size else 0
        fresh = fresh + 1 if fresh + 1 < done.size else 0
        bank, place = _turn(dram, table, bank, oldest + i), _turn(dram, table, place, line + i)
        clock += table[ADDRESS, STEP]
    _count(table, count, missed, write)


@njit(cache=True, inline="always")
def _leave(dram, table, bank, slot):  # type: ignore[no-untyped-def]
    """Take a bank's oldest request, which hits, out of the queue; table int64 [rows, COLUMNS]."""
    following = table[slot, NEXT]
    table[bank, FIRST] = following
    table[bank, HIT] = following if following != NONE and table[following, WANTED] == table[bank, ROW] else NONE
    if following == NONE:
        table[bank, LAST] = NONE
        leave_list(dram, table, bank)
    else:
        look(table, bank)


@njit(cache=True, inline="always")
def _hold(dram, table, bank, write, clock, latency):  # type: ignore[no-untyped-def]
    """Update limits after a group's last read or write, which is issued in `clock`; table int64 [rows, COLUMNS]."""
    end, rank = clock + latency, table[bank, RANK]
    table[bank, PRECHARGE] = max(table[bank, PRECHARGE], end + dram.wr if write else clock + dram.rtp)
    hold_bus(dram, table, table[bank, GROUP], write, clock, end)
    if table[CHANNEL, LAST_RANK] != NONE:
        table[COUNTS, TURNAROUNDS] += table[CHANNEL, LAST_WRITE] != write
        table[COUNTS, RANK_SWITCHES] += table[CHANNEL, LAST_RANK] != rank
    table[CHANNEL, LAST_RANK], table[CHANNEL, LAST_WRITE], table[CHANNEL, END] = rank, write, end
    table[CHANNEL, ENTERED], table[CHANNEL, SOONEST] = clock + 1, clock + 2


@njit(cache=True, inline="always")
def _count(table, count, missed, write):  # type: ignore[no-untyped-def]
    """Count requests that were served, and as many that entered the queue; table int64 [rows, COLUMNS]."""
    table[COUNTS, WRITES if write else READS] += count
    table[COUNTS, ROW_HITS] += count - missed
    for name in (PUSHED, NEWEST_LINE, RUN):
        table[CHANNEL, name] += count
    table[CHANNEL, CLOCK] = NONE
