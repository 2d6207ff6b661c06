"""The pairs of a layer by offset of the kernel, and the cycles of the first order that they ask for."""

from collections.abc import Sequence

import numpy as np

from simulator.core.machine import Table
from simulator.machines.points.arch import Arch, passes_of
from simulator.machines.points.engine.mapping import map_layer
from simulator.machines.points.layout import Streams


def tables(arch: Arch, passes: Sequence[Streams]) -> list[Table]:
    """Pairs by offset, from the most to the fewest; and the least cycles of mapping and products."""
    (streams,) = passes
    layer, deep, wide = streams.layer, *passes_of(arch, streams.layer.inputs, streams.layer.outputs)
    counts, sites = np.diff(layer.book.first), max(1, layer.sites)
    x, y, z = layer.geometry.kernel
    rows = tuple(
        (f"{offset // (y * z) % x}, {offset // z % y}, {offset % z}", f"{int(counts[offset]):,}",
         f"{100 * int(counts[offset]) / sites:.1f}")
        for offset in np.argsort(-counts, kind="stable").tolist()
    )  # fmt: skip
    mapping = int(map_layer(arch, layer).end.max(initial=0))
    first = (("mapping", f"{mapping:,}"), ("products", f"{layer.book.pairs * deep * wide:,}"))
    blocks = (("pairs", f"{layer.book.pairs:,}"), ("blocks", f"{streams.blocks:,}"))
    return [
        Table("pairs by place of the kernel", ("x, y, z", "pairs", "of the outputs %"), rows),
        Table("cycles of the first order", ("of", "cycles"), first),
        Table("pairs and blocks of them", ("of", "number"), blocks),
    ]
