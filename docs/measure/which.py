"""Figures on the page about which machine suits a network."""

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain
from docs.measure.record import Group, Made

COMMAND = "zeroskip compare alexnet --machines eie,scnn,eyeriss_v2,sigma,cambricon_s,dcnn --common-prices"


def which() -> Made:
    """AlexNet on six machines, by layer and in total."""
    found = answer(COMMAND)
    machines = found["machines"]
    rows, totals = [], []
    for place, layer in enumerate(found["layers"]):
        ran = {name: one["layers"][place] for name, one in machines.items() if not one["layers"][place]["reason"]}
        best = min(ran, key=lambda name: ran[name]["time_us"] * ran[name]["energy_uj"])
        cells = []
        for name in machines:
            text = f"{_short(ran[name]['time_us'])} us, {_short(ran[name]['energy_uj'])} uJ" if name in ran else "-"
            cells.append(f"**{text}**" if name == best else text)
        rows.append((layer.removeprefix("alexnet-"), *cells))
    for name, one in machines.items():
        total = one["total"]
        layers = f"{len(total['layers'])} of {len(found['layers'])}"
        numbers = (plain(total["time_us"]), plain(total["energy_uj"]), f"{total['dram_bytes'] / 1e6:,.1f}")
        totals.append((name, layers, *numbers))
    columns = ("machine", "layers", "time, us", "energy, uJ", "MB of DRAM")
    made = {
        "which.layers": table(("layer", *machines), rows, right=tuple(machines)),
        "which.totals": table(columns, totals, right=columns[1:]),
    }
    return Made({}, made)


def _short(value: float) -> str:
    """Three digits, or those before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


GROUPS = (Group("which", (COMMAND,), which, 40),)
