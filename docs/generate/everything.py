"""Every generated file, and which of them are stale."""

from collections.abc import Callable, Iterator
from pathlib import Path

from docs.generate import (
    circuit,
    commands,
    configuration,
    figures,
    limitations,
    machines,
    networks,
    packages,
    points,
    reliability,
    speed,
    timelines,
    validation,
)

FOLDER = Path(__file__).resolve().parents[1]
SOURCES: tuple[Callable[[Path], dict[str, str]], ...] = (
    commands.pages,
    configuration.pages,
    limitations.pages,
    validation.pages,
    networks.pages,
    reliability.pages,
    speed.pages,
    machines.pages,
    packages.pages,
    timelines.pages,
    circuit.pages,
    figures.pages,
    points.pages,
)
"""Each takes the folder of the documentation and gives file names with their text."""


def generated() -> dict[str, str]:
    """Every generated file: its name in the folder of the documentation, and its text."""
    return {name: text for source in SOURCES for name, text in source(FOLDER).items()}


def stale() -> Iterator[str]:
    """The names of generated files that differ from what the code gives now."""
    for name, text in generated().items():
        file = FOLDER / name
        if not file.exists() or file.read_text("utf-8") != text:
            yield name


def write() -> None:
    """Write every generated file."""
    for name, text in generated().items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(text, "utf-8")
