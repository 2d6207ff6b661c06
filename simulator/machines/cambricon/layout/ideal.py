"""Numbers and layouts of a machine with one mechanism made ideal, which model and engine run like any other.

They are for cycles: the bytes of what is not waited for are left out.
"""

from collections.abc import Callable, Mapping

import numpy as np

from simulator.machines.cambricon.arch import Arch
from simulator.machines.cambricon.layout.streams import Streams

WIDE = 1 << 40
"""Chunks of a cycle, or inputs of a window: more than any layer has."""
WEIGHTS, INPUTS, OUTPUTS = "weights", "inputs", "outputs"


def wide_port(arch: Arch) -> Arch:
    """A memory port, and a memory, that move all that is asked for in a cycle."""
    return arch._replace(chunks_per_cycle=WIDE, dram=None)


def wide_windows(arch: Arch) -> Arch:
    """Selectors that find the next inputs however far away they are."""
    return arch._replace(neuron_window=WIDE, synapse_window=WIDE)


def without_weights(streams: Streams) -> Streams:
    """One chunk brings all weights of a selector."""
    jobs = streams.jobs
    many = np.diff(jobs.start)
    start = np.cumsum([0, *(many > 0)]).astype(np.int64)
    loads = int(start[-1])
    return streams._replace(
        jobs=jobs._replace(
            load=np.repeat(start[:-1], many),
            load_start=start,
            load_bytes=np.zeros((loads, 2), np.int64),
            load_chunks=np.ones(loads, np.int64),
            load_data=np.arange(loads, dtype=np.int64),
        )
    )


def without_inputs(streams: Streams) -> Streams:
    """One chunk brings all inputs."""
    return streams._replace(
        jobs=streams.jobs._replace(content=np.zeros_like(streams.jobs.content)),
        content_bytes=np.zeros(1, np.int64),
        content_chunks=np.ones(1, np.int64),
        content_data=np.zeros(1, np.int64),
    )


def without_outputs(streams: Streams) -> Streams:
    """Outputs that need not leave."""
    return streams._replace(jobs=streams.jobs._replace(writes=np.zeros_like(streams.jobs.writes)))


WITHOUT: Mapping[str, Callable[[Streams], Streams]] = {
    WEIGHTS: without_weights,
    INPUTS: without_inputs,
    OUTPUTS: without_outputs,
}
"""A layout without the transfers of one kind."""
