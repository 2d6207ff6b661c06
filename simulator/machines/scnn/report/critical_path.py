"""What decides when a run of SCNN ends: in each round its slowest PE, between rounds what the PEs wait for."""

from collections.abc import Sequence

import numpy as np

from simulator.core.mechanisms import CriticalPath, join_spans
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.engine.run import time_run
from simulator.machines.scnn.layout.streams import Streams


def critical_path(arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
    """Rounds by the PE that ends last, the first of equals; without slack, as FIFOs couple the PEs within a round."""
    (streams,) = passes
    rounds, plan = time_run(arch, streams)
    following = np.append(plan.start[1:], plan.free[-1])
    spans = []
    for one, start, done, free, begin in zip(rounds, plan.start, plan.done, plan.free, following, strict=True):
        spans.append((int(start), int(done - start), "round", f"PE {int(one.ends.argmax())}"))
        spans.append((int(done), int(free - done), "post-processing", ""))
        spans.append((int(free), int(begin - free), "memory", ""))
    spans.append((int(plan.free[-1]), plan.cycles - int(plan.free[-1]), "post-processing", ""))
    return CriticalPath(join_spans(spans), ())
