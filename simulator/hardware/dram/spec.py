"""A DRAM channel: its parameters, its events, its address mapping, and conversion of its clocks to machine cycles."""

import re
from typing import Annotated, Any, NamedTuple

import numpy as np
from annotated_types import Interval

Clocks = Annotated[int, Interval(ge=0, le=1 << 20)]
Size = Annotated[int, Interval(ge=1, le=1 << 20)]


class Dram(NamedTuple):
    """All parameters that decide cycles and counts. Times are memory clocks from command to command unless stated."""

    tck_ps: Annotated[int, Interval(ge=1, le=1 << 20)]  # a memory clock
    core_ps: Annotated[int, Interval(ge=1, le=1 << 30)]  # a cycle of the machine
    channels: Annotated[int, Interval(ge=1, le=4096)]  # independent channels; line i is in channel i mod channels
    ranks: Annotated[int, Interval(ge=1, le=16)]
    groups: Annotated[int, Interval(ge=1, le=16)]  # bank groups of a rank
    banks: Annotated[int, Interval(ge=1, le=64)]  # of a group
    rows: Annotated[int, Interval(ge=1, le=1 << 24)]  # of a bank
    row_lines: Size  # lines of a row
    line_bytes: Size  # of a burst: what one read or write moves
    bl: Annotated[int, Interval(ge=1, le=64)]  # clocks of a burst on the data bus
    cl: Clocks  # read to its data
    cwl: Clocks  # write to its data
    rcd: Clocks  # activate to read or write
    rp: Clocks  # precharge of a bank to activate
    rp_all: Clocks  # precharge of all banks to refresh
    ras: Clocks  # activate to precharge
    rc: Clocks  # activate to activate of the same bank
    rtp: Clocks  # read to precharge
    wr: Clocks  # end of written data to precharge
    ccd_s: Clocks  # read to read, write to write: another bank group
    ccd_l: Clocks  # the same bank group
    rrd_s: Clocks  # activate to activate: another bank group
    rrd_l: Clocks  # the same bank group
    faw: Clocks  # any four activates of a rank and a fifth
    wtr_s: Clocks  # end of written data to read: another bank group
    wtr_l: Clocks  # the same bank group
    rtw: Clocks  # idle clocks of the data bus between read and written data of a rank
    rtrs: Clocks  # idle clocks of the data bus between two ranks
    rfc: Clocks  # refresh to activate
    refi: Annotated[int, Interval(ge=1, le=1 << 24)]  # from one refresh of all ranks to the next
    queue: Annotated[int, Interval(ge=1, le=1024)]  # requests that the controller chooses from
    mapping: Annotated[int, Interval(ge=0, le=(1 << 15) - 1)]  # see `mapping_code`


class DramCounts(NamedTuple):
    """How often each event happened: int64 [channels] each."""

    reads: np.ndarray  # lines
    writes: np.ndarray  # lines
    activates: np.ndarray  # rows opened
    precharges: np.ndarray  # rows closed; one precharge of all banks may close several
    refreshes: np.ndarray  # of a rank
    row_hits: np.ndarray  # reads and writes for which no row had to be opened
    turnarounds: np.ndarray  # reads after a write, writes after a read
    rank_switches: np.ndarray  # reads and writes to another rank than the one before
    active_clocks: np.ndarray  # clocks of ranks in which a row is open


FIELDS = "Co", "Ra", "Bg", "Ba", "Ro"
"""Parts of a line's address within its channel: column, rank, bank group, bank of the group, row."""
MAPPINGS = "RoBaRaCoCh", "RoRaBaCoCh", "RoBaRaCoBgCh", "RoCoRaBaCh", "RoCoBaRaCh"
"""Well-known orders, from the most to the least significant part; `mapping_code` accepts any order."""


def mapping_code(name: str) -> int:
    """Encode an order of address parts as an integer.

    an octal digit for each part, the lowest part in the lowest digit. `Ch` comes last: channels are interleaved line by
    line. Without `Bg`, the bank group is the low part of `Ba`. ValueError where `name` is no such order.
    """
    parts = re.findall("[A-Z][a-z]*", name)
    whole = "".join(parts) == name and parts[-1:] == ["Ch"]
    if "Bg" not in parts and "Ba" in parts:
        parts.insert(parts.index("Ba") + 1, "Bg")
    if not whole or sorted(parts) != sorted((*FIELDS, "Ch")):
        raise ValueError("an order of Ro, Ba, Bg, Ra and Co that ends with Ch, such as " + ", ".join(MAPPINGS))
    return sum(FIELDS.index(part) << 3 * position for position, part in enumerate(reversed(parts[:-1])))


class Span(NamedTuple):
    """Consecutive lines that are read or written together."""

    first_line: int
    lines: int
    write: bool


def split_span(span: Span, channels: int) -> list[Span]:
    """The part of a span that each channel moves, in lines of that channel: line i is in channel i mod channels."""
    first, end = span.first_line, span.first_line + span.lines
    begins = [(first - channel + channels - 1) // channels for channel in range(channels)]
    ends = [(end - channel + channels - 1) // channels for channel in range(channels)]
    return [Span(begin, stop - begin, span.write) for begin, stop in zip(begins, ends, strict=True)]


class Address(NamedTuple):
    """The decoded address of a line within its channel."""

    rank: int
    group: int
    bank: int  # of the group
    row: int
    column: int


def decode_address(dram: Dram, line: int) -> Address:
    """The address of a line of a channel."""
    parts = {}
    for position, size in enumerate(part_sizes(dram)):
        line, parts[FIELDS[dram.mapping >> 3 * position & 7]] = divmod(line, size)
    return Address(parts["Ra"], parts["Bg"], parts["Ba"], parts["Ro"], parts["Co"])


def part_sizes(dram: Dram) -> list[int]:
    """The number of values of each part of an address, lowest part first."""
    sizes = dram.row_lines, dram.ranks, dram.groups, dram.banks, dram.rows
    return [sizes[dram.mapping >> 3 * position & 7] for position in range(len(FIELDS))]


def lines_per_channel(dram: Dram) -> int:
    """The capacity of a channel in lines."""
    return dram.ranks * dram.groups * dram.banks * dram.rows * dram.row_lines


def lines_of(dram: Dram, size: int) -> int:
    """The number of lines that hold `size` bytes."""
    return -(-size // dram.line_bytes)


def to_clock(dram: Any, cycle: Any) -> Any:
    """The first memory clock that begins no earlier than a machine's cycle.

    an integer, or int64 of the shape of `cycle`.
    """
    return -(-cycle * dram.core_ps // dram.tck_ps)


def to_cycle(dram: Any, clock: int) -> int:
    """The first cycle of the machine that begins no earlier than a memory clock."""
    return -(-clock * dram.tck_ps // dram.core_ps)


def problem(dram: Dram) -> str | None:
    """Why the parameters contradict each other; None if they do not."""
    if dram.ccd_s < dram.bl:
        return f"ccd_s is {dram.ccd_s}; expected at least the burst, bl = {dram.bl}"
    for long, short in (("ccd_l", "ccd_s"), ("rrd_l", "rrd_s"), ("wtr_l", "wtr_s"), ("rc", "ras"), ("rp_all", "rp")):
        if getattr(dram, long) < getattr(dram, short):
            return f"{long} is {getattr(dram, long)}; expected at least {short} = {getattr(dram, short)}"
    if dram.ranks * dram.groups * dram.banks > 1024:
        return f"ranks * groups * banks is {dram.ranks * dram.groups * dram.banks}; expected at most 1024"
    least = 2 * dram.rfc + dram.rp_all + dram.ras + dram.cwl + dram.bl + dram.wr + dram.ranks + dram.rcd
    if dram.refi < least:
        return f"refi is {dram.refi}; expected at least {least}: a refresh must end before the next begins"
    return None
