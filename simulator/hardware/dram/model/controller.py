"""A DRAM controller, written for readability and not for speed: the timing rules of the standard, and the policy.

Policy: FR-FCFS over one queue for reads and writes, one command per clock, rows stay open. Each bank with requests has
one candidate command: a read or write for its oldest request to the open row if there is one, else a precharge or an
activate for its oldest request. Among the candidates whose clock has come, reads and writes have priority over other
commands, and older requests over younger ones. So requests to one row of a bank, and all to one line, keep their order.

Refresh: each rank is due every `refi` clocks. A rank that is due accepts no more commands for requests: all its banks
are precharged together as soon as each of them may be, then it is refreshed. Refresh has the highest priority.
"""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from simulator.hardware.dram.spec import Address, Dram, decode_address

FOREVER = 1 << 60
NEVER = -(1 << 60)


class Rule(NamedTuple):
    """The least distance of two commands that address the same `scope`: `after` at least `clocks` after `before`."""

    before: str
    after: str
    scope: int  # how many leading numbers of (rank, group, bank) are the same
    clocks: int


RANK, GROUP, BANK = 1, 2, 3


def rules(dram: Dram) -> tuple[Rule, ...]:
    """All rules between pairs of commands, of the JEDEC standards.

    Not among them: data bus, window of four activates.
    """
    written = dram.cwl + dram.bl
    return (
        Rule("ACT", "RD", BANK, dram.rcd),
        Rule("ACT", "WR", BANK, dram.rcd),
        Rule("ACT", "PRE", BANK, dram.ras),
        Rule("ACT", "ACT", BANK, dram.rc),
        Rule("ACT", "ACT", GROUP, dram.rrd_l),
        Rule("ACT", "ACT", RANK, dram.rrd_s),
        Rule("PRE", "ACT", BANK, dram.rp),
        Rule("PRE", "REF", RANK, dram.rp),
        Rule("PREA", "REF", RANK, dram.rp_all),
        Rule("REF", "ACT", RANK, dram.rfc),
        Rule("REF", "REF", RANK, dram.rfc),
        Rule("RD", "PRE", BANK, dram.rtp),
        Rule("WR", "PRE", BANK, written + dram.wr),
        Rule("RD", "RD", GROUP, dram.ccd_l),
        Rule("RD", "RD", RANK, dram.ccd_s),
        Rule("WR", "WR", GROUP, dram.ccd_l),
        Rule("WR", "WR", RANK, dram.ccd_s),
        Rule("WR", "RD", GROUP, written + dram.wtr_l),
        Rule("WR", "RD", RANK, written + dram.wtr_s),
        Rule("RD", "WR", RANK, dram.cl + dram.bl + dram.rtw - dram.cwl),
    )


class Command(NamedTuple):
    """An issued command."""

    clock: int
    kind: str  # ACT, PRE, PREA (all banks of the rank), RD, WR or REF
    where: tuple[int, ...]  # rank, group, bank; for PREA and REF the rank
    row: int


@dataclass
class Request:
    """A line to be read or written."""

    ticket: int
    address: Address
    write: bool
    arrival: int  # memory clock
    missed: bool = False  # a row had to be opened for it

    @property
    def bank(self) -> tuple[int, int, int]:
        """Its bank: rank, group, bank."""
        return self.address[:3]


class Controller:
    """A channel's controller and its memory. `advance` issues commands up to a given clock."""

    def __init__(self, dram: Dram):
        self.dram = dram
        self.rules: dict[str, list[Rule]] = {}  # those before a command of each kind
        for rule in rules(dram):
            self.rules.setdefault(rule.after, []).append(rule)
        self.soonest = 0  # the earliest clock of the next command
        self.queue: list[Request] = []  # oldest first
        self.waiting: deque[Request] = deque()  # arrived, but not yet in the queue
        self.freed = deque([NEVER] * dram.queue)  # the clock in which each free slot became free
        self.entered = NEVER  # the clock in which the last request entered the queue
        self.rows: dict[tuple[int, ...], int] = {}  # bank -> its open row
        self.last: dict[tuple[str, tuple[int, ...]], int] = {}  # the clock of the last command of a kind in each scope
        self.activates = [deque([NEVER] * 4, 4) for _ in range(dram.ranks)]
        self.bus = NEVER, 0  # the clock in which the last burst ends, and its rank
        self.due = [dram.refi] * dram.ranks
        self.chosen: tuple[Command, Request | None] | None = None  # the next command; none: to be found again
        self.log: list[Command] = []
        self.done: list[tuple[Request, int]] = []  # served requests, and the clock in which each was done

    def advance(self, until: int) -> None:
        """Issue all commands up to the clock `until`.

        A command ignores a request that enters the queue in the same clock.
        """
        while True:
            entry, (command, request) = self.next_entry(), self.next_command()
            if min(entry, command.clock) > until:
                return
            self.chosen = None
            if command.clock <= entry:
                self._issue(command, request)
            else:
                self.freed.popleft()
                self.queue.append(self.waiting.popleft())
                self.entered, self.soonest = entry, entry + 1

    def next_entry(self) -> int:
        """The clock in which the next request enters the queue: a slot freed in t can be filled from t + 1 on."""
        if not self.waiting or not self.freed:
            return FOREVER
        return max(self.waiting[0].arrival, self.entered, self.freed[0] + 1)

    def next_command(self) -> tuple[Command, Request | None]:
        """The next command, and the request that it is for; it changes with an issue and with an entry alone."""
        self.chosen = self.chosen or self._choose()
        return self.chosen

    def _choose(self) -> tuple[Command, Request | None]:
        ranked: list[tuple[int, int, int, Command, Request | None]] = []
        for rank in range(self.dram.ranks):
            kind = "PREA" if any(bank[0] == rank for bank in self.rows) else "REF"
            clock = max(self.due[rank], self._earliest(kind, (rank,)))
            ranked.append((clock, 0, rank, Command(clock, kind, (rank,), -1), None))
        for bank in dict.fromkeys(request.bank for request in self.queue):
            kind, request = self._candidate(bank)
            clock = self._earliest(kind, bank)
            if clock < self.due[bank[0]]:
                priority = 1 if kind in ("RD", "WR") else 2
                ranked.append(
                    (clock, priority, request.ticket, Command(clock, kind, bank, request.address.row), request)
                )
        return min(ranked, key=lambda item: item[:3])[3:]

    def _candidate(self, bank: tuple[int, int, int]) -> tuple[str, Request]:
        """The kind of command that a bank needs next, and the request that it is for."""
        requests = [request for request in self.queue if request.bank == bank]
        hits = [request for request in requests if request.address.row == self.rows.get(bank)]
        if hits:
            return "WR" if hits[0].write else "RD", hits[0]
        return "PRE" if bank in self.rows else "ACT", requests[0]

    def _earliest(self, kind: str, where: tuple[int, ...]) -> int:
        """The earliest clock in which a command may be issued."""
        if kind == "PREA":
            return max(self._earliest("PRE", bank) for bank in self.rows if bank[0] == where[0])
        clocks = [self.soonest]
        for before, _, scope, apart in self.rules[kind]:
            clocks.append(self.last.get((before, where[:scope]), NEVER) + apart)
        if kind == "ACT":
            clocks.append(self.activates[where[0]][0] + self.dram.faw)
        if kind in ("RD", "WR"):
            end, rank = self.bus
            turn = self.dram.rtrs if rank != where[0] else 0
            clocks.append(end + turn - (self.dram.cl if kind == "RD" else self.dram.cwl))
        return max(clocks)

    def _issue(self, command: Command, request: Request | None) -> None:
        clock, kind, where, row = command
        self.log.append(command)
        self.soonest = clock + 1
        for scope in range(1, len(where) + 1):
            self.last[kind, where[:scope]] = clock
        if kind == "ACT":
            self.rows[where] = row
            self.activates[where[0]].append(clock)
        elif kind == "PRE":
            del self.rows[where]
        elif kind == "PREA":
            self.rows = {bank: row for bank, row in self.rows.items() if bank[0] != where[0]}
        elif kind == "REF":
            self.due[where[0]] += self.dram.refi
        if request and kind == "ACT":
            request.missed = True
        elif request and kind != "PRE":
            end = clock + self.dram.bl + (self.dram.cl if kind == "RD" else self.dram.cwl)
            self.bus = end, where[0]
            self.queue.remove(request)
            self.freed.append(clock)
            self.done.append((request, end))

    def push(self, ticket: int, line: int, write: bool, arrival: int) -> None:
        """Add a request that arrives at the memory clock `arrival`, after all earlier ones."""
        self.waiting.append(Request(ticket, decode_address(self.dram, line), write, arrival))
