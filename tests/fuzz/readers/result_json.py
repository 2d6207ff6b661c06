"""JSON that commands printed, as other commands read it."""

from pathlib import Path
from zlib import crc32

from ..commands import call
from ..harness import Harness
from ..mutators.trees import change_json
from .documents import compact, printed
from .models import try_all, write

COMMANDS = (
    ["explain", "in.json"],
    ["explain", "in.json", "--json"],
    ["export", "in.json", "--accelergy", "out"],
    ["export", "in.json", "--scalesim", "out"],
)
STEPS = ["plot", "in.json", "waterfall", "-o", "p.svg"]
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
    ]
    return [compact(printed(*words)) for words in commands]


def read(data: bytes, folder: Path) -> None:
    """Two of the quick commands and, of some inputs, a page or a picture."""
    write(folder, "in.json", data)
    number = crc32(data)
    if b'"steps"' in data:
        call(STEPS, folder)
        return
    chosen = [COMMANDS[number % len(COMMANDS)], COMMANDS[0]]
    chosen += [SLOW[number // 5 % len(SLOW)]] if number % 5 == 0 else []
    try_all(*(lambda words=words: call(words, folder) for words in chosen))


HARNESS = Harness("result_json", read, seeds, [change_json, change_json])
