"""What of a tensor does not fit the unit."""

from simulator.machines.selection.arch import Arch
from simulator.machines.selection.engine.values import values_of
from simulator.machines.selection.layout import Streams


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each limit that the tensor exceeds."""
    found = []
    for (layer,) in passes:
        if layer.sampled and layer.top > arch.queue_entries:
            found.append(f"queue: the {layer.top} greatest samples, {arch.queue_entries} fit")
        most = max(one.size for one in values_of(layer).passed)
        if most > arch.candidate_entries:
            found.append(f"candidates: {most} elements pass a threshold, {arch.candidate_entries} fit")
    return found
