"""Figures and tables in the text of written pages, by their names; and the page that lists them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from docs.generate.markdown import MADE, cell, code, table
from docs.measure import made
from docs.measure.record import Group, Made

FIGURE = re.compile(r"(?P<value>[-+]?[\d,.]*)<!--=(?P<name>[\w.-]+)-->")
"""A figure with its name after it."""
TABLE = re.compile(r"<!-- made: (?P<name>[\w.-]+) -->\n(?P<text>.*?)<!-- end -->", re.S)
README = "../README.md"
LIST = "figures.md"
HEAD = f"""{MADE}# Figures in the text

Every figure that a written page says about this simulator, with the command that makes it. `python -m docs.generate`
writes them into the pages; `python -m docs.measure` runs the commands that take more than a moment and keeps their
results in [figures.json](validation/figures.json). A test runs the fast ones again, and one fails where a page has a
figure that is neither here nor a fact with a source (`docs/measure/facts.py`).

"""


def written_pages(folder: Path) -> Iterator[str]:
    """Names, from the folder of the documentation, of the pages that people write, and the README."""
    yield README
    for path in sorted(folder.rglob("*.md")):
        if not path.read_text("utf-8").startswith(MADE.strip()):
            yield path.relative_to(folder).as_posix()


def fill(text: str, figures: Mapping[str, str], tables: Mapping[str, str]) -> str:
    """A page with its figures and tables. KeyError where a name is unknown."""
    text = FIGURE.sub(lambda found: f"{figures[found['name']]}<!--={found['name']}-->", text)
    return TABLE.sub(lambda found: f"<!-- made: {found['name']} -->\n\n{tables[found['name']]}\n<!-- end -->", text)


def names(text: str) -> set[str]:
    """What a page uses."""
    return {found["name"] for pattern in (FIGURE, TABLE) for found in pattern.finditer(text)}


def pages(folder: Path) -> dict[str, str]:
    """Every written page that has figures, and `figures.md`."""
    groups = list(made())
    figures = {name: value for _, one in groups for name, value in one.figures.items()}
    tables = {name: text for _, one in groups for name, text in one.tables.items()}
    found: dict[str, str] = {}
    used: dict[str, list[str]] = {}
    for page in written_pages(folder):
        text = (folder / page).read_text("utf-8")
        if names(text):
            found[page] = fill(text, figures, tables)
            for name in names(text):
                used.setdefault(name, []).append(page)
    return {**found, LIST: HEAD + _list(groups, used)}


def _list(groups: list[tuple[Group, Made]], used: Mapping[str, list[str]]) -> str:
    """A section for each group: its commands, then its figures and where they are."""
    text = ""
    for group, one in groups:
        rows = [(name, value, _links(used.get(name, []))) for name, value in one.figures.items()]
        rows += [(name, "a table", _links(used.get(name, []))) for name in one.tables]
        several = f" and {len(group.commands) - 1} more like it" if len(group.commands) > 1 else ""
        text += f"\n## {group.name}\n\n{code(group.commands[0])}{several}\n\n"
        text += table(("figure", "value", "page"), [(code(name), cell(value), page) for name, value, page in rows])
    return text.lstrip("\n")


def _links(pages: list[str]) -> str:
    return ", ".join("README" if page == README else f"[{page.removesuffix('.md')}]({page})" for page in sorted(pages))
