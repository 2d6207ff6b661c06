"""Finding the figures in the text of a page: numbers with a unit of a result."""

import re
from collections.abc import Iterator

from docs.generate.figures import TABLE

UNITS = (
    "%", "times", "us", "ms", "s", "seconds", "minutes", "pJ", "nJ", "uJ", "mJ", "J", "mW", "W", "cycles", "mm2",
    "points", "GB/s", "frames/s", "networks", "runs",
)  # fmt: skip
NUMBER = re.compile(
    r"(?<![\w.#-])(?P<value>[-+]?\d[\d,]*(?:\.\d+)?)(?P<made><!--=[\w.-]+-->)? ?"
    rf"(?P<unit>{'|'.join(map(re.escape, UNITS))})(?!\w)"
)
HIDDEN = (
    re.compile(r"```.*?```", re.S),  # commands, files, what a command prints
    TABLE,
    re.compile(r"`[^`\n]*`"),
    re.compile(r"\]\([^)\n]*\)"),  # where a link leads
    re.compile(r"<[^!][^>]*>"),
)


def figures(text: str) -> Iterator[str]:
    """Each number with a unit that no command makes, as it is written: `3.5 %`."""
    for hidden in HIDDEN:
        text = hidden.sub(" ", text)
    for found in NUMBER.finditer(text):
        if not found["made"]:
            yield f"{found['value']} {found['unit']}"
