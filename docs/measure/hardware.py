"""Figures on the pages of SRAM, of CACTI's runs and of DRAM."""

from docs.generate.markdown import code, table
from docs.measure.commands import answer
from docs.measure.numbers import plain
from docs.measure.record import Group, Made
from docs.measure.tables import kept
from simulator.hardware.dram.presets import load_dram, load_preset, presets
from simulator.hardware.sram.figures import leave_one_out_percent
from simulator.hardware.sram.law import laws, rms_percent
from simulator.hardware.sram.table import tables
from simulator.pricing.scaling.sets import factors

POWER, CACTI_POWER = "zeroskip run eie alexnet-fc7", "zeroskip run eie_cacti alexnet-fc7"
SETS = (
    ("stillmaker-baas", "hp"), ("stillmaker-baas", "lp"), ("cacti", "hp"), ("cacti", "lop"), ("cacti", "lstp"),
)  # fmt: skip
NODES = (32, 28, 22, 16, 7)


def sram() -> Made:
    """Out of the table of CACTI's runs and the laws."""
    inner, law = leave_one_out_percent(45, "lop"), rms_percent(45, "lop")
    figures = {
        "sram.arrays": str(sum(map(len, tables().values()))),
        "sram.interpolated-read": plain(inner.read_pj),
        "sram.interpolated-write": plain(inner.write_pj),
        "sram.law-read": plain(law.read_pj),
        "sram.law-write": plain(law.write_pj),
    }
    rms, rows = rms_percent(45, "hp"), []
    for name, one in laws()[45, "hp"].items():
        figures_of_law = (f"{one.p:.3f}", f"{one.a:.3g}", f"{one.b:.2g}", f"{getattr(rms, name):.2g} %")
        rows.append((name.replace("_", " "), *figures_of_law))
    columns = ("figure", "p", "a", "b", "rms")
    scaled = [(node, *(f"{factors(*one, 45, node).energy:.3f}" for one in SETS)) for node in NODES]
    names = ("to, nm", *(f"{name} {cell}" for name, cell in SETS))
    made = {"sram.law": table(columns, rows, right=columns[1:]), "sram.factors": table(names, scaled, right=names[1:])}
    return Made(figures, made)


def powers() -> Made:
    """EIE's power by its default prices and by those of its parts."""
    plainly, parts = answer(POWER), answer(CACTI_POWER)
    figures = {
        "sram.eie-power": f"{plainly['power_mw'] / 1000:.2f}",
        "sram.eie-cacti-power": f"{parts['power_mw'] / 1000:.2f}",
        "sram.eie-cacti-area": f"{parts['area_mm2'] / parts['units']['pe']:.3f}",
    }
    return Made(figures, {})


def dram() -> Made:
    """The presets, and what the kept study says."""
    (found,) = kept("memory.json")["tables"]
    rows = []
    for name in presets():
        one = load_dram(name)
        peak = 1000 * one.line_bytes / (one.bl * one.tck_ps)
        rows.append(
            (code(name), load_preset(name).about, one.line_bytes, one.row_lines * one.line_bytes, plain(peak, 1))
        )
    columns = ("preset", "what it is", "bytes a line", "bytes a row", "GB/s a channel")
    numbers = [name for name in found["columns"] if name not in ("machine", "layer", "memory")]
    made = {
        "dram.in-the-loop": table(found["columns"], found["rows"], right=numbers),
        "dram.presets": table(columns, rows, right=columns[2:]),
    }
    return Made({}, made)


GROUPS = (
    Group("sram", ("python -m docs.generate",), sram, 0),
    Group("powers", (POWER, CACTI_POWER), powers, 4),
    Group("dram", ("zeroskip study memory --json > docs/validation/memory.json",), dram, 0),
)
