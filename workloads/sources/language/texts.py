"""Texts of a language model's YAML file, each with what is expected in words."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from workloads.errors import InputError, refuse
from workloads.kinds.experts.router import MOST_EXPONENT
from workloads.yaml_files import LONGEST_SHOWN, Text, shorten

MOST_BLOCKS = 1024
LONGEST_NAME = 100
"""Characters of a model's name."""


def _format(name: str) -> str:
    """A number format by name. ValueError where there is none."""
    from workloads.number_formats import find_format, number_formats

    try:
        find_format(name)
    except InputError:
        raise ValueError(f"a number format, one of {', '.join(number_formats())}") from None
    return name


def _pattern(text: str) -> str:
    """Letters of blocks. ValueError where one has no meaning."""
    if not re.fullmatch(r"[ME*x-]+", text):
        raise ValueError("letters of M (Mamba-2), E (experts), * (attention), x (attention on a text) and - (MLP)")
    return text


def _routing(text: str) -> str:
    """How tokens choose experts. ValueError where it has no meaning."""
    exponent = re.fullmatch(r"zipf:([0-9]+(?:\.[0-9]+)?)", text)
    if text in ("uniform", "every") or (exponent and float(exponent[1]) <= MOST_EXPONENT):
        return text
    raise ValueError(f"uniform, every, or zipf:S with S of at most {MOST_EXPONENT:g}")


FormatName = Annotated[Text, AfterValidator(_format)]
PatternText = Annotated[str, Field(max_length=MOST_BLOCKS), AfterValidator(_pattern)]
RoutingText = Annotated[str, Field(max_length=20), AfterValidator(_routing)]


def check_name(source: object, name: str) -> None:
    """Refuse a model's name that `FILE:NAME/LAYER` could not hold (InputError)."""
    if not name.strip() or name != name.strip() or not name.isprintable() or set(name) & set("/:,"):
        expected = "printable characters without /, : and commas, and no space at an end"
        refuse(source, f"a model's name is {shorten(repr(name), LONGEST_SHOWN)}", expected)
    if len(name) > LONGEST_NAME:
        refuse(source, f"a model's name has {len(name):,} characters", f"at most {LONGEST_NAME}")
