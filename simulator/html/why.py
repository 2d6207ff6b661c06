"""The page of `why --json`: stacks of cycles, the critical path, what single changes bring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulator.html import pictures
from simulator.html.common import title_suffix, violations_and_notes
from simulator.html.parts import Block, Facts, Page, Picture, Section, Sentences, make_grid
from simulator.plots import stacks, style
from simulator.results import why_frames
from simulator.results.files import StoredFile
from simulator.results.text import counted
from workloads.document_types import Document, Fields

STACK = ("part", "cycles", "% of the run", "alone, cycles", "energy (pJ)", "found", "what it is")
CHANGES = ("change", "from", "to", "cycles", "saved", "energy saved (pJ)", "area added (mm²)", "note")
ORDER = (
    "A part is what the run gains when it is made ideal after all parts below it; the parts add up to the cycles. "
    "Alone: what the run gains while all else stays."
)


def why_page(content: Document) -> Page:
    """The page of a layer or a network. content: the dictionary that `why` printed as JSON."""
    stored = [StoredFile(Path("why"), why_frames.KIND, content)]
    title = f"Why {content['workload']} on {content['config']}{title_suffix(content)}"
    left_out = tuple(f"{layer} did not run: {reason}" for layer, reason in content["left_out"].items())
    sections = [
        Section("Where the cycles come from", tuple(_stacks(content, stored))),
        Section("What decides the end", tuple(_paths(content, stored))),
        Section("What if", tuple(_changes(content, stored))) if content["what_if"] is not None else None,
        violations_and_notes({**content, "notes": (*left_out, *content["notes"])}),
    ]
    lead = f"{counted(content['cycles'], 'cycle')}, {counted(len(content['layers']), 'layer')}."
    return Page(title, lead, tuple(one for one in sections if one is not None), content)


def _stacks(content: Fields, stored: list[StoredFile]) -> Iterator[Block]:
    frame, title = why_frames.stacks(stored)
    drawing = pictures.to_svg(style.figure_of(stacks.stacks(frame, title)), "stacks")
    yield Picture(drawing, "Shares of the cycles by what takes them; negative parts lie left of zero.")
    yield Sentences((ORDER,))
    yield _stack_grid("all layers" if len(content["layers"]) > 1 else "", content["stack"])
    if len(content["layers"]) > 1:
        for layer in content["layers"]:
            yield _stack_grid(layer["layer"], layer)


def _stack_grid(title: str, stack: Fields) -> Block:
    whole = max(1, stack["cycles"])
    rows = [
        (
            part["name"],
            part["cycles"],
            round(100 * part["cycles"] / whole, 2),
            part["alone"],
            part["energy_pj"],
            part["how"],
            part["about"],
        )
        for part in stack["parts"]
    ]
    return make_grid(title, STACK, rows)


def _paths(content: Fields, stored: list[StoredFile]) -> Iterator[Block]:
    if any(layer["critical_path"] and layer["critical_path"].get("slack") for layer in content["layers"]):
        frame, title = why_frames.slack(stored)
        drawing = pictures.to_svg(style.figure_of(stacks.slack(frame, title)[0]), "slack")
        yield Picture(drawing, "Cycles of the critical path by PE, and the slack of each PE.")
        frame, title = why_frames.slack_map(stored)
        drawing = pictures.to_svg(style.figure_of(stacks.slack_map(frame, title)), "slack-map")
        yield Picture(
            drawing, "Slack of the work that begins in an interval of time on each PE; blank where none begins."
        )
    for layer in content["layers"]:
        path = layer["critical_path"]
        if path is None:
            yield Sentences((f"{layer['layer']}: the machine does not say what decides the end.",))
            continue
        rows = [(one["what"], one["unit"], one["cycles"]) for one in path["path"]]
        yield make_grid(f"{layer['layer']}: the longest path", ("what", "unit", "cycles"), rows)
        if path["units"]:
            units = [
                (one["name"], one["means"], one["path_cycles"], one["slack"], one["free_cycles"], one["simulated"])
                for one in path["units"]
            ]
            columns = ("unit", "what is free", "on the path", "slack", "cycles without it", "simulated")
            yield make_grid(f"{layer['layer']}: units", columns, units)


def _changes(content: Fields, stored: list[StoredFile]) -> Iterator[Block]:
    frame, title = why_frames.changes(stored)
    if len(frame):
        drawing = pictures.to_svg(style.figure_of(stacks.changes(frame, title)), "changes")
        yield Picture(drawing, "Cycles that single changes save, each simulated.")
    rows = [
        (
            one["key"],
            str(one["before"]),
            str(one["after"]),
            one["cycles"],
            one["cycles_saved"],
            one["energy_saved_pj"],
            one["area_added_mm2"],
            one["note"],
        )
        for one in content["what_if"]
    ]
    yield make_grid("", CHANGES, rows)
    if content["impossible"]:
        yield Facts(tuple(("not possible", sentence, "") for sentence in content["impossible"]))
