"""Why the machine for BEV pooling takes longer than its additions over all lanes."""

import numpy as np

from simulator.core.mechanisms import COUNTED, Case, Mechanism
from simulator.machines.bevpool.arch import ADD, SCAN, SUBTRACT
from simulator.machines.bevpool.engine.run import Steps, steps_of
from simulator.machines.bevpool.layout import Streams


def _streams(case: Case) -> Streams:
    """The one pass."""
    (streams,) = case.passes
    return streams


def _steps(case: Case) -> Steps:
    if "steps" not in case.shared:
        case.shared["steps"] = steps_of(case.arch, _streams(case))
    found: Steps = case.shared["steps"]
    return found


def _memory(case: Case) -> Case:
    steps = _steps(case)
    return case._replace(cycles=int(np.maximum(steps.lanes.max(axis=1, initial=0), steps.merger).sum()))


def _sort(case: Case) -> Case:
    return case._replace(cycles=int(_steps(case).lanes.max(axis=1, initial=0).sum()))


def _adding(case: Case) -> np.ndarray:
    """Cycles of lanes in the steps that add points to sums, int64 [steps, lanes]."""
    found: np.ndarray = _steps(case).lanes[np.isin(_streams(case).step, (ADD, SCAN, SUBTRACT))]
    return found


def _before(case: Case) -> Case:
    return case._replace(cycles=int(_adding(case).max(axis=1, initial=0).sum()))


def _balance(case: Case) -> Case:
    return case._replace(cycles=-(-int(_adding(case).sum()) // case.arch.lanes))


def _channels(case: Case) -> Case:
    return case._replace(cycles=-(-int(case.counts.additions.sum()) // (case.arch.lanes * case.arch.channels)))


MECHANISMS = (
    Mechanism("memory", "DRAM takes longer than the lanes of a step", "DRAM without limits", COUNTED, _memory, True),
    Mechanism("sort", "keys are sorted in the run", "in no time", COUNTED, _sort),
    Mechanism("cloud and keys", "points are multiplied, or their cells computed, before they are added", "in no time",
              COUNTED, _before),
    Mechanism("balance", "lanes wait for the cell with the most points of their group",
              "points over all lanes, rounded up", COUNTED, _balance),
    Mechanism("channels", "channels do not fill a lane", "full lanes, rounded up", COUNTED, _channels),
)  # fmt: skip
"""In the order in which they are made ideal."""
