"""The layout of a convolution: jobs, each a piece of the inputs of a group of outputs on a tile of the plane."""

from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import check_convolution
from simulator.machines.cambricon.arch import Arch
from simulator.machines.cambricon.layout.dram_map import check_room
from simulator.machines.cambricon.layout.jobs import Jobs, all_jobs, chunks_of, contents
from simulator.machines.cambricon.layout.plan import choose
from simulator.machines.cambricon.layout.stored import Stored
from simulator.machines.cambricon.layout.tiles import nbin_values
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.kinds.kind import CompressedLayer


class Streams(NamedTuple):
    """A whole layer."""

    layer: CompressedConvolution
    weights_outermost: bool  # see `plan`
    pieces: np.ndarray  # int64 [pieces, 2]: first input of an output and end
    tiles: np.ndarray  # int64 [tiles, 4]: see `simulator.hardware.tiling`
    stored: Stored
    jobs: Jobs
    content_bytes: np.ndarray  # int64 [contents]: inputs that are loaded into a half of NBin
    content_chunks: np.ndarray  # int64 [contents]
    content_data: np.ndarray  # int64 [contents]: a number that the same inputs share
    levels: int  # different weights, zero included


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """Cut a layer into jobs, in one pass. InputError where the machine cannot run it."""
    layer = check_convolution(given, "Cambricon")
    plan = choose(arch, layer)
    inputs, data = contents(plan, layer.groups)
    streams = Streams(
        layer=layer,
        weights_outermost=plan.weights_outermost,
        pieces=plan.pieces,
        tiles=plan.tiles,
        stored=plan.stored,
        jobs=all_jobs(arch, plan),
        content_bytes=inputs,
        content_chunks=chunks_of(arch, inputs),
        content_data=data,
        levels=np.unique(layer.kernel).size,
    )
    if arch.dram is not None:
        check_room(arch, arch.dram, streams)
    return (streams,)


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each limit that the layer exceeds; cycles are counted all the same."""
    found = []
    for streams in passes:
        codes = 1 << arch.weight_bits
        if arch.weight_bits < streams.layer.weight.itemsize * 8 and streams.levels > codes:
            found.append(f"decoder: the weights have {streams.levels} levels, a table of {codes} fits")
        room, most = nbin_values(arch), int(streams.content_bytes.max()) * 8 // arch.activation_bits
        if most > room:
            found.append(f"NBin: the inputs of an output are {most}, a half holds {room}")
    return found
