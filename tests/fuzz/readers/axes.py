"""Texts of `sweep --over KEY=VALUES` and its `--set`."""

from itertools import islice
from pathlib import Path
from random import Random

from ..commands import as_argument
from ..harness import Harness
from .settings import KEYS, VALUES

MORE = [
    b"density",
    b"seed",
    b"scale",
    b"weight_density",
    b"layer",
    b"input",
    b"workload",
    b"machine",
    b"weights.row_scale",
]


def axis(_data: bytes, rng: Random) -> bytes:
    """A key with values, or with a range."""
    some = [rng.choice(VALUES) for _ in range(rng.choice([1, 2, 3]))]
    sign = rng.choice([b",", b":"])
    return rng.choice(KEYS + MORE) + b"=" + sign.join(some)


def several(data: bytes, rng: Random) -> bytes:
    """More axes, in few inputs as long as they may be."""
    long = rng.random() < 0.03
    more = [b"pes=1:1000000:1000000" if long else axis(data, rng) for _ in range(rng.choice([1, 2, 40]))]
    return b"\n".join([data, *more])


def seeds() -> list[bytes]:
    return [b"pes=1,2,4", b"density=0.1:0.9:5", b"seed=1:10:10", b"workload=nt-we,alexnet-fc8", b"scale=1e-2:2e-2:2"]


def read(data: bytes, folder: Path) -> None:  # noqa: ARG001
    """The axes, one a line, and the first of the sweep's points resolved."""
    from simulator.sweeps.axes import parse_axis, take_groups
    from simulator.sweeps.identity import Resolver
    from simulator.sweeps.points import points
    from simulator.sweeps.sweep_file import make_space
    from workloads.errors import InputError

    groups = take_groups("sweep", ([parse_axis(text)] for text in as_argument(data).split("\n")))
    space = make_space("sweep", ["eie"], ["alexnet-fc8"], groups, {})
    resolver = Resolver()
    for point in islice(points(space), 10):
        try:
            resolver.resolve(point)
        except InputError:  # a point that the store keeps as an error
            continue


HARNESS = Harness("axes", read, seeds, [axis, several])
