"""`python -m docs.measure [GROUP ...]`: run the commands behind the figures in the text, and keep what they give."""

import argparse
import sys

from docs.measure import GROUPS, keep


def main() -> int:
    """All slow groups, or those that are named."""
    slow = {group.name: group for group in GROUPS if group.kept}
    parser = argparse.ArgumentParser(prog="python -m docs.measure", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(slow)}; all without one")
    given = parser.parse_args()
    unknown = [name for name in given.groups if name not in slow]
    if unknown:
        parser.error(f"no group is called {', '.join(unknown)}")
    for name in given.groups or slow:
        made = keep(slow[name])
        print(f"{name}: {len(made.figures)} figures, {len(made.tables)} tables", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
