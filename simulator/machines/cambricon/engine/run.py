"""A run by the compiled engine."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from simulator.core.run import Run
from simulator.core.threads import threads
from simulator.hardware.convolution_sums import compute_outputs
from simulator.machines.cambricon.arch import Arch, Reasons
from simulator.machines.cambricon.engine.counts import counts_of
from simulator.machines.cambricon.engine.schedule import schedule
from simulator.machines.cambricon.engine.selection import JobCycles, job_cycles
from simulator.machines.cambricon.layout.streams import Streams


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    with ThreadPoolExecutor(threads()) as pool:
        result = compute_outputs(streams.layer, pool)
        return _run(arch, streams, trace_cycles, pool)._replace(output=result.ravel())


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0 and is not computed."""
    with ThreadPoolExecutor(threads()) as pool:
        return _run(arch, streams, trace_cycles, pool)


def count_cycles(arch: Arch, streams: Streams) -> JobCycles:
    """The cycles of each job."""
    with ThreadPoolExecutor(threads()) as pool:
        return job_cycles(arch, streams, pool)


def _run(arch: Arch, streams: Streams, trace_cycles: int, pool: ThreadPoolExecutor) -> Run:
    parts = job_cycles(arch, streams, pool)
    found = schedule(arch, streams, parts.total, trace_cycles)
    counts = counts_of(arch, streams, parts, found.granted)
    return Run(found.cycles, np.zeros(0, np.int16), counts, _reasons(found.spent), found.trace)


def _reasons(spent: np.ndarray) -> Reasons:
    """spent: see `Schedule`."""
    selectors, port = spent[:-1].T.copy(), spent[-1:].T.copy()
    return Reasons(
        compute=selectors[0],
        weight_wait=selectors[1],
        input_wait=selectors[2],
        finished=selectors[3],
        transfer=port[0],
        idle=port[1],
    )
