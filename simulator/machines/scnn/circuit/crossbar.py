"""The scatter crossbar of one SCNN PE as a circuit: F x I products a cycle into queues, a queue before each bank.

A product has the place of its output in the PE's region, counted along rows, and the skew of its channel: its bank is
their sum modulo the number of banks, a power of two. Products that find no room wait, and the step with them; the next
step is presented in the cycle after the last of them has entered.

A queue takes as many products in a cycle as it has room for, as model and engine have it. Each bank adds one product a
cycle: it reads in the cycle in which the product leaves its queue, adds and writes in the next.
"""

from types import SimpleNamespace as Wires
from typing import NamedTuple

from amaranth.hdl import Array, Cat, Module, Mux, Signal, Value, signed
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import Component, In, Out

SUM = signed(24)
"""Of a product and of a sum; a sum wraps around."""


class Sizes(NamedTuple):
    """What decides the number of wires and registers."""

    products: int  # of a step: F x I
    banks: int  # a power of two
    queue_depth: int  # products that the queue of a bank holds
    entries: int  # sums in a bank
    places: int  # that products may have: 0 .. places - 1

    @property
    def bank_bits(self) -> int:
        """Bits of a bank's number."""
        return (self.banks - 1).bit_length()


class Crossbar(Component):
    """Crossbar, queues and banks. Word k of each wide input belongs to product k of the step."""

    def __init__(self, sizes: Sizes):
        self.sizes = sizes
        n, place, entry = sizes.products, range(sizes.places), range(sizes.entries)
        self.place_bits, self.entry_bits = len(Signal(place)), len(Signal(entry))
        ports = {
            "present": In(1),  # a step is at the inputs, and stays there until it has entered
            "entered": Out(1),  # its last products enter a queue in this cycle
            "stalled": Out(1),  # it was there in the cycle before, too
            "nonzero": In(n),  # products that are scattered; the others are gated
            "skew": In(n * max(1, sizes.bank_bits)),
            "place": In(n * self.place_bits),
            "base": In(n * self.entry_bits),  # the bank's entry of the channel's first places
            "value": In(n * 24),
            "empty": Out(1),  # no queue holds a product
            "reading": In(range(max(2, sizes.banks))),  # sums leave: of this bank ...
            "entry": In(entry),
            "sum": Out(SUM),
        }
        super().__init__(ports)

    def elaborate(self, platform: object) -> Module:  # noqa: ARG002
        """Which products are left, where they go, which of them enter; then a queue and a bank each."""
        m, sizes = Module(), self.sizes
        resumed, left = Signal(), Signal(sizes.products)
        waiting = Signal(sizes.products)
        m.d.comb += waiting.eq(Mux(resumed, left, self.nonzero) & self.present.replicate(sizes.products))
        products = [self._product(m, k, waiting[k]) for k in range(sizes.products)]
        queues = [self._bank(m, bank, products) for bank in range(sizes.banks)]
        entering = [Cat(queue.enters[k] for queue in queues).any() for k in range(sizes.products)]
        after = Signal(sizes.products)
        m.d.comb += [
            after.eq(waiting & ~Cat(entering)),
            self.entered.eq(self.present & ~after.any()),
            self.stalled.eq(self.present & resumed),
            self.empty.eq(~Cat(queue.held != 0 for queue in queues).any()),
            self.sum.eq(Array(queue.sum for queue in queues)[self.reading]),
        ]
        m.d.sync += [left.eq(after), resumed.eq(after.any())]
        return m

    def _product(self, m: Module, k: int, waiting: Value) -> Wires:
        """The bank and the entry of product k."""
        bits = self.sizes.bank_bits
        place = self.place.word_select(k, self.place_bits)
        bank, packed = Signal(max(1, bits)), Signal(self.entry_bits + 24)
        entry = (self.base.word_select(k, self.entry_bits) + (place >> bits))[: self.entry_bits]
        m.d.comb += packed.eq(Cat(self.value.word_select(k, 24), entry))
        if bits:
            m.d.comb += bank.eq((place + self.skew.word_select(k, bits))[:bits])
        return Wires(waiting=waiting, bank=bank, packed=packed)

    def _bank(self, m: Module, bank: int, products: list[Wires]) -> Wires:
        """The queue of a bank: products take its free slots in their order; the oldest leaves in every cycle."""
        depth = self.sizes.queue_depth
        held, head, pop = Signal(range(depth + 1)), Signal(range(depth)), Signal()
        room, taken = Signal.like(held), Signal.like(held)
        enters, arrivals, rank = [], [], Value.cast(0)  # rank: products of this bank with a lower number
        for product in products:
            hit, enter, place = Signal(), Signal(), Signal(range(len(products) + 1))
            m.d.comb += [
                hit.eq(product.waiting & (product.bank == bank)),
                place.eq(rank),
                enter.eq(hit & (place < room)),
            ]
            enters.append(enter)
            arrivals.append((enter, place))
            rank = place + hit
        m.d.comb += [room.eq(depth - held), taken.eq(Mux(rank < room, rank, room)), pop.eq(held != 0)]
        m.d.sync += held.eq(held - pop + taken)
        with m.If(pop):
            m.d.sync += head.eq(Mux(head == depth - 1, 0, head + 1))
        slots = Array(Signal(self.entry_bits + 24, name=f"slot_{bank}_{slot}") for slot in range(depth))
        oldest = Signal(self.entry_bits + 24)
        m.d.comb += oldest.eq(slots[head])
        for (enter, place), product in zip(arrivals, products, strict=True):
            free, slot = Signal(range(2 * depth)), Signal(range(depth))
            m.d.comb += [free.eq(head + held + place), slot.eq(Mux(free >= depth, free - depth, free))]
            with m.If(enter):
                m.d.sync += slots[slot].eq(product.packed)
        return Wires(enters=enters, held=held, sum=self._accumulate(m, bank, pop, oldest))

    def _accumulate(self, m: Module, bank: int, pop: Value, oldest: Value) -> Value:
        """Read the sum of a product; in the next cycle add and write. A read of what is written then gets the sum."""
        m.submodules[f"bank{bank}"] = memory = Memory(shape=SUM, depth=self.sizes.entries, init=[])
        write = memory.write_port()
        read = memory.read_port(transparent_for=(write,))
        adds, product, entry = Signal(), Signal(SUM), Signal(range(self.sizes.entries))
        m.d.sync += [adds.eq(pop), product.eq(oldest[:24]), entry.eq(oldest[24:])]
        m.d.comb += [
            read.en.eq(1),
            read.addr.eq(Mux(pop, oldest[24:], self.entry)),
            write.en.eq(adds),
            write.addr.eq(entry),
            write.data.eq(read.data + product),
        ]
        return read.data
