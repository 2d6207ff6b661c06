"""Figures on the page about where cycles come from."""

import re
from typing import Any

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain
from docs.measure.record import Group, Made

NINE = [f"{net}-fc{k}" for net in ("alexnet", "vgg16") for k in (6, 7, 8)] + ["nt-we", "nt-wd", "nt-lstm"]
EIE = tuple(f"zeroskip why eie {layer} --set dram=none --no-what-if" for layer in NINE)
DEPTHS = 1, 2, 4, 8, 16, 64, 256
FIG_8 = tuple(f"zeroskip why eie nt-we --set dram=none --set queue_depth={depth} --no-what-if" for depth in DEPTHS)
ESE = "zeroskip why ese google-lstm --no-what-if"
VGG = {machine: f"zeroskip why {machine} vgg16 --no-what-if" for machine in ("scnn", "dcnn")}
TENSOR = {
    "alexnet-fc7": "zeroskip why tensor alexnet-fc7 --no-what-if",
    "alexnet-conv3": "zeroskip why tensor alexnet-conv3 --no-what-if",
    "alexnet-conv3, 2:4": "zeroskip why tensor alexnet-conv3 --set two_of_four=1 --no-what-if",
    "alexnet-conv3, B200": "zeroskip why tensor_b200 alexnet-conv3 --no-what-if",
}
ORDER = "zeroskip why eie alexnet-fc8"


def _parts(stack: dict[str, Any]) -> dict[str, int]:
    """Cycles by part."""
    return {part["name"]: part["cycles"] for part in stack["parts"]}


def _table(first: str, stacks: dict[str, dict[str, Any]], skipped: tuple[str, ...] = ()) -> str:
    """A row for each stack: the run's cycles, then each part."""
    names = [name for name in _parts(next(iter(stacks.values()))) if name not in skipped]
    columns = (first, "cycles", *names)
    rows = []
    for label, stack in stacks.items():
        parts = _parts(stack)
        rows.append((label, f"{sum(parts.values()):,}", *(f"{parts[name]:,}" for name in names)))
    return table(columns, rows, right=columns[1:])


def nine() -> Made:
    """EIE's nine layers."""
    stacks = {layer: answer(command)["stack"] for layer, command in zip(NINE, EIE, strict=True)}
    return Made({}, {"why.eie": _table("layer", stacks)})


def depths() -> Made:
    """NT-We by the depth of its queues, as in the paper's Fig 8."""
    stacks = {str(depth): answer(command)["stack"] for depth, command in zip(DEPTHS, FIG_8, strict=True)}
    deepest = _parts(stacks[str(DEPTHS[-1])])
    issued = deepest["work"] + deepest["padding"]
    first = _parts(stacks["1"])
    figures = {
        "why.queue-1": plain(100 * first["queue"] / sum(first.values())),
        "why.uneven": plain(100 * deepest["unevenness"] / sum(deepest.values())),
        "why.best": plain(100 * issued / sum(deepest.values())),
    }
    return Made(figures, {"why.fig8": _table("queue_depth", stacks, ("memory", "batching"))})


def others() -> Made:
    """ESE's layer, and VGG-16 on SCNN and DCNN."""
    ese = answer(ESE)["stack"]
    networks = {machine: answer(command) for machine, command in VGG.items()}
    convolutions = {
        machine: {one["layer"].removeprefix("vgg16-"): one for one in found["layers"] if "conv" in one["layer"]}
        for machine, found in networks.items()
    }
    zeros = {machine: sum(_parts(one)["zeros"] for one in convolutions[machine].values()) for machine in ("dcnn",)}
    whole = sum(one["cycles"] for one in convolutions["dcnn"].values())
    figures = {"why.zeros": plain(100 * zeros["dcnn"] / whole)}
    found = {f"why.{machine}": _table("layer", layers) for machine, layers in convolutions.items()}
    return Made(figures, {"why.ese": _table("layer", {"google-lstm": ese}), **found})


def tensor() -> Made:
    """Layers on the tensor engine."""
    return Made({}, {"why.tensor": _table("layer", {label: answer(line)["stack"] for label, line in TENSOR.items()})})


def order() -> Made:
    """Rows of AlexNet's FC8 in another order."""
    found = answer(ORDER)
    (change,) = (one for one in found["what_if"] if one["key"] == "row order")
    (pruning,) = (one for one in found["what_if"] if one["key"] == "pruning")
    removed, moved = re.findall(r"\(([\d.]+) %\); the output moves by ([\d.]+)", pruning["note"])[0]
    (layer,) = found["layers"]
    units = {unit["name"]: unit for unit in layer["critical_path"]["units"]}
    pes = [unit for name, unit in units.items() if name.startswith("PE ")]
    figures = {
        "why.fc8": plain(found["cycles"]),
        "why.fc8-order": plain(change["cycles"]),
        "why.fc8-pruned": plain(pruning["cycles"]),
        "why.fc8-removed": removed,
        "why.fc8-moved": moved,
        "why.fc8-bound": plain(_parts(found["stack"])["work"]),
        "why.fc8-queue": plain(found["cycles"] - units["queues"]["free_cycles"]),
        "why.fc8-critical": plain(sum(unit["slack"] == 0 for unit in pes)),
    }
    return Made(figures, {})


GROUPS = (
    Group("why-eie", EIE, nine, 30),
    Group("why-queues", FIG_8, depths, 14),
    Group("why-others", (ESE, *VGG.values()), others, 60),
    Group("why-tensor", tuple(TENSOR.values()), tensor, 20),
    Group("why-order", (ORDER,), order, 4),
)
