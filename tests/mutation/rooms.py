"""Which sources are tried, and the tests that must see a fault in them."""

from pathlib import Path
from typing import NamedTuple


class Room(NamedTuple):
    """Sources by pattern, from the root of the checkout, and the arguments of pytest for their tests."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]


def _machine(name: str, *tests: str) -> Room:
    places = ("engine.py", "layout.py", "model.py", "engine/**/*.py", "layout/**/*.py", "model/**/*.py")
    return Room(name, tuple(f"simulator/machines/{name}/{place}" for place in places), tests)


ROOMS = (
    _machine("eie", "tests/machines/eie", "tests/laws"),
    _machine("ese", "tests/machines/ese", "tests/laws"),
    _machine("scnn", "tests/machines/scnn", "tests/laws"),
    _machine("dense", "tests/machines/dense", "tests/laws"),
    _machine("tensor", "tests/machines/tensor", "tests/laws"),
    _machine("eyeriss_v2", "tests/machines/eyeriss_v2", "tests/laws"),
    Room("dram", ("simulator/hardware/**/*.py",), ("tests/hardware", "tests/laws")),
    Room("kernels", ("kernels_ref/*.py",), ("tests/kernels",)),
    Room("encodings", ("workloads/compression/*.py",), ("tests/workloads/compression",)),
    Room("formats", ("workloads/number_formats/*.py",), ("tests/workloads/number_formats", "tests/kernels")),
    Room("energy", ("simulator/pricing/**/*.py",), ("tests/pricing",)),
    Room("sweeps", ("simulator/sweeps/**/*.py", "simulator/results/store*.py"), ("tests/sweeps",)),
)


def sources(root: Path, room: Room) -> list[str]:
    """The files of a room, sorted, from the root."""
    found = {path for pattern in room.sources for path in root.glob(pattern) if path.name != "__init__.py"}
    return sorted(str(path.relative_to(root)) for path in found)
