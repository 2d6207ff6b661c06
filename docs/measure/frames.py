"""Figures on the page about frames: CaTDet, PatchNet, delays, differences of frames."""

from typing import Any

from docs.generate.markdown import code, table
from docs.measure.commands import answer
from docs.measure.numbers import plain
from docs.measure.record import Group, Made
from docs.measure.tables import study_table

CATDET, PATCHNET = "zeroskip study catdet", "zeroskip study patchnet"
DELAY, DIFFERENCES = "zeroskip study delay", "zeroskip study frame-differences"
RATE = 30
"""Frames a second of the delays that the page shows."""


def catdet() -> Made:
    """Operations, times, and delays at one frame rate."""
    found = answer(CATDET)
    operations, times, _ = found["tables"]
    shown = [one for one in found["points"] if one["fps"] == RATE]
    columns = "machine", "detector", "served", "latency, median", "99 %", "delay"
    rows = [
        (code(one["machine"]), one["detector"], f"{one['served']:.0%}", *map(_ms, (
            one["latency_median_ms"], one["latency_percentile_99_ms"], one["delay_ms"])))
        for one in shown
    ]  # fmt: skip
    by_name = {(one["machine"], one["detector"], one["fps"]): one["delay_ms"] for one in found["points"]}
    figures = {
        f"frames.{name}": plain(by_name[key])
        for name, key in {
            "orin-single-20": ("tensor_orin", "single", 20),
            "orin-b-20": ("tensor_orin", "B", 20),
            "orin-single-60": ("tensor_orin", "single", 60),
            "orin-b-60": ("tensor_orin", "B", 60),
        }.items()
    }
    tables = {
        "frames.operations": study_table(operations, 2),
        "frames.times": study_table(times, 2),
        "frames.delays": table(columns, rows, right=columns[2:]),
    }
    return Made(figures, tables)


def patchnet() -> Made:
    """Operations, kernels and key frames."""
    operations, kernels, intervals = answer(PATCHNET)["tables"]
    tables = {"operations": operations, "kernels": kernels, "intervals": intervals}
    return Made({}, {f"frames.patchnet-{name}": study_table(one) for name, one in tables.items()})


def delay() -> Made:
    """Closed forms, and sequences."""
    found = answer(DELAY)
    waits, sequences = found["tables"]
    first: dict[str, Any] = next(one for one in found["rows"] if one["sequence"] == "tud-campus")
    figures = {"frames.tud-campus": plain(first["offline_frames"], 2)}
    return Made(figures, {"frames.waits": study_table(waits), "frames.sequences": study_table(sequences)})


def differences() -> Made:
    """Shares of clips, and layers on SCNN."""
    shares, layers = answer(DIFFERENCES)["tables"]
    return Made({}, {"frames.shares": study_table(shares), "frames.layers": study_table(layers)})


def _ms(value: float) -> str:
    return f"{plain(value, 1 if value < 100 else 0)} ms"


GROUPS = (
    Group("frames-catdet", (CATDET,), catdet, 60),
    Group("frames-patchnet", (PATCHNET,), patchnet, 30),
    Group("frames-delay", (DELAY,), delay, 15),
    Group("frames-differences", (DIFFERENCES,), differences, 30),
)
