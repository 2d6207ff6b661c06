"""The parts of the documentation that are made from the code: references, drawings, timelines, validation.

The files are committed, so that they can be read without building anything. A test fails where one is stale;
`python -m docs.generate` writes all of them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from docs.generate import (
    assumptions,
    commands,
    configuration,
    machines,
    memories,
    networks,
    packages,
    reliability,
    speed,
    timelines,
    validation,
)

FOLDER = Path(__file__).resolve().parents[1]
SOURCES: tuple[Callable[[Path], dict[str, str]], ...] = (
    commands.pages,
    configuration.pages,
    assumptions.pages,
    validation.pages,
    memories.pages,
    networks.pages,
    reliability.pages,
    speed.pages,
    machines.pages,
    packages.pages,
    timelines.pages,
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
