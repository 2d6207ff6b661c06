"""How a layer is cut into tiles and pieces, and how often its weights and inputs are loaded."""

from collections.abc import Iterator, Sequence

from simulator.core.machine import Table
from simulator.machines.cambricon.arch import Arch
from simulator.machines.cambricon.layout.streams import Streams
from simulator.machines.cambricon.layout.tiles import areas


def tables(arch: Arch, passes: Sequence[Streams]) -> list[Table]:
    """One table: what a run of the layer looks like."""
    (streams,) = passes
    return [Table("order", ("what", "value"), tuple(_rows(arch, streams)))]


def _rows(arch: Arch, streams: Streams) -> Iterator[tuple[str, int | float | str]]:
    jobs, stored, layer = streams.jobs, streams.stored, streams.layer
    weights = int(stored.weight_bytes.sum() + stored.index_bytes.sum())
    inputs = layer.activation.size * arch.activation_bits // 8
    yield "outermost loop", "weights" if streams.weights_outermost else "tiles"
    yield "tiles of the plane", len(streams.tiles)
    yield "places of the largest tile", int(areas(streams.tiles).max())
    yield "pieces of an output's inputs", len(streams.pieces)
    yield "jobs", jobs.content.size
    yield "loads of SB", jobs.load_chunks.size
    yield "loads of NBin", streams.content_chunks.size
    yield "bytes of weights and index", weights
    yield "times they are loaded", round(int(jobs.load_bytes.sum()) / weights, 2) if weights else 0
    yield "bytes of inputs", inputs
    yield "times they are loaded, in the mean", round(int(streams.content_bytes.sum()) / inputs, 2)
