"""Numbers with what they count."""


def noun(number: float, one: str, several: str = "") -> str:
    """The word for a number of something. several: the plural, where it is not `one` with an s.

    >>> noun(1, "step"), noun(2, "step"), noun(3, "query", "queries")
    ('step', 'steps', 'queries')
    """
    return one if number == 1 else several or f"{one}s"


def counted(number: int, one: str, several: str = "") -> str:
    """A number with what it counts: `1 point`, `1,000 points`."""
    return f"{number:,} {noun(number, one, several)}"


def sized(number: int, one: str, several: str = "") -> str:
    """A size of a layer, whose digits are not grouped: `1 input`, `4096 inputs`."""
    return f"{number} {noun(number, one, several)}"
