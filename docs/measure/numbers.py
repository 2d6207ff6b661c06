"""How figures are written."""


def signed(value: float, digits: int = 0) -> str:
    """With its sign: an error in per cent."""
    return f"{value:+.{digits}f}"


def plain(value: float, digits: int = 0) -> str:
    """Without a sign, thousands set apart by commas."""
    return f"{value:,.{digits}f}"


def short(value: float | None, digits: int = 2) -> str:
    """Of a table's cell; nothing where there is no value."""
    return "" if value is None else plain(value, digits)
