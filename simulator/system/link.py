"""A link between two ports: bandwidth, latency, energy."""

from typing import NamedTuple

from workloads.errors import refuse

PS_PER_S = 10**12
BITS = 8
"""Of a byte."""


class Link(NamedTuple):
    """A link between two ports.

    A message occupies it for `duration_ps` and begins to reach the other port `latency_ps` after it began to leave.
    """

    bytes_per_s: int  # in each direction where it is full duplex, else in both together
    latency_ps: int  # from one port to the other, for the first byte
    full_duplex: bool
    pj_per_bit: float


def duration_ps(size: int, bytes_per_s: int) -> int:
    """The time of `size` bytes at a rate, rounded up to whole picoseconds."""
    return -(-size * PS_PER_S // bytes_per_s)


def check_link(where: object, link: Link) -> None:
    """InputError where a link can move nothing, or is faster than its first byte can be followed."""
    if link.bytes_per_s < 1:
        refuse(where, f"the link's bandwidth is {link.bytes_per_s} bytes/s", "1 or more")
    if link.latency_ps < 1:
        refuse(where, f"the link's latency is {link.latency_ps} ps", "1 or more")
