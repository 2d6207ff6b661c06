"""The page of a search: its front as a table, how it grew, and all trials."""

from pathlib import Path

from simulator.html import pictures
from simulator.html.parts import Block, Facts, Page, Picture, Section, Sentences, make_grid
from simulator.plots.search import exploration, without_points
from simulator.plots.style import figure_of
from simulator.plots.words import label
from simulator.results.files import StoredFile
from simulator.results.search_frames import KIND, trials
from simulator.results.text import counted
from workloads.document_types import Document

CAPTION = (
    "The hypervolume of the front over the trials, as a share of the last one; then the trials by pairs of objectives. "
    "Those on the front of all objectives are orange."
)


def search_page(content: Document) -> Page:
    """The page of a search. content: what `explore --json` printed."""
    about, rows = content[KIND], content["trials"]
    objectives = (*about["minimise"], *about["maximise"])
    best = sorted((row for row in rows if row["front"]), key=lambda row: [row[name] for name in objectives])
    names = tuple(dict.fromkeys(("trial", *about["keys"], *objectives)))
    every = (*names, "left_out", "hypervolume")
    lead = f"{counted(len(rows), 'trial')} of {counted(about['points'], 'point')}, {len(best):,} on the front."
    frame, title = trials([StoredFile(Path(KIND), KIND, content)])
    blocks: list[Block] = [Sentences(("No trial takes part.",), alarming=True)]
    if len(frame) and not without_points(frame):
        drawn = pictures.to_svg(figure_of(exploration(frame, title)[0]), "search")
        blocks = [Picture(drawn, CAPTION), make_grid("", [label(name) for name in names], _cells(best, names))]
    sections = (
        Section("What was searched", (Facts(tuple(_asked(content))),)),
        Section("Front", tuple(blocks)),
        Section("Trials", (make_grid("", [label(name) for name in every], _cells(rows, every)),)),
    )
    return Page(f"Search of {about['workload']} on {about['machine']}", lead, sections, content)


def _asked(content: Document) -> list[tuple[str, object, str]]:
    """Names and values of what was asked, each with a remark."""
    about, remark = content[KIND], "worst value of the front, and a margin beyond it"
    facts = [(name, ", ".join(map(str, about[name])) or "-", "") for name in ("minimise", "maximise", "limits")]
    facts += [(f"values of {name}", count, "") for name, count in about["keys"].items()]
    facts += [(name, value, "the same at all points") for name, value in about["fixed"].items()]
    facts.append(("seed", about["seed"], "of the search"))
    return facts + [(f"reference of {name}", value, remark) for name, value in content["reference"].items()]


def _cells(rows: list[Document], names: tuple[str, ...]) -> list[list[object]]:
    return [[row.get(name) for name in names] for row in rows]
