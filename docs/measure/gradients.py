"""Figures on the page of gradients and the selection unit."""

from typing import Any

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain
from docs.measure.record import Group, Made
from docs.measure.tables import study_table

TRAINING, LINKS = "zeroskip study dgc", "zeroskip study dgc-links"
TENSOR = "zeroskip run selection resnet50-gradient"
VARIANTS = {
    "as configured": TENSOR,
    "seed 1": f"{TENSOR} --seed 1",
    "seed 2": f"{TENSOR} --seed 2",
    "8 lanes": f"{TENSOR} --set lanes=8",
    "512 bytes a cycle": f"{TENSOR} --set dram_bytes_per_cycle=512",
    "16 bins": f"{TENSOR} --set bins=16",
    "1 % sent": f"{TENSOR} --density 0.01 --set candidate_entries=65536 --set queue_entries=256",
}
"""Runs by what is another one."""


def training() -> Made:
    """The study `dgc`: trained networks."""
    errors, gaps, sent, *_ = answer(TRAINING)["tables"]
    rows = {row[0]: row[1:] for row in gaps["rows"]}
    mean, _, error = rows["DGC over dense"][0].partition(" ± ")
    return Made(
        {"dgc.over-dense": mean, "dgc.over-dense-error": error},
        {"dgc.errors": study_table(errors), "dgc.gaps": study_table(gaps), "dgc.sent": study_table(sent)},
    )


def links() -> Made:
    """The study `dgc-links`: sizes and times."""
    names = "sizes", "speedups", "paddle", "limits", "links"
    found = answer(LINKS)
    made = {f"dgc.{name}": study_table(one) for name, one in zip(names, found["tables"], strict=True)}
    off = max(row["off"] for row in found["points"])
    return Made({"dgc.links-off": plain(100 * off, 2)}, made)


def unit() -> Made:
    """Runs of the selection unit."""
    found = {name: answer(command) for name, command in VARIANTS.items()}
    first = found["as configured"]
    energy = first["energy_pj"]
    figures = {
        "selection.cycles": plain(first["cycles"]),
        "selection.dram-share": plain(100 * energy["dram"] / energy["total"], 1),
        "selection.tail": plain(100 * (1 - _stream(first) / first["cycles"]), 1),
    }
    rows = [(name, *_cells(one)) for name, one in found.items()]
    columns = ("run", "cycles", "passes", "candidates", "sent", "message, bytes", "DRAM, MB", "energy, uJ")
    return Made(figures, {"selection.runs": table(columns, rows, right=columns[1:])})


def _stream(result: dict[str, Any]) -> int:
    """Cycles until the last pass ends."""
    return int(result["cycles"] - result["cycles_by_reason"]["stream_idle"])


def _cells(result: dict[str, Any]) -> tuple[str, ...]:
    keys = "cycles", "passes", "candidates", "elements_sent", "message_bytes"
    numbers = [plain(result[key]) for key in keys]
    return *numbers, plain(result["dram_bytes"] / 1e6, 1), plain(result["energy_pj"]["total"] / 1e6, 1)


GROUPS = (
    Group("dgc", (TRAINING,), training, 600),
    Group("dgc-links", (LINKS,), links, 10),
    Group("selection", tuple(VARIANTS.values()), unit, 30),
)
