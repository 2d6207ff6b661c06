"""Figures in the README and on the pages that every reader sees."""

import re
from pathlib import Path

from docs.generate.markdown import table
from docs.measure.commands import printed
from docs.measure.numbers import plain, short
from docs.measure.record import Group, Made
from docs.measure.tables import Validation, kept, mean_error
from simulator.core.published import summarise

RUN = "zeroskip run eie alexnet-fc7"
PREDICTED = (
    ("EIE", "eie", "load balance by queue depth, Fig 8", "Fig 8", "load_balance_percent"),
    ("EIE", "eie", "load balance by number of PEs, Fig 13", "Fig 13", "load_balance_percent"),
    ("EIE", "eie", "real over total work by number of PEs, Fig 12", "Fig 12", "real_over_total_work_percent"),
    ("EIE", "eie", "time of two layers, Table IV (theoretical time given)", "Table IV", "actual_us"),
    ("EIE", "eie", "power of the five modules of a PE, Table II", "Table II modules, real FC8", "pe_power_mw"),
    ("ESE", "ese", "speed-up by balanced pruning, DAC 2018", "DAC 2018, Fig 4", "speedup_over_dense"),
    ("SCNN", "scnn", "speed-up of VGG-16's layers over DCNN, Fig 9", "Fig 9, layers", "speed_up_over_dcnn"),
    ("SCNN", "scnn", "idle share of VGG-16's layers, Fig 10", "Fig 10, layers", "idle_percent"),
    ("SCNN", "scnn", "latency by density, Fig 8", "Fig 8, SCNN, cycle model", "latency_over_dcnn"),
    ("SCNN", "scnn", "the same, weights only", "Fig 8, SparseW, cycle model", "latency_over_dcnn"),
    ("SCNN", "scnn", "the same, activations only", "Fig 8, SparseA, cycle model", "latency_over_dcnn"),
    ("SCNN", "scnn", "speed-up of AlexNet over DCNN, Fig 9", "Fig 9, networks", "speed_up_over_dcnn"),
)
CALIBRATED = (
    ("ESE", "ese", "time of a step, us, Table 8", "Table 8", "real_us", "total"),
    ("ESE", "ese", "power of the board, W", "Table 9", "power_w", "board"),
    ("SCNN", "scnn", "speed-up of VGG-16 over DCNN", "Fig 9, networks", "speed_up_over_dcnn", "vgg16"),
    ("SCNN", "scnn", "energy gain over DCNN, three networks", "Fig 11, networks", "energy_gain_over_dcnn", "mean"),
)


def trust() -> Made:
    """How far a figure can be trusted: predicted, calibrated, reproduced."""
    found = {name: Validation(name) for name in ("eie", "ese", "scnn", "eie_fc8")}
    summaries = {
        (name, one.table, one.quantity): one
        for name, validation in found.items()
        for one in summarise(validation.rows)
        if one.figure_class == "predicted"
    }
    rows = []
    for machine, name, what, where, quantity in PREDICTED:
        errors = found[name].errors(where, quantity, predicted=True)
        one = summaries[name, where, quantity]
        lost = "" if one.lost_percent is None else f"{one.lost_percent:.0f} %"
        rows.append((machine, what, len(errors), f"{mean_error(errors):.1f} %", f"{max(map(abs, errors)):.0f} %", lost))
    columns = ("machine", "predicted figure", "values", "mean error", "largest", "lost")
    fitted = []
    for machine, name, what, where, quantity, row in CALIBRATED:
        one = found[name].one(where, quantity, row)
        fitted.append((machine, what, short(one.published), short(one.simulated)))
    names = ("machine", "calibrated figure", "published", "simulated")
    real = found["eie_fc8"].rows
    figures = {
        "trust.cycles": plain(found["eie_fc8"].one(real[0].table, "cycles", "real-fc8, pes=64").simulated),
        "trust.row-reads": plain(found["eie_fc8"].one(real[0].table, "spmat_row_reads", "real-fc8, pes=64").simulated),
        "trust.networks": str(len({row["network"] for row in kept("networks.json")["rows"]})),
        "trust.runs": str(sum(bool(row["ran"]) for row in kept("networks.json")["rows"])),
    }
    free = {name: found[name].predicted() for name in ("eie", "ese", "scnn")}
    figures |= {f"trust.{name}": plain(mean_error(errors), 1) for name, errors in free.items()}
    every = [error for errors in free.values() for error in errors]
    figures |= {"trust.predicted": str(len(every)), "trust.predicted-off": plain(mean_error(every), 1)}
    made = {
        "trust.predicted": table(columns, rows, right=columns[2:]),
        "trust.calibrated": table(names, fitted, right=names[2:]),
    }
    return Made(figures, made)


LINES = 8
"""Of a command's output that the README shows."""
SPEED = "`zeroskip run eie alexnet-fc7`"


def output() -> Made:
    """The beginning of what the README's command prints."""
    lines = [line.rstrip() for line in printed(RUN).splitlines() if line.strip()]
    shown = "\n".join(lines[:LINES])
    return Made({}, {"readme.output": f"```text\n{shown}\n...\n```\n"})


def speed() -> Made:
    """How long that command takes; engines next to the kernel that only computes the output; a sweep."""
    found = kept("speed.json")["figures"]
    rows = {row["what"]: row["seconds"] for row in found}
    first = next(seconds for what, seconds in rows.items() if what.startswith(f"{SPEED}, the first time"))
    engines = [row for row in found if row["group"] == "engine"]
    timing = [row["ratio"] for row in engines if row["what"].endswith("timing and counts alone")]
    whole = [row["ratio"] for row in engines if not row["what"].endswith("timing and counts alone")]
    (points,) = (row for row in found if row["group"] == "sweep" and row["what"].endswith("64 x 64"))
    figures = {
        "speed.first": plain(first),
        "speed.warm": plain(rows[SPEED], 1),
        "speed.output-least": plain(min(whole), 1),
        "speed.output-most": plain(max(whole), 1),
        "speed.timing-least": plain(min(timing), 1),
        "speed.timing-most": plain(max(timing), 1),
        "speed.points": points["what"].partition(" ")[0],
        "speed.points-seconds": plain(points["seconds"], 1),
    }
    return Made(figures, {})


TUTORIAL = Path(__file__).parents[1] / "add_a_machine.md"
FILE = re.compile(r"^```\w+ title=[^\n]*\n(.*?)^```$", re.M | re.S)


def extension() -> Made:
    """How long the package of the tutorial is: all lines of its files, to tens."""
    lines = sum(len(text.splitlines()) for text in FILE.findall(TUTORIAL.read_text("utf-8")))
    return Made({"extension.lines": str(round(lines, -1))}, {})


def same_layer() -> Made:
    """One layer on several simulators, dense machines first."""
    rows = [
        (row["what"], row["zeros"], f"{row['cycles']:,}", f"{row['over_ideal']:.2f}", f"{row['seconds']:.3g}")
        for row in sorted(kept("same_layer.json"), key=lambda row: (row["zeros"] != "dense", row["cycles"]))
    ]
    columns = ("simulator and machine", "weights x inputs", "cycles", "over the ideal", "processor time, s")
    return Made({}, {"comparison.same-layer": table(columns, rows, right=columns[2:])})


GROUPS = (
    Group("same-layer", ("python -m benchmarks.peers --python PEERS/bin/python",), same_layer, 0),
    Group("readme", (RUN,), output, 2),
    Group("speed", ("python -m benchmarks.speed start --json docs/validation/speed.json",), speed, 0),
    Group("extension", ("python -m docs.generate",), extension, 0),
    Group("trust", ("zeroskip validate eie|ese|scnn --csv",), trust, 0),
)
