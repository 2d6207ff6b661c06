"""Which sources are tried, and the tests that must see a fault in them."""

from pathlib import Path
from typing import NamedTuple


class Room(NamedTuple):
    """Sources by pattern, from the root of the checkout, and the arguments of pytest for their tests."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    names: str = ""  # an expression of pytest's -k that chooses among them; "": all


def _machine(name: str) -> Room:
    """A machine: its own tests, and those of the laws that run one of its configurations."""
    places = ("engine.py", "layout.py", "model.py", "engine/**/*.py", "layout/**/*.py", "model/**/*.py")
    tests = (f"tests/machines/{name}", "tests/laws")
    return Room(name, tuple(f"simulator/machines/{name}/{place}" for place in places), tests, ALIASES.get(name, name))


ALIASES = {"dense": "dense or dcnn"}
"""What configurations are called that do not begin with their folder's name."""
HARDWARE_NAMES = "hardware or eie_64pe or ese or scnn_8x8 or tensor_b200 or cambricon_s or eyeriss_v2_pe or points_edge"
"""Tests of hardware that machines share, and laws of configurations that have each part of it."""


MACHINES = (
    "eie", "ese", "scnn", "dense", "tensor", "eyeriss_v2", "sigma", "edgedrnn", "cambricon", "gamma", "selection",
    "points", "bevpool",
)  # fmt: skip

ROOMS = (
    *(_machine(name) for name in MACHINES),
    Room("hardware", ("simulator/hardware/**/*.py",), ("tests/hardware", "tests/laws"), HARDWARE_NAMES),
    Room("kernels", ("kernels_ref/*.py",), ("tests/kernels", "tests/cli/test_environment.py")),
    Room("encodings", ("workloads/compression/*.py",), ("tests/workloads/compression",)),
    Room("formats", ("workloads/number_formats/*.py",), ("tests/workloads/number_formats", "tests/kernels")),
    Room("energy", ("simulator/pricing/**/*.py",), ("tests/pricing",)),
    Room("system", ("simulator/system/**/*.py",), ("tests/system",)),
    Room(
        "sweeps",
        ("simulator/sweeps/**/*.py", "simulator/results/store*.py"),
        ("tests/sweeps", "tests/results/test_explain.py"),
    ),
)


def sources(root: Path, room: Room) -> list[str]:
    """The files of a room, sorted, from the root."""
    found = {path for pattern in room.sources for path in root.glob(pattern) if path.name != "__init__.py"}
    return sorted(str(path.relative_to(root)) for path in found)
