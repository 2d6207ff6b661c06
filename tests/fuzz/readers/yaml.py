"""YAML in general: what every reader of YAML does first, on texts of any form."""

from pathlib import Path
from random import Random

from ..harness import Harness
from ..mutators.trees import change_yaml, fill_json, insert_yaml

LARGEST = 600_000
"""Bytes of the texts that a pattern is repeated to."""
PATTERNS = [
    b"a{}: 1\n",
    b"- [1, 2]\n",
    b"? [a, b]\n: c\n",
    b"k{}: &x{} [1]\n",
    b"- - - - 1\n",
    b"{{a{}: [",
    b"a: 'x\n\n",
    b"  ",
]
PATTERNS += [
    b"# c\n",
    b"k{}: !!int 1\n",
    b"a{}: |\n b\n",
    b"{}, ",
    b"[",
    b"{{",
    b"- ",
    b"'",
    b'"\\x41',
    b"k{}: 1e-3\n",
    b"&a *a ",
]


def repeat(data: bytes, rng: Random) -> bytes:
    """A large text of one pattern."""
    pattern = rng.choice(PATTERNS).decode()
    count = rng.choice([100, 2000, LARGEST // len(pattern)])
    made = "".join(pattern.replace("{}", str(number)).replace("{{", "{") for number in range(count))
    return (data if rng.random() < 0.3 else b"") + made.encode()[:LARGEST]


def seeds() -> list[bytes]:
    plain = b"a: 1\nb: [1.5, x, null, true, 2001-01-01]\nc: {d: 'e', f: \"g\\n\"}\n"
    return [
        plain,
        b"a: &x {b: 1}\nc: *x\nd: |\n text\n more\ne: 1e-3\n",
        b"? a\n: - 1\n  - 2\n",
        b"a: {<<: {b: 1}, c: 2}\n",
    ]


def read(data: bytes, folder: Path) -> None:  # noqa: ARG001
    """The text, and what is written of it."""
    from workloads.errors import InputError
    from workloads.yaml_files import parse_yaml

    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise InputError("in.yaml: it is no UTF-8; expected a text, as read_text says") from None
    parse_yaml("in.yaml", text)


HARNESS = Harness("yaml", read, seeds, [change_yaml, insert_yaml, repeat, fill_json])
