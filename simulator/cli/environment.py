"""What the environment says to the libraries of the command line, where it is nonsense."""

import os
import re

WIDTHS = "COLUMNS", "LINES", "TERMINAL_WIDTH"
"""Sizes of a terminal: libraries take them for integers."""
WIDTH = re.compile("[1-9][0-9]{0,3}")


def forget_nonsense() -> None:
    """Forget sizes of the terminal that are none, as if they were not given."""
    for name in WIDTHS:
        if not WIDTH.fullmatch(os.environ.get(name, "80")):
            del os.environ[name]


def load_plain_matplotlib() -> None:
    """Load matplotlib with its own settings: none of a file, and no date of the environment, is in a picture.

    InputError where a file keeps it from being loaded.
    """
    import logging

    from workloads.errors import refuse

    for name in ("MPLBACKEND", "SOURCE_DATE_EPOCH"):  # read even where no window is opened and no date is written
        os.environ.pop(name, None)
    logging.getLogger("matplotlib").setLevel(logging.CRITICAL)  # of settings that are not used
    try:
        import matplotlib
    except ValueError as error:
        refuse("matplotlibrc", f"matplotlib cannot read its settings ({error})", "a file in UTF-8, or none")
    matplotlib.rcdefaults()
