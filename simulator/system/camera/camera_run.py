"""What a run of a camera reports: the fate and the times of each frame, and why the machines' time passes."""

from typing import NamedTuple

import numpy as np

FATES = "served", "dropped", "missed"
"""served: its result is there; dropped: by a full queue; missed: due while the camera held another frame."""
SERVED, DROPPED, MISSED = range(3)
REASONS = "serve", "blocked", "idle"
"""Why a machine's time passes. blocked: it is done, and the next queue has no room."""
SERVE, BLOCKED, IDLE = range(3)
NEVER = -1


class CameraRun(NamedTuple):
    """A run of a camera. Times in ps; machines are counted through all stages."""

    time_ps: int  # of the last event
    fate: np.ndarray  # int8 [frames]
    result_ps: np.ndarray  # int64 [frames]: when the last stage is done; NEVER
    begin_ps: np.ndarray  # int64 [stages, frames]: when a machine begins; NEVER
    machine: np.ndarray  # int64 [stages, frames]: which one; NEVER
    spent_ps: np.ndarray  # int64 [machines, reasons]; each row sums to time_ps

    def count(self, fate: int) -> int:
        """How many frames had a fate."""
        return int(np.count_nonzero(self.fate == fate))


def latencies(run: CameraRun, capture_ps: np.ndarray) -> np.ndarray:
    """From capture to result of the frames that were served, int64 [served] in ps; capture_ps: int64 [frames]."""
    served = run.fate == SERVED
    found: np.ndarray = run.result_ps[served] - capture_ps[served]
    return found
