"""Markers that all tests of a file have."""

from pathlib import Path

MARKED = {
    "laws": ("laws/*.py", "machines/*/test_twins.py", "machines/*/test_timelines.py", "machines/dense/test_dense.py"),
    "docs": ("docs/*.py",),
    "smoke": ("smoke/*.py",),
    "modes": ("quality/test_modes.py",),
    "browser": ("results/test_page_browser.py", "docs/test_site_browser.py"),
    "cluster": ("sweeps/test_cluster*.py",),
}
"""The files of each, in `tests`."""


def markers_of(path: Path) -> set[str]:
    """The markers of a file."""
    return {marker for marker, patterns in MARKED.items() if any(path.match(f"tests/{one}") for one in patterns)}
