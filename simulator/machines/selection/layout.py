"""What the selection unit reads: the tensor's elements in their order, in beats."""

from typing import NamedTuple

from workloads.kinds import expect
from workloads.kinds.gradient.layer import CompressedGradient
from workloads.kinds.kind import CompressedLayer


class Streams(NamedTuple):
    """A whole tensor."""

    layer: CompressedGradient


def layout(given: CompressedLayer) -> tuple[Streams, ...]:
    """One pass. InputError where the layer is of another kind."""
    return (Streams(expect(given, CompressedGradient, "the selection unit")),)
