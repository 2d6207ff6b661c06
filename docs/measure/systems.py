"""Tables on the page of systems of several chips."""

from typing import Any

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain
from docs.measure.record import Group, Made

DECODE = (
    "zeroskip system tp8 llama2-7b --chips 1,2,4,8",
    "zeroskip system tp8 nemotron3-nano --chips 1,2,4,8",
)
EXPERTS = (
    "zeroskip system tp8 nemotron3-nano --batch 64 --split tensor",
    "zeroskip system tp8 nemotron3-nano --batch 64 --split experts",
    "zeroskip system tp8 nemotron3-nano --batch 64 --split experts --overlap",
)
TRAINING = tuple(
    f"zeroskip system dgc64 {network} --train-step{overlap} --set link.gb_per_s={rate}"
    for network in ("alexnet", "resnet50")
    for rate in ("1.25", "0.125")
    for overlap in ("", " --overlap")
)
BITS = 8


def _row(point: dict[str, Any]) -> list[str]:
    """What all tables have: milliseconds, speed-up, shares of computing and of the rest."""
    computed = 100 * point["compute_us"] / point["time_us"]
    speedup = "-" if point["speedup"] is None else plain(point["speedup"], 2)
    return [plain(point["time_us"] / 1000, 3), speedup, plain(computed, 1), plain(100 - computed, 1)]


def _decode() -> str:
    rows = [
        [found["workload"], str(point["chips"]), *_row(point), plain(point["tokens_per_s"], 0), _energy(point)]
        for found in map(answer, DECODE)
        for point in found["points"]
    ]
    columns = ["model", "chips", "ms", "speed-up", "compute %", "rest %", "tokens/s", "links % of energy"]
    return table(columns, rows, right=columns[1:])


def _energy(point: dict[str, Any]) -> str:
    return plain(100 * point["links_uj"] / (point["chips_uj"] + point["links_uj"]), 2)


def _experts() -> str:
    rows = []
    for found in map(answer, EXPERTS):
        point = found["points"][-1]
        way = point["exchange"] + (", overlapped" if point["overlap"] else "")
        rows.append([way, *_row(point), plain(point["link_bytes"] / 1e6, 1)])
    columns = ["split", "ms", "speed-up", "compute %", "rest %", "MB of links"]
    return table(columns, rows, right=columns[1:])


def _training() -> str:
    rows = []
    for command, found in zip(TRAINING, map(answer, TRAINING), strict=True):
        rate = float(command.rpartition("=")[2]) * BITS
        for point in found["points"][1:]:
            how = "overlapped" if point["overlap"] else "serial"
            rows.append([found["workload"], plain(rate, 0), point["exchange"], how, *_row(point)])
    columns = ["network", "Gb/s", "gradients", "exchange", "ms", "speed-up", "compute %", "rest %"]
    return table(columns, rows, right=[columns[1], *columns[4:]])


def made() -> Made:
    """All three."""
    return Made({}, {"systems.decode": _decode(), "systems.experts": _experts(), "systems.training": _training()})


GROUPS = (Group("systems", (*DECODE, *EXPERTS, *TRAINING), made, 60),)
