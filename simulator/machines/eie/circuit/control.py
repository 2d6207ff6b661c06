"""EIE's central control as a circuit: it finds the non-zero activations and broadcasts them."""

from types import SimpleNamespace as Wires

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib.wiring import Component, In, Out

from simulator.machines.eie.circuit.sizes import WORD, Sizes


class Control(Component):
    """Scan the activations group by group, find the next non-zero of a group, broadcast it when no queue is full."""

    def __init__(self, sizes: Sizes):
        self.sizes = sizes
        ports = {
            "group": Out(range(sizes.groups)),  # every PE shows its activation of this group
            "shown": In(16 * sizes.pes),
            "full": In(sizes.pes),
            "busy": In(sizes.pes),
            "push": Out(1),
            "index": Out(sizes.column),
            "activation": Out(WORD),
            "stopped": Out(1),
            "scanned": Out(1),  # the control has nothing left to do
            "done": Out(1),
        }
        super().__init__(ports)

    def elaborate(self, platform: object) -> Module:  # noqa: ARG002
        """A counter of groups, the place in the group, and the tree between them and the bus."""
        m, pes = Module(), self.sizes.pes
        filling = Signal(range(self.sizes.scan_fill + 1), init=self.sizes.scan_fill)
        group, next_place = Signal(range(self.sizes.groups + 1)), Signal(range(pes + 1))
        shown = [self.shown.word_select(k, 16) for k in range(pes)]
        root = tree(m, [Wires(found=(k >= next_place) & shown[k].any(), value=shown[k], place=k) for k in range(pes)])
        scanning, stop, sent = Signal(), Signal(), Signal()
        m.d.comb += [
            self.group.eq(group),
            self.scanned.eq(group == self.sizes.groups),
            scanning.eq((filling == 0) & ~self.scanned),
            self.stopped.eq(scanning & root.found & stop),
            sent.eq(scanning & root.found & ~stop),
            self.done.eq(self.scanned & ~self.push & ~self.busy.any()),
        ]
        m.d[self._domain(1)] += stop.eq(self.full.any())
        bus = [self.push.eq(sent), self.index.eq(group * pes + root.place), self.activation.eq(root.value)]
        m.d[self._domain(2)] += bus
        with m.If(filling != 0):
            m.d.sync += filling.eq(filling - 1)
        last = sent & (root.place == pes - 1)
        with m.If(last | (scanning & ~root.found)):  # a group whose last PE sent costs no bubble
            m.d.sync += [group.eq(group + 1), next_place.eq(0)]
        with m.Elif(sent):
            m.d.sync += next_place.eq(root.place + 1)
        return m

    def _domain(self, registers: int) -> str:
        """Whether wires pass a register (`sync`) or none (`comb`), by how many there are."""
        return "sync" if self.sizes.stop_registers >= registers else "comb"


def tree(m: Module, leaves: list[Wires]) -> Wires:
    """Leading non-zero detection: each node passes on the first of four that has found one (paper, section IV)."""
    while len(leaves) > 1:
        leaves = [node(m, leaves[first : first + 4]) for first in range(0, len(leaves), 4)]
    return leaves[0]


def node(m: Module, four: list[Wires]) -> Wires:
    """The first of up to four that has found a non-zero."""
    value, place = four[-1].value, four[-1].place
    for one in reversed(four[:-1]):
        value, place = Mux(one.found, one.value, value), Mux(one.found, one.place, place)
    chosen = Wires(found=Signal(), value=Signal(WORD), place=Signal(Value.cast(place).shape()))
    m.d.comb += [
        chosen.found.eq(Cat(one.found for one in four).any()),
        chosen.value.eq(value),
        chosen.place.eq(place),
    ]
    return chosen
