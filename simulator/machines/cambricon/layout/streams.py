"""The layout of a convolution: jobs, each a piece of the inputs of a group of outputs on a tile of the plane."""

from typing import NamedTuple

import numpy as np

from simulator.hardware.tiling import check_convolution
from simulator.machines.cambricon.arch import Arch
from simulator.machines.cambricon.layout.jobs import Jobs, all_jobs, chunks_of, content_bytes
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
    levels: int  # different weights, zero included


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """Cut a layer into jobs, in one pass. InputError where the machine cannot run it."""
    layer = check_convolution(given, "Cambricon")
    plan = choose(arch, layer)
    inputs = content_bytes(plan)
    return (
        Streams(
            layer=layer,
            weights_outermost=plan.weights_outermost,
            pieces=plan.pieces,
            tiles=plan.tiles,
            stored=plan.stored,
            jobs=all_jobs(arch, plan),
            content_bytes=inputs,
            content_chunks=chunks_of(arch, inputs),
            levels=np.unique(layer.kernel).size,
        ),
    )


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
