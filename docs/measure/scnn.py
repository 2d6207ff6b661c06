"""Figures on SCNN's page and that of granularity."""

from collections import Counter
from typing import Any

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain, short
from docs.measure.record import Group, Made
from docs.measure.tables import Validation, kept, mean_error

ENFORCED = "zeroskip compare vgg16 --machines scnn,dcnn"
ACTIVATIONS = "zeroskip study activations"
GRANULARITY = "zeroskip study granularity"
LAYERS, SPEED, ORACLE = "Fig 9, layers", "speed_up_over_dcnn", "oracle_speed_up_over_dcnn"
USE, IDLE, BARS = "utilisation_percent", "idle_percent", "Fig 11, layers"
DEPTHS = (1, 2, 4, 8)
STALLING = ("vgg16-conv2_2", "vgg16-conv3_2", "alexnet-conv2", "googlenet-3a-1x1", "googlenet-3a-5x5")
STALLS = tuple(f"zeroskip run scnn {layer} --set queue_depth={depth}" for depth in DEPTHS for layer in STALLING)
BANDWIDTH = tuple(
    f"zeroskip run scnn_paper googlenet-5b-1x1 --set dram_bytes_per_kcycle={rate}" for rate in (50_000, 8_000)
)
DENSITIES = ("1.0", "0.8", "0.6", "0.5", "0.2")
CURVES = (
    ("SCNN, latency", "Fig 8, SCNN, cycle model", "latency_over_dcnn"),
    ("SCNN, latency, the paper's formula", "Fig 8, SCNN, the paper's formula", "latency_over_dcnn"),
    ("SparseW, latency", "Fig 8, SparseW, cycle model", "latency_over_dcnn"),
    ("SparseW, latency, the paper's formula", "Fig 8, SparseW, the paper's formula", "latency_over_dcnn"),
    ("SparseA, latency", "Fig 8, SparseA, cycle model", "latency_over_dcnn"),
    ("SparseA, latency, the paper's formula", "Fig 8, SparseA, the paper's formula", "latency_over_dcnn"),
    ("SCNN, energy", "Fig 12, SCNN", "energy_over_dcnn"),
    ("DCNN-opt, energy", "Fig 12, DCNN-opt", "energy_over_dcnn"),
    ("SparseW, energy", "Fig 12, SparseW", "energy_over_dcnn"),
    ("SparseA, energy", "Fig 12, SparseA", "energy_over_dcnn"),
)


def validation() -> Made:
    """Out of the rows of `validate scnn`."""
    scnn = Validation("scnn")
    formulas = [
        error
        for name, curve, quantity in CURVES
        if "formula" in name
        for error in scnn.errors(curve, quantity, "density")
    ]
    figures = {
        "scnn.layers-off": plain(mean_error(scnn.errors(LAYERS, SPEED)), 1),
        "scnn.predicted-off": plain(mean_error(scnn.errors(LAYERS, SPEED, predicted=True)), 1),
        "scnn.idle-off": plain(mean_error(scnn.errors("Fig 10, layers", IDLE, predicted=True))),
        "scnn.formula-off": plain(max(map(abs, formulas))),
    }
    return Made(figures, {"scnn.networks": _networks(scnn), "scnn.density": _density(scnn)})


def _networks(scnn: Validation) -> str:
    rows = []
    for name, where, quantity, row in (
        ("AlexNet, speed-up over dcnn", "Fig 9, networks", SPEED, "alexnet"),
        ("VGG-16, speed-up over dcnn", "Fig 9, networks", SPEED, "vgg16"),
        ("mean of AlexNet, GoogLeNet and VGG-16, speed-up over dcnn", "Fig 9, networks", SPEED, "mean"),
        ("VGG-16, oracle over dcnn", "Fig 9, networks", ORACLE, "vgg16"),
        *(
            (f"{title}, energy gain of {machine}", "Fig 11, networks", f"energy_gain{middle}_over_dcnn", row)
            for machine, middle in (("SCNN", ""), ("DCNN-opt", "_of_dcnn_opt"))
            for title, row in (("AlexNet", "alexnet"), ("VGG-16", "vgg16"), ("mean of three", "mean"))
        ),
    ):
        found = scnn.one(where, quantity, row)
        rows.append((name, short(found.published), short(found.simulated), found.figure_class))
    for machine, middle in (("DCNN-opt", "_of_dcnn_opt"), ("SCNN", "")):
        quantity = f"energy{middle}_over_dcnn"
        classes = Counter(one.figure_class for one in scnn.find(BARS, quantity) if one.published is not None)
        several = ", ".join(f"{count} {name}" for name, count in sorted(classes.items()))
        off = mean_error(scnn.errors(BARS, quantity))
        rows.append((f"VGG-16's energy bars of {machine}, mean error", "", f"{off:.1f} %", several))
    columns = ("figure", "published", "simulated", "class")
    return table(columns, rows, right=columns[1:3])


def _density(scnn: Validation) -> str:
    """Published and simulated, at the densities that the paper has."""
    rows = []
    for name, where, quantity in CURVES:
        cells = []
        for density in DENSITIES:
            found = scnn.one(where, quantity, f"density {density}")
            cells.append(f"{short(found.published, 3)} / {short(found.simulated, 3)}")
        rows.append((name, *cells))
    columns = ("over dcnn, published / simulated, at density", *DENSITIES)
    return table(columns, rows, right=columns[1:])


def layers() -> Made:
    """VGG-16 by layer, with the machine that fits its memories."""
    scnn, machines = Validation("scnn"), answer(ENFORCED)["machines"]
    enforced = _speed_ups(machines)
    rows = []
    for row in scnn.find(LAYERS, SPEED, "vgg16"):
        use, idle = (scnn.one("Fig 10, layers", quantity, row.row) for quantity in (USE, IDLE))
        cells = [short(row.published), short(row.simulated), short(enforced[row.row])]
        cells += [short(one, 1) for pair in (use, idle) for one in (pair.published, pair.simulated)]
        rows.append((row.row.removeprefix("vgg16-"), *cells))
    whole = scnn.one("Fig 9, networks", SPEED, "vgg16")
    rows.append(("network", short(whole.published), short(whole.simulated), short(enforced["vgg16"]), "", "", "", ""))
    columns = (
        "VGG-16", "speed-up, published", "`scnn_paper`", "`scnn_8x8`",
        "utilisation %, published", "utilisation %, `scnn_paper`", "idle %, published", "idle %, `scnn_paper`",
    )  # fmt: skip
    return Made({}, {"scnn.layers": table(columns, rows, right=columns[1:])})


def _speed_ups(machines: dict[str, Any]) -> dict[str, float]:
    """By layer, and of all convolutions as `vgg16`."""
    scnn, dcnn = ({row["layer"]: row["cycles"] for row in machines[name]["layers"]} for name in ("scnn", "dcnn"))
    shared = [name for name in scnn if "conv" in name]
    found = {name: dcnn[name] / scnn[name] for name in shared}
    return {**found, "vgg16": sum(dcnn[name] for name in shared) / sum(scnn[name] for name in shared)}


def stalls() -> Made:
    """By queue depth."""
    rows = []
    for depth in DEPTHS:
        cells = []
        for layer in STALLING:
            reasons = answer(f"zeroskip run scnn {layer} --set queue_depth={depth}")["cycles_by_reason"]
            share = reasons["bank_stall"] / (reasons["bank_stall"] + reasons["multiply"])
            cells.append(f"{100 * share:.0f} %")
        rows.append((depth, *cells))
    columns = ("`queue_depth`", *STALLING)
    return Made({}, {"scnn.stalls": table(columns, rows, right=columns[1:])})


def activations() -> Made:
    """The study of real maps."""
    fit = answer(ACTIVATIONS)["tables"][1]
    filling = {row[0]: row[fit["columns"].index("filling")] for row in fit["rows"]}
    names = {"real": "measured", "patches": "relu-patches", "anywhere": "anywhere"}
    return Made({f"scnn.filling-{name}": filling[row] for name, row in names.items()}, {})


COUNTED = ("density %", "references M", "merged M", "merged to 0-D")
TIMED = ("cycles", "speed-up", "values MB", "indices MB")


def granularity() -> Made:
    """The study of the same name: its tables of references and of cycles, a case after the other, as one."""
    tables, rows = answer(GRANULARITY)["tables"], []
    for references, cycles in zip(tables[::2], tables[1::2], strict=True):
        network, _, densities = references["title"].partition(" at ")
        case = f"{network}, {'equal accuracy' if densities.startswith('equal') else 'own densities'}"
        for one, other in zip(references["rows"], cycles["rows"], strict=True):
            chosen = [_cell(references, one, name) for name in COUNTED]
            chosen += [_cell(cycles, other, name) for name in TIMED]
            rows.append((case, one[0], *chosen))
    own, equal = ([row for row in rows if kind in row[0] and row[1][0] != "0"] for kind in ("own", "equal"))
    merged, slower = ([float(row[place]) for row in own] for place in (5, 7))
    of_equal = [float(row[5]) for row in equal]
    figures = {
        "granularity.saved-least": plain(100 * (1 - max(merged))),
        "granularity.saved-most": plain(100 * (1 - min(merged))),
        "granularity.equal-saved": plain(100 * (1 - min(of_equal))),
        "granularity.equal-lost": plain(100 * (max(of_equal) - 1)),
        "granularity.slower-least": plain(100 * (1 / max(slower) - 1)),
        "granularity.slower-most": plain(100 * (1 / min(slower) - 1)),
    }
    columns = (
        "convolutions", "pruned", "density %", "references, M", "merged, M", "merged, over 0-D",
        "cycles", "speed-up", "values, MB", "indices, MB",
    )  # fmt: skip
    return Made(figures, {"granularity.references": table(columns, rows, right=columns[2:])})


def _cell(found: dict[str, Any], row: list[str], name: str) -> str:
    return row[found["columns"].index(name)]


def row_vectors() -> Made:
    """What the kept study says of rows over single weights."""
    columns = ("inputs", "F", "merged, over 0-D", "merged by row, over 0-D", "merged by row, over merged 0-D")
    rows = []
    for found in kept("row_vectors.json")["tables"]:
        place = {name: number for number, name in enumerate(found["columns"])}
        for row in found["rows"]:
            if row[1].startswith("1-D"):
                cells = [row[place[name]] for name in ("merged", "merged, by row", "by row of merged")]
                rows.append((row[0], found["title"][0], *cells))
    return Made({}, {"granularity.row-vectors": table(columns, rows, right=columns[1:])})


def bandwidth() -> Made:
    """What little bandwidth costs."""
    whole, little = (answer(command)["cycles"] for command in BANDWIDTH)
    return Made({"scnn.bandwidth": plain(little / whole, 1)}, {})


GROUPS = (
    Group("scnn", ("zeroskip validate scnn --csv > docs/validation/scnn.csv",), validation, 0),
    Group("scnn-layers", (ENFORCED,), layers, 15),
    Group("scnn-stalls", STALLS, stalls, 40),
    Group("scnn-activations", (ACTIVATIONS,), activations, 60),
    Group("scnn-bandwidth", BANDWIDTH, bandwidth, 3),
    Group("granularity", (GRANULARITY,), granularity, 150),
    Group("row-vectors", ("zeroskip study row-vectors --json > docs/validation/row_vectors.json",), row_vectors, 0),
)
