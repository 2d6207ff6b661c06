"""How a weight becomes a few bits: the one table of number formats.

Another format is a file here and a line in `_ours`, or an entry point of the group `zeroskip.number_formats` in another
package.
"""

from functools import cache

from workloads.errors import InputError
from workloads.number_formats.number_format import NumberFormat
from workloads.plugins import with_plugins

ENTRY_POINTS = "zeroskip.number_formats"


@cache
def number_formats() -> dict[str, NumberFormat]:
    """All number formats by name."""
    return with_plugins(_ours(), ENTRY_POINTS, NumberFormat)


def find_format(name: str) -> NumberFormat:
    """The format called `name`. InputError where there is none."""
    if name not in number_formats():
        raise InputError(f"number format is {name!r}; expected one of {', '.join(number_formats())}")
    return number_formats()[name]


def _ours() -> tuple[NumberFormat, ...]:
    from workloads.number_formats.codebook import CodebookFormat
    from workloads.number_formats.fixed_point import FixedPointFormat
    from workloads.number_formats.ternary import TernaryFormat

    return (
        CodebookFormat(4),
        CodebookFormat(8),
        FixedPointFormat(8),
        FixedPointFormat(12),
        FixedPointFormat(16),
        TernaryFormat(),
    )
