"""A page as HTML. All text from outside is escaped in this module, and in no other."""

import json
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template

from simulator.html.parts import Block, Facts, Grid, Page, Picture, Section, Sentences
from simulator.results.text import fixed
from workloads.document_types import Document

PAGE_ROWS = 50
"""Rows of a table that the screen shows at once; on paper, all are printed."""
NOTHING = "-"
"""The text of a missing value."""
WIDE = 32
"""Characters of a table's cell; longer texts are wrapped."""


def render(page: Page, made_by: str) -> str:
    """The page as the text of one HTML file. made_by: a sentence for the footer."""
    style, script, template = (_asset(name) for name in ("style.css", "script.js", "template.html"))
    digest = b64encode(sha256(script.encode()).digest()).decode()
    links = "".join(f'<li><a href="#s{n}">{escape(one.title)}</a></li>' for n, one in enumerate(page.sections))
    return Template(template).substitute(
        title=escape(page.title),
        lead=escape(page.lead),
        links=links,
        sections="\n".join(_section(number, one) for number, one in enumerate(page.sections)),
        made_by=escape(made_by),
        data=_data(page.data),
        style=style,
        script=script,
        digest=digest,
    )


def render_part(title: str, blocks: Sequence[Block]) -> str:
    """Blocks as a piece of HTML, to be shown inside another page."""
    inside = "\n".join(_block(block, title) for block in blocks)
    return f"<div><h4>{escape(title)}</h4>\n{inside}\n</div>"


def show(value: object) -> str:
    """A value as text: thousands separated, at most six significant digits for a number that is not an integer."""
    if value is None or value != value:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return fixed(value, 0) if 1e5 <= abs(value) < 1e15 else f"{value:,.5g}"
    if isinstance(value, list | tuple):
        return "; ".join(map(show, value))
    return str(value)


def _asset(name: str) -> str:
    return (files("simulator.html") / name).read_text("utf-8")


def _data(data: Document | None) -> str:
    """The data as JSON in a script block. Every `<` is written as an escape, so that no text can end the block."""
    if data is None:
        return ""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="data">{text}</script>'


def _section(number: int, section: Section) -> str:
    blocks = "\n".join(_block(block, section.title) for block in section.blocks)
    return (
        f'<section aria-labelledby="s{number}">\n<h2 id="s{number}">{escape(section.title)}</h2>\n{blocks}\n</section>'
    )


def _block(block: Block, section: str) -> str:
    match block:
        case Facts():
            return _facts(block)
        case Grid():
            return _grid(block, section)
        case Sentences():
            kind = ' class="alarm"' if block.alarming else ""
            return f"<ul{kind}>{''.join(f'<li>{escape(item)}</li>' for item in block.items)}</ul>"
        case Picture():
            drawing = (
                f'<div class="scroll" role="img" tabindex="0" aria-label="{escape(block.caption)}">{block.svg}</div>'
            )
            return f"<figure>{drawing}<figcaption>{escape(block.caption)}</figcaption></figure>"


def _facts(facts: Facts) -> str:
    lines = []
    for name, value, remark in facts.lines:
        more = f" <small>{escape(remark)}</small>" if remark else ""
        lines.append(f"<div><dt>{escape(name)}</dt><dd>{escape(show(value))}{more}</dd></div>")
    return f"<dl>{''.join(lines)}</dl>"


def _grid(grid: Grid, section: str) -> str:
    """A table that is readable without a script; the script adds buttons, a filter and pages."""
    numeric = grid.numeric
    heads = "".join(
        f'<th scope="col"{" class=n" if number else ""}>{escape(name)}</th>'
        for name, number in zip(grid.columns, numeric, strict=True)
    )
    rows = "\n".join(
        f"<tr>{''.join(_cell(value, number) for value, number in zip(row, numeric, strict=True))}</tr>"
        for row in grid.rows
    )
    left_out = ""
    if grid.left_out:
        whole = len(grid.rows) + grid.left_out
        what = f"{grid.shown[0].upper()}{grid.shown[1:]} {len(grid.rows):,} of {whole:,} rows"
        left_out = f'<p class="cut">{what}; the file has the others.</p>'
    name = escape(grid.title or section)
    caption = f"<caption>{escape(grid.title)}</caption>" if grid.title else ""
    table = f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table>"
    scroll = f'<div class="scroll" role="region" tabindex="0" aria-label="{name}">{table}</div>'
    return f'<div class="grid" data-name="{name}" data-rows="{PAGE_ROWS}">{scroll}{left_out}</div>'


def _cell(value: object, number: bool) -> str:
    """A table cell; a number whose text is rounded carries its exact value for sorting."""
    text = show(value)
    if not number:
        return f"<td{' class=w' if len(text) > WIDE else ''}>{escape(text)}</td>"
    exact = json.dumps(value)  # infinity as scripts read it
    carried = "" if text in (NOTHING, exact) else f' data-v="{exact}"'
    return f"<td class=n{carried}>{escape(text)}</td>"
