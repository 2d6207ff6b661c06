"""A compressed layer and where it comes from."""

from typing import Any, NamedTuple


class Workload(NamedTuple):
    """A compressed layer and where it comes from."""

    name: str
    source: str  # a zoo file or a path
    seed: int | None  # None: nothing was drawn
    layer: Any  # a compressed layer of one of the kinds above
