"""A result or a study as one page of HTML that needs nothing else: no network, no other files."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.html.parts import Page
    from simulator.results.files import StoredFile

EXPECTED = (
    "what `run --json`, `compare --json`, `why --json`, `explore --json`, `camera --json` or `system --json` of a "
    "workload printed, or the table that `results STORE --csv` printed"
)
TABLES = (".csv", ".db", "")
OTHERS = {
    "timeline": "it is a timeline of `trace`, and no result",
    "system timeline": "it is a timeline of `system --trace`, and no result",
    "study": "it is JSON of `study`, and of no layer, network or comparison",
    "stages": "it is JSON of `compress`, and of no layer, network or comparison",
    "compressed": "it is JSON of `inspect`, and of no layer, network or comparison",
    "steps": "it is JSON of `ablate`, and of no layer, network or comparison",
    "unknown": "it is JSON, but of no layer, network or comparison",
}
"""What a file is that has no page."""


def build(path: Path) -> str:
    """The page of a file: a command's JSON, or a sweep's points (a store, .db, or its table, .csv).

    The same file gives the same page. InputError names the file and what was expected, where it is none of these.
    """
    from simulator.results.files import read_file
    from workloads.errors import refuse
    from workloads.regular_files import is_file
    from workloads.sources import sources

    if is_file(path) and path.suffix not in TABLES and path.suffix in {one.ending for one in sources()}:
        refuse(path, f"it is a workload ({path.suffix}), not the result of one", EXPECTED)
    return page_of(read_file(path, EXPECTED))


def page_of(stored: "StoredFile") -> str:
    """The page of a content that is read already; see `build`, also for InputError."""
    from simulator.html import camera, layer, network, search, study, why
    from simulator.html import render as html
    from simulator.results.context_frames import context_rows
    from simulator.results.result import versions
    from simulator.results.system_frames import system_rows
    from workloads.errors import InputError, refuse

    path = stored.path
    pages: dict[str, Callable[[Any], Page]] = {
        "rows": lambda frame: study.study_page(frame, path.stem),
        "contexts": lambda content: study.study_page(context_rows(content), path.stem),
        "system": lambda content: study.study_page(system_rows(content), path.stem),
        "layer": layer.layer_page,
        "network": network.network_page,
        "comparison": network.comparison_page,
        "exploration": search.search_page,
        "why": why.why_page,
        "camera": camera.camera_page,
    }
    if stored.kind not in pages:
        refuse(path, _what(stored), EXPECTED)
    try:
        page = pages[stored.kind](stored.content)
        return html.render(page, f"Made by zeroskip {versions()['zeroskip']} from {path.name}.")
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: {_damage(error)}; expected {EXPECTED}") from None


def _damage(error: Exception) -> str:
    """What is wrong with a document that a page cannot be made of, as far as its reader noticed."""
    from workloads.yaml_files import LONGEST_SHOWN, shorten

    if isinstance(error, KeyError) and error.args:
        return f"it is damaged, as {shorten(repr(error.args[0]), LONGEST_SHOWN)} is missing or unknown"
    return "it is damaged, as something in it has a strange type or value"


def _what(stored: "StoredFile") -> str:
    """What a file without a page is."""
    if stored.kind == "study" and "cache_format" in stored.content:
        return "it is JSON of `calibrate`, and of no layer, network or comparison"
    return OTHERS.get(stored.kind, f"it holds {stored.kind}, and no result")
