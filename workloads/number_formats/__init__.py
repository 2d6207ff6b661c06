"""How a weight becomes a few bits: the one table of number formats.

Another format is a file here and a line in `_ours`, or an entry point of the group `zeroskip.number_formats` in another
package.
"""

from functools import cache

from workloads.errors import InputError
from workloads.number_formats.number_format import NumberFormat
from workloads.plugins import with_plugins
from workloads.yaml_files import shorten

ENTRY_POINTS = "zeroskip.number_formats"


@cache
def number_formats() -> dict[str, NumberFormat]:
    """All number formats by name. `find_format` knows more of the families whose names end with a number."""
    return with_plugins(_ours(), ENTRY_POINTS, NumberFormat)


def find_format(name: str) -> NumberFormat:
    """The format called `name`: of the table, or `codebookN`, `linearN`, `int4-gN`. InputError where there is none.

    >>> find_format("nvfp4").bits, find_format("codebook5").bits, find_format("int4-g64").bits
    (4, 5, 4)
    """
    if name in number_formats():
        return number_formats()[name]
    family, number = name.rstrip("0123456789"), name[len(name.rstrip("0123456789")) :]
    if family in FAMILIES and len(number) < 10 and number == str(int(number or 0)):
        least, most = FAMILIES[family]
        if least <= int(number) <= most:
            return _of_family(family, int(number))
        raise InputError(f"number format is {name!r}; expected {family}N with N from {least} to {most}")
    raise InputError(f"number format is {shorten(repr(name), 40)}; expected one of {', '.join(number_formats())}")


FAMILIES = {"codebook": (1, 8), "linear": (2, 16), "int4-g": (1, 1 << 16)}
"""Names that go on with a number, and the least and the greatest."""


@cache
def _of_family(family: str, number: int) -> NumberFormat:
    from workloads.number_formats.block_formats import int4
    from workloads.number_formats.codebook import CodebookFormat
    from workloads.number_formats.fixed_point import FixedPointFormat

    makers = {"codebook": CodebookFormat, "linear": FixedPointFormat, "int4-g": int4}
    made: NumberFormat = makers[family](number)
    return made


def _ours() -> tuple[NumberFormat, ...]:
    from workloads.number_formats.block_formats import BLOCK_FORMATS
    from workloads.number_formats.ternary import TernaryFormat

    shared = [_of_family("codebook", bits) for bits in (4, 8)]
    fixed = [_of_family("linear", bits) for bits in (8, 12, 16)]
    return (*shared, *fixed, TernaryFormat(), *BLOCK_FORMATS)
