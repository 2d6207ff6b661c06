"""JSON that commands printed, as other commands read it."""

import json
from pathlib import Path
from zlib import crc32

from ..commands import call
from ..harness import Harness
from ..mutators.trees import change_json, fill_json
from .documents import compact, printed
from .models import try_all, write

COMMANDS = (
    ["explain", "in.json"],
    ["explain", "in.json", "--json"],
    ["export", "in.json", "--accelergy", "out"],
    ["export", "in.json", "--scalesim", "out"],
)
STEPS = ["plot", "in.json", "waterfall", "-o", "p.svg"]
SEARCH = (["plot", "in.json", "exploration", "-o", "p.svg"], ["report", "in.json", "-o", "page.html"])
CAMERA = (["plot", "in.json", "camera", "-o", "p.svg"], ["report", "in.json", "-o", "page.html"])
COMPARED = (["plot", "in.json", "energy", "-o", "p.svg"], ["report", "in.json", "-o", "page.html"])
TRIAL = {
    "trial": 1,
    "pes": 4,
    "time_us": 2.5,
    "area_mm2": 3.0,
    "gops": 1,
    "left_out": None,
    "front": True,
    "hypervolume": 0.5,
}
EXPLORATION = {
    "exploration": {
        "machine": "eie", "workload": "alexnet-fc8", "minimise": ["time_us", "area_mm2"], "maximise": ["gops"],
        "keys": {"pes": 8}, "fixed": {"scale": 0.1}, "limits": ["area_mm2<=40"], "fits": True, "points": 8, "seed": 0,
    },
    "reference": {"time_us": 9.5, "area_mm2": 7.0, "gops": 0.5}, "run": 2, "stopped": False, "notes": {},
    "trials": [TRIAL, {**TRIAL, "trial": 2, "pes": 8, "time_us": 1.5, "area_mm2": 6.0, "hypervolume": 1.0},
               {**TRIAL, "trial": 3, "time_us": None, "left_out": "refused: no", "front": False, "hypervolume": 1.0}],
}  # fmt: skip
SLOW = (
    ["report", "in.json", "-o", "page.html"],
    *(["plot", "in.json", kind, "-o", "p.svg"]
      for kind in ("energy", "latency", "roofline", "pareto", "schedule", "density", "waterfall", "storage", "weights",
                   "queue-depth", "padding", "balance")),
)  # fmt: skip
SCALE = ("--scale", "0.02", "--json")


def seeds() -> list[bytes]:
    commands = [
        ("run", "eie", "alexnet-fc8", *SCALE),
        ("run", "scnn", "alexnet", *SCALE),
        ("run", "ese", "google-lstm", *SCALE),
        ("compare", "alexnet", "--machines", "scnn,dcnn", *SCALE),
        ("ablate", "alexnet-conv3", *SCALE),
        ("camera", "eie", "alexnet-fc8", "--truth", "drawn", "--detections", "drawn", *SCALE),
    ]
    return [*(compact(printed(*words)) for words in commands), json.dumps(EXPLORATION).encode()]


def read(data: bytes, folder: Path) -> None:
    """Two of the quick commands and, of some inputs, a page or a picture."""
    write(folder, "in.json", data)
    number = crc32(data)
    if b'"steps"' in data:
        call(STEPS, folder)
        return
    if b'"exploration"' in data:
        call(SEARCH[number % len(SEARCH)], folder)
        return
    if b'"latency_ms"' in data:
        call(CAMERA[number % len(CAMERA)], folder)
        return
    if b'"common_layers"' in data:
        call(COMPARED[number % len(COMPARED)], folder)
        return
    chosen = [COMMANDS[number % len(COMMANDS)], COMMANDS[0]]
    chosen += [SLOW[number // 5 % len(SLOW)]] if number % 5 == 0 else []
    try_all(*(lambda words=words: call(words, folder) for words in chosen))


HARNESS = Harness("result_json", read, seeds, [change_json, change_json, fill_json])
