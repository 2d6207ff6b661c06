"""What a study is: a table of figures that reproduces something, by name."""

from collections.abc import Callable
from typing import NamedTuple

from workloads.document_types import Document

MOST_SEEDS = 100
"""Of a study: hours."""
Progress = Callable[[str], object]
"""Gets a sentence whenever something is done."""


class Study(NamedTuple):
    """A study: `run` gives a title, tables (title, columns, rows of text), and what else JSON should hold.

    run(seed, progress, **options): seed of all that is drawn; options are those in `options`.
    """

    name: str
    about: str  # what it reproduces, and how long it takes
    run: Callable[..., Document]
    options: tuple[str, ...] = ()
    """Of `seeds` (how many, from `seed` on), `output` (a file to write) and `source` (one to read), those it takes."""
