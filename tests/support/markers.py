"""Markers that all tests of a file have, and the order of files."""

from pathlib import Path

MARKED = {
    "laws": (
        "laws/*.py",
        "machines/*/test_twins.py",
        "machines/*/test_timelines.py",
        "machines/dense/test_dense.py",
        "system/test_twins.py",
        "system/test_camera_twins.py",
        "system/test_channels.py",
    ),
    "docs": ("docs/*.py",),
    "smoke": ("smoke/*.py",),
    "modes": ("quality/test_plain_python.py", "quality/test_checked_indices.py"),
    "browser": ("results/test_page_browser.py", "docs/test_site_browser.py"),
    "cluster": ("sweeps/test_cluster*.py",),
}
"""The files of each, in `tests`."""
LONGEST = (
    "quality/test_checked_indices.py", "sweeps/test_run.py", "sweeps/test_cluster.py", "docs/test_readme.py",
    "docs/test_tutorials.py", "docs/test_notebooks.py", "quality/test_plain_python.py", "quality/test_quality.py",
)  # fmt: skip
"""Begun first, so that no process is left with one of them while the others have ended."""


def markers_of(path: Path) -> set[str]:
    """The markers of a file."""
    return {marker for marker, patterns in MARKED.items() if any(path.match(f"tests/{one}") for one in patterns)}


def is_long(path: Path) -> bool:
    """Whether a file is among the longest."""
    return any(path.match(f"tests/{one}") for one in LONGEST)
