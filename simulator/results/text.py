"""Numbers and names as text for readers: at most six significant digits, long names shortened in the middle."""

import math
import unicodedata

from workloads.words import counted as counted

DIGITS = 6
"""Significant digits of a number that is not an integer; JSON and CSV keep all."""
DOTS = "..."


def limited(value: float, digits: int = DIGITS) -> float:
    """A number rounded to that many significant digits."""
    return float(f"{value:.{digits}g}")


def fixed(value: float, decimals: int, digits: int = DIGITS) -> str:
    """A number with thousands separated and at most `decimals` places, and at most `digits` significant digits."""
    rounded = limited(value, digits)
    if not math.isfinite(rounded):
        return str(rounded)
    before = math.floor(math.log10(abs(rounded))) + 1 if rounded else 1
    return f"{rounded:,.{max(0, min(decimals, digits - before))}f}"


def short(value: float, digits: int = DIGITS) -> str:
    """A number with `digits` significant digits, as short as it can be; very small and very large ones with powers."""
    rounded = limited(value, digits)
    if rounded and not 1e-4 <= abs(rounded) < 1e15:
        return f"{rounded:.{digits}g}"
    whole, point, places = fixed(value, digits + 4, digits).partition(".")
    places = places.rstrip("0")
    return f"{whole}{point}{places}" if places else whole


def shorten_middle(text: str, width: int) -> str:
    """At most `width` characters of a name: its beginning and its end, with dots between; at least five."""
    begin, end = cut(len(text), width)
    return text if begin >= len(text) else f"{text[:begin]}{DOTS}{text[len(text) - end :]}"


def cut(length: int, width: int) -> tuple[int, int]:
    """How many characters of a name are kept at its beginning and at its end, so that it takes `width` with the dots.

    A name that is short enough is kept whole: (length, 0).
    """
    if length <= max(width, len(DOTS) + 2):
        return length, 0
    kept = max(width, len(DOTS) + 2) - len(DOTS)
    return kept - kept // 2, kept // 2


def without_controls(text: str, keep: str = "\n\t") -> str:
    r"""The text with control characters as escapes, but for those to keep, and with what changes its direction.

    >>> without_controls("red \x1b[31m"), without_controls("two\nlines", keep="")
    ('red \\x1b[31m', 'two\\nlines')
    """
    if text.isprintable():
        return text
    return "".join(one if one in keep or not _steers(one) else one.encode("unicode_escape").decode() for one in text)


def _steers(character: str) -> bool:
    """Whether a character steers a terminal instead of being shown: a control, or a mark of direction."""
    return unicodedata.category(character) in ("Cc", "Cf")
