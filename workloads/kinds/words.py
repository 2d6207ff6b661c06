"""Sizes of a layer in words."""


def counted(number: int, word: str, plural: str = "") -> str:
    """A number with what it counts.

    >>> counted(1, "step"), counted(2, "step"), counted(3, "query", "queries")
    ('1 step', '2 steps', '3 queries')
    """
    return f"{number} {word}" if number == 1 else f"{number} {plural or word + 's'}"
