"""EIE's processing element as a circuit: what is written here is registers, gates and the ports of memories.

It is a pipeline. In the cycle numbers of the model, whose cycle t serves an entry:

    t      pop         the column at the head of the ring queue addresses the two pointer banks
    t + 1  issue       pointers come out; the address of the next entry; the row is read, unless it is kept
    t + 2  decode      the row comes out: select the entry, look up its weight, accumulate its local address
    t + 3  multiply    weight times activation; read the destination register
    t + 4  add         round, shift, add, saturate
    t + 5  write       the sum enters the register file

All memories but the queue's lie outside, next to the ports that read and write them.
"""

from types import SimpleNamespace as Wires

from amaranth.hdl import Cat, Module, Mux, Signal, Value, unsigned
from amaranth.lib.data import StructLayout
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import Component, In, Out, Signature

from simulator.machines.eie.arch import HIGHEST, LOWEST
from simulator.machines.eie.circuit.sizes import WORD, Sizes


def reads(words: int, shape: object) -> Signature:
    """A port that reads a memory of `words` words. A synchronous one keeps its data while it is not enabled."""
    return Signature({"address": Out(range(words)), "enable": Out(1), "data": In(shape)})


def registered(m: Module, **values: Value) -> Wires:
    """Registers that hold, by the same names, what `values` were in the cycle before."""
    held = Wires(**{name: Signal(Value.cast(value).shape(), name=name) for name, value in values.items()})
    for name, value in values.items():
        m.d.sync += getattr(held, name).eq(value)
    return held


class ProcessingElement(Component):
    """One PE: queue, pointer read, entry read, arithmetic."""

    def __init__(self, sizes: Sizes):
        self.sizes = sizes
        ports = {
            "push": In(1),  # the bus: a broadcast column
            "index": In(sizes.column),
            "activation": In(WORD),
            "full": Out(1),  # no column may be broadcast in this cycle
            "busy": Out(1),  # something is in the queue or in the pipeline
            "shift": In(5),  # from a product to a sum
            "relu": In(1),
            "even": Out(reads(sizes.columns // 2 + 1, unsigned(sizes.pointer_bits))),
            "odd": Out(reads((sizes.columns + 1) // 2, unsigned(sizes.pointer_bits))),
            "row": Out(reads(sizes.rows, unsigned(sizes.per_row * sizes.entry_bits))),
            "codebook": Out(reads(1 << sizes.code_bits, WORD)),  # asynchronous, as is the read port of the registers
            "register": Out(reads(sizes.registers, WORD)),
            "write": Out(Signature({"address": Out(range(sizes.registers)), "enable": Out(1), "data": Out(WORD)})),
            "leaving": In(1),  # outputs leave: register `leave` is read
            "leave": In(range(sizes.registers)),
            "output": Out(WORD),
            "decoding": Out(3),  # for the trace: a slot, with an entry, of a weight
        }
        super().__init__(ports)

    def elaborate(self, platform: object) -> Module:  # noqa: ARG002
        """The stages in the order in which a column passes them."""
        m = Module()
        more = Signal()  # the slice that is issued has entries after this cycle's
        column = self._lockstep(m, more) if self.sizes.queue_depth == 1 else self._ring(m, more)
        issue = self._pointers(m, column, more)
        decode = self._row(m, issue)
        multiply = self._entry(m, decode)
        add, write = self._arithmetic(m, multiply)
        slots = [issue.serving, issue.slot, decode.slot, multiply.slot, add.slot, write.slot]
        m.d.comb += self.busy.eq(column.waiting | Cat(slots).any())
        return m

    def _lockstep(self, m: Module, more: Signal) -> Wires:
        """Without a queue a broadcast column is served at once: the bus itself addresses the pointer banks."""
        m.d.comb += self.full.eq(more)
        return Wires(waiting=0, pop=self.push, index=self.index, activation=self.activation)

    def _ring(self, m: Module, more: Signal) -> Wires:
        """A ring of n slots holds n - 1 columns. One is popped when the slice before it issues its last entry."""
        depth = self.sizes.queue_depth
        head, tail, pop = Signal(range(depth)), Signal(range(depth)), Signal()
        layout = StructLayout({"index": self.index.shape(), "activation": WORD})
        m.submodules.ring = ring = Memory(shape=layout, depth=depth, init=[])
        pushed, oldest = ring.write_port(), ring.read_port(domain="comb")

        def after(place: Value) -> Value:
            return Mux(place == depth - 1, 0, place + 1)

        ends = [after(tail)]  # the places that a column must not reach; more, where columns are under way
        for _ in range(self.sizes.stop_registers):
            ends.append(after(ends[-1]))
        m.d.comb += [
            self.full.eq(Cat(end == head for end in ends).any()),
            pop.eq((head != tail) & ~more),
            pushed.addr.eq(tail),
            pushed.en.eq(self.push),
            pushed.data.index.eq(self.index),
            pushed.data.activation.eq(self.activation),
            oldest.addr.eq(head),
        ]
        with m.If(self.push):
            m.d.sync += tail.eq(after(tail))
        with m.If(pop):
            m.d.sync += head.eq(after(head))
        return Wires(waiting=head != tail, pop=pop, index=oldest.data.index, activation=oldest.data.activation)

    def _pointers(self, m: Module, column: Wires, more: Signal) -> Wires:
        """Pointer j is in bank j mod 2, so that one cycle reads where a slice begins and where it ends."""
        m.d.comb += [
            self.even.address.eq((column.index + 1) >> 1),
            self.odd.address.eq(column.index >> 1),
            self.even.enable.eq(column.pop),
            self.odd.enable.eq(column.pop),
        ]
        first, rest, odd = Signal(), Signal(), Signal()  # cycles of a slice: its first, a later one; its column is odd
        activation, following, stop = Signal(WORD), Signal(self.sizes.pointer_bits), Signal(self.sizes.pointer_bits)
        address, end, entry = Signal.like(following), Signal.like(stop), Signal()
        m.d.comb += [
            address.eq(Mux(first, Mux(odd, self.odd.data, self.even.data), following)),
            end.eq(Mux(first, Mux(odd, self.even.data, self.odd.data), stop)),
            entry.eq(rest | (first & (address != end))),
            more.eq(entry & ((address + 1)[: len(end)] != end)),
        ]
        m.d.sync += [first.eq(column.pop), rest.eq(more), following.eq(address + 1), stop.eq(end)]
        with m.If(column.pop):
            m.d.sync += [odd.eq(column.index[0]), activation.eq(column.activation)]
        serving = first | rest
        issue = Wires(slot=serving, entry=entry, first=first, address=address, activation=activation)
        if self.sizes.queue_depth == 1:  # pointers come a cycle earlier: the control has to know the slice's length
            issue = registered(m, **vars(issue))
        return Wires(**vars(issue), serving=serving)

    def _row(self, m: Module, issue: Wires) -> Wires:
        """Read the row of an entry. The row that was read last is still at the output of the SRAM."""
        low = self.sizes.per_row.bit_length() - 1
        row, select = issue.address >> low, issue.address[:low]
        kept, valid = Signal.like(row), Signal()
        m.d.comb += [
            self.row.address.eq(row),
            self.row.enable.eq(issue.entry & ~(valid & (kept == row))),
        ]
        with m.If(self.row.enable):
            m.d.sync += [kept.eq(row), valid.eq(1)]
        passed = {name: getattr(issue, name) for name in ("slot", "entry", "first", "activation")}
        return registered(m, select=select, **passed)

    def _entry(self, m: Module, decode: Wires) -> Wires:
        """Decode an entry; local addresses count from the beginning of the slice. Padding only moves the address."""
        word = self.row.data.word_select(decode.select, self.sizes.entry_bits)
        code, zeros = word[: self.sizes.code_bits], word[self.sizes.code_bits :]
        place, weighs = Signal(range(self.sizes.registers)), Signal()
        m.d.comb += [
            self.codebook.address.eq(code),
            weighs.eq(decode.entry & (code != 0)),
            self.decoding.eq(Cat(decode.slot, decode.entry, weighs)),
        ]
        with m.If(decode.entry):
            m.d.sync += place.eq(Mux(decode.first, 0, place + 1) + zeros)
        held = registered(m, slot=decode.slot, adds=weighs, weight=self.codebook.data, activation=decode.activation)
        return Wires(**vars(held), place=place)

    def _arithmetic(self, m: Module, multiply: Wires) -> tuple[Wires, Wires]:
        """Multiply, add, write. Two bypasses: a sum goes to the next addition, and past the register that it enters."""
        write = Wires(slot=Signal(), adds=Signal(), place=Signal.like(multiply.place), total=Signal(WORD))

        def newest(place: Value, read: Value) -> Value:
            return Mux(write.adds & (write.place == place), write.total, read)

        add = registered(
            m,
            slot=multiply.slot,
            adds=multiply.adds,
            place=multiply.place,
            product=multiply.weight * multiply.activation,
            old=newest(multiply.place, self.register.data),
        )
        shifted = Cat(0, add.product).as_signed() >> self.shift  # its lowest bit: what rounds
        total = newest(add.place, add.old) + (shifted >> 1) + shifted[0]
        saturated = Mux(total > HIGHEST, HIGHEST, Mux(total < LOWEST, LOWEST, total))
        m.d.sync += [write.slot.eq(add.slot), write.adds.eq(add.adds)]
        m.d.sync += [write.place.eq(add.place), write.total.eq(saturated)]
        m.d.comb += [
            self.register.address.eq(Mux(self.leaving, self.leave, multiply.place)),
            self.write.address.eq(write.place),
            self.write.enable.eq(write.adds),
            self.write.data.eq(write.total),
            self.output.eq(Mux(self.relu & (self.register.data < 0), 0, self.register.data)),
        ]
        return add, write
