"""Figures on ESE's page."""

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain, short, signed
from docs.measure.record import Group, Made
from docs.measure.tables import Validation, mean_error, study_table

STEP = "zeroskip run ese google-lstm --set dram=none"
WHOLE_MATRIX = f"{STEP} --set weight_buffer_entries=2048"
WITH_DRAM = "zeroskip run ese google-lstm"
DISTANCE = "zeroskip run ese google-lstm --steps 20"
SMALL_TABLES = f"{DISTANCE} --set sigmoid_range=8 --set tanh_range=4"
WAITS, LSTM = "zeroskip study waits", "zeroskip study lstm"
FIG_4, SPEEDUP, TABLE_8, REAL = "DAC 2018, Fig 4", "speedup_over_dense", "Table 8", "real_us"


def validation() -> Made:
    """Out of the rows of `validate ese`."""
    ese = Validation("ese")
    at_90 = {kind: ese.one(FIG_4, SPEEDUP, f"{kind}, pruned_percent=90").simulated for kind in ("balanced", "plain")}
    figures = {
        "ese.balanced-off": plain(mean_error(ese.errors(FIG_4, SPEEDUP, "balanced")), 1),
        "ese.wir": signed(ese.error(TABLE_8, REAL, "Wir"), 1),
        "ese.wfr": signed(ese.error(TABLE_8, REAL, "Wfr"), 1),
        "ese.brams": signed(ese.error("Table 7", "resources", "block_rams"), 1),
        "ese.balanced-20": signed(ese.error(FIG_4, SPEEDUP, "balanced, pruned_percent=20"), 1),
        "ese.plain-20": signed(ese.error(FIG_4, SPEEDUP, "plain, pruned_percent=20"), 1),
        "ese.gain-90": plain(100 * (at_90["balanced"] / at_90["plain"] - 1)),
    }
    points = [one.row.partition("=")[2] for one in ese.find(FIG_4, SPEEDUP, "balanced")]
    rows = []
    for kind in ("balanced", "plain"):
        found = ese.find(FIG_4, SPEEDUP, kind)
        rows.append((f"{kind}, published", *(short(one.published) for one in found)))
        rows.append((f"{kind}, simulated", *(short(one.simulated) for one in found)))
    columns = ("speed-up over dense at a share of pruned weights of", *(f"{point} %" for point in points))
    return Made(figures, {"ese.balance": table(columns, rows, right=columns[1:])})


def runs() -> Made:
    """Single runs of the paper's layer."""
    step, whole, dram = (answer(command) for command in (STEP, WHOLE_MATRIX, WITH_DRAM))
    figures = {
        "ese.whole-matrix": plain(100 * (whole["cycles"] / step["cycles"] - 1)),
        "ese.dram-cost": plain(100 * (dram["cycles"] / step["cycles"] - 1), 1),
        "ese.distance": plain(100 * answer(DISTANCE)["distance_from_float"], 1),
        "ese.distance-small": plain(100 * answer(SMALL_TABLES)["distance_from_float"], 2),
    }
    (schedule,) = step["tables"]
    return Made(figures, {"ese.schedule": _schedule(schedule["rows"])})


def _schedule(rows: list[list[object]]) -> str:
    """What each part does in a slot, with its cycles."""
    columns = ("state", "slot", "product", "element-wise", "weights", "vectors", "bound by", "cycles")
    shown = []
    for state, slot, *parts, bound, cycles in rows:
        work = [f"{name} ({took:,})" if took else "" for name, took in zip(parts[::2], parts[1::2], strict=True)]
        shown.append((state, slot, *work, bound, f"{cycles:,}"))
    return table(columns, shown, right=("cycles",))


def waits() -> Made:
    """The study of the same name."""
    (found,) = answer(WAITS)["tables"]
    return Made({}, {"ese.waits": study_table(found)})


def trained() -> Made:
    """The study of a pretrained LSTM."""
    (found,) = answer(LSTM)["tables"]
    columns = ["weights %", "cycles", "energy uJ", "distance %", "pruning alone %", "same characters %"]
    return Made({}, {"ese.trained": study_table(found, 1, columns)})


GROUPS = (
    Group("ese", ("zeroskip validate ese --csv > docs/validation/ese.csv",), validation, 0),
    Group("ese-runs", (STEP, WHOLE_MATRIX, WITH_DRAM, DISTANCE, SMALL_TABLES), runs, 8),
    Group("ese-waits", (WAITS,), waits, 20),
    Group("ese-trained", (LSTM,), trained, 25),
)
