"""EIE's circuit and its model in one drawing: the model's letters, and the wires of the circuit in the same cycles."""

from importlib.util import find_spec

import numpy as np

from docs.generate.picture import QUIET, Picture
from docs.generate.timelines.drawing import BUSY, CELL, LEFT, MOVE, OVER
from docs.generate.timelines.eie import EIE_CONTROL, EIE_PE, eie_layer
from simulator.core.registry import find
from zeroskip import load_arch

HIGH, NAME = 20, "drawings/eie_circuit.svg"
TITLE = "EIE, 2 PEs: the model above, wires of the circuit below"


def pages(_: object) -> dict[str, str]:
    """The drawing by its file name; none where Amaranth is not installed."""
    return {NAME: _draw().svg()} if find_spec("amaranth") else {}


def _draw() -> Picture:
    """A row for each unit of the model, then one for each wire; the letters of the decoding stage are the circuit's."""
    model, rows = _rows()
    width = max(LEFT + CELL * model.shape[1] + 30, 480)
    picture = Picture(width, 60 + (HIGH + 4) * (len(rows) + 3), TITLE)
    picture.text(8, 20, TITLE, size=13, bold=True)
    for cycle in range(0, model.shape[1], 5):
        picture.text(LEFT + CELL * (cycle + 0.5), 42, str(cycle), "middle", 11, QUIET)
    y = 50
    for name, letters, colours in (("PE 0", model[0], EIE_PE), ("control", model[-1], EIE_CONTROL)):
        _letters(picture, y, name, bytes(letters).decode(), {letter: colour for letter, (colour, _) in colours.items()})
        y += HIGH + 4
    y += HIGH // 2
    for name, letters in rows:
        _letters(picture, y, name, letters, {"1": BUSY, " ": OVER, "m": BUSY, "p": MOVE, "e": MOVE})
        y += HIGH + 4
    return picture


def _letters(picture: Picture, y: float, name: str, letters: str, colours: dict[str, str]) -> None:
    picture.text(LEFT - 8, y + 15, name, "end")
    for cycle, letter in enumerate(letters):
        picture.cell(LEFT + CELL * cycle, y, CELL - 1, HIGH, letter.strip(), colours[letter])


def _rows() -> tuple[np.ndarray, list[tuple[str, str]]]:
    """The model's trace, uint8 [units, cycles], and the circuit's wires of PE 0 and of the control, by name."""
    from simulator.machines.eie.circuit.memories import sizes_of
    from simulator.machines.eie.circuit.observation import split
    from simulator.machines.eie.circuit.run import watch

    arch, machine = load_arch("eie", pes=2, queue_depth=3).arch, find("eie")
    (streams,) = machine.layout(arch, eie_layer().layer)
    sizes = sizes_of(arch, streams)
    wires = split(sizes, watch(arch, streams, sizes)[0])
    decoded = zip(wires.slot[0].tolist(), wires.entry[0].tolist(), wires.weighs[0].tolist(), strict=True)
    words = {(0, 0, 0): " ", (1, 0, 0): "e", (1, 1, 0): "p", (1, 1, 1): "m"}

    def line(wire: np.ndarray) -> str:
        return "".join("1" if high else " " for high in wire.tolist())

    rows = [
        ("broadcast", line(wires.push)),
        ("stop", line(wires.stopped)),
        ("pointer read", line(wires.pop[0])),
        ("row read", line(wires.row[0])),
        ("decode", "".join(words[one] for one in decoded)),
    ]
    return machine.run_model(arch, streams, wires.push.size).trace, rows
