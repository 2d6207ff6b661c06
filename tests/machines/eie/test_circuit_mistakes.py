"""Mistakes in EIE's circuit, one by one: the comparison with model and engine finds each of them."""

import pytest
from support.circuits import compare, with_mistake
from support.layers import PLAIN, drawn

pytest.importorskip("amaranth")

from simulator.machines.eie.circuit import control, processing_element

PE = [
    ("no bypass to the adder", "newest(add.place, add.old)", "add.old"),
    ("no bypass to the register read", "newest(multiply.place, self.register.data)", "self.register.data"),
    ("a bypass of padding", "write.adds & (write.place == place)", "write.place == place"),
    ("no rounding", " + shifted[0]", ""),
    ("logical shift", "Cat(0, add.product).as_signed()", "Cat(0, add.product)"),
    ("no saturation at the top", "Mux(total > HIGHEST, HIGHEST, ", "("),
    ("no saturation at the bottom", "Mux(total < LOWEST, LOWEST, total)", "total"),
    ("a ring of n slots holds n - 2", "ends = [after(tail)]", "ends = [after(after(tail))]"),
    ("a full ring is not seen", "self.full.eq(Cat(end == head for end in ends).any())", "self.full.eq(0)"),
    ("lockstep does not wait", "self.full.eq(more)", "self.full.eq(0)"),
    ("a slice is popped before its time", "(head != tail) & ~more", "head != tail"),
    ("the same address in both banks", "(column.index + 1) >> 1", "column.index >> 1"),
    ("banks of odd columns are not swapped", "Mux(odd, self.odd.data, self.even.data)", "self.even.data"),
    ("an empty slice has an entry", "first & (address != end)", "first"),
    ("every entry reads its row", "~(valid & (kept == row))", "1"),
    ("row 0 counts as kept at the beginning", "~(valid & (kept == row))", "(kept != row)"),
    ("local addresses go on from slice to slice", "Mux(decode.first, 0, place + 1)", "(place + 1)"),
    ("zeros are counted one too few", "Mux(decode.first, 0, place + 1)", "Mux(decode.first, 0, place)"),
    ("padding is added", "decode.entry & (code != 0)", "decode.entry"),
    ("code and zeros are swapped", "word[self.sizes.code_bits :]", "word[: self.sizes.index_bits]"),
    ("the activation of the next column", "activation=decode.activation", "activation=self.activation"),
    ("ReLU for all layers", "self.relu & (self.register.data < 0)", "self.register.data < 0"),
    ("no ReLU", "Mux(self.relu & (self.register.data < 0), 0, self.register.data)", "self.register.data"),
    ("done before the last write", "add.slot, write.slot]", "add.slot]"),
]
CONTROL = [
    ("only the first queue stops the broadcast", "self.full.any()", "self.full[0]"),
    ("a bubble after every group", "m.If(last | (scanning & ~root.found))", "m.If(scanning & ~root.found)"),
    ("no fill", "init=self.sizes.scan_fill", "init=0"),
    ("the tree prefers the last PE", "reversed(four[:-1])", "four[:-1]"),
    ("the same activation again", "next_place.eq(root.place + 1)", "next_place.eq(root.place)"),
    ("only the low byte of an activation counts", "shown[k].any()", "shown[k][:8].any()"),
    ("the index of the group before", "group * pes + root.place", "group * pes"),
]
MISTAKES = [(processing_element, "ProcessingElement", *one) for one in PE]
MISTAKES += [(control, "Control", *one) for one in CONTROL]


def trials():
    """Machines and layers: an output a PE at high density, where each sum is needed at once; more; padding."""
    for depth, outputs in ((4, 2), (1, 5)):
        layer = drawn(3, 40, outputs, 0.9, 0.9, bias=True, relu=False)
        yield PLAIN._replace(queue_depth=depth), layer._replace(shift=13)
    yield PLAIN._replace(pes=5, queue_depth=3, index_bits=1), drawn(4, 30, 60, 0.2, 0.6, bias=False, relu=True)


@pytest.mark.parametrize(("module", "name", "what", "right", "wrong"), MISTAKES, ids=[one[2] for one in MISTAKES])
def test_a_mistake_is_found(module, name, what, right, wrong, monkeypatch):
    monkeypatch.setattr(module, name, with_mistake(module, right, wrong)[name])
    assert any(compare(arch, layer) for arch, layer in trials()), what


def test_without_a_mistake_nothing_is_found():
    assert [compare(arch, layer) for arch, layer in trials()] == [None] * 3
